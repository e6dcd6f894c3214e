# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The documentation site: `make docs` turns what the plugins and roles say of themselves into it."""

from __future__ import annotations

project = "pkgops.registry_auth"
copyright = "2026 The pkgops.registry_auth authors"

extensions = ["sphinx_antsibull_ext"]
html_theme = "sphinx_ansible_theme"
html_title = "pkgops.registry_auth"
html_show_sphinx = False
# Drawn by `make bench`, what a browser shows of an access report, and what tests/tools/pictures.py draws.
html_static_path = ["growth.svg", "access_report.png", "workflow.svg", "architecture.svg", "site.css"]
html_css_files = ["site.css"]
html_theme_options = {"topbar_links": {}, "vcs_pageview_mode": "blob"}
# Built without the internet: references to Ansible's own documentation stay plain text.
suppress_warnings = ["ref.*"]

# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Documentation fragment of how modules ask GitHub."""

from __future__ import annotations


class ModuleDocFragment:
    """The options of GITHUB in module_utils/_options/common.py."""

    DOCUMENTATION = r"""
options:
  github_token:
    description:
      - Token to ask GitHub with, a personal access token, an app's or that of an Actions job.
      - Falls back to the environment variable E(GITHUB_TOKEN).
    type: str
  api_url:
    description:
      - Root of GitHub's REST API, for a server of one's own V(https://HOST/api/v3). V(https://api.github.com) when not set.
        C(http) is accepted for the machine's loopback only.
      - Falls back to the environment variable E(GITHUB_API_URL).
    type: str
"""

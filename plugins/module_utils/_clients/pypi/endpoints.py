# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Where PyPI is."""

from __future__ import annotations

from ..._base.errors import importing


def pypi_endpoint() -> str:
    """An address at PyPI. Raises MissingLibrary."""
    with importing("pypi-simple"):
        from pypi_simple import PYPI_SIMPLE_ENDPOINT
    return PYPI_SIMPLE_ENDPOINT

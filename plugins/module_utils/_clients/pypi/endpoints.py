# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Where PyPI is."""

from __future__ import annotations

from ..._base.errors import importing


def pypi_endpoint() -> str:
    """An address at PyPI. Raises MissingLibrary."""
    with importing("pypi-simple"):
        from pypi_simple import PYPI_SIMPLE_ENDPOINT
    return PYPI_SIMPLE_ENDPOINT

# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Where PyPI is."""

from __future__ import annotations

from ..._base.errors import MissingLibrary


def pypi_endpoint() -> str:
    """An address at PyPI. Raises MissingLibrary."""
    try:
        from pypi_simple import PYPI_SIMPLE_ENDPOINT
    except ImportError as error:
        raise MissingLibrary("pypi-simple", error) from error
    return PYPI_SIMPLE_ENDPOINT

# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The package that the local cloud's upstream index serves."""

from __future__ import annotations

__version__ = "1.0.0"

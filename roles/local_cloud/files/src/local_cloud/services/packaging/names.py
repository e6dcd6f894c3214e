# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Names of Python projects and files, by the packaging specifications."""

from __future__ import annotations

import re


def normalised(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()

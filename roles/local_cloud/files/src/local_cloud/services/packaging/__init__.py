# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The formats of Python packaging that several services speak: names, project pages, the upload form."""

from __future__ import annotations

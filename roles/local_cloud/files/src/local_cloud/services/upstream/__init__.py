# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The index behind remote repositories and external connections, and the client that asks it."""

from __future__ import annotations

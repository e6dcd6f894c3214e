# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Artifact Registry v1: repositories of every format, their policies and their credentials for upstreams."""

from __future__ import annotations

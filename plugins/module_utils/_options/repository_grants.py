# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Argument spec of grants, which say in words who may do what with a repository. It is documented in the role repository_access."""

from __future__ import annotations

from .common import ArgumentSpec

_TEXT = {"type": "str"}
_TEXTS = {"type": "list", "elements": "str"}

GRANT: ArgumentSpec = {
    "principals": _TEXTS,
    "everyone": {"type": "bool"},
    "access": _TEXTS,
    "condition": {"type": "dict", "options": {"title": _TEXT, "expression": _TEXT, "description": _TEXT}},
    "state": _TEXT,
}

# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tokens, and what their holders may do with a repository.

A token is its holder's login as it stands, good for everything that the holder may do, unless the control API knows it
as something else: a classic one with scopes, or a fine-grained one with permissions.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

ROLES = ("none", "read", "write", "admin")
LEVELS = ("none", "read", "write")
ALL_SCOPES = ("admin:org", "delete_repo", "repo", "workflow")


@dataclass(frozen=True)
class Token:
    """``permissions`` is None for a classic token, which has ``scopes``."""

    login: str
    scopes: tuple[str, ...] = ALL_SCOPES
    permissions: Mapping[str, str] | None = None

    @property
    def fine_grained(self) -> bool:
        return self.permissions is not None

    def permits(self, permission: str, level: str) -> bool:
        """Whether the token lets its holder do what needs a permission. Classic: by the one scope for repositories."""
        if self.permissions is None:
            if permission == "workflows":
                return "workflow" in self.scopes
            return "repo" in self.scopes
        # Whoever may do anything with a repository may see it.
        held = "read" if permission == "metadata" else self.permissions.get(permission, "none")
        return LEVELS.index(held) >= LEVELS.index(level)


@dataclass(frozen=True)
class Caller:
    """Who calls; without a token: nobody in particular, who sees what is public."""

    token: Token | None = None

    def __str__(self) -> str:
        return self.token.login if self.token else ""

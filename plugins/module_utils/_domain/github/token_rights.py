# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a token certainly may not do with a repository, by what GitHub says of it with any answer. Pure.

Of a classic token GitHub tells the scopes, and of a person's token the role that its holder has. Which permissions a fine-grained token or an
app has it tells nobody: so of these, nothing is said. Sources: GitHub's documentation, "Scopes for OAuth apps", and of each method which
"access" its caller must have.
"""

from __future__ import annotations

import typing as t
from dataclasses import dataclass

#: What may be written: the rules of an environment, and a workflow file.
ENVIRONMENT, WORKFLOW = "environment", "workflow"
#: Any of them lets a classic token write to a repository; the last one if it is public.
_SCOPES = ("repo", "public_repo")


@dataclass(frozen=True)
class Rights:
    """None stands for what GitHub does not tell."""

    private: bool
    #: Of a classic token.
    scopes: frozenset[str] | None = None
    #: The roles of a person.
    admin: bool | None = None
    push: bool | None = None


def lacking(writes: t.Collection[str], rights: Rights) -> list[str]:
    """What is missing for sure to write these things."""
    found: list[str] = []
    if rights.scopes is not None and writes:
        enough = _SCOPES[:1] if rights.private else _SCOPES
        if rights.scopes.isdisjoint(enough):
            found.append(f"the scope {enough[0]}")
        if WORKFLOW in writes and "workflow" not in rights.scopes:
            found.append("the scope workflow")
    if ENVIRONMENT in writes and rights.admin is False:
        found.append("a holder who administers the repository")
    elif WORKFLOW in writes and rights.push is False:
        found.append("a holder who may push to the repository")
    return found

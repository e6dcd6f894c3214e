# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Who can read a secret, by its IAM policy. Pure.

Sources: Google's role reference, for the roles that hold secretmanager.versions.access; the documentation of service agents.
"""

from __future__ import annotations

import re
import typing as t
from dataclasses import dataclass

#: Hold secretmanager.versions.access.
_READ = frozenset({"roles/secretmanager.secretAccessor", "roles/secretmanager.admin", "roles/owner"})
#: Do not. Of all others, custom ones among them, it is not known here.
_DO_NOT = frozenset(
    {
        "roles/secretmanager.secretVersionAdder",
        "roles/secretmanager.secretVersionManager",
        "roles/secretmanager.viewer",
        "roles/editor",
        "roles/viewer",
        "roles/browser",
        "roles/iam.securityAdmin",
        "roles/iam.securityReviewer",
    }
)
_AGENT = re.compile(r"serviceAccount:service-[0-9]+@gcp-sa-artifactregistry\.iam\.gserviceaccount\.com", re.IGNORECASE)

GRANTED, DEPENDS = "granted", "depends"
AGENT, EVERYONE, DELETED, OTHER = "service agent", "everyone", "deleted", "other"

Binding = t.Mapping[str, t.Any]


@dataclass(frozen=True)
class Reader:
    """A member who can read the secret, or of whom it is not known."""

    member: str
    role: str
    #: As C(title), C(expression) and C(description).
    condition: t.Mapping[str, str] | None = None

    @property
    def answer(self) -> str:
        """Whether it is certain that the role allows reading. A condition may still be in the way."""
        return GRANTED if self.role in _READ and self.condition is None else DEPENDS

    @property
    def kind(self) -> str:
        """What kind of member it is."""
        if self.member in ("allUsers", "allAuthenticatedUsers"):
            return EVERYONE
        if self.member.startswith("deleted:"):
            return DELETED
        return AGENT if _AGENT.fullmatch(self.member) else OTHER

    @property
    def reason(self) -> str:
        """Why, in words that go after the answer."""
        if self.role not in _READ:
            return f"on whether {self.role} allows reading secrets, which is not known here"
        if self.condition:
            return (
                f"on the condition of {self.role}, {self.condition.get('title')!r}: {self.condition.get('expression')}"
            )
        return f"by {self.role}"


def readers(bindings: t.Iterable[Binding]) -> list[Reader]:
    """Everybody whom a binding of the secret lets read it, or may let."""
    return [
        Reader(member, binding["role"], binding.get("condition"))
        for binding in bindings
        if binding["role"] not in _DO_NOT
        for member in binding["members"]
    ]

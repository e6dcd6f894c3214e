# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Who holds which role on a secret: the members of one role, and, read only, of all."""

from __future__ import annotations

import re
import typing as t
from dataclasses import dataclass

from .._base.errors import InvalidInput, NotFound, or_none
from .._domain.gcp.bindings import (
    Binding,
    Condition,
    Policy,
    members_of,
    with_members,
    with_only_members,
    without_members,
)
from .._domain.gcp.names import SecretName, secret_name
from .._engine.resource import Change, DesiredState, NamedState, Options
from .parts.gcp import SecretManagerResource

_ROLE = re.compile(r"(?:(?:projects|organizations)/[^/\s]+/)?roles/[A-Za-z0-9_.]+")
# Source: the IAM documentation, "principal identifiers".
_MEMBER = re.compile(
    r"allUsers|allAuthenticatedUsers"
    r"|(?:deleted:)?(?:user|group|serviceAccount|domain|principal|principalSet):\S+"
    r"|project(?:Owner|Editor|Viewer):\S+"
)


@dataclass(frozen=True)
class DesiredBinding(DesiredState):
    """Who is to hold, or not to hold, a role under a condition."""

    secret: SecretName
    role: str
    members: tuple[str, ...]
    condition: Condition | None = None
    exclusive: bool = False
    absent: bool = False
    #: Seconds that a service agent, just made, may take to be known.
    propagation_timeout: int = 60

    @property
    def target(self) -> str:
        """The secret, the role and its condition; members to add and members to remove are two targets."""
        condition = f" if {self.condition.title} ({self.condition.expression})" if self.condition else ""
        return f"{self.secret} {self.role}{condition}{' (absent)' if self.absent else ''}"

    @property
    def unit(self) -> str:
        """The secret: its policy is written as a whole."""
        return str(self.secret)

    @classmethod
    def from_options(cls, options: Options) -> DesiredBinding:
        secret = secret_name(options)
        role, members = options.get("role"), options.get("members")
        if not role:
            raise InvalidInput("role is missing: give for example roles/secretmanager.secretAccessor.")
        if not _ROLE.fullmatch(role):
            raise InvalidInput(f"role {role!r} is not a role: give roles/NAME or projects/PROJECT/roles/NAME.")
        if not members:
            raise InvalidInput("members is missing or empty: name at least one member, for example user:a@example.com.")
        for member in members:
            if not _MEMBER.fullmatch(member):
                raise InvalidInput(
                    f"members has {member!r}, which is not a member: give its kind and name, for example "
                    "serviceAccount:NAME@PROJECT.iam.gserviceaccount.com, user:NAME@example.com or group:NAME@example.com."
                )
        absent, exclusive = options.get("state") == "absent", bool(options.get("exclusive"))
        if absent and exclusive:
            raise InvalidInput("exclusive says what is to be left, so it cannot go with state absent.")
        return cls(secret, role, tuple(members), _condition(options.get("condition")), exclusive, absent)


def _condition(given: t.Mapping[str, str | None] | None) -> Condition | None:
    if given is None:
        return None
    expression, title = given.get("expression"), given.get("title")
    if not expression or not title:
        raise InvalidInput("condition needs an expression and a title: the service refuses one without a title.")
    return Condition(expression, title, given.get("description") or "")


class SecretIamBindings(SecretManagerResource[DesiredBinding, Policy]):
    """The resource of gcp_secret_iam_binding. Its state is the secret's whole policy."""

    def read(self, desired: DesiredBinding) -> Policy:
        try:
            return self.api.get_policy(desired.secret)
        except NotFound:
            raise NotFound(f"{desired.secret} does not exist: create it with gcp_secret first.") from None

    def assume(self, desired: DesiredBinding) -> Policy:
        return Policy()

    def wanted(self, current: Policy, desired: DesiredBinding) -> Policy:
        """Change nothing but the members of this role under this condition."""
        if desired.absent:
            edit = without_members
        elif desired.exclusive:
            edit = with_only_members
        else:
            edit = with_members
        return edit(current, desired.role, desired.condition, desired.members)

    def apply(self, change: Change[Policy], desired: DesiredBinding) -> Policy:
        """Write the policy under the etag that was read."""
        return self.api.set_policy(desired.secret, change.after)

    def result(self, state: Policy, desired: DesiredBinding) -> dict[str, t.Any]:
        return {"iam_binding": self.diff(state, desired)}

    def diff(self, state: Policy, desired: DesiredBinding) -> dict[str, t.Any]:
        """The binding alone: the rest of the policy never changes."""
        members = members_of(state, desired.role, desired.condition)
        return {"secret": str(desired.secret), **_shown(Binding(desired.role, members, desired.condition))}


class SecretPolicyReadings(SecretManagerResource[NamedState[SecretName], Policy | None]):
    """The resource of gcp_secret_iam_info. Its state is None for a secret that does not exist."""

    def read(self, desired: NamedState[SecretName]) -> Policy | None:
        return or_none(self.api.get_policy, desired.name)

    def result(self, state: Policy | None, desired: NamedState[SecretName]) -> dict[str, t.Any]:
        return {
            "secret_iam": {
                "secret": str(desired.name),
                "exists": state is not None,
                "bindings": [_shown(binding) for binding in state.bindings] if state else [],
            }
        }


def _shown(binding: Binding) -> dict[str, t.Any]:
    condition = binding.condition
    return {
        "role": binding.role,
        "members": list(binding.members),
        "condition": condition
        and {"title": condition.title, "expression": condition.expression, "description": condition.description},
    }

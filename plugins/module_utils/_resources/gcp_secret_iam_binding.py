# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Who holds which role on a secret: the members of one role, and, read only, of all."""

from __future__ import annotations

import re
import typing as t
from contextlib import suppress
from dataclasses import dataclass, field

from .._base.errors import InvalidInput, NotFound, PermissionDenied, or_none
from .._domain.gcp.bindings import (
    Binding,
    Policy,
    check_size,
    members_of,
    with_members,
    with_only_members,
    without_members,
)
from .._domain.gcp.conditions import Condition, projects_named
from .._domain.gcp.names import SecretName, secret_name
from .._engine.resource import Change, DesiredState, NamedState, Options
from .parts.gcp import SecretManagerResource

_ROLE = re.compile(r"(?:(?:projects|organizations)/[^/\s]+/)?roles/[A-Za-z0-9_.]+")
# Source: the IAM documentation, "principal identifiers".
_EMAIL = r"[^\s@:?]+@[^\s@:?]+\.[^\s@:?]+"
_MEMBER = re.compile(
    r"allUsers|allAuthenticatedUsers"
    rf"|(?:user|group|serviceAccount):{_EMAIL}"
    r"|serviceAccount:[^\s@\[\]]+\.svc\.id\.goog\[[^\s/\[\]]+/[^\s/\[\]]+\]"
    r"|domain:[^\s@:]+\.[^\s@:]+"
    rf"|deleted:(?:user|group|serviceAccount):{_EMAIL}\?uid=[0-9]+"
    r"|(?:deleted:)?principal(?:Set)?://\S+"
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
        members = [member.strip() for member in members]
        for member in members:
            if not _MEMBER.fullmatch(member):
                raise InvalidInput(
                    f"members has {member!r}, which is not a member: give its kind and name, for example "
                    "serviceAccount:NAME@PROJECT.iam.gserviceaccount.com, user:NAME@example.com or group:NAME@example.com."
                )
        absent, exclusive = options.get("state") == "absent", bool(options.get("exclusive"))
        if absent and exclusive:
            raise InvalidInput("exclusive says what is to be left, so it cannot go with state absent.")
        if not absent:
            check_size(with_members(Policy(), role, None, members), Policy(), str(secret))
        return cls(secret, role, tuple(members), _condition(options.get("condition")), exclusive, absent)


def _names_own_project(desired: DesiredBinding) -> bool:
    """Whether the condition looks for names with the id of the secret's own project."""
    project, condition = desired.secret.project, desired.condition
    return condition is not None and not project.isdigit() and project in projects_named(condition.expression)


def _condition(given: t.Mapping[str, str | None] | None) -> Condition | None:
    if given is None:
        return None
    # YAML's | and > leave the end of a line at the end of a text.
    expression, title, description = (
        (given.get(name) or "").strip() for name in ("expression", "title", "description")
    )
    if not expression or not title:
        raise InvalidInput("condition needs an expression and a title: the service refuses one without a title.")
    return Condition(expression, title, description)


@dataclass(frozen=True)
class SecretIamBindings(SecretManagerResource[DesiredBinding, Policy]):
    """The resource of gcp_secret_iam_binding. Its state is the secret's whole policy."""

    #: The numbers of projects that the conditions of entries name by id, by unit.
    numbers: dict[str, str] = field(default_factory=dict)
    #: The units whose project's number is to be read.
    to_number: set[str] = field(default_factory=set)

    def begin(self, entries: t.Sequence[DesiredBinding]) -> None:
        self.to_number.update(one.unit for one in entries if _names_own_project(one))

    def read(self, desired: DesiredBinding) -> Policy:
        """One call, and once one more when a condition names the secret's project by its id."""
        try:
            policy = self.api.get_policy(desired.secret)
        except NotFound:
            raise NotFound(f"{desired.secret} does not exist: create it with gcp_secret first.") from None
        if desired.unit in self.to_number and desired.unit not in self.numbers:
            # Who may write a policy may not always read the secret, and a warning is not worth a failure.
            with suppress(NotFound, PermissionDenied):
                project = self.api.get_secret(desired.secret).name.split("/")[1]
                if project.isdigit():
                    self.numbers[desired.unit] = project
        return policy

    def assume(self, desired: DesiredBinding) -> Policy:
        return Policy()

    def wanted(self, current: Policy, desired: DesiredBinding) -> Policy:
        """Change nothing but the members of this role under this condition. Raises InvalidInput when it would name too many."""
        if desired.absent:
            edit = without_members
        elif desired.exclusive:
            edit = with_only_members
        else:
            edit = with_members
        after = edit(current, desired.role, desired.condition, desired.members)
        check_size(after, current, str(desired.secret))
        return after

    def notices(self, state: Policy, desired: DesiredBinding) -> t.Iterable[str]:
        number = self.numbers.get(desired.unit)
        condition, project = desired.condition, desired.secret.project
        if condition is None or number is None or desired.absent or not _names_own_project(desired):
            return
        if number in projects_named(condition.expression):
            # It looks for both spellings, of which one is right.
            return
        yield (
            f"The condition {condition.title!r} of {desired.role} on {desired.secret} looks for names that begin with "
            f"projects/{project}/, and no secret has such a name in conditions: they have the project's number. Write "
            f"projects/{number}/."
        )

    def apply(self, change: Change[Policy], desired: DesiredBinding) -> Policy:
        """Write the policy under the etag that was read."""
        return self.api.set_policy(desired.secret, change.after, own=() if desired.absent else desired.members)

    def result(self, state: Policy, desired: DesiredBinding) -> dict[str, t.Any]:
        return {"iam_binding": self.diff(state, desired)}

    def diff(self, state: Policy, desired: DesiredBinding) -> dict[str, t.Any]:
        """The binding alone: the rest of the policy never changes."""
        members = members_of(state, desired.role, desired.condition)
        return {"secret": str(desired.secret), **_shown(Binding(desired.role, members, desired.condition))}


class SecretPolicyReadings(SecretManagerResource[NamedState[SecretName], "Policy | None"]):
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

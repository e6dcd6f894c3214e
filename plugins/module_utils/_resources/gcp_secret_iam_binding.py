# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Members of a role on one secret."""

from __future__ import annotations

import re
import typing as t
from dataclasses import dataclass

from .._base.errors import InvalidInput, NotFound
from .._domain.gcp.bindings import Condition, Policy, members_of, with_members, with_only_members, without_members
from .._domain.gcp.names import SecretName, secret_name
from .._engine.resource import Change, DesiredState, Options, change_between
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
        """Raises InvalidInput."""
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
        """Raises NotFound."""
        try:
            return self.api.get_policy(desired.secret)
        except NotFound:
            raise NotFound(f"{desired.secret} does not exist: create it with gcp_secret first.") from None

    def assume(self, desired: DesiredBinding) -> Policy:
        """The empty policy of a new secret."""
        return Policy()

    def plan(self, current: Policy, desired: DesiredBinding) -> Change[Policy] | None:
        """Change nothing but the members of this role under this condition."""
        if desired.absent:
            edit = without_members
        elif desired.exclusive:
            edit = with_only_members
        else:
            edit = with_members
        return change_between(current, edit(current, desired.role, desired.condition, desired.members))

    def apply(self, change: Change[Policy], desired: DesiredBinding) -> Policy:
        """Write the policy under the etag that was read."""
        return self.api.set_policy(desired.secret, change.after)

    def result(self, state: Policy, desired: DesiredBinding) -> dict[str, t.Any]:
        """C(iam_binding): who holds the role under the condition."""
        return {"iam_binding": self.diff(state, desired)}

    def diff(self, state: Policy, desired: DesiredBinding) -> dict[str, t.Any]:
        """The binding alone: the rest of the policy never changes."""
        condition = desired.condition
        return {
            "secret": str(desired.secret),
            "role": desired.role,
            "condition": condition
            and {"title": condition.title, "expression": condition.expression, "description": condition.description},
            "members": list(members_of(state, desired.role, desired.condition)),
        }

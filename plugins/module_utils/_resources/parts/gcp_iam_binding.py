# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Who holds which role on a secret or a repository: the members of one role, and, read only, of all."""

from __future__ import annotations

import re
import typing as t
from dataclasses import dataclass

from ..._base.errors import InvalidInput, NotFound, PermissionDenied, or_none
from ..._clients.gcp.artifactregistry import ArtifactRegistry
from ..._clients.gcp.secretmanager import SecretManager
from ..._domain.gcp.bindings import (
    Binding,
    Policy,
    check_everyone,
    check_size,
    members_of,
    public_grants,
    with_members,
    with_only_members,
    without_members,
)
from ..._domain.gcp.conditions import Condition
from ..._domain.gcp.names import RepositoryName, SecretName, repository_name, secret_name
from ..._domain.gcp.repository_findings import warnings
from ..._engine.resource import Change, DesiredState, NamedState, Options, Resource

Name = SecretName | RepositoryName

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


class Policies(t.Protocol):
    """The calls on policies that clients have."""

    def get_policy(self, name: t.Any, /) -> Policy:
        """The policy with its conditions. Raises NotFound."""
        raise NotImplementedError

    def set_policy(self, name: t.Any, policy: Policy, /, *, own: t.Collection[str]) -> Policy:
        """Replace the policy, of whose members C(own) are asked for. Raises LostRace when it no longer has its etag."""
        raise NotImplementedError


@dataclass(frozen=True)
class Kind:
    """What has a policy, in the words of options, results and messages."""

    word: str
    read_name: t.Callable[[Options], Name]
    connect: t.Callable[[Options], Policies]
    #: A role to name as an example.
    role: str
    #: What must run first when there is none.
    creation: str
    #: For who lacks the permission to read or write policies.
    advice: str = ""
    #: What is said of a binding that is accepted all the same.
    warn: t.Callable[[t.Any, Binding], t.Iterable[str]] = lambda _name, _binding: ()


SECRET = Kind(
    "secret",
    secret_name,
    SecretManager.from_options,
    "roles/secretmanager.secretAccessor",
    "create it with gcp_secret",
    warn=public_grants,
)
# Source of the advice: the permissions of these roles in Google's role reference, as of 2026-08-22.
REPOSITORY = Kind(
    "repository",
    repository_name,
    ArtifactRegistry.from_options,
    "roles/artifactregistry.reader",
    "create it",
    advice="Of Artifact Registry's roles only roles/artifactregistry.admin lets both read and write policies, and "
    "roles/artifactregistry.repoAdmin neither.",
    warn=warnings,
)


@dataclass(frozen=True)
class DesiredBinding(DesiredState):
    """Who is to hold, or not to hold, a role under a condition."""

    kind: Kind
    name: Name
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
        return f"{self.name} {self.role}{condition}{' (absent)' if self.absent else ''}"

    @property
    def unit(self) -> str:
        """What has the policy, which is written as a whole."""
        return str(self.name)

    @classmethod
    def from_options(cls, kind: Kind, options: Options) -> DesiredBinding:
        name = kind.read_name(options)
        role, members = options.get("role"), options.get("members")
        if not role:
            raise InvalidInput(f"role is missing: give for example {kind.role}.")
        if not _ROLE.fullmatch(role):
            raise InvalidInput(f"role {role!r} is not a role: give roles/NAME or projects/PROJECT/roles/NAME.")
        absent, exclusive = options.get("state") == "absent", bool(options.get("exclusive"))
        if members is None or not (members or exclusive):
            raise InvalidInput("members is missing or empty: name at least one member, for example user:a@example.com.")
        members = [member.strip() for member in members]
        for member in members:
            if not _MEMBER.fullmatch(member):
                raise InvalidInput(
                    f"members has {member!r}, which is not a member: give its kind and name, for example "
                    "serviceAccount:NAME@PROJECT.iam.gserviceaccount.com, user:NAME@example.com or group:NAME@example.com."
                )
        if absent and exclusive:
            raise InvalidInput("exclusive says what is to be left, so it cannot go with state absent.")
        if not absent:
            check_everyone(members, bool(options.get("everyone")), "members")
            check_size(with_members(Policy(), role, None, members), Policy(), str(name))
        return cls(kind, name, role, tuple(members), _condition(options.get("condition")), exclusive, absent)


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
class IamBindings(Resource[DesiredBinding, Policy]):
    """The resource of the modules that bind members to roles. Its state is the whole policy."""

    api: Policies

    @classmethod
    def connect(cls, kind: Kind, options: Options) -> t.Self:
        return cls(kind.connect(options))

    def read(self, desired: DesiredBinding) -> Policy:
        try:
            return _with_advice(desired.kind, self.api.get_policy, desired.name)
        except NotFound:
            raise NotFound(f"{desired.name} does not exist: {desired.kind.creation} first.") from None

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
        check_size(after, current, str(desired.name))
        return after

    def apply(self, change: Change[Policy], desired: DesiredBinding) -> Policy:
        """Write the policy under the etag that was read."""
        own = () if desired.absent else desired.members
        return _with_advice(desired.kind, self.api.set_policy, desired.name, change.after, own=own)

    def notices(self, state: Policy, desired: DesiredBinding) -> t.Iterable[str]:
        """What a report would say of what the entry asks for."""
        asked = Binding(desired.role, desired.members, desired.condition)
        return () if desired.absent else desired.kind.warn(desired.name, asked)

    def result(self, state: Policy, desired: DesiredBinding) -> dict[str, t.Any]:
        return {"iam_binding": self.diff(state, desired)}

    def diff(self, state: Policy, desired: DesiredBinding) -> dict[str, t.Any]:
        """The binding alone: the rest of the policy never changes."""
        members = members_of(state, desired.role, desired.condition)
        return {desired.kind.word: str(desired.name), **_shown(Binding(desired.role, members, desired.condition))}


@dataclass(frozen=True)
class PolicyReadings(Resource[NamedState[Name], "Policy | None"]):
    """The resource of the modules that read policies. Its state is None for what does not exist."""

    kind: Kind
    api: Policies

    @classmethod
    def connect(cls, kind: Kind, options: Options) -> PolicyReadings:
        return cls(kind, kind.connect(options))

    def read(self, desired: NamedState[Name]) -> Policy | None:
        return or_none(_with_advice, self.kind, self.api.get_policy, desired.name)

    def result(self, state: Policy | None, desired: NamedState[Name]) -> dict[str, t.Any]:
        return {
            f"{self.kind.word}_iam": {
                self.kind.word: str(desired.name),
                "exists": state is not None,
                "bindings": shown(state) if state else [],
            }
        }


def _with_advice(kind: Kind, call: t.Callable[..., Policy], *arguments: t.Any, **named: t.Any) -> Policy:
    """Make a call on a policy. Whoever may not is told which roles may."""
    try:
        return call(*arguments, **named)
    except PermissionDenied as denied:
        # Other causes, such as a perimeter, name no permission of policies.
        if not kind.advice or "IamPolicy" not in str(denied):
            raise
        raise PermissionDenied(f"{denied} {kind.advice}") from None


def shown(policy: Policy) -> list[dict[str, t.Any]]:
    """The bindings of a policy, in the shape of results."""
    return [_shown(binding) for binding in policy.bindings]


def _shown(binding: Binding) -> dict[str, t.Any]:
    condition = binding.condition
    return {
        "role": binding.role,
        "members": list(binding.members),
        "condition": condition
        and {"title": condition.title, "expression": condition.expression, "description": condition.description},
    }

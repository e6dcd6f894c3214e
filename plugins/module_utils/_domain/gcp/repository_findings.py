# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What needs attention among those who may use repositories of Artifact Registry. Pure.

Sources: Artifact Registry's documentation, "Configure roles and permissions", on granting on repositories and not on projects, and "Create
virtual repositories"; the IAM documentation, "Use IAM securely", on basic roles, and of Compute Engine on its default service account.
"""

from __future__ import annotations

import shlex
import typing as t
from dataclasses import dataclass

from ..._base.findings import HIGH, LOW, MEDIUM, Finding, gravity
from ..._base.yaml_text import as_yaml
from .bindings import PUBLIC, Binding
from .members import AGENT as SERVICE_AGENT
from .members import ALL_USERS, DEFAULT_ACCOUNT, DELETED, DOMAIN, FEDERATED_SET, GROUP, kind_of
from .names import RepositoryName
from .repository_access import ALLOWED, VIRTUAL, Governed, Matrix, Scope
from .repository_conditions import holds_for
from .repository_grants import ADMINISTER, MAINTAIN, PUBLISH, READ
from .repository_roles import BASIC, PREFIX, TO_REPOSITORIES, holds, may_hold

REMOTE = "REMOTE_REPOSITORY"
_WORDS = {READ: "install", PUBLISH: "publish", MAINTAIN: "delete packages", ADMINISTER: "administer"}
#: Of these it is known that they may, and why.
_EXPECTED = (*BASIC, "roles/iam.securityAdmin")


@dataclass(frozen=True)
class Place:
    """A binding in the policy of a repository or, without one, of the project."""

    project: str
    repository: RepositoryName | None
    binding: Binding
    #: Permissions of custom roles.
    roles: t.Mapping[str, t.Collection[str]]
    mode: str = ""

    @property
    def where(self) -> str:
        """In words."""
        holder = f"repository {self._short}" if self.repository else f"project {self.project}"
        return f"{holder}, {self.binding.role}"

    @property
    def _short(self) -> str:
        return f"{self.repository.location}/{self.repository.repository}" if self.repository else ""

    @property
    def power(self) -> tuple[str, ...]:
        """The kinds of access that the role gives for certain."""
        return tuple(
            access
            for access, permissions in TO_REPOSITORIES.items()
            if any(holds(self.binding.role, one, self.roles) == () for one in permissions)
        )

    def members(self, *kinds: str) -> list[str]:
        """The members of these kinds."""
        return [member for member in self.binding.members if kind_of(member) in kinds]

    def finding(self, code: str, severity: str, message: str, members: t.Sequence[str]) -> Finding:
        """A finding about members of the binding. Its remedy takes the role away from them."""
        name = self.repository
        about = {
            "project": self.project,
            "location": name and name.location,
            "repository": name and name.repository,
            "role": self.binding.role,
            "members": list(members),
        }
        return Finding(code, self.where, message, self._without(members), severity, about)

    def _without(self, members: t.Sequence[str]) -> str:
        role, condition = self.binding.role, self.binding.condition
        if self.repository is None:
            told = "--condition=None" if condition is None else "--condition=... as it is"
            commands = (
                f"gcloud projects remove-iam-policy-binding {self.project} --role={role} --member={shlex.quote(member)} {told}"
                for member in members
            )
            return (
                "Grant what is needed on single repositories, with gcp_repository_iam_binding, and then take this away from the project: "
                + "; ".join(commands)
            )
        task: dict[str, t.Any] = {
            "project": self.repository.project,
            "location": self.repository.location,
            "repository": self.repository.repository,
            "role": role,
            "members": list(members),
            "state": "absent",
        }
        if condition:
            texts = {"title": condition.title, "expression": condition.expression, "description": condition.description}
            task["condition"] = {name: text for name, text in texts.items() if text}
        name = f"Take {role} away on {self.repository.repository}"
        return as_yaml([{"name": name, "pkgops.registry_auth.gcp_repository_iam_binding": task}])


def warnings(repository: RepositoryName, binding: Binding) -> list[str]:
    """What the report will say of a binding in the policy of a repository, as far as that is more than worth a look."""
    place = Place(repository.project, repository, binding, {})
    return [finding.message for finding in _of_binding(place) if finding.severity != LOW]


def find(matrix: Matrix, judged: t.Collection[RepositoryName]) -> list[Finding]:
    """What there is to find of the repositories C(judged) and of their project, what matters most first."""
    scope = matrix.scope
    found: list[Finding] = []
    for binding in scope.policy.bindings if scope.policy else ():
        if may_hold(binding.role, scope.roles) and _reaches(binding, scope):
            found += _of_binding(Place(scope.project, None, binding, scope.roles))
    for repository in sorted((one for one in scope.repositories if one.name in judged), key=lambda one: str(one.name)):
        for binding in repository.policy.bindings:
            if may_hold(binding.role, scope.roles):
                found += _of_binding(Place(scope.project, repository.name, binding, scope.roles, repository.mode))
        found += _opened(matrix, repository)
    return sorted(found, key=gravity)


def _reaches(binding: Binding, scope: Scope) -> bool:
    """Whether a binding of the project's policy is, or may be, in effect for any of the repositories that were read."""
    condition = binding.condition
    return condition is None or any(
        holds_for(condition, one.name, scope.number) is not None for one in scope.repositories
    )


def _of_binding(place: Place) -> t.Iterator[Finding]:
    power = place.power
    if not power:
        if place.binding.role not in place.roles and may_hold(place.binding.role, place.roles):
            yield _unjudged(place)
        return
    yield from _public(place, power)
    yield from _wide(place, power)
    yield from _default_accounts(place, power)
    yield from _basic(place)
    yield from _unexpected(place, power)
    if place.mode in (REMOTE, VIRTUAL) and power == (READ, PUBLISH):
        yield place.finding(
            "idle_writer",
            LOW,
            f"{place.binding.role} on {place.where.partition(',')[0]} allows publishing, and a {_kind(place.mode)} repository takes nothing from "
            "publishers: roles/artifactregistry.reader would do.",
            place.binding.members,
        )
    dead = place.members(DELETED)
    if dead:
        message = f"{_granted(place)} to {_list(dead)}, which no longer exist{'s' if len(dead) == 1 else ''}."
        yield place.finding("dead_principal", LOW, message, dead)


def _public(place: Place, power: tuple[str, ...]) -> t.Iterator[Finding]:
    for member in PUBLIC:
        if member in place.binding.members:
            who = "everybody on the internet" if member == ALL_USERS else "everybody who has a Google account"
            message = f"{_granted(place)} to {member}: {who} may {_may(power)}{_there(place)}."
            yield place.finding("public_access", HIGH, message, [member])


def _wide(place: Place, power: tuple[str, ...]) -> t.Iterator[Finding]:
    if not set(power) & {PUBLISH, MAINTAIN, ADMINISTER}:
        return
    pools = [one for one in place.members(FEDERATED_SET) if one.endswith("/*")]
    for members, severity, who in (
        (place.members(DOMAIN), MEDIUM, "every account of the domain"),
        (pools, MEDIUM, "every identity of the pool"),
        (place.members(GROUP), LOW, "whoever is in the group, or is put into it,"),
    ):
        if members:
            message = f"{_granted(place)} to {_list(members)}: {who} may {_may(power)}{_there(place)}."
            yield place.finding("wide_publish", severity, message, members)


def _default_accounts(place: Place, power: tuple[str, ...]) -> t.Iterator[Finding]:
    members = place.members(DEFAULT_ACCOUNT)
    if members:
        message = (
            f"{_granted(place)} to {_list(members)}, a default service account: every machine, function or build that names no account of "
            f"its own may {_may(power)}{_there(place)}."
        )
        yield place.finding("default_account", LOW if power == (READ,) else MEDIUM, message, members)


def _basic(place: Place) -> t.Iterator[Finding]:
    members = [one for one in place.binding.members if kind_of(one) not in (SERVICE_AGENT, DELETED)]
    if place.binding.role == "roles/editor" and members:
        message = (
            f"{_granted(place)} to {_list(members)}: that basic role publishes to{_there(place, '')}, deletes packages, and may give virtual "
            "repositories other upstreams."
        )
        yield place.finding("basic_role", MEDIUM, message, members)
    elif place.binding.role == "roles/viewer" and members:
        message = f"{_granted(place)} to {_list(members)}: that basic role installs private packages{_there(place)}."
        yield place.finding("basic_role", LOW, message, members)


def _unexpected(place: Place, power: tuple[str, ...]) -> t.Iterator[Finding]:
    role = place.binding.role
    if role in _EXPECTED or role.startswith(f"roles/{PREFIX}") or not role.startswith("roles/") or power == (READ,):
        return
    members = [one for one in place.binding.members if kind_of(one) not in (SERVICE_AGENT, DELETED)]
    if members:
        message = f"{_granted(place)} to {_list(members)}: with that role of another service they may {_may(power)}{_there(place)}, too."
        yield place.finding("unexpected_role", LOW, message, members)


def _unjudged(place: Place) -> Finding:
    message = (
        f"What {place.binding.role} holds is not known, so what {_list(place.binding.members)} may do depends on it."
    )
    finding = place.finding("unjudged_role", LOW, message, place.binding.members)
    remedy = "Give the permissions of the role in the option roles of gcp_repository_access_info."
    return Finding(finding.code, finding.where, message, remedy, LOW, finding.about)


def _opened(matrix: Matrix, repository: Governed) -> t.Iterator[Finding]:
    """A repository that is not public itself, and that a public virtual one reads."""
    if matrix.verdicts(ALL_USERS, repository)[READ].outcome == ALLOWED:
        return
    for virtual in matrix.virtuals_of(repository):
        # What is open to all users is open to those with an account, too.
        public = next((one for one in PUBLIC if matrix.verdicts(one, virtual)[READ].outcome == ALLOWED), None)
        if public is None:
            continue
        name, other = repository.name, virtual.name
        yield Finding(
            "public_through_virtual",
            f"repository {name.location}/{name.repository}",
            f"{public} may read from the virtual repository {other.repository}, which reads {name.repository} as the service agent of the "
            "project. That its readers need no access of their own is not documented, and follows from how Google describes it.",
            f"Take {name.repository} out of the upstreams of {other.repository}, or close {other.repository} to the public.",
            MEDIUM if repository.mode == REMOTE else HIGH,
            {
                "project": matrix.scope.project,
                "location": name.location,
                "repository": name.repository,
                "role": None,
                "members": [public],
            },
        )


def _granted(place: Place) -> str:
    condition = place.binding.condition
    under = f" under the condition {condition.title!r}" if condition else ""
    policy = f"The policy of {place.where.partition(',')[0]}"
    return f"{policy} grants {place.binding.role}{under}"


def _there(place: Place, preposition: str = " in") -> str:
    if place.repository:
        return ""
    which = "the repositories for which that holds" if place.binding.condition else "every repository of the project"
    return f"{preposition} {which}"


def _may(power: tuple[str, ...]) -> str:
    return _list([_WORDS[access] for access in power])


def _list(words: t.Sequence[str]) -> str:
    return " and ".join(filter(None, (", ".join(words[:-1]), words[-1])))


def _kind(mode: str) -> str:
    return "remote" if mode == REMOTE else "virtual"

# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Who may do what with repositories of Artifact Registry, by their own policies and that of their project. Pure.

Grants add up: what any of the policies allows is allowed. Source: the IAM documentation, "Policy inheritance". Folders and organizations
have policies too, and deny policies and boundaries can take away what these allow; none of them is looked at.

That a virtual repository reads its upstreams as the service agent of its project is documented in "Create virtual repositories"; that its
readers therefore need no access of their own to these follows from it, and is not said there. It depends, until it is seen.
"""

from __future__ import annotations

import typing as t
from dataclasses import dataclass, field, replace
from functools import cached_property

from ..iam.answers import NO, Answer, every
from .bindings import Binding, Policy, member_key
from .members import DELETED, OF_PROJECT, PROJECT_ROLE, kind_of, stands_for
from .names import RepositoryName
from .repository_conditions import holds_for
from .repository_grants import READ
from .repository_roles import PERMISSIONS, TO_REPOSITORIES, holds

#: As for CodeArtifact, from the most to the least.
OUTCOMES = ALLOWED, DEPENDS, DENIED = ("allowed", "depends", "denied")
VIRTUAL, STANDARD = "VIRTUAL_REPOSITORY", "STANDARD_REPOSITORY"
OF_REPOSITORY, OF_PROJECT_POLICY = "the repository policy", "the project's policy"


@dataclass(frozen=True)
class Governed:
    """A repository with its own policy. C(upstreams) are the names of those that a virtual one looks into."""

    name: RepositoryName
    policy: Policy = field(default_factory=Policy)
    mode: str = STANDARD
    upstreams: tuple[str, ...] = ()


@dataclass(frozen=True)
class Scope:
    """Repositories of a project, and its policy, None when that could not be read."""

    project: str
    policy: Policy | None
    repositories: tuple[Governed, ...] = ()
    #: The project's number, if it is known.
    number: str | None = None
    #: Permissions of roles that are known besides, such as custom ones.
    roles: t.Mapping[str, t.Collection[str]] = field(default_factory=dict)

    @property
    def projects(self) -> tuple[str, ...]:
        """What the project is called: its id, or number, or both."""
        return tuple(filter(None, (self.project, self.number)))


@dataclass(frozen=True)
class Grant:
    """A binding for a party, as far as that can be told, and where it is."""

    policy: str
    binding: Binding
    member: str
    #: Whether it is in effect for the party, whatever it allows.
    answer: Answer


@dataclass(frozen=True)
class Verdict:
    """One of OUTCOMES, and why, in words that go after it."""

    outcome: str
    reason: str
    #: The permissions of a kind of access that it is about, when not about all.
    actions: tuple[str, ...] = ()


Verdicts = t.Mapping[str, Verdict]


@dataclass(frozen=True)
class Row:
    """What one party may do with one repository, by kinds of access."""

    party: str
    verdicts: Verdicts


@dataclass
class Matrix:
    """The rows of repositories. Judged are those whom a policy names, and callers who are asked for."""

    scope: Scope
    asked: tuple[str, ...] = ()
    _of_project: dict[str, list[Grant]] = field(default_factory=dict)
    _powers: dict[str, dict[str, Answer]] = field(default_factory=dict)
    #: Most repositories of a project have policies that say the same of somebody else: what has one shape is judged once.
    _judged: dict[t.Hashable, dict[str, Verdict]] = field(default_factory=dict)

    @cached_property
    def _project_bindings(self) -> list[Binding]:
        return self._telling(self.scope.policy or Policy())

    @cached_property
    def _virtuals(self) -> dict[str, list[Governed]]:
        """By the name of an upstream, the virtual repositories that look into it."""
        found: dict[str, list[Governed]] = {}
        for one in self.scope.repositories:
            for name in one.upstreams:
                found.setdefault(name, []).append(one)
        return found

    def rows(self, repository: Governed) -> list[Row]:
        """Who may do what with a repository."""
        return [Row(party, self.verdicts(party, repository)) for party in self.parties(repository)]

    def parties(self, repository: Governed) -> list[str]:
        """Those of whom there is something to say, each in the spelling that comes first."""
        bindings = [*self._telling(repository.policy), *self._project_bindings]
        named = (member for one in bindings for member in one.members)
        found: dict[str, str] = {}
        for member in (*self.asked, *named):
            if kind_of(member) != DELETED:
                found.setdefault(member_key(member), member)
        return sorted(found.values())

    def verdicts(self, party: str, repository: Governed) -> dict[str, Verdict]:
        """What a party may do with a repository, by kinds of access."""
        grants = self._grants(party, repository)
        shape = tuple((one.policy, one.binding.role, _whose(one, party), one.answer) for one in grants)
        if shape not in self._judged:
            self._judged[shape] = {
                access: self._any_of(permissions, party, grants) for access, permissions in TO_REPOSITORIES.items()
            }
        found = dict(self._judged[shape])
        if found[READ].outcome != ALLOWED:
            found[READ] = self._through_virtual(found[READ], party, repository)
        return found

    def virtuals_of(self, repository: Governed) -> list[Governed]:
        """The virtual repositories among those of the scope that look into a repository."""
        if not self._virtuals:
            return []
        names = (f"projects/{project}/{_within(repository.name)}" for project in self.scope.projects)
        return [one for name in names for one in self._virtuals.get(name, ())]

    def _telling(self, policy: Policy) -> list[Binding]:
        """The bindings whose roles hold any of the permissions that are asked for, or may."""
        return [one for one in policy.bindings if any(answer is not None for answer in self._power(one.role).values())]

    def _power(self, role: str) -> dict[str, Answer]:
        if role not in self._powers:
            self._powers[role] = {one: holds(role, one, self.scope.roles) for one in PERMISSIONS}
        return self._powers[role]

    def _grants(self, party: str, repository: Governed) -> list[Grant]:
        """All bindings that are, or may be, for a party."""
        if party not in self._of_project:
            self._of_project[party] = list(self._about(party, self._project_bindings, OF_PROJECT_POLICY))
        own = self._about(party, self._telling(repository.policy), OF_REPOSITORY)
        grants = (
            one if one.binding.condition is None else replace(one, answer=self._under(one, repository))
            for one in (*own, *self._of_project[party])
        )
        return [one for one in grants if one.answer is not None]

    def _about(self, party: str, bindings: t.Iterable[Binding], where: str) -> t.Iterator[Grant]:
        for binding in bindings:
            for member in binding.members:
                answer = self._is_for(member, party)
                if answer is not None:
                    yield Grant(where, binding, member, answer)

    def _is_for(self, member: str, party: str) -> Answer:
        """As stands_for(), with what the project's policy tells of members that stand for the holders of its roles."""
        prefix, _colon, project = member.partition(":")
        known = kind_of(member) == PROJECT_ROLE and project in self.scope.projects and self.scope.policy is not None
        if not known or member == party or self.scope.policy is None:
            return stands_for(member, party)
        doubts: list[str] = []
        for binding in self.scope.policy.bindings:
            if binding.role != OF_PROJECT[prefix]:
                continue
            for other in binding.members:
                answer = NO if kind_of(other) == PROJECT_ROLE else stands_for(other, party)
                if answer == () and binding.condition:
                    answer = (f"on the condition {binding.condition.title!r} of {binding.role} in {OF_PROJECT_POLICY}",)
                if answer == ():
                    return answer
                doubts += answer or ()
        return tuple(dict.fromkeys(doubts)) or NO

    def _under(self, grant: Grant, repository: Governed) -> Answer:
        condition = grant.binding.condition
        if condition is None:
            return grant.answer
        if grant.policy == OF_REPOSITORY:
            doubt = (
                f"on the condition {condition.title!r}, {' '.join(condition.expression.split())}; that a repository's own policy takes "
                "conditions is not documented",
            )
            return every((grant.answer, doubt))
        return every((grant.answer, holds_for(condition, repository.name, self.scope.number)))

    def _any_of(self, permissions: t.Sequence[str], party: str, grants: t.Sequence[Grant]) -> Verdict:
        """The verdict on a kind of access: the most that one of its permissions has."""
        found = [self._verdict(permission, party, grants) for permission in permissions]
        first = min(found, key=lambda verdict: OUTCOMES.index(verdict.outcome))
        alike = [one for one, verdict in zip(permissions, found, strict=True) if verdict.outcome == first.outcome]
        return replace(first, actions=tuple(alike) if len(alike) < len(permissions) else ())

    def _verdict(self, permission: str, party: str, grants: t.Sequence[Grant]) -> Verdict:
        doubts: dict[str, None] = {}
        for grant in grants:
            answer = every((self._power(grant.binding.role)[permission], grant.answer))
            if answer == ():
                return Verdict(ALLOWED, f"by {grant.binding.role} of {grant.policy}{_whose(grant, party)}")
            for doubt in answer or ():
                doubts[f"{doubt}, for {grant.binding.role} of {grant.policy}"] = None
        if self.scope.policy is None:
            doubts[f"on {OF_PROJECT_POLICY}, which could not be read"] = None
        if doubts:
            return Verdict(DEPENDS, "; and ".join(doubts))
        return Verdict(DENIED, "no policy that was read allows it")

    def _through_virtual(self, verdict: Verdict, party: str, repository: Governed) -> Verdict:
        for virtual in self.virtuals_of(repository):
            through = self._any_of(TO_REPOSITORIES[READ], party, self._grants(party, virtual))
            if through.outcome == DENIED or (through.outcome == DEPENDS and verdict.outcome == DEPENDS):
                continue
            agent = f"service-{self.scope.number or 'NUMBER'}@gcp-sa-artifactregistry.iam.gserviceaccount.com"
            whether = (
                "which is open to it"
                if through.outcome == ALLOWED
                else f"whose being open to it depends {through.reason}"
            )
            reason = (
                f"on the virtual repository {virtual.name.repository}, {whether}: that one reads this one as {agent}, and that its readers "
                "need no access of their own is not documented"
            )
            return Verdict(DEPENDS, reason)
        return verdict


def _within(name: RepositoryName) -> str:
    return f"locations/{name.location}/repositories/{name.repository}"


def _whose(grant: Grant, party: str) -> str:
    """To whom a binding is given, when that is not the party itself: most reasons are then the same for many parties."""
    return "" if member_key(grant.member) == member_key(party) else f", which {grant.member} holds"

# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Who may do what in CodeArtifact: decided by identity, domain and repository policies together. Pure.

Source: CodeArtifact User Guide, "Repository policies", its section on the interaction of repository and domain policies:

* For what is asked of an account (V(ListDomains), V(ListRepositories)) no resource policy is evaluated; for what is asked of a domain no
  repository policy is.
* The domain policy is not evaluated for putting itself. For putting a repository policy the domain policy is evaluated and the
  repository policy is not.
* An explicit deny wins, in whatever policy it is.
* An allow in one resource policy is enough: what the other leaves out it does not deny.
* In the account that owns the domain, an identity policy or a resource policy has to allow.
* In the account that administers the repository, an identity policy is enough. Whether a resource policy alone is, the guide does
  not say, so then it depends.
* In any other account, an identity policy and a resource policy have to allow.

A statement that names an account delegates to the identity policies of that account: IAM User Guide, "AWS JSON policy elements: Principal",
"AWS account principals". Within that account an identity policy has to allow anyway. CodeArtifact's guide reads as if such a statement were
enough there, so for who has no identity policy that allows it, it depends. A root user may do all in its account: IAM User Guide, "AWS
account root user"; a denial in a resource policy binds it too.

Only these policies are looked at. Permissions boundaries, policies of organizations, of sessions and of VPC endpoints can deny besides.
"""

from __future__ import annotations

import typing as t
from dataclasses import dataclass
from functools import cache

from ..iam.statements import (
    ALLOW,
    DENY,
    IDENTITY,
    ROOT_USER,
    Reference,
    Request,
    Statement,
    applies,
    names_account_alone,
    read_statements,
)
from .actions import ACCOUNT_LEVEL, DOMAIN_LEVEL, PREFIX, REPOSITORY_LEVEL, level_of
from .names import DOMAIN, REPOSITORY

ALLOWED, DENIED, DEPENDS = "allowed", "denied", "depends"

_EVALUATED = {ACCOUNT_LEVEL: (), DOMAIN_LEVEL: (DOMAIN,), REPOSITORY_LEVEL: (DOMAIN, REPOSITORY)}
#: Policies that are not evaluated for what puts them, or comes before them.
_IGNORED = {
    f"{PREFIX}CreateDomain".lower(): DOMAIN,
    f"{PREFIX}PutDomainPermissionsPolicy".lower(): DOMAIN,
    f"{PREFIX}PutRepositoryPermissionsPolicy".lower(): REPOSITORY,
}


@dataclass(frozen=True)
class Policies:
    """The policies that there are, as read_statements() gives them, and the accounts that they are in.

    C(identity) are the policies of the caller, V(None) when they are not known. For what is asked of a domain leave C(administrator) and
    C(repository) out.
    """

    #: The account that owns the domain.
    owner: str
    #: The account that administers the repository.
    administrator: str | None = None
    identity: tuple[Statement, ...] | None = ()
    domain: tuple[Statement, ...] = ()
    repository: tuple[Statement, ...] = ()


#: Identity policies that allow all, to ask what the policies of resources say by themselves.
WILLING = read_statements(IDENTITY, {"Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}})


@dataclass(frozen=True)
class Match:
    """A statement that applies, or one that may: by C(doubts)."""

    statement: Reference
    doubts: tuple[str, ...] = ()

    def __str__(self) -> str:
        """What it depends on, and what that decides."""
        verb = "allows" if self.statement.effect == ALLOW else "denies"
        return f"{' and '.join(self.doubts)}: whether {self.statement} {verb} it"


@dataclass(frozen=True)
class Decision:
    """ALLOWED, DENIED or DEPENDS, and why."""

    outcome: str
    action: str
    #: The statements that deny it; otherwise those that allow it for certain, though they may not be enough.
    statements: tuple[Reference, ...] = ()
    #: For want of which allow it is denied: of each group of policies one would have to. No policy can where a group is empty.
    lacking: tuple[tuple[str, ...], ...] = ()
    #: On which statements it depends, and by what.
    depends_on: tuple[Match, ...] = ()

    @property
    def reason(self) -> str:
        """Why, in words that go after the outcome."""
        if self.depends_on:
            return "on " + "; on ".join(map(str, self.depends_on))
        if self.lacking:
            return " and ".join(_lack(group, self.action) for group in self.lacking)
        return "by " + " and ".join(map(str, self.statements))


@cache
def evaluated_for(action: str) -> tuple[str, ...]:
    """The resource policies that count for an action. Raises InvalidInput when it is none whose rules are known."""
    ignored = _IGNORED.get(action.lower())
    return tuple(policy for policy in _EVALUATED[level_of(action)] if policy != ignored)


def evaluate(request: Request, policies: Policies) -> Decision:
    """Decide by the policies.

    :raises InvalidInput: the action is none whose rules are known
    """
    level = level_of(request.action)
    evaluated = evaluated_for(request.action)
    own = ROOT_USER if request.caller.is_root else IDENTITY
    matches = [*_of_caller(request, policies, own), *_of_resources(request, policies, level, evaluated)]
    denials = [match for match in matches if match.statement.effect == DENY]
    if denied := _certain(denials):
        return Decision(DENIED, request.action, denied)
    allowing: list[Reference] = []
    doubtful, lacking = denials, []
    for group in _groups(request, policies, level, own, evaluated):
        allows = [match for match in matches if match.statement.effect == ALLOW and match.statement.policy in group]
        allowing += _certain(allows)
        if not allows:
            lacking.append(group)
        elif not _certain(allows):
            doubtful = [*allows, *doubtful]
    if lacking:
        return Decision(DENIED, request.action, tuple(allowing), tuple(lacking))
    outcome = DEPENDS if doubtful else ALLOWED
    return Decision(outcome, request.action, tuple(allowing), depends_on=tuple(doubtful))


def _certain(matches: t.Iterable[Match]) -> tuple[Reference, ...]:
    return tuple(match.statement for match in matches if not match.doubts)


def _groups(
    request: Request, policies: Policies, level: str, own: str, evaluated: tuple[str, ...]
) -> tuple[tuple[str, ...], ...]:
    """The groups of policies of each of which one has to allow the request."""
    if level == ACCOUNT_LEVEL or request.caller.account == policies.owner or _administers(request, policies, level):
        return ((own, *evaluated),)
    return ((own,), evaluated)


def _administers(request: Request, policies: Policies, level: str) -> bool:
    return level == REPOSITORY_LEVEL and request.caller.account == policies.administrator != policies.owner


def _of_caller(request: Request, policies: Policies, own: str) -> list[Match]:
    if own == ROOT_USER:
        return [Match(Reference(ROOT_USER, ALLOW))]
    if policies.identity is not None:
        return [match for match, _statement in _matches(policies.identity, request)]
    unknown = ("the caller's identity policies, which are not known",)
    return [Match(Reference(IDENTITY, effect), unknown) for effect in (ALLOW, DENY)]


def _of_resources(request: Request, policies: Policies, level: str, evaluated: tuple[str, ...]) -> t.Iterator[Match]:
    statements = {DOMAIN: policies.domain, REPOSITORY: policies.repository}
    administers = _administers(request, policies, level)
    at_home = administers or request.caller.account == policies.owner
    for policy in evaluated:
        for match, statement in _matches(statements[policy], request):
            doubts = match.doubts
            if match.statement.effect == ALLOW and administers:
                doubts += ("whether a resource policy alone is enough in the account that administers the repository",)
            if match.statement.effect == ALLOW and at_home and names_account_alone(statement, request.caller):
                doubts += ("whether naming an account is enough within it, where IAM leaves it to identity policies",)
            yield Match(match.statement, doubts)


def _matches(statements: t.Iterable[Statement], request: Request) -> t.Iterator[tuple[Match, Statement]]:
    for statement in statements:
        doubts = applies(statement, request)
        if doubts is not None:
            yield Match(statement.reference, doubts), statement


def _lack(group: tuple[str, ...], action: str) -> str:
    if not group:
        return f"{action} is left to the account that owns the domain"
    *some, last = group
    return f"no {' or '.join([', '.join(some), last] if some else [last])} policy allows {action}"

# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
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

Only these policies are looked at. Permissions boundaries, policies of organizations, of sessions and of VPC endpoints can deny besides.
"""

from __future__ import annotations

import typing as t
from dataclasses import dataclass, replace
from functools import cache

from .actions import ACCOUNT_LEVEL, DOMAIN_LEVEL, PREFIX, REPOSITORY_LEVEL, level_of
from .statements import ALLOW, DENY, DOMAIN, IDENTITY, REPOSITORY, Reference, Request, Statement, applies

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


@dataclass(frozen=True)
class Finding:
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
    depends_on: tuple[Finding, ...] = ()

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
    findings = [*_of_identity(request, policies), *_of_resources(request, policies, level, evaluated)]
    denials = [finding for finding in findings if finding.statement.effect == DENY]
    if denied := _certain(denials):
        return Decision(DENIED, request.action, denied)
    allowing: list[Reference] = []
    open_findings, lacking = denials, []
    for group in _groups(request, policies, level, evaluated):
        allows = [
            finding for finding in findings if finding.statement.effect == ALLOW and finding.statement.policy in group
        ]
        allowing += _certain(allows)
        if not allows:
            lacking.append(group)
        elif not _certain(allows):
            open_findings = [*allows, *open_findings]
    if lacking:
        return Decision(DENIED, request.action, tuple(allowing), tuple(lacking))
    outcome = DEPENDS if open_findings else ALLOWED
    return Decision(outcome, request.action, tuple(allowing), depends_on=tuple(open_findings))


def _certain(findings: t.Iterable[Finding]) -> tuple[Reference, ...]:
    return tuple(finding.statement for finding in findings if not finding.doubts)


def _groups(
    request: Request, policies: Policies, level: str, evaluated: tuple[str, ...]
) -> tuple[tuple[str, ...], ...]:
    """The groups of policies of each of which one has to allow the request."""
    if level == ACCOUNT_LEVEL or request.caller.account == policies.owner or _administers(request, policies, level):
        return ((IDENTITY, *evaluated),)
    return ((IDENTITY,), evaluated)


def _administers(request: Request, policies: Policies, level: str) -> bool:
    return level == REPOSITORY_LEVEL and request.caller.account == policies.administrator != policies.owner


def _of_identity(request: Request, policies: Policies) -> list[Finding]:
    if policies.identity is not None:
        return _of(policies.identity, request)
    unknown = ("the caller's identity policies, which are not known",)
    return [Finding(Reference(IDENTITY, effect), unknown) for effect in (ALLOW, DENY)]


def _of_resources(request: Request, policies: Policies, level: str, evaluated: tuple[str, ...]) -> list[Finding]:
    statements = {DOMAIN: policies.domain, REPOSITORY: policies.repository}
    findings = [finding for policy in evaluated for finding in _of(statements[policy], request)]
    if not _administers(request, policies, level):
        return findings
    doubt = "whether a resource policy alone is enough in the account that administers the repository"
    return [
        replace(finding, doubts=(*finding.doubts, doubt)) if finding.statement.effect == ALLOW else finding
        for finding in findings
    ]


def _of(statements: t.Iterable[Statement], request: Request) -> list[Finding]:
    answers = ((statement.reference, applies(statement, request)) for statement in statements)
    return [Finding(reference, doubts) for reference, doubts in answers if doubts is not None]


def _lack(group: tuple[str, ...], action: str) -> str:
    if not group:
        return f"{action} is left to the account that owns the domain"
    *some, last = group
    return f"no {' or '.join([', '.join(some), last] if some else [last])} policy allows {action}"

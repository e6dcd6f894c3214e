# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Who may do what in a CodeArtifact domain, in the shape of results."""

from __future__ import annotations

import typing as t

from ..._base.errors import RegistryAuthError
from ..._base.findings import Finding, gravity
from ..._domain.codeartifact.access import LOGIN
from ..._domain.codeartifact.matrix import Matrix, Party, Verdicts
from ..._domain.codeartifact.rules import find
from ..._domain.codeartifact.scope import Governed, Scope
from ..._domain.codeartifact.verdicts import Verdict
from ..._domain.iam.documents import shown_document
from ..._domain.iam.principals import ANYBODY
from ..._domain.iam.statements import Reference
from ..._domain.protection.confusion import Place, in_domain
from ..._domain.protection.in_codeartifact import Domain
from .codeartifact_access_wanted import WantedAccess

Shown = dict[str, t.Any]


def shown(
    scope: Scope | None,
    failures: t.Mapping[str, RegistryAuthError],
    desired: WantedAccess,
    protection: Domain | None = None,
) -> Shown:
    """A domain: its policy, its repositories with theirs, who may do what, and what is to be found.

    :param protection: what tells whether public packages can come in place of ours, where somebody asked
    """
    if scope is None:
        nothing: Shown = dict.fromkeys(("region", "arn", "policy", "policy_revision"))
        owner = {"domain": desired.domain.domain, "domain_owner": desired.domain.owner}
        return {**owner, **nothing, "principals": [], "repositories": [], "repository_access": [], "findings": []}
    matrix = Matrix(scope, desired.callers, desired.details)
    repositories = [_repository(scope, one) for one in scope.repositories]
    unread = [_unread(scope, name, error) for name, error in failures.items()]
    return {
        "domain": scope.name,
        "domain_owner": scope.owner,
        "region": scope.region,
        "arn": scope.arn("domain"),
        **_policy(scope.domain),
        "principals": [{**_principal(row.party), **_answers(row.verdicts, desired.details)} for row in matrix.domain],
        "repositories": sorted([*repositories, *unread], key=lambda one: str(one["repository"])),
        "repository_access": _repository_access(matrix),
        "findings": [finding.as_dict() for finding in _findings(matrix, desired, protection)],
    }


def _findings(matrix: Matrix, desired: WantedAccess, protection: Domain | None) -> list[Finding]:
    found = list(find(matrix))
    if protection is not None:
        scope = matrix.scope
        asked = None if desired.repositories is None else [name.repository for name in desired.repositories]
        found += in_domain(protection, Place(scope.name, scope.owner, scope.region), desired.names, asked)
    return sorted(found, key=gravity)


def _policy(governed: Governed) -> Shown:
    return {"policy": shown_document(governed.policy), "policy_revision": governed.revision}


def _repository(scope: Scope, repository: Governed) -> Shown:
    return {
        "repository": repository.repository,
        "arn": scope.arn("repository", str(repository.repository)),
        "administrator_account": repository.administrator,
        "failed": False,
        **_policy(repository),
    }


def _unread(scope: Scope, name: str, error: RegistryAuthError) -> Shown:
    failure = {"failed": True, "msg": str(error), "failure": {"code": error.code}}
    return {**_repository(scope, Governed(scope.name, name)), **failure}


def _repository_access(matrix: Matrix) -> list[Shown]:
    """Each answer once: in a domain of many repositories most are the same, and told for each they make a result of megabytes."""
    parties: dict[str, Party] = {}
    found: dict[Verdicts, dict[str, list[str]]] = {}
    for repository in sorted(matrix.scope.repositories, key=lambda one: str(one.repository)):
        for row in matrix.repository(repository):
            parties[row.party.name] = row.party
            found.setdefault(row.verdicts, {}).setdefault(row.party.name, []).append(str(repository.repository))
    return [
        {
            **_answers(answers, matrix.details),
            "principals": [
                {**_principal(parties[name]), "login": _login(matrix, name), "repositories": where[name]}
                for name in sorted(where, key=lambda name: (name == ANYBODY, name))
            ],
        }
        for answers, where in found.items()
    ]


def _login(matrix: Matrix, name: str) -> str:
    """Whether a principal gets the token without which no package manager reads or publishes."""
    return matrix.row(name, matrix.scope.domain).verdicts.by_access[LOGIN].outcome


def _principal(party: Party) -> Shown:
    account = party.caller.account
    return {"principal": party.name, "account": None if account == ANYBODY else account}


def _answers(answers: Verdicts, details: bool) -> Shown:
    verdicts = answers.by_access.items()
    found: Shown = {
        "access": {name: verdict.outcome for name, verdict in verdicts},
        "reasons": {name: verdict.reason for name, verdict in verdicts},
    }
    bounds = {name: _bounds(verdict) for name, verdict in verdicts if verdict.packages or verdict.exceptions}
    if bounds:
        found["packages"] = bounds
    parts = {name: list(verdict.actions) for name, verdict in verdicts if verdict.actions}
    if parts:
        found["only_actions"] = parts
    if details:
        found["details"] = [_detail(verdict, actions) for verdict, actions in answers.actions]
    return found


def _bounds(verdict: Verdict) -> Shown:
    return {"only": list(verdict.packages) or ["*"], "except": list(verdict.exceptions)}


def _detail(verdict: Verdict, actions: tuple[str, ...]) -> Shown:
    return {
        "outcome": verdict.outcome,
        "reason": verdict.reason,
        "actions": [f"codeartifact:{action}" for action in actions],
        "statements": [_reference(statement) for statement in verdict.statements if statement.index is not None],
        "packages": _bounds(verdict),
    }


def _reference(statement: Reference) -> Shown:
    return {
        "policy": statement.policy,
        "statement": statement.number,
        "sid": statement.sid,
        "effect": statement.effect,
    }

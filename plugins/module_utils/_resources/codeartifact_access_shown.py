# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Who may do what in a CodeArtifact domain, in the shape of results."""

from __future__ import annotations

import typing as t

from ansible_collections.pkgops.registry_auth.plugins.module_utils._errors import RegistryAuthError
from ansible_collections.pkgops.registry_auth.plugins.module_utils._policy.codeartifact_access import Matrix, Row
from ansible_collections.pkgops.registry_auth.plugins.module_utils._policy.codeartifact_answers import Verdict
from ansible_collections.pkgops.registry_auth.plugins.module_utils._policy.codeartifact_findings import Finding
from ansible_collections.pkgops.registry_auth.plugins.module_utils._policy.codeartifact_principals import ANYBODY
from ansible_collections.pkgops.registry_auth.plugins.module_utils._policy.codeartifact_relations import find
from ansible_collections.pkgops.registry_auth.plugins.module_utils._policy.codeartifact_scope import Governed, Scope
from ansible_collections.pkgops.registry_auth.plugins.module_utils._policy.codeartifact_statements import Reference
from ansible_collections.pkgops.registry_auth.plugins.module_utils._resources.codeartifact_access_wanted import (
    WantedAccess,
)

Shown = dict[str, t.Any]


def shown(scope: Scope | None, failures: t.Mapping[str, RegistryAuthError], desired: WantedAccess) -> Shown:
    """A domain: its policy, its repositories with theirs, who may do what, and what is to be found."""
    if scope is None:
        nothing: Shown = dict.fromkeys(("region", "arn", "policy", "policy_revision"))
        owner = {"domain": desired.domain.domain, "domain_owner": desired.domain.owner}
        return {**owner, **nothing, "principals": [], "repositories": [], "findings": []}
    matrix = Matrix(scope, desired.callers, desired.details)
    repositories = [_repository(matrix, one) for one in scope.repositories]
    unread = [_unread(scope, name, error) for name, error in failures.items()]
    return {
        "domain": scope.name,
        "domain_owner": scope.owner,
        "region": scope.region,
        "arn": scope.arn("domain"),
        **_policy(scope.domain),
        "principals": [_row(row, matrix.details) for row in matrix.domain],
        "repositories": sorted([*repositories, *unread], key=lambda one: str(one["repository"])),
        "findings": [_finding(scope, finding) for finding in find(matrix)],
    }


def _policy(governed: Governed) -> Shown:
    return {"policy": governed.policy, "policy_revision": governed.revision}


def _repository(matrix: Matrix, repository: Governed) -> Shown:
    return {
        "repository": repository.repository,
        "arn": matrix.scope.arn("repository", str(repository.repository)),
        "administrator_account": repository.administrator,
        "failed": False,
        **_policy(repository),
        "principals": [_row(row, matrix.details) for row in matrix.repository(repository)],
    }


def _unread(scope: Scope, name: str, error: RegistryAuthError) -> Shown:
    return {
        "repository": name,
        "arn": scope.arn("repository", name),
        "administrator_account": None,
        "failed": True,
        "msg": str(error),
        "failure": {"code": error.code},
        "policy": None,
        "policy_revision": None,
        "principals": [],
    }


def _row(row: Row, details: bool) -> Shown:
    account = row.party.caller.account
    verdicts = row.verdicts.items()
    found: Shown = {
        "principal": row.party.name,
        "account": None if account == ANYBODY else account,
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
        found["details"] = [_detail(verdict, actions) for verdict, actions in row.actions]
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
        "statement": statement.index,
        "sid": statement.sid,
        "effect": statement.effect,
    }


def _finding(scope: Scope, finding: Finding) -> Shown:
    return {
        "code": finding.code,
        "severity": finding.severity,
        "domain": scope.name,
        "repository": finding.repository,
        "statement": finding.statement.index if finding.statement else None,
        "sid": finding.statement.sid if finding.statement else None,
        "message": finding.message,
        "remedy": finding.remedy,
    }

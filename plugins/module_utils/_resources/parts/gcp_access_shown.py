# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Who may do what with repositories of Artifact Registry, in the shape of results."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass, field

from ..._base.errors import RegistryAuthError
from ..._domain.gcp.members import kind_of
from ..._domain.gcp.names import RepositoryName
from ..._domain.gcp.repository_access import Governed, Matrix, Scope, Verdict, Verdicts
from ..._domain.gcp.repository_findings import find
from .gcp_iam_binding import shown as shown_policy

Shown = dict[str, t.Any]

#: What counts as well, and is not looked at.
UNSEEN = ("policies of folders and of the organization", "deny policies", "principal access boundary policies")


@dataclass(frozen=True)
class AccessState:
    """The policies of repositories and of their project, as far as they could be read."""

    scope: Scope
    #: Those of the scope that are to be told of. The others lead to them.
    judged: frozenset[RepositoryName] = frozenset()
    #: Formats of all repositories that are known.
    formats: t.Mapping[RepositoryName, str] = field(default_factory=dict)
    #: Why policies of other repositories could not be read.
    failures: t.Mapping[RepositoryName, RegistryAuthError] = field(default_factory=dict)
    #: Why the project's policy, or its number, could not be read.
    unread: RegistryAuthError | None = None


def shown(state: AccessState, callers: t.Sequence[str]) -> Shown:
    """A project: its policy, its repositories with theirs, who may do what, and what is to be found."""
    scope = state.scope
    matrix = Matrix(scope, tuple(callers))
    judged = [one for one in scope.repositories if one.name in state.judged]
    unread = [_unread(name, error, state) for name, error in state.failures.items()]
    return {
        "project": scope.project,
        "project_number": scope.number,
        "project_policy": {
            "failed": scope.policy is None,
            "msg": str(state.unread) if scope.policy is None and state.unread else None,
            "bindings": shown_policy(scope.policy) if scope.policy else [],
        },
        "unseen": list(UNSEEN),
        "repositories": sorted(
            [*(_repository(one, state) for one in judged), *unread],
            key=lambda one: (one["location"], one["repository"]),
        ),
        "repository_access": _repository_access(matrix, judged),
        "findings": [finding.as_dict() for finding in find(matrix, state.judged)],
    }


def _repository(repository: Governed, state: AccessState) -> Shown:
    return {
        **_named(repository.name, state),
        "mode": repository.mode,
        "upstreams": list(repository.upstreams),
        "failed": False,
        "bindings": shown_policy(repository.policy),
    }


def _unread(name: RepositoryName, error: RegistryAuthError, state: AccessState) -> Shown:
    failure = {"failed": True, "msg": str(error), "failure": {"code": error.code}}
    return {**_named(name, state), "mode": None, "upstreams": [], "bindings": [], **failure}


def _named(name: RepositoryName, state: AccessState) -> Shown:
    format_name = state.formats.get(name)
    return {"repository": name.repository, "location": name.location, "name": str(name), "format": format_name}


def _repository_access(matrix: Matrix, judged: t.Iterable[Governed]) -> list[Shown]:
    """Each answer once, and whom and which repositories it is about."""
    found: dict[tuple[tuple[str, Verdict], ...], dict[str, list[str]]] = {}
    for repository in sorted(judged, key=lambda one: str(one.name)):
        for row in matrix.rows(repository):
            where = found.setdefault(tuple(row.verdicts.items()), {}).setdefault(row.party, [])
            where.append(f"{repository.name.location}/{repository.name.repository}")
    return [
        {
            **_answers(dict(verdicts)),
            "principals": [
                {"principal": party, "kind": kind_of(party), "repositories": where[party]} for party in sorted(where)
            ],
        }
        for verdicts, where in found.items()
    ]


def _answers(verdicts: Verdicts) -> Shown:
    found: Shown = {
        "access": {name: verdict.outcome for name, verdict in verdicts.items()},
        "reasons": {name: verdict.reason for name, verdict in verdicts.items()},
    }
    parts = {name: list(verdict.actions) for name, verdict in verdicts.items() if verdict.actions}
    return {**found, "only_actions": parts} if parts else found

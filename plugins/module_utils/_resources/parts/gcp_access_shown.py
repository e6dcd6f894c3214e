# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Who may do what with repositories of Artifact Registry, in the shape of results."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass, field, replace

from ..._base.errors import RegistryAuthError
from ..._base.findings import Finding, gravity
from ..._clients.gcp.repositories import Repository
from ..._domain.gcp.members import kind_of
from ..._domain.gcp.names import RepositoryName
from ..._domain.gcp.repository_access import Governed, Matrix, Scope, Verdict, Verdicts
from ..._domain.gcp.repository_findings import find
from ..._domain.protection.artifact_registry_indexes import project_findings
from ..._domain.protection.names import OurName
from .gcp_iam_binding import shown as shown_policy
from .repositories import shown as shown_repository

Shown = dict[str, t.Any]

#: What counts as well, and is not looked at.
UNSEEN = ("policies of folders and of the organization", "deny policies", "principal access boundary policies")


@dataclass(frozen=True)
class AccessState:
    """The policies of repositories and of their project, as far as they could be read."""

    scope: Scope
    #: Those of the scope that are to be told of. The others lead to them.
    judged: frozenset[RepositoryName] = frozenset()
    #: All repositories that are known.
    there: t.Mapping[RepositoryName, Repository] = field(default_factory=dict)
    #: Why policies of other repositories could not be read.
    failures: t.Mapping[RepositoryName, RegistryAuthError] = field(default_factory=dict)
    #: Why the project's policy, or its number, could not be read.
    unread: RegistryAuthError | None = None


def shown(
    state: AccessState,
    callers: t.Sequence[str],
    names: t.Sequence[OurName] = (),
    private_upstreams: t.Collection[str] = (),
) -> Shown:
    """A project: its policy, its repositories with theirs, who may do what, and what is to be found.

    :param names: packages that are ours, for which it is to be found what could come in their place
    :param private_upstreams: addresses that have no public packages
    """
    scope = state.scope
    matrix = Matrix(scope, tuple(callers))
    judged = [one for one in scope.repositories if one.name in state.judged]
    unread = [_unread(name, error, state) for name, error in state.failures.items()]
    found = [*find(matrix, state.judged), *_public_packages(state, names, private_upstreams)]
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
        "findings": [finding.as_dict() for finding in sorted(found, key=gravity)],
    }


def _public_packages(
    state: AccessState, names: t.Sequence[OurName], private_upstreams: t.Collection[str]
) -> t.Iterator[Finding]:
    """Names of ours under which a client could be given a public package."""
    scope = state.scope
    nowhere = dict.fromkeys(("location", "repository", "role"))
    read = [_read(str(name), one, scope) for name, one in state.there.items()]
    asked = [str(name) for name in state.there if name in state.judged or name in state.failures]
    for one in project_findings(read, asked, names, private_upstreams):
        about = {"project": scope.project, **nowhere, "members": [], **one.about}
        yield replace(one, where=f"project {scope.project}, {one.where}", about=about)


def _read(name: str, repository: Repository, scope: Scope) -> Shown:
    """A repository with upstreams of its own project named as the project is, and not by its number."""
    shown_one = shown_repository(repository)
    numbered, named = f"projects/{scope.number}/", f"projects/{scope.project}/"
    upstreams = [
        {**one, "repository": f"{named}{one['repository'].removeprefix(numbered)}"}
        if one["repository"].startswith(numbered)
        else one
        for one in shown_one["upstream_policies"]
    ]
    return {**shown_one, "name": name, "upstream_policies": upstreams}


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
    there = state.there.get(name)
    return {
        "repository": name.repository,
        "location": name.location,
        "name": str(name),
        "format": there.format if there else None,
    }


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

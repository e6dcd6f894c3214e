# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Who may do what with Artifact Registry, as C(gcp_repository_access_info) tells it, in the shape of the access report. Pure."""

from __future__ import annotations

import typing as t

from ..gcp.bindings import PUBLIC
from ..gcp.repository_roles import TO_REPOSITORIES, may_hold
from .cells import Read, Shown, cells, principals_of, who_may


def unread_policy(access: Read) -> list[str]:
    """Why the project's policy could not be read, in a sentence. Answers depend on it then, and the module does not fail."""
    policy = access["project_policy"]
    if not policy["failed"]:
        return []
    return [f"The policy of project {access['project']} could not be read. {policy['msg'] or ''}".strip()]


def project(scope: str, access: Read) -> Shown:
    """A project for itself: what its policy says of Artifact Registry, and what counts as well and was not looked at."""
    policy = access["project_policy"]
    telling = [one for one in policy["bindings"] if may_hold(one["role"], {})]
    return {
        "scope": scope,
        "project": access["project"],
        "bindings": None if policy["failed"] else telling,
        "unseen": access["unseen"],
    }


def repositories(scope: str, access: Read) -> t.Iterator[tuple[Shown, list[Shown]]]:
    """Each repository for itself, and its rows."""
    principals = principals_of(access)
    for one in access["repositories"]:
        rows = _rows(scope, access["project"], one, principals.get(f"{one['location']}/{one['repository']}", ()))
        shown = {
            "scope": scope,
            "kind": "artifact_registry",
            "place": _place(access["project"], one),
            "project": access["project"],
            "location": one["location"],
            "repository": one["repository"],
            "format": one["format"],
            "mode": one["mode"],
            "upstreams": one["upstreams"],
            "problems": [one["msg"]] if one["failed"] else [],
            "who": None if one["failed"] else {**{kind: [] for kind in TO_REPOSITORIES}, **who_may(rows)},
            # Whom only the project's policy names is not known without it.
            "all_known": not access["project_policy"]["failed"],
            "bindings": None if one["failed"] else one["bindings"],
        }
        yield shown, rows


def _rows(scope: str, project_name: str, repository: Read, principals: t.Iterable[Read]) -> list[Shown]:
    """One row for each principal; whom everybody belongs to comes last."""
    return [
        {
            "scope": scope,
            "service": "artifact_registry",
            "place": _place(project_name, repository),
            "project": project_name,
            "location": repository["location"],
            "repository": repository["repository"],
            "principal": one["principal"],
            "name": one["principal"],
            "kind": one["kind"],
            "public": one["principal"] in PUBLIC,
            "access": cells(one),
        }
        for one in sorted(principals, key=lambda one: (one["principal"] in PUBLIC, one["principal"]))
    ]


def _place(project_name: str, repository: Read) -> str:
    return f"{project_name}/{repository['location']}/{repository['repository']}"


def findings(scope: str, access: Read) -> list[Shown]:
    """What the module has found. A report has several projects, so a repository is named with its own."""
    return [{**one, "where": _where(one), "about": {"scope": scope, **one["about"]}} for one in access["findings"]]


def _where(finding: Read) -> str:
    about = finding["about"]
    if about["repository"] is None:
        return str(finding["where"])
    return ", ".join(filter(None, (f"repository {_place(about['project'], about)}", about["role"])))

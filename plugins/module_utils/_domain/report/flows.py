# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Where the packages of a scope come from: its repositories, those that they look into, and what is outside. Pure.

What was read goes in as C(gcp_repository_info) and C(codeartifact_repository_info) return it.
"""

from __future__ import annotations

import typing as t

from ..gcp.repository_access import VIRTUAL
from .cells import Read, Shown
from .tokens import upstream_text

#: Kinds of nodes: a repository of the scope, one of another project, and a place from which packages are fetched.
REPOSITORY, ELSEWHERE, OUTSIDE = "repository", "elsewhere", "outside"


def of_project(scope: str, project: str, number: str | None, repositories: t.Iterable[Read]) -> Shown:
    """What virtual repositories look into, by priority, and where remote ones fetch from.

    :param number: of the project, by which upstreams may name it, if it is known
    """
    nodes: dict[str, Shown] = {}
    arrows: list[Shown] = []
    for one in repositories:
        mode = one["mode"].removesuffix("_REPOSITORY").lower()
        here = f"{one['location']}/{one['repository']}"
        _put(nodes, here, REPOSITORY, f"{mode}, {one['format']}")
        if one["mode"] == VIRTUAL:
            for policy in one["upstream_policies"]:
                target = _within(policy["repository"], (project, number))
                if target == policy["repository"]:
                    _put(nodes, target, ELSEWHERE, "of another project")
                arrows.append({"source": here, "target": target, "label": f"priority {policy['priority']}"})
        outside = upstream_text(one["upstream"] or {})
        if outside:
            # Presets of two formats can have one name, and are not one place.
            label = outside if one["upstream"].get("uri") else f"{outside} ({one['format']})"
            _put(nodes, label, OUTSIDE, "external")
            arrows.append({"source": here, "target": label, "label": None})
    return _flow(scope, f"project {project}", nodes, arrows)


def _within(name: str, projects: t.Collection[str | None]) -> str:
    """LOCATION/ID of a repository of these projects, and the whole name of another."""
    _projects, project, _locations, location, _repositories, identifier = name.split("/")
    return f"{location}/{identifier}" if project in projects else name


def of_domain(scope: str, domain: str, repositories: t.Iterable[Read]) -> Shown:
    """Upstreams of repositories, in the order in which they are asked, and external connections."""
    nodes: dict[str, Shown] = {}
    arrows: list[Shown] = []
    for one in repositories:
        _put(nodes, one["name"], REPOSITORY, "CodeArtifact")
        for number, upstream in enumerate(one["upstreams"], start=1):
            label = f"no. {number}" if len(one["upstreams"]) > 1 else None
            arrows.append({"source": one["name"], "target": upstream, "label": label})
        if one["external_connection"]:
            # It has a colon, which no name of a repository has.
            _put(nodes, one["external_connection"], OUTSIDE, "external connection")
            arrows.append({"source": one["name"], "target": one["external_connection"], "label": None})
    return _flow(scope, f"domain {domain}", nodes, arrows)


def _put(nodes: dict[str, Shown], name: str, kind: str, detail: str) -> None:
    nodes.setdefault(name, {"name": name, "kind": kind, "detail": detail})


def _flow(scope: str, where: str, nodes: dict[str, Shown], arrows: list[Shown]) -> Shown:
    for arrow in arrows:
        # Named as an upstream, and not in the list: it was deleted, or is hidden from the caller.
        _put(nodes, arrow["target"], ELSEWHERE, "not found")
    return {"scope": scope, "where": where, "nodes": list(nodes.values()), "arrows": arrows}

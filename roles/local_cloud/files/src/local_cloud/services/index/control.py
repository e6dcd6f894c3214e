# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The control API of the index, below ``/_local/index``: what its pages do for people.

* ``POST /``: ``{"projects": [{"name": "sampleproject", "owners": ["ada"]}], "publishers": [...]}``; projects are added,
  publishers replace those that there are (``registration``);
* ``GET /publishers``: those that there are;
* ``POST /tokens``: ``{"user": "ada", "projects": [...]}``, an upload token of a user; without projects, for all of theirs.
"""

from __future__ import annotations

from typing import Any

from aiohttp import web

from local_cloud.platform.bodies import read_json
from local_cloud.platform.errors import invalid_argument, unknown_control_method
from local_cloud.services.index import registration, upload_tokens
from local_cloud.services.index.store import Index


async def handle(index: Index, request: web.Request, path: str) -> web.Response:
    """Answer one request.

    Raises:
        ApiError: for what it does not know or understand.
    """
    match request.method, path:
        case "GET", "publishers":
            return web.json_response({"publishers": registration.show_all(index)})
        case "POST", "":
            _set_up(index, await read_json(request, dict))
            return web.json_response({})
        case "POST", "tokens":
            wanted = await read_json(request, dict)
            user, projects = wanted.get("user"), wanted.get("projects")
            if not isinstance(user, str) or not (projects is None or _are_texts(projects)):
                raise invalid_argument("A token has a user, and may have projects.")
            host = request.host.partition(":")[0]
            return web.json_response({"token": upload_tokens.issue(index, host, user, projects)})
        case _:
            raise unknown_control_method()


def _set_up(index: Index, document: dict[str, Any]) -> None:
    projects, publishers = document.get("projects", []), document.get("publishers")
    for project in projects if isinstance(projects, list) else [None]:
        if not isinstance(project, dict) or not isinstance(project.get("name"), str):
            raise invalid_argument("projects is a list of objects with a name and owners.")
        if not _are_texts(project.get("owners", [])):
            raise invalid_argument("owners is a list of strings.")
        index.add_project(project["name"]).owners |= frozenset(project.get("owners", []))
    if publishers is not None:
        if not isinstance(publishers, list):
            raise invalid_argument("publishers is a list.")
        registration.replace_all(index, publishers)


def _are_texts(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(item, str) for item in value)

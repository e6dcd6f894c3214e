# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The control API below ``/_local/``, for tests and for whoever started the cloud: no service has it."""

from __future__ import annotations

import os
import re
from typing import Any

from aiohttp import web

from local_cloud import environment
from local_cloud.cloud import Cloud
from local_cloud.platform.control_bodies import read_json
from local_cloud.platform.errors import invalid_argument, unknown_control_method
from local_cloud.services.codeartifact.deleted_users import leave_ids
from local_cloud.services.github import control as github
from local_cloud.services.index import control as index

PREFIX = "_local/"
_PARTS = {"github": github.handle, "index": index.handle}
_PROJECT_ID = re.compile(r"[a-z][a-z0-9-]{4,28}[a-z0-9]")


async def handle(cloud: Cloud, request: web.Request) -> web.Response:
    """Answer one control request.

    Raises:
        ApiError: for what it does not know or understand.
    """
    path = request.path.removeprefix("/" + PREFIX)
    part, _slash, rest = path.partition("/")
    if part in _PARTS:
        return await _PARTS[part](cloud, request, rest)
    if request.method == "GET":
        return _show(cloud, request, path)
    match request.method, path:
        case "POST", "reset":
            cloud.reset()
        case "POST", "projects":
            _add_project(cloud, await read_json(request, dict))
        case "PUT", "upstream/tokens":
            cloud.upstream.tokens = _texts(await read_json(request, list))
        case "PUT", "aws/identities":
            gone = cloud.codeartifact.identities.update(await read_json(request, dict))
            leave_ids(cloud.codeartifact, gone)
        case "POST", "faults":
            _add_fault(cloud, await read_json(request, dict))
        case "PUT", "quotas":
            cloud.quotas.replace(await read_json(request, dict))
        case _:
            _forget(cloud, request.method, path)
    return web.json_response({})


def _show(cloud: Cloud, request: web.Request, path: str) -> web.Response:
    match path:
        case "health":
            urls = {"url": f"http://{request.host}", "upstream_url": cloud.upstream.url, "secure_url": cloud.tls.url}
            return web.json_response({"pid": os.getpid(), **urls, "authority_file": cloud.tls.authority_file})
        case "environment":
            return web.Response(text=environment.shell_commands(_environment(cloud, request)))
        case "environment.json":
            return web.json_response(_environment(cloud, request))
        case "calls":
            return web.json_response({"calls": cloud.calls.as_json()})
        case _:
            raise unknown_control_method()


def _forget(cloud: Cloud, verb: str, path: str) -> None:
    match verb, path:
        case "DELETE", "calls":
            cloud.calls.clear()
        case "DELETE", "faults":
            cloud.faults.clear()
            cloud.propagation_delay = 0.0
        case "DELETE", "quotas":
            cloud.quotas.clear()
        case _:
            raise unknown_control_method()


def _environment(cloud: Cloud, request: web.Request) -> dict[str, str]:
    project = request.query.get("project", cloud.seed.projects[0][0])
    return environment.variables(f"http://{request.host}", project, request.query.get("caller", cloud.seed.owners[0]))


def _add_project(cloud: Cloud, body: dict[str, Any]) -> None:
    project_id, number = body.get("projectId"), str(body.get("projectNumber", ""))
    owners = sorted(_texts(body.get("owners", [])))
    if not isinstance(project_id, str) or not _PROJECT_ID.fullmatch(project_id) or not number.isdecimal():
        raise invalid_argument("A project needs a valid projectId and a projectNumber.")
    cloud.add_project(project_id, number, owners)


def _add_fault(cloud: Cloud, body: dict[str, Any]) -> None:
    if set(body) == {"propagation_delay"}:
        delay = body["propagation_delay"]
        if isinstance(delay, bool) or not isinstance(delay, int | float) or delay < 0:
            raise invalid_argument("propagation_delay is a number of seconds.")
        cloud.propagation_delay = float(delay)
        return
    cloud.faults.add(body)


def _texts(value: object) -> frozenset[str]:
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise invalid_argument("A list of strings is expected.")
    return frozenset(value)

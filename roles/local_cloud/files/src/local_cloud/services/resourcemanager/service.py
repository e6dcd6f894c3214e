# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What Resource Manager keeps: the projects, of which there are some from the start."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from aiohttp import web

from local_cloud.platform.base import Platform
from local_cloud.platform.bodies import read_json, texts
from local_cloud.platform.errors import invalid_argument, unknown_control_method
from local_cloud.services.iam.service import Iam
from local_cloud.services.resourcemanager.projects import Project, Projects

_PROJECT_ID = re.compile(r"[a-z][a-z0-9-]{4,28}[a-z0-9]")


class ResourceManager:
    """``seed`` are ids and numbers; ``owners`` have roles/owner on each."""

    def __init__(self, platform: Platform, iam: Iam, seed: Sequence[tuple[str, str]], owners: Sequence[str]) -> None:
        self.platform = platform
        self.iam = iam
        self.projects = Projects()
        self._seed, self._owners = seed, owners
        self.reset()

    def reset(self) -> None:
        self.projects.clear()
        for project_id, number in self._seed:
            self._add(project_id, number, self._owners)

    async def control(self, request: web.Request, path: str) -> web.Response:
        """``POST /_local/projects``: add a project, or replace the one with its number. Raises ApiError."""
        if (request.method, path) != ("POST", ""):
            raise unknown_control_method()
        body: dict[str, Any] = await read_json(request, dict)
        project_id, number = body.get("projectId"), str(body.get("projectNumber", ""))
        owners = sorted(texts(body.get("owners", [])))
        if not isinstance(project_id, str) or not _PROJECT_ID.fullmatch(project_id) or not number.isdecimal():
            raise invalid_argument("A project needs a valid projectId and a projectNumber.")
        self._add(project_id, number, owners)
        return web.json_response({})

    def _add(self, project_id: str, number: str, owners: Sequence[str]) -> None:
        project = Project(project_id, number, self.platform.now())
        project.own(owners)
        self.projects.add(project)

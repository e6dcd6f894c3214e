# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The control API below ``/_local/``, for tests and for whoever started the cloud: no service has it."""

from __future__ import annotations

import os
from collections.abc import Awaitable, Callable, Mapping, Sequence

from aiohttp import web

from local_cloud import environment
from local_cloud.platform.base import Platform, Service
from local_cloud.platform.bodies import read_json
from local_cloud.platform.errors import ApiError, unknown_control_method
from local_cloud.services.upstream.server import Upstream

_PREFIX = "_local/"
Part = Callable[[web.Request, str], Awaitable[web.Response]]


class Control:
    """``parts`` answer below their names; ``usual`` are the project and the caller of environments that name none."""

    def __init__(
        self,
        platform: Platform,
        kept: Sequence[Service],
        parts: Mapping[str, Part],
        upstream: Upstream,
        usual: tuple[str, str],
    ) -> None:
        self._platform = platform
        self._kept = kept
        self._parts = parts
        self._upstream = upstream
        self._usual = usual

    async def find(self, request: web.Request, path: str) -> web.Response | None:
        """Answer one control request.

        Raises:
            ApiError: for what it does not know or understand.
        """
        if not path.startswith(_PREFIX):
            return None
        path = path.removeprefix(_PREFIX)
        part, _slash, rest = path.partition("/")
        if part in self._parts:
            return await self._parts[part](request, rest)
        if request.method == "GET":
            return self._show(request, path)
        await self._change(request, path)
        return web.json_response({})

    def in_own_words(self, error: ApiError) -> ApiError:
        return error

    def _show(self, request: web.Request, path: str) -> web.Response:
        tls = self._platform.tls
        match path:
            case "health":
                urls = {"url": f"http://{request.host}", "upstream_url": self._upstream.url, "secure_url": tls.url}
                return web.json_response({"pid": os.getpid(), **urls, "authority_file": tls.authority_file})
            case "environment":
                return web.Response(text=environment.shell_commands(self._environment(request)))
            case "environment.json":
                return web.json_response(self._environment(request))
            case "calls":
                return web.json_response({"calls": self._platform.calls.as_json()})
            case _:
                raise unknown_control_method()

    async def _change(self, request: web.Request, path: str) -> None:
        platform = self._platform
        match request.method, path:
            case "POST", "reset":
                for service in self._kept:
                    service.reset()
            case "POST", "faults":
                platform.faults.add(await read_json(request, dict))
            case "PUT", "quotas":
                platform.quotas.replace(await read_json(request, dict))
            case "DELETE", "calls":
                platform.calls.clear()
            case "DELETE", "faults":
                platform.faults.clear()
            case "DELETE", "quotas":
                platform.quotas.clear()
            case _:
                raise unknown_control_method()

    def _environment(self, request: web.Request) -> dict[str, str]:
        project, caller = (
            request.query.get(name, usual) for name, usual in zip(("project", "caller"), self._usual, strict=True)
        )
        return environment.variables(f"http://{request.host}", project, caller, self._upstream.tokens)

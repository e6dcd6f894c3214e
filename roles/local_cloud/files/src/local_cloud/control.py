# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The control API below ``/_local/``, for tests and for whoever started the cloud: no service has it."""

from __future__ import annotations

import os
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import timedelta
from typing import Any

from aiohttp import web

from local_cloud import environment, vendors
from local_cloud.platform.base import Platform, Service
from local_cloud.platform.bodies import exports, read_json
from local_cloud.platform.errors import ApiError, invalid_argument, unknown_control_method
from local_cloud.platform.proxy import Proxy
from local_cloud.services.upstream.server import Upstream

_PREFIX = "_local/"
_YEAR = 366 * 24 * 60 * 60
Part = Callable[[web.Request, str], Awaitable[web.Response]]


class Control:
    """``parts`` answer below their names; ``usual`` are the project and the caller of environments that name none."""

    def __init__(
        self,
        platform: Platform,
        kept: Sequence[Service],
        parts: Mapping[str, Part],
        upstream: Upstream,
        proxy: Proxy,
        usual: tuple[str, str],
    ) -> None:
        self._platform = platform
        self._kept = kept
        self._parts = parts
        self._upstream = upstream
        self._proxy = proxy
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
        platform = self._platform
        tls = platform.tls
        match path:
            case "health":
                urls = {"url": f"http://{request.host}", "upstream_url": self._upstream.url, "secure_url": tls.url}
                more = {"authority_file": tls.authority_file, "proxy_url": self._proxy.url}
                return web.json_response({"pid": os.getpid(), **urls, **more})
            case "environment":
                return web.Response(text=environment.shell_commands(self._environment(request)))
            case "environment.json":
                return web.json_response(self._environment(request))
            case "vendors":
                return web.Response(text="".join(f"{line}\n" for line in exports(self._vendors)))
            case "vendors.json":
                return web.json_response(self._vendors)
            case "clock":
                return web.json_response({"now": platform.now().isoformat()})
            case "calls":
                return web.json_response({"calls": platform.calls.as_json()})
            case _:
                raise unknown_control_method()

    async def _change(self, request: web.Request, path: str) -> None:
        platform = self._platform
        match request.method, path:
            case "POST", "reset":
                for service in self._kept:
                    service.reset()
            case "POST", "clock":
                platform.clock.advance(_step(await read_json(request, dict)))
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

    @property
    def _vendors(self) -> dict[str, str]:
        return vendors.variables(self._proxy.url, self._platform.tls.authority_file)

    def _environment(self, request: web.Request) -> dict[str, str]:
        project, caller = (
            request.query.get(name, usual) for name, usual in zip(("project", "caller"), self._usual, strict=True)
        )
        return environment.variables(f"http://{request.host}", project, caller, self._upstream.tokens)


def _step(body: dict[str, Any]) -> timedelta:
    """How far to put the clock forward. Raises ApiError."""
    seconds = body.get("advance")
    if (
        set(body) != {"advance"}
        or isinstance(seconds, bool)
        or not isinstance(seconds, int | float)
        or not 0 <= seconds <= _YEAR
    ):
        raise invalid_argument("advance is a number of seconds, up to those of a year; no clock goes back.")
    return timedelta(seconds=seconds)

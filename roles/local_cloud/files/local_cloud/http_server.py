# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The HTTP server: from a request to a method of a service and back to Google's JSON."""

from __future__ import annotations

import asyncio
import inspect
import logging
import traceback
from collections.abc import Awaitable, Callable

from aiohttp import web

from local_cloud import control, dataplane, tokens
from local_cloud.artifactregistry.api import SERVICE as ARTIFACT_REGISTRY
from local_cloud.calls import CallRecord
from local_cloud.cloud import Cloud
from local_cloud.errors import ApiError, invalid_argument, not_found
from local_cloud.faults import Fault
from local_cloud.resourcemanager import SERVICE as RESOURCE_MANAGER
from local_cloud.routing import Call, Route
from local_cloud.secretmanager.api import SERVICE as SECRET_MANAGER
from local_cloud.serviceusage import SERVICE as SERVICE_USAGE
from local_cloud.wire import build_request, to_json

SERVICES = {
    service.prefix: service
    for service in (SECRET_MANAGER, ARTIFACT_REGISTRY, RESOURCE_MANAGER, SERVICE_USAGE, tokens.SERVICE)
}
# Annotations, labels and a base64 payload of 64 KiB stay far below.
_LARGEST_BODY = 4 * 1024 * 1024
Work = Callable[[str], Awaitable[web.Response]]


class Server:
    """All paths of the one port."""

    def __init__(self, cloud: Cloud) -> None:
        self._cloud = cloud

    def application(self) -> web.Application:
        application = web.Application(client_max_size=_LARGEST_BODY)
        application.router.add_route("*", "/{path:.*}", self._handle)
        return application

    async def _handle(self, request: web.Request) -> web.StreamResponse:
        path = request.path.lstrip("/")
        try:
            if path.startswith(control.PREFIX):
                return await control.handle(self._cloud, request)
            if path == "oauth2/token":
                return await self._token(request)
            if wanted := dataplane.PackagePath.parse(path):
                return await self._package(request, wanted)
            return await self._method(request, path)
        except ApiError as error:
            return web.json_response(error.body(), status=error.http_status, headers=error.headers)
        except web.HTTPRequestEntityTooLarge:
            error = invalid_argument("The request is too large.")
            return web.json_response(error.body(), status=error.http_status)
        except Exception as error:
            # Where it failed, but not the exception's text: that may quote a payload.
            where = "".join(traceback.format_tb(error.__traceback__))
            logging.getLogger(__name__).error("%s\n%s", type(error).__name__, where)
            internal = ApiError("INTERNAL", "Internal error encountered.")
            return web.json_response(internal.body(), status=internal.http_status)

    async def _token(self, request: web.Request) -> web.Response:
        form = {key: value for key, value in (await request.post()).items() if isinstance(value, str)}
        status, body = tokens.grant_token(form, self._cloud.now())
        return web.json_response(body, status=status)

    async def _package(self, request: web.Request, wanted: dataplane.PackagePath) -> web.Response:
        if request.method not in {"GET", "HEAD"}:
            raise ApiError("INVALID_ARGUMENT", "Packages can only be fetched here.", http_status=405)

        async def work(caller: str) -> web.Response:
            return await dataplane.fetch(self._cloud, caller, wanted, request.headers.get("Accept", ""))

        return await self._recorded(
            request, dataplane.METHOD, wanted.repository, work, challenge='Basic realm="pkg.dev"'
        )

    async def _method(self, request: web.Request, path: str) -> web.Response:
        prefix, _slash, inner = path.partition("/")
        service = SERVICES.get(prefix)
        found = service.find(request.method, inner) if service else None
        if found is None:
            raise not_found(f"There is no method {request.method} /{path} in the local cloud.")
        route, variables = found
        body = await request.read()

        async def work(caller: str) -> web.Response:
            return await self._answer(route, variables, request, body, caller)

        return await self._recorded(request, route.method, next(iter(variables.values()), ""), work)

    async def _answer(
        self, route: Route, variables: dict[str, str], request: web.Request, body: bytes, caller: str
    ) -> web.Response:
        message = build_request(route.message, route.body, variables, request.query.items(), body)
        answer = route.handler(Call(self._cloud, caller, message))
        if inspect.isawaitable(answer):
            answer = await answer
        return web.json_response(answer if isinstance(answer, dict) else to_json(answer))

    async def _recorded(
        self, request: web.Request, method: str, resource: str, work: Work, challenge: str | None = None
    ) -> web.Response:
        """Say who calls, meet the faults, do the work, and note the call whatever comes of it."""
        caller, status = "", 500
        calls = self._cloud.calls
        try:
            caller = tokens.caller_of(request.headers.get("Authorization"), self._cloud.now())
            fault = self._cloud.faults.take(method)
            await _meet(fault, after=False)
            response = await work(caller)
            await _meet(fault, after=True)
            status = response.status
            return response
        except ApiError as error:
            status = error.http_status
            if challenge and status == 401:
                error.headers["WWW-Authenticate"] = challenge
            raise
        finally:
            calls.add(CallRecord(method, resource, caller, status))


async def _meet(fault: Fault | None, *, after: bool) -> None:
    """Wait before the work; fail before it or, for a fault that loses the answer, after it."""
    if fault is None:
        return
    if not after and fault.latency:
        await asyncio.sleep(fault.latency)
    error = fault.error()
    if error is not None and fault.after == after:
        raise error

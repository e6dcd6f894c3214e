# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The HTTP server: from a request to a method of a service and back to the JSON of Google, AWS or GitHub."""

from __future__ import annotations

import asyncio
import inspect
import logging
import traceback
from collections.abc import Awaitable, Callable
from typing import Any

from aiohttp import web

from local_cloud import control
from local_cloud.cloud import Cloud
from local_cloud.platform.calls import CallRecord
from local_cloud.platform.errors import ApiError, invalid_argument, not_found
from local_cloud.platform.faults import Fault
from local_cloud.platform.routing import Call, Route
from local_cloud.platform.wire import build_request, to_json
from local_cloud.services.artifactregistry import dataplane
from local_cloud.services.artifactregistry.api import SERVICE as ARTIFACT_REGISTRY
from local_cloud.services.codeartifact import api as codeartifact
from local_cloud.services.codeartifact import dataplane as codeartifact_packages
from local_cloud.services.codeartifact import throttling
from local_cloud.services.codeartifact.access import Access
from local_cloud.services.codeartifact.errors import as_aws
from local_cloud.services.github import server as github
from local_cloud.services.github.errors import as_github
from local_cloud.services.iam import tokens
from local_cloud.services.index import api as index
from local_cloud.services.resourcemanager.api import SERVICE as RESOURCE_MANAGER
from local_cloud.services.secretmanager.api import SERVICE as SECRET_MANAGER
from local_cloud.services.serviceusage import SERVICE as SERVICE_USAGE

SERVICES = {
    service.prefix: service
    for service in (SECRET_MANAGER, ARTIFACT_REGISTRY, RESOURCE_MANAGER, SERVICE_USAGE, tokens.SERVICE)
}
# A package that is published stays below, and everything else far below.
_LARGEST_BODY = 64 * 1024 * 1024
# Who calls; what it is depends on the service, its text is what is logged.
Identify = Callable[[], Any]
Work = Callable[[Any], Awaitable[web.Response]]


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
            return await self._dispatch(request, path)
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

    async def _dispatch(self, request: web.Request, path: str) -> web.StreamResponse:
        if path.startswith(control.PREFIX):
            return await control.handle(self._cloud, request)
        if path == "oauth2/token":
            return await self._token(request)
        if wanted := dataplane.PackagePath.parse(path):
            return await self._package(request, wanted)
        if path.startswith(codeartifact.PREFIX):
            return await self._codeartifact(request, path.removeprefix(codeartifact.PREFIX))
        if requested := codeartifact_packages.Request.parse(request, path):
            return await self._codeartifact_package(requested)
        if path.startswith(github.PREFIX):
            return await self._github(request)
        if of_index := index.Request.parse(request, path):
            return await self._index(of_index)
        return await self._method(request, path)

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
            dataplane.METHOD, wanted.repository, self._google(request), work, challenge='Basic realm="pkg.dev"'
        )

    async def _method(self, request: web.Request, path: str) -> web.Response:
        prefix, _slash, inner = path.partition("/")
        service = SERVICES.get(prefix)
        found = service.find(request.method, inner) if service else None
        if service is None or found is None:
            raise not_found(f"There is no method {request.method} /{path} in the local cloud.")
        charge, (route, variables) = service.charge, found
        resource = next(iter(variables.values()), "")
        body = await request.read()

        async def work(caller: str) -> web.Response:
            if charge is not None:
                charge(self._cloud, route.method, resource)
            return await self._answer(route, variables, request, body, caller)

        return await self._recorded(route.method, resource, self._google(request), work)

    async def _answer(
        self, route: Route, variables: dict[str, str], request: web.Request, body: bytes, caller: str
    ) -> web.Response:
        message = build_request(route.message, route.body, variables, request.query.items(), body)
        answer = route.handler(Call(self._cloud, caller, message))
        if inspect.isawaitable(answer):
            answer = await answer
        return web.json_response(answer if isinstance(answer, dict) else to_json(answer))

    def _google(self, request: web.Request) -> Identify:
        return lambda: tokens.caller_of(request.headers.get("Authorization"), self._cloud.now())

    async def _codeartifact(self, request: web.Request, path: str) -> web.Response:
        state = self._cloud.codeartifact
        try:
            body = await request.read()
            received = codeartifact.Received.parse(request.method, path, request.query, request.headers, body)

            async def work(caller: codeartifact.Caller) -> web.Response:
                throttling.charge(self._cloud.quotas, received.method, caller.identity.account, caller.signer.region)
                url = f"{request.scheme}://{request.host}"
                return web.json_response(received.answer(state, caller, url, request.remote or "", self._cloud.now()))

            def identify() -> codeartifact.Caller:
                return codeartifact.Caller.parse(state, request.headers.get("Authorization"))

            return await self._recorded(received.method, received.resource, identify, work)
        except ApiError as error:
            raise as_aws(error) from None

    async def _codeartifact_package(self, requested: codeartifact_packages.Request) -> web.Response:
        async def work(access: Access) -> web.Response:
            throttling.charge(self._cloud.quotas, requested.method, access.caller.account, access.region)
            return await codeartifact_packages.answer(self._cloud, requested, access)

        try:
            return await self._recorded(
                requested.method,
                requested.resource,
                lambda: requested.identify(self._cloud),
                work,
                challenge='Basic realm="codeartifact"',
            )
        except ApiError as error:
            raise as_aws(error) from None

    async def _github(self, request: web.Request) -> web.Response:
        try:
            received = await github.parse(self._cloud, request)

            async def work(caller: Any) -> web.Response:
                return received.answer(caller)

            return await self._recorded(received.method, received.resource, received.identify, work)
        except ApiError as error:
            raise as_github(error) from None

    async def _index(self, requested: index.Request) -> web.Response:
        async def work(_caller: str) -> web.Response:
            return await requested.answer(self._cloud)

        return await self._recorded(requested.method, requested.resource, lambda: requested.identify(self._cloud), work)

    async def _recorded(
        self, method: str, resource: str, identify: Identify, work: Work, challenge: str | None = None
    ) -> web.Response:
        """Say who calls, meet the faults, do the work, and note the call whatever comes of it.

        Faults are met on the way to the service: a request that they delay counts against quotas when it gets there.
        """
        caller, status = "", 500
        calls = self._cloud.calls
        try:
            caller = identify()
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
            calls.add(CallRecord(method, resource, str(caller), status))


async def _meet(fault: Fault | None, *, after: bool) -> None:
    """Wait before the work; fail before it or, for a fault that loses the answer, after it."""
    if fault is None:
        return
    if not after and fault.latency:
        await asyncio.sleep(fault.latency)
    error = fault.error()
    if error is not None and fault.after == after:
        raise error

# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The HTTP server: a request goes to the application that knows its path, and is noted with what came of it."""

from __future__ import annotations

import asyncio
import logging
import traceback
from collections.abc import Sequence

from aiohttp import web

from local_cloud.platform.base import Application, Platform, Requested
from local_cloud.platform.calls import CallRecord
from local_cloud.platform.errors import ApiError, invalid_argument, not_found
from local_cloud.platform.faults import Fault
from local_cloud.platform.hosts import Hosts

# A package that is published stays below, and everything else far below.
_LARGEST_BODY = 64 * 1024 * 1024


class Server:
    """All paths of the one port. Those of ``hosts`` have their places on it, too."""

    def __init__(self, platform: Platform, applications: Sequence[Application], hosts: Hosts) -> None:
        self._platform = platform
        self._hosts = hosts
        self._applications = applications

    def application(self) -> web.Application:
        application = web.Application(client_max_size=_LARGEST_BODY)
        application.router.add_route("*", "/{path:.*}", self._handle)
        return application

    async def _handle(self, request: web.Request) -> web.StreamResponse:
        try:
            place = self._hosts.place(request.host.removesuffix(":443"))
            return await self._dispatch(request, place + request.path.lstrip("/"))
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
        for application in self._applications:
            try:
                found = await application.find(request, path)
                if found is not None:
                    return found if isinstance(found, web.Response) else await self._recorded(found)
            except ApiError as error:
                raise application.in_own_words(error) from None
        raise not_found(f"There is no method {request.method} /{path} in the local cloud.")

    async def _recorded(self, requested: Requested) -> web.Response:
        """Say who calls, meet the faults, do the work, and note the call whatever comes of it.

        Faults are met on the way to the service: a request that they delay counts against quotas when it gets there.
        """
        caller, status, calls = "", 500, self._platform.calls
        try:
            caller = requested.identify()
            fault = self._platform.faults.take(requested.method)
            await _meet(fault, after=False)
            response = await requested.answer(caller)
            await _meet(fault, after=True)
            status = response.status
            return response
        except ApiError as error:
            status = error.http_status
            if requested.challenge and status == 401:
                error.headers["WWW-Authenticate"] = requested.challenge
            raise
        finally:
            calls.add(CallRecord(requested.method, requested.resource, str(caller), status))


async def _meet(fault: Fault | None, *, after: bool) -> None:
    """Wait before the work; fail before it or, for a fault that loses the answer, after it."""
    if fault is None:
        return
    if not after and fault.latency:
        await asyncio.sleep(fault.latency)
    error = fault.error()
    if error is not None and fault.after == after:
        raise error

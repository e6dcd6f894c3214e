# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A service of Google's on the port: its methods by their routes, for callers with Google's tokens."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from typing import Protocol

from aiohttp import web

from local_cloud.platform.base import Platform, Requested
from local_cloud.platform.errors import ApiError
from local_cloud.platform.routing import Call, Route, find
from local_cloud.platform.wire import build_request, to_json
from local_cloud.services.iam.members import ANONYMOUS
from local_cloud.services.iam.service import Iam


class Service(Protocol):
    """What has methods: it knows who calls."""

    iam: Iam


class GoogleApplication:
    """``charge`` counts a call, of a method on what is named, against the service's quotas, or refuses it."""

    def __init__(
        self,
        platform: Platform,
        prefix: str,
        routes: Sequence[Route],
        service: Service,
        charge: Callable[[str, str], None] | None = None,
    ) -> None:
        self._platform = platform
        self._prefix = prefix
        self._routes = routes
        self._service = service
        self._charge = charge

    async def find(self, request: web.Request, path: str) -> Requested | web.Response | None:
        prefix, _slash, inner = path.partition("/")
        found = find(self._routes, request.method, inner) if prefix == self._prefix else None
        if found is None:
            return None
        route, variables = found
        resource, body = next(iter(variables.values()), ""), await request.read()

        async def answer(caller: str) -> web.Response:
            if self._charge is not None:
                self._charge(route.method, resource)
            message = build_request(route.message, route.body, variables, request.query.items(), body)
            result = route.handler(Call(self._service, caller, message))
            if inspect.isawaitable(result):
                result = await result
            return web.json_response(result if isinstance(result, dict) else to_json(result))

        return Requested(route.method, resource, lambda: google_caller(request, self._service.iam), answer)

    def in_own_words(self, error: ApiError) -> ApiError:
        return error


def google_caller(request: web.Request, iam: Iam) -> str:
    """Who calls a service of Google's. Raises ApiError UNAUTHENTICATED."""
    return iam.tokens.caller_of(request.headers.get("Authorization"))


def google_caller_or_anybody(request: web.Request, iam: Iam) -> str:
    """Who calls what may be open to the public. Raises ApiError UNAUTHENTICATED for credentials that are not good."""
    return google_caller(request, iam) if "Authorization" in request.headers else ANONYMOUS

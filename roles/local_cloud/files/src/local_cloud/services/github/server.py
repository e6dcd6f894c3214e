# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Requests below ``/github/``: of the REST API, of a job that wants an ID token, of whoever verifies one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from aiohttp import web

from local_cloud.cloud import Cloud
from local_cloud.services.github import access, api, id_tokens, runs
from local_cloud.services.github.calls import Reply
from local_cloud.services.github.errors import not_found
from local_cloud.services.github.runs import Run

PREFIX = api.PREFIX


@dataclass(frozen=True)
class Requested:
    """``method`` is the name by which calls are logged and faults are matched; ``resource`` is what is named."""

    method: str
    resource: str
    identify: Callable[[], Any]
    answer: Callable[[Any], web.Response]


async def parse(cloud: Cloud, request: web.Request) -> Requested:
    """What is asked for.

    Raises:
        GitHubError: 404.
    """
    path, url = request.rel_url.raw_path.lstrip("/"), f"{request.scheme}://{request.host}"
    authorization = request.headers.get("Authorization")
    if path.startswith(runs.PREFIX):
        return _id_token(cloud, path.removeprefix(runs.PREFIX), authorization, request.query.get("audience", ""))
    if path.startswith(id_tokens.PREFIX):
        return _public(cloud, path.removeprefix(id_tokens.PREFIX), url)
    body = await request.read()
    received = api.Received.parse(request.method, path.removeprefix(PREFIX), request.query, body, url)
    state = cloud.github
    return Requested(
        received.method,
        received.resource,
        lambda: access.caller_of(state, authorization),
        lambda caller: _response(received.answer(state, caller, cloud.now())),
    )


def _id_token(cloud: Cloud, path: str, authorization: str | None, audience: str) -> Requested:
    def answer(run: Run) -> web.Response:
        token = cloud.github.signing_key.sign(run.id_token_claims(audience, cloud.now()))
        return web.json_response({"count": len(token), "value": token})

    return Requested(
        "github.actions/get-id-token",
        path.partition("/")[0],
        lambda: runs.id_token_request(cloud.github, path, authorization),
        answer,
    )


def _public(cloud: Cloud, path: str, url: str) -> Requested:
    documents = {
        "openid-configuration": lambda: id_tokens.configuration(url),
        "jwks": cloud.github.signing_key.public_keys,
    }
    if path not in documents:
        raise not_found()
    return Requested(f"github.actions/get-{path}", "", lambda: "", lambda _caller: web.json_response(documents[path]()))


def _response(reply: Reply) -> web.Response:
    if reply.body is None:
        return web.Response(status=reply.status, headers=reply.headers)
    return web.json_response(reply.body, status=reply.status, headers=reply.headers)

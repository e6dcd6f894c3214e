# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Requests below ``/github/``: of the REST API, of a job that wants an ID token, of whoever verifies one."""

from __future__ import annotations

from collections.abc import Callable

from aiohttp import web

from local_cloud.platform.base import Platform, Requested
from local_cloud.platform.errors import ApiError
from local_cloud.services.github import access, api, control, id_tokens, runs, setup
from local_cloud.services.github.calls import Reply
from local_cloud.services.github.errors import as_github, not_found
from local_cloud.services.github.id_tokens import SigningKey
from local_cloud.services.github.store import GitHub, Run
from local_cloud.services.github.tokens import Caller

PREFIX = api.PREFIX


class GitHubService:
    """GitHub on the port. ``publishing`` gives the variables by which a job's clients find the index."""

    def __init__(self, platform: Platform, publishing: Callable[[], dict[str, str]]) -> None:
        self._platform = platform
        self._publishing = publishing
        self.signing_key = SigningKey()
        self.reset()

    def reset(self) -> None:
        self.state = GitHub(self.signing_key)
        setup.apply(self.state, setup.SEED, self._platform.now())

    async def control(self, request: web.Request, path: str) -> web.Response:
        return await control.handle(self.state, self._platform.now(), self._publishing(), request, path)

    def account(self, login: str) -> tuple[str, str] | None:
        """An account's name as it writes it, and its number."""
        found = self.state.account(login)
        return None if found is None else (found.login, str(found.id))

    async def find(self, request: web.Request, _path: str) -> Requested | None:
        # Still encoded: names may have slashes in them.
        path, url = request.rel_url.raw_path.lstrip("/"), f"{request.scheme}://{request.host}"
        if not path.startswith(PREFIX):
            return None
        authorization = request.headers.get("Authorization")
        if path.startswith(runs.PREFIX):
            audience = request.query.get("audience", "")
            return self._id_token(path.removeprefix(runs.PREFIX), authorization, audience)
        if path.startswith(id_tokens.PREFIX):
            return self._public(path.removeprefix(id_tokens.PREFIX), url)
        body, state = await request.read(), self.state
        received = api.Received.parse(request.method, path.removeprefix(PREFIX), request.query, body, url)

        async def answer(caller: Caller) -> web.Response:
            return _response(received.answer(state, caller, self._platform.now()))

        return Requested(received.method, received.resource, lambda: access.caller_of(state, authorization), answer)

    def in_own_words(self, error: ApiError) -> ApiError:
        return as_github(error)

    def _id_token(self, path: str, authorization: str | None, audience: str) -> Requested:
        async def answer(run: Run) -> web.Response:
            token = self.signing_key.sign(runs.id_token_claims(run, audience, self._platform.now()))
            return web.json_response({"count": len(token), "value": token})

        def identify() -> Run:
            return runs.id_token_request(self.state, path, authorization)

        return Requested("github.actions/get-id-token", path.partition("/")[0], identify, answer)

    def _public(self, path: str, url: str) -> Requested:
        documents = {
            "openid-configuration": lambda: id_tokens.configuration(url),
            "jwks": self.signing_key.public_keys,
        }
        if path not in documents:
            raise not_found()

        async def answer(_caller: str) -> web.Response:
            return web.json_response(documents[path]())

        return Requested(f"github.actions/get-{path}", "", lambda: "", answer)


def _response(reply: Reply) -> web.Response:
    if reply.body is None:
        return web.Response(status=reply.status, headers=reply.headers)
    return web.json_response(reply.body, status=reply.status, headers=reply.headers)

# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Requests to upstream indexes, logged in with a repository's credentials."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from wsgiref.types import WSGIApplication

import aiohttp

from local_cloud.services.upstream.direct import ask

_TIMEOUT = aiohttp.ClientTimeout(total=20)
_UNKNOWN = "application/octet-stream"


@dataclass(frozen=True)
class Login:
    username: str
    password: str


@dataclass(frozen=True)
class UpstreamAnswer:
    status: int
    content_type: str
    url: str
    body: bytes


class UpstreamClient:
    """One session for all upstreams. It lives in the event loop that it is made in.

    ``own`` are the applications of this process by the URLs that they are served at, which are asked directly.
    """

    def __init__(self, own: Mapping[str, WSGIApplication]) -> None:
        self._own = own
        # A proxy from the environment must not see what stays on the loopback.
        self._session = aiohttp.ClientSession(timeout=_TIMEOUT, trust_env=False, cookie_jar=aiohttp.DummyCookieJar())

    async def stop(self) -> None:
        await self._session.close()

    async def get(self, url: str, login: Login | None, headers: Mapping[str, str] | None = None) -> UpstreamAnswer:
        """Fetch a URL whole.

        Raises:
            aiohttp.ClientError, TimeoutError: no answer.
        """
        given = dict(headers or {})
        if login is not None:
            credentials = b64encode(f"{login.username}:{login.password}".encode()).decode()
            given["Authorization"] = f"Basic {credentials}"
        for base, application in self._own.items():
            if url.startswith(f"{base}/"):
                direct = ask(application, url, given)
                # To follow a redirect is left to who knows how.
                if not 300 <= direct.status < 400:
                    content_type = direct.headers.get("content-type", _UNKNOWN)
                    return UpstreamAnswer(direct.status, content_type, url, direct.body)
        async with self._session.get(url, headers=given) as answer:
            content_type = answer.headers.get("Content-Type", _UNKNOWN)
            return UpstreamAnswer(answer.status, content_type, str(answer.url), await answer.read())

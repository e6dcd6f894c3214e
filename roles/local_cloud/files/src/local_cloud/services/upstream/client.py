# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Requests to upstream indexes, logged in with a repository's credentials."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import aiohttp

_TIMEOUT = aiohttp.ClientTimeout(total=20)


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
    """One session for all upstreams. It lives in the event loop that it is made in."""

    def __init__(self) -> None:
        # A proxy from the environment must not see what stays on the loopback.
        self._session = aiohttp.ClientSession(timeout=_TIMEOUT, trust_env=False, cookie_jar=aiohttp.DummyCookieJar())

    async def stop(self) -> None:
        await self._session.close()

    async def get(self, url: str, login: Login | None, headers: Mapping[str, str] | None = None) -> UpstreamAnswer:
        """Fetch a URL whole.

        Raises:
            aiohttp.ClientError, TimeoutError: no answer.
        """
        auth = None if login is None else aiohttp.BasicAuth(login.username, login.password, encoding="utf-8")
        async with self._session.get(url, auth=auth, headers=headers) as answer:
            content_type = answer.headers.get("Content-Type", "application/octet-stream")
            return UpstreamAnswer(answer.status, content_type, str(answer.url), await answer.read())

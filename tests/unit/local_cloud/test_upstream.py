# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The index of the local cloud answers the same with a connection, by the standard library's server, and without one."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from urllib.parse import unquote

import pytest

from local_cloud.services.upstream.client import Login, UpstreamAnswer, UpstreamClient
from local_cloud.services.upstream.server import USERNAME, Upstream

TOKEN = "token-of-the-index"


@pytest.fixture(scope="module")
def upstream() -> Iterator[Upstream]:
    index = Upstream([TOKEN])
    index.start()
    yield index
    index.stop()


def fetch(upstream: Upstream, path: str, password: str, *, direct: bool) -> UpstreamAnswer:
    async def get() -> UpstreamAnswer:
        client = UpstreamClient({upstream.url: upstream.application} if direct else {})
        try:
            return await client.get(f"{upstream.url}/{path}", Login(USERNAME, password), {"Accept": "text/html"})
        finally:
            await client.stop()

    return asyncio.run(get())


@pytest.mark.parametrize(
    ("path", "password", "status"),
    [
        ("simple/demo-package/", TOKEN, 200),
        ("packages/demo_package-1.1.0-py3-none-any.whl", TOKEN, 200),
        ("simple/nothing-of-that-name/", TOKEN, 404),
        ("simple/demo-package/", "another", 403),
        # Which is a redirect.
        ("simple/demo-package", TOKEN, 200),
        ("packages/demo%5Fpackage-1.1.0-py3-none-any.whl", TOKEN, 200),
    ],
)
def test_the_same_both_ways(upstream: Upstream, path: str, password: str, status: int) -> None:
    direct, connected = (fetch(upstream, path, password, direct=way) for way in (True, False))

    # How an address is quoted does not matter.
    assert (direct.status, direct.content_type, direct.body) == (status, connected.content_type, connected.body)
    assert connected.status == status
    assert unquote(direct.url) == unquote(connected.url)


def test_a_token_that_is_revoked_is_refused_at_once(upstream: Upstream) -> None:
    assert fetch(upstream, "simple/demo-package/", TOKEN, direct=True).status == 200
    upstream.tokens = frozenset()
    try:
        assert fetch(upstream, "simple/demo-package/", TOKEN, direct=True).status == 403
    finally:
        upstream.reset()

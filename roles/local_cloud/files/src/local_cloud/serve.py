# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Run the cloud in the foreground until a signal ends it."""

from __future__ import annotations

import asyncio
import signal
import sys
from collections.abc import Callable

from aiohttp import web

from local_cloud import READY
from local_cloud.cloud import Seed, assemble, new_platform
from local_cloud.lifetime import set_when_ended
from local_cloud.platform.proxy import Proxy
from local_cloud.platform.tls import Tls
from local_cloud.services.upstream.client import UpstreamClient
from local_cloud.services.upstream.server import Upstream
from local_cloud.vendors import VENDORS


async def serve(port: int, seed: Seed, *, parent_pid: int | None, guide: Callable[[str], str] | None) -> None:
    """Serve on the loopback; print one line when ready.

    Args:
        port: 0 for any free one.
        seed: what it holds when it starts.
        parent_pid: the process whose end ends this one, too.
        guide: what to print about a URL after that line.

    Raises:
        OSError: the port cannot be had.
    """
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stopped.set)
    watch = asyncio.create_task(set_when_ended(parent_pid, stopped)) if parent_pid is not None else None
    upstream, tls = Upstream(seed.upstream_tokens), Tls(VENDORS)
    client = UpstreamClient({upstream.url: upstream.application})
    platform = new_platform(tls)
    proxy = Proxy(platform, VENDORS)
    runner = web.AppRunner(assemble(platform, proxy, seed, upstream, client).application(), access_log=None)
    upstream.start()
    try:
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", port, shutdown_timeout=1.0).start()
        await web.TCPSite(runner, "127.0.0.1", 0, shutdown_timeout=1.0, ssl_context=tls.context).start()
        bound, secure = (address[1] for address in runner.addresses)
        tls.url = f"https://127.0.0.1:{secure}"
        await proxy.start(secure)
        platform.url = url = f"http://127.0.0.1:{bound}"
        print(f"{READY}{url}", flush=True)
        if guide is not None:
            print(guide(url), flush=True)
        await stopped.wait()
    finally:
        if watch is not None:
            watch.cancel()
        # The port comes last: who waits for the end looks at that, and nothing is to be left by then.
        await proxy.stop()
        upstream.stop()
        tls.stop()
        await client.stop()
        await runner.cleanup()


def run(port: int, seed: Seed, *, parent_pid: int | None = None, guide: Callable[[str], str] | None = None) -> int:
    """The exit status of ``serve``."""
    try:
        asyncio.run(serve(port, seed, parent_pid=parent_pid, guide=guide))
    except OSError as error:
        print(f"The local cloud cannot listen on port {port}: {error.strerror}", file=sys.stderr)
        return 1
    return 0

# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Run the cloud in the foreground until a signal ends it."""

from __future__ import annotations

import asyncio
import signal
import sys

from aiohttp import web

from local_cloud import READY
from local_cloud.cloud import Seed, assemble
from local_cloud.platform.tls import Tls
from local_cloud.services.upstream.client import UpstreamClient
from local_cloud.services.upstream.server import Upstream


async def serve(port: int, seed: Seed) -> None:
    """Serve on the loopback; print one line when ready.

    Raises:
        OSError: the port cannot be had.
    """
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stopped.set)
    upstream, client, tls = Upstream(seed.upstream_tokens), UpstreamClient(), Tls()
    runner = web.AppRunner(assemble(seed, upstream, client, tls).application(), access_log=None)
    upstream.start()
    try:
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", port, shutdown_timeout=1.0).start()
        await web.TCPSite(runner, "127.0.0.1", 0, shutdown_timeout=1.0, ssl_context=tls.context).start()
        bound, secure = (address[1] for address in runner.addresses)
        tls.url = f"https://127.0.0.1:{secure}"
        print(f"{READY}http://127.0.0.1:{bound}", flush=True)
        await stopped.wait()
    finally:
        # The port comes last: who waits for the end looks at that, and nothing is to be left by then.
        upstream.stop()
        tls.stop()
        await client.stop()
        await runner.cleanup()


def run(port: int, seed: Seed) -> int:
    """The exit status of ``serve``."""
    try:
        asyncio.run(serve(port, seed))
    except OSError as error:
        print(f"The local cloud cannot listen on port {port}: {error.strerror}", file=sys.stderr)
        return 1
    return 0

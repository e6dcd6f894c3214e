# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A proxy on the loopback that leads the vendors' hosts to this cloud, and no host to anywhere else.

It passes on what is encrypted: the port for HTTPS has a certificate for each of those hosts.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress

from local_cloud.platform.base import Platform
from local_cloud.platform.calls import CallRecord
from local_cloud.platform.hosts import Hosts

METHOD = "proxy.Connect"
_PIECE = 65536
#: Seconds in which a client must have said where it wants to go.
_PATIENCE = 20


class Proxy:
    """``url`` is known once it has started."""

    def __init__(self, platform: Platform, hosts: Hosts) -> None:
        self._platform, self._hosts = platform, hosts
        self._connections: set[asyncio.Task[None]] = set()
        self._server: asyncio.Server | None = None
        self._target = 0
        self.url = ""

    async def start(self, target: int) -> None:
        """Lead to a port of this machine. Raises OSError."""
        self._target = target
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", 0)
        self.url = f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"

    async def stop(self) -> None:
        if self._server is not None:
            self._server.close()
        for connection in self._connections:
            connection.cancel()
        await asyncio.gather(*self._connections, return_exceptions=True)

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connection = asyncio.create_task(self._serve(reader, writer))
        self._connections.add(connection)
        connection.add_done_callback(self._connections.discard)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            # Who is gone, or says nothing that ends, gets no answer.
            with suppress(OSError, TimeoutError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
                await self._lead(reader, writer)
        finally:
            writer.close()

    async def _lead(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), _PATIENCE)
        verb, _space, rest = head.decode("latin-1").partition(" ")
        host, _colon, port = rest.partition(" ")[0].rpartition(":")
        if verb != "CONNECT" or port != "443" or host.lower() not in self._hosts:
            self._platform.calls.add(CallRecord(METHOD, host or rest.partition(" ")[0], "", 403))
            body = (
                b"The proxy of the local cloud leads to the vendors' hosts that are here, by HTTPS, and nowhere else.\n"
            )
            writer.write(
                b"HTTP/1.1 403 Forbidden\r\nContent-Type: text/plain\r\nConnection: close\r\n"
                + f"Content-Length: {len(body)}\r\n\r\n".encode()
                + body
            )
            await writer.drain()
            return
        from_target, to_target = await asyncio.open_connection("127.0.0.1", self._target)
        try:
            writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
            await asyncio.gather(_pass_on(reader, to_target), _pass_on(from_target, writer))
        finally:
            to_target.close()


async def _pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Until the one side ends, of which the other is told."""
    while piece := await reader.read(_PIECE):
        writer.write(piece)
        await writer.drain()
    if writer.can_write_eof():
        writer.write_eof()

# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A server on real sockets that answers as no good server would: cut, slow, without end, elsewhere."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Request:
    """What a client sent. Names of headers are in lower case."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes


#: What to send: bytes, or parts of them after which the connection is closed, or None to close it at once.
Answer = bytes | Iterator[bytes] | None


def http(body: Any = b"", status: int = 200, **headers: str) -> bytes:
    """An answer in HTTP. What is not bytes becomes JSON."""
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    fields = {
        "Content-Type": "application/json",
        "Content-Length": str(len(content)),
        **{name.replace("_", "-"): value for name, value in headers.items()},
    }
    head = "".join(f"{name}: {value}\r\n" for name, value in fields.items())
    return f"HTTP/1.1 {status} Odd\r\n{head}\r\n".encode("latin-1") + content


class OddServer:
    """Answers each request with what C(answer) makes of it, and keeps the requests."""

    def __init__(self, answer: Callable[[Request], Answer]) -> None:
        self.answer = answer
        self.requests: list[Request] = []
        self._socket = socket.create_server(("127.0.0.1", 0), backlog=128)
        self.url = f"http://127.0.0.1:{self._socket.getsockname()[1]}"
        self._connections: set[socket.socket] = set()
        self._accepting = threading.Thread(target=self._accept, daemon=True)
        self._accepting.start()

    def stop(self) -> None:
        """End all connections."""
        self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()
        self._accepting.join()
        for connection in list(self._connections):
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                connection, _address = self._socket.accept()
                self._connections.add(connection)
                threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        with suppress(OSError), connection, connection.makefile("rb") as lines:
            while request := _read(lines):
                self.requests.append(request)
                answer = self.answer(request)
                if not isinstance(answer, bytes):
                    for part in answer or ():
                        connection.sendall(part)
                    break
                connection.sendall(answer)
        self._connections.discard(connection)


def _read(lines: Any) -> Request | None:
    if lines.peek(1)[:1] == b"\x16":
        # A client that begins with TLS.
        return Request("TLS", "", {}, b"")
    method, _, rest = lines.readline().decode("latin-1").partition(" ")
    if not rest:
        return None
    headers: dict[str, str] = {}
    while (line := lines.readline().strip().decode("latin-1")) != "":
        name, _, value = line.partition(":")
        headers[name.lower()] = value.strip()
    return Request(method, rest.split(" ")[0], headers, lines.read(int(headers.get("content-length", 0))))


@contextmanager
def odd_server(answer: Callable[[Request], Answer]) -> Iterator[OddServer]:
    """A server for one test."""
    server = OddServer(answer)
    try:
        yield server
    finally:
        server.stop()

# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A proxy between clients and the local cloud that makes calls fail on the way, as a plan says."""

from __future__ import annotations

import asyncio
import socket
import struct
import threading
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing, suppress
from dataclasses import dataclass
from typing import Protocol

from campaign import faults
from campaign.faults import Answer, Fault

#: Seconds for which a connection that is to be silent is kept open.
SILENCE = 4.0
#: Seconds between two bytes that drip.
DRIP = 0.1
_PIECE = b" " * (1 << 16)


@dataclass(frozen=True)
class Request:
    """What a client sent: C(head) are the lines as they came, without the empty one."""

    verb: str
    path: str
    head: tuple[bytes, ...]
    body: bytes


@dataclass(frozen=True)
class Met:
    """A call that came by, the fault that it met, and whether the service got it."""

    verb: str
    path: str
    fault: str | None
    forwarded: bool
    lies: bool = False


class Plan(Protocol):
    """Decides about each call."""

    def take(self, verb: str, path: str) -> Fault | None:
        """The fault that a call meets, if any."""


class FaultProxy:
    """Listens on a free port of the loopback and passes calls to another one, in a thread of its own."""

    def __init__(self, target: int) -> None:
        self._target = target
        self._plan: Plan | None = None
        self._met: list[Met] = []
        self._earlier: dict[str, Answer] = {}
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="fault-proxy", daemon=True)
        self._thread.start()
        self._server = asyncio.run_coroutine_threadsafe(
            asyncio.start_server(self._serve, "127.0.0.1", 0, limit=1 << 20), self._loop
        ).result()
        self.port: int = self._server.sockets[0].getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"

    def set_plan(self, plan: Plan | None) -> None:
        """Let calls meet other faults from now on, and forget those that came by."""
        self._plan, self._met = plan, []

    def met(self) -> list[Met]:
        """The calls since the plan was set."""
        return list(self._met)

    def forget(self) -> None:
        """Forget answers, which are of another world."""
        self._earlier.clear()

    def stop(self) -> None:
        """Close all connections and end the thread."""
        self._loop.call_soon_threadsafe(self._end)
        self._thread.join()
        self._loop.close()

    def _end(self) -> None:
        self._server.close()
        for one in asyncio.all_tasks(self._loop):
            one.cancel()
        self._loop.call_soon(self._loop.stop)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        upstream = _Upstream(self._target)
        try:
            with suppress(OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError, ValueError):
                while request := await _read_request(reader):
                    if not await self._answer(request, upstream, writer):
                        break
        except asyncio.CancelledError:
            pass
        finally:
            upstream.close()
            writer.close()

    async def _answer(self, request: Request, upstream: _Upstream, writer: asyncio.StreamWriter) -> bool:
        """Answer one call; whether the connection can be used for another one."""
        fault = self._plan.take(request.verb, request.path) if self._plan else None
        kind = fault.kind if fault else None
        forwarded = fault is None or fault.forwarded
        self._met.append(
            Met(request.verb, request.path, kind.name if kind else None, forwarded, bool(kind and kind.lies))
        )
        answer = await upstream.ask(request) if forwarded else None
        earlier = self._earlier.get(request.path)
        if answer is not None and request.verb == "GET":
            self._earlier[request.path] = answer
        if fault is None:
            assert answer is not None
            writer.write(faults.real(answer))
            await writer.drain()
            return True
        sender = SENDERS[fault.kind.name]
        # One that repeats what it was sent is given that in place of an earlier answer.
        if fault.kind.name == "echo":
            earlier = Answer(200, (), request.body)
        # Closed here when the client leaves, not whenever it is collected, which may be after the loop has ended.
        async with aclosing(sender(fault, answer, earlier)) as parts:
            async for part in parts:
                writer.write(part)
                await writer.drain()
        if fault.kind.name.startswith("reset"):
            # With nothing to wait for, closing is a reset.
            writer.transport.get_extra_info("socket").setsockopt(
                socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0)
            )
            writer.transport.abort()
        return fault.kind.name in _WHOLE


class _Upstream:
    """One connection to the service, made when it is needed."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def ask(self, request: Request) -> Answer:
        """Pass a request on. Raises OSError and IncompleteReadError."""
        if self._streams is None:
            self._streams = await asyncio.open_connection("127.0.0.1", self._port, limit=1 << 26)
        reader, writer = self._streams
        writer.write(b"\r\n".join([*request.head, b"", b""]) + request.body)
        await writer.drain()
        return await _read_answer(reader, request.verb)

    def close(self) -> None:
        if self._streams is not None:
            self._streams[1].close()


async def _read_head(reader: asyncio.StreamReader) -> tuple[bytes, ...]:
    try:
        head = await reader.readuntil(b"\r\n\r\n")
    except asyncio.IncompleteReadError as error:
        if error.partial:
            raise
        return ()
    return tuple(head[:-4].split(b"\r\n"))


def _fields(head: tuple[bytes, ...]) -> tuple[tuple[str, str], ...]:
    found = (line.decode("latin-1").partition(":") for line in head[1:])
    return tuple((name, value.strip()) for name, _colon, value in found)


async def _read_body(reader: asyncio.StreamReader, fields: tuple[tuple[str, str], ...]) -> bytes:
    named = {name.lower(): value for name, value in fields}
    if named.get("transfer-encoding", "").lower() == "chunked":
        body = b""
        while size := int((await reader.readuntil(b"\r\n")).split(b";")[0], 16):
            body += await reader.readexactly(size)
            await reader.readexactly(2)
        await reader.readexactly(2)
        return body
    return await reader.readexactly(int(named.get("content-length", 0)))


async def _read_request(reader: asyncio.StreamReader) -> Request | None:
    head = await _read_head(reader)
    if not head:
        return None
    verb, path, _version = head[0].decode("latin-1").split(" ", 2)
    fields = _fields(head)
    body = await _read_body(reader, fields)
    # Sizes are known now, and nobody waits for leave to send more.
    kept = [
        line for line in head if not line.lower().startswith((b"transfer-encoding:", b"content-length:", b"expect:"))
    ]
    length = [f"Content-Length: {len(body)}".encode()] if body or verb not in ("GET", "HEAD") else []
    return Request(verb, path, (*kept, *length), body)


async def _read_answer(reader: asyncio.StreamReader, verb: str) -> Answer:
    head = await _read_head(reader)
    if not head:
        raise ConnectionResetError
    fields, status = _fields(head), int(head[0].split(b" ")[1])
    body = b"" if verb == "HEAD" or status in (204, 304) else await _read_body(reader, fields)
    return Answer(status, fields, body)


Parts = AsyncGenerator[bytes, None]
Sender = Callable[[Fault, Answer | None, Answer | None], Parts]
#: What each kind of fault sends.
SENDERS: dict[str, Sender] = {}
#: Faults that leave the connection whole.
_WHOLE: set[str] = set()


def _sends(name: str, *, whole: bool = False) -> Callable[[Sender], Sender]:
    def register(sender: Sender) -> Sender:
        SENDERS[name] = sender
        if whole:
            _WHOLE.add(name)
        return sender

    return register


def _sends_whole(name: str, make: Callable[[Fault, Answer | None, Answer | None], bytes]) -> None:
    """A fault that is an answer like any other, only with other bytes."""

    async def sender(fault: Fault, answer: Answer | None, earlier: Answer | None) -> Parts:
        yield make(fault, answer, earlier)

    _sends(name, whole=True)(sender)


@_sends("reset_before")
@_sends("reset_after")
@_sends("close")
async def _nothing(_fault: Fault, _answer: Answer | None, _earlier: Answer | None) -> Parts:
    for part in ():
        yield part


@_sends("half_head")
async def _half_head(fault: Fault, answer: Answer | None, _earlier: Answer | None) -> Parts:
    assert answer is not None
    head = faults.real(answer).partition(b"\r\n\r\n")[0]
    yield head[: fault.random().randrange(1, len(head))]


@_sends("half_body")
async def _half_body(fault: Fault, answer: Answer | None, _earlier: Answer | None) -> Parts:
    assert answer is not None
    whole = faults.real(answer)
    start = whole.index(b"\r\n\r\n") + 4
    # An answer without a body has only a head to be cut.
    yield whole[: fault.random().randrange(start, len(whole)) if len(whole) > start else start - 4]


@_sends("short_length")
async def _short_length(fault: Fault, answer: Answer | None, _earlier: Answer | None) -> Parts:
    assert answer is not None
    yield faults.real(answer, Content_Length=str(max(0, len(answer.body) - fault.random().randrange(1, 9))))


@_sends("long_length")
async def _long_length(fault: Fault, answer: Answer | None, _earlier: Answer | None) -> Parts:
    assert answer is not None
    yield faults.real(answer, Content_Length=str(len(answer.body) + fault.random().choice((1, 100, 1 << 40))))


@_sends("bad_chunks")
async def _bad_chunks(fault: Fault, answer: Answer | None, _earlier: Answer | None) -> Parts:
    assert answer is not None
    head = faults.real(answer, b"", Content_Length="0").replace(b"Content-Length: 0", b"Transfer-Encoding: chunked")
    yield head + fault.random().choice((b"zz\r\n", b"-5\r\n\r\n", b"ffffffffffff\r\n{", b"5\r\n{}"))


@_sends("silent")
async def _silent(_fault: Fault, _answer: Answer | None, _earlier: Answer | None) -> Parts:
    await asyncio.sleep(SILENCE)
    yield b""


@_sends("drip")
async def _drip(_fault: Fault, answer: Answer | None, _earlier: Answer | None) -> Parts:
    assert answer is not None
    for byte in faults.real(answer, answer.body + b" " * 500):
        yield bytes([byte])
        await asyncio.sleep(DRIP)


@_sends("endless")
async def _endless(_fault: Fault, _answer: Answer | None, _earlier: Answer | None) -> Parts:
    yield b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\n\r\n"
    while True:
        yield _PIECE


@_sends("endless_head")
async def _endless_head(_fault: Fault, _answer: Answer | None, _earlier: Answer | None) -> Parts:
    yield b"HTTP/1.1 200 OK\r\nX-Long: "
    while True:
        yield _PIECE


_sends_whole("bomb", lambda _fault, _answer, _earlier: faults.bomb())
_sends_whole(
    "bad_gzip", lambda _fault, answer, _earlier: faults.real(_there(answer), b"\x1f\x8bno", Content_Encoding="gzip")
)
_sends_whole("page", lambda fault, _answer, _earlier: faults.page(fault.random()))
_sends_whole("latin1", lambda _fault, _answer, _earlier: faults.http(200, b"<p>D\xe9sol\xe9</p>", "application/json"))
_sends_whole("no_http", lambda _fault, _answer, _earlier: b"SSH-2.0-Fault\r\n\r\n")
_sends_whole("empty", lambda _fault, _answer, _earlier: faults.http(200, b""))
_sends_whole("shape", lambda fault, _answer, _earlier: faults.http(200, fault.random().choice(faults.SHAPES)))
_sends_whole("other_object", lambda fault, _answer, _earlier: faults.http(200, fault.random().choice(faults.OBJECTS)))
_sends_whole(
    "duplicate_keys", lambda _fault, answer, _earlier: faults.real(_there(answer), faults.doubled(_there(answer).body))
)
_sends_whole("unauthorized", lambda _fault, _answer, _earlier: faults.error(401, "UNAUTHENTICATED"))
_sends_whole("forbidden", lambda _fault, _answer, _earlier: faults.error(403, "PERMISSION_DENIED"))
_sends_whole("timeout_status", lambda fault, _answer, _earlier: faults.error(408, "", _wait(fault)))
_sends_whole("throttled", lambda fault, _answer, _earlier: faults.error(429, "RESOURCE_EXHAUSTED", _wait(fault)))
_WHOLE.discard("no_http")


def _there(answer: Answer | None) -> Answer:
    assert answer is not None
    return answer


def _wait(fault: Fault) -> str | None:
    return fault.random().choice(faults.WAITS)


def _mutate(fault: Fault, answer: Answer | None, _earlier: Answer | None) -> bytes:
    return faults.real(_there(answer), faults.mutated(_there(answer).body, fault.random()))


def _redirect(fault: Fault, _answer: Answer | None, _earlier: Answer | None) -> bytes:
    random = fault.random()
    place = random.choice(
        ("/_local/health", "http://127.0.0.1:9/", "https://127.0.0.1:9/", "//127.0.0.1:9/x", "", "ftp://a/", "/")
    )
    return faults.http(random.choice(faults.REDIRECTS), b"", Location=place or None)


def _conflict(fault: Fault, _answer: Answer | None, _earlier: Answer | None) -> bytes:
    return faults.error(409, fault.random().choice(("ABORTED", "ConflictException")))


def _unavailable(fault: Fault, _answer: Answer | None, _earlier: Answer | None) -> bytes:
    random = fault.random()
    return faults.error(random.choice((500, 502, 503, 504)), "UNAVAILABLE", random.choice(faults.WAITS))


def _odd_error(fault: Fault, _answer: Answer | None, _earlier: Answer | None) -> bytes:
    random = fault.random()
    status = random.choice((400, 406, 410, 418, 422, 425, 451, 501, 505, 520, 599, 999))
    return faults.http(status, random.choice(faults.SHAPES), Retry_After=random.choice(faults.WAITS))


def _echo(fault: Fault, _answer: Answer | None, sent: Answer | None) -> bytes:
    """An error that says what was sent, as some servers do."""
    # One that the service did, it would not refuse in its own form.
    status = 500 if fault.forwarded else fault.random().choice((400, 403, 500))
    return faults.error(status, "INVALID_ARGUMENT", message=_there(sent).body.decode("utf-8", "replace") or "x")


def _skewed(fault: Fault, answer: Answer | None, _earlier: Answer | None) -> bytes:
    date = fault.random().choice(("Thu, 01 Jan 1970 00:00:00 GMT", "Fri, 31 Dec 9999 23:59:59 GMT", "yesterday"))
    return faults.real(_there(answer), Date=date)


def _stale(_fault: Fault, answer: Answer | None, earlier: Answer | None) -> bytes:
    return faults.real(earlier or _there(answer))


for _name, _make in (
    ("mutated", _mutate), ("redirect", _redirect), ("conflict", _conflict), ("unavailable", _unavailable), ("odd_error", _odd_error),
    ("echo", _echo), ("skewed", _skewed), ("stale", _stale),
):  # fmt: skip
    _sends_whole(_name, _make)

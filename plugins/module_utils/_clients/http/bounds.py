# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""How long an answer may take and how large it may be, enforced where its bytes arrive.

The timeouts of requests and botocore hold for each read, so a server that sends one byte a second keeps them forever. Both
stand on urllib3, whose connections are replaced here by ones that count.
"""

from __future__ import annotations

import io
import ssl
import time
import typing as t
from dataclasses import dataclass

#: Room for what surrounds a body: the status line, headers, and the sizes of chunks.
_AROUND = 1 << 20
#: Bytes of the longest line around a body, as in http.client.
_LONGEST_LINE = 1 << 16

Pools = t.Mapping[str, t.Any]


@dataclass(frozen=True)
class Bounds:
    """What an answer may take.

    :param silence: seconds until it begins, and between two of its parts
    :param whole: seconds until its end
    :param size: bytes of its body, both as sent and decoded
    """

    silence: float = 20
    whole: float = 25
    size: int = 32 << 20


#: Of an API's call. With the time for a connection, no call takes more than half a minute.
CALL = Bounds()


class TooLarge(Exception):
    """An answer has more bytes than it may have."""


def bounded_pools(pools: Pools, bounds: Bounds) -> dict[str, t.Any]:
    """urllib3's classes of connection pools by scheme, with connections that keep to the bounds.

    These raise TimeoutError, as for any read that takes too long, and TooLarge.
    """
    return {scheme: _bounded_pool(pool, bounds) for scheme, pool in pools.items()}


def _bounded_pool(pool: t.Any, bounds: Bounds) -> t.Any:
    from http.client import HTTPResponse

    from urllib3.exceptions import ConnectTimeoutError, NewConnectionError

    if getattr(pool, "bounds", None) == bounds:
        return pool

    class Answer(HTTPResponse):
        def __init__(self, sock: t.Any, *args: t.Any, **kwargs: t.Any) -> None:
            super().__init__(sock, *args, **kwargs)
            self.fp: t.Any = _Lines(_Metered(self.fp.detach(), sock, bounds))

    def connect(connection: t.Any) -> None:
        # urllib3 takes what becomes of TLS's handshake for what became of an answer. Nothing was sent yet.
        try:
            pool.ConnectionCls.connect(connection)
        except TimeoutError as error:
            raise ConnectTimeoutError(connection, "No handshake.") from error
        except (ConnectionError, ssl.SSLEOFError, ssl.SSLZeroReturnError) as error:
            raise NewConnectionError(connection, "No handshake.") from error

    bounded = type("BoundedConnection", (pool.ConnectionCls,), {"response_class": Answer, "connect": connect})
    return type("BoundedPool", (pool,), {"ConnectionCls": bounded, "bounds": bounds})


class _Metered(io.RawIOBase):
    """The bytes of one answer, as they come from its socket."""

    def __init__(self, raw: t.Any, sock: t.Any, bounds: Bounds) -> None:
        self._raw, self._socket = raw, sock
        self._silence = sock.gettimeout()
        self._end = time.monotonic() + bounds.whole
        self._left = bounds.size + _AROUND

    def readable(self) -> bool:
        """Always."""
        return True

    def readinto(self, buffer: t.Any) -> int | None:
        """Raises TimeoutError and TooLarge."""
        remaining = self._end - time.monotonic()
        if remaining <= 0:
            raise TimeoutError("The answer took too long.")
        short = self._silence is None or remaining < self._silence
        if short:
            self._socket.settimeout(remaining)
        try:
            count: int | None = self._raw.readinto(buffer)
        finally:
            if short:
                # The connection may serve another call.
                self._socket.settimeout(self._silence)
        self._left -= count or 0
        if self._left < 0:
            raise TooLarge
        return count

    def close(self) -> None:
        """Close the socket's file, too."""
        self._raw.close()
        super().close()


class _Lines(io.BufferedReader):
    """Lines around a body: http.client takes the end of a connection for the end of headers, and urllib3 reads without a bound."""

    def readline(self, size: int | None = -1, /) -> bytes:
        """Raises ConnectionResetError for a head that is cut, and TooLarge for a line without end."""
        if size is not None and size >= 0:
            line = super().readline(size)
            if len(line) < size and not line.endswith(b"\n"):
                raise ConnectionResetError("The head was cut.")
            return line
        line = super().readline(_LONGEST_LINE + 1)
        if len(line) > _LONGEST_LINE:
            raise TooLarge
        return line

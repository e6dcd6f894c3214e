# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The one place where HTTP sessions are made: bounded, without logins of the environment, and strict about redirects."""

from __future__ import annotations

import typing as t
from functools import cache
from urllib.parse import urlsplit

from ..._base.errors import importing
from ..._base.values import is_loopback
from .bounds import CALL, Bounds, TooLarge, bounded_pools

#: Seconds to wait for a connection.
CONNECT_TIMEOUT = 5
#: Connections that stay open. Wider than the engine's concurrency, so that no call waits for one.
POOL_SIZE = 32
#: Redirects in a row, where they are followed.
MOST_REDIRECTS = 5
#: Bytes to read at a time. The most that compression makes of so many is a thousand times as much.
CHUNK = 1 << 13
#: What is asked for, and all that is decoded: one coding, not several on top of each other.
_CODINGS = "gzip, deflate"
#: For files, of which the bytes as served count.
_NO_CODING = "identity"

#: Scheme, host and port.
Origin = tuple[str, "str | None", "int | None"]
#: Whether a redirect may be followed: gets the answer that redirects, and the address.
Follow = t.Callable[[t.Any, str], bool]


class Redirected(Exception):
    """An answer sends the client elsewhere. C(args): its HTTP status."""


class Exposed(Exception):
    """A request with credentials or a body would go over plain http to another machine."""


class NoCertificates(Exception):
    """The environment names certificates to trust, and they are not there."""


def never(_response: t.Any, _target: str) -> bool:
    """APIs do not redirect, and what is sent to one is not for others."""
    return False


def origin(url: str) -> Origin:
    """Whom a URL leads to. Raises ValueError for one that is none."""
    parts = urlsplit(url)
    return parts.scheme, parts.hostname, parts.port or {"http": 80, "https": 443}.get(parts.scheme)


def new_session(*, bounds: Bounds | None = None, follow: Follow = never, decodes: bool = True) -> t.Any:
    """A requests session for any host, with the environment's proxies and certificates and none of its logins.

    requests would take logins from ~/.netrc, and put them in the place of the given ones.

    :param bounds: of each call, CALL if not given
    :param decodes: whether answers may be compressed on their way
    :raises MissingLibrary: requests is not installed
    """
    with importing("requests"):
        import requests
    plain = requests.Session()

    @cache
    def environment(root: str) -> t.Any:
        # requests looks it up for each request, which takes a fifth of a call's time.
        return plain.merge_environment_settings(root, {}, None, None, None)

    class Session(requests.Session):
        def merge_environment_settings(self, url: t.Any, _proxies: t.Any, stream: t.Any, *_given: t.Any) -> t.Any:
            parts = urlsplit(url)
            return {**environment(f"{parts.scheme}://{parts.netloc}/"), "stream": stream}

    session = Session()
    session.trust_env, session.max_redirects = False, MOST_REDIRECTS
    _mount(session, bounds or CALL, follow, _CODINGS if decodes else _NO_CODING)
    return session


def adopt_session(session: t.Any, url: str, *, bounds: Bounds | None = None) -> None:
    """Make a session of a library's own one like ours, if all of its requests go to the host of C(url)."""
    settings = session.merge_environment_settings(url, {}, None, None, None)
    session.proxies, session.verify, session.cert = settings["proxies"], settings["verify"], settings["cert"]
    session.trust_env = False
    _mount(session, bounds or CALL, never)


def _mount(session: t.Any, bounds: Bounds, follow: Follow, codings: str = _CODINGS) -> None:
    from requests.adapters import HTTPAdapter

    def bound(manager: t.Any) -> t.Any:
        manager.pool_classes_by_scheme = bounded_pools(manager.pool_classes_by_scheme, bounds)
        return manager

    class Adapter(HTTPAdapter):
        def init_poolmanager(self, *args: t.Any, **kwargs: t.Any) -> None:
            super().init_poolmanager(*args, **kwargs)
            bound(self.poolmanager)

        def proxy_manager_for(self, *args: t.Any, **kwargs: t.Any) -> t.Any:
            return bound(super().proxy_manager_for(*args, **kwargs))

        def cert_verify(self, *args: t.Any, **kwargs: t.Any) -> None:
            try:
                super().cert_verify(*args, **kwargs)
            except OSError as error:
                raise NoCertificates from error

        def send(
            self, request: t.Any, stream: bool = False, timeout: t.Any = None, *args: t.Any, **kwargs: t.Any
        ) -> t.Any:
            _check_way(request, kwargs)
            request.headers["Accept-Encoding"] = codings
            # A caller may be content with less time; requests also knows pairs, which nobody here gives.
            given = timeout if isinstance(timeout, int | float) else bounds.silence
            waits = (min(CONNECT_TIMEOUT, given), min(bounds.silence, given))
            response = super().send(request, True, waits, *args, **kwargs)
            redirects = 300 <= response.status_code < 400
            if redirects and not follow(response, response.headers.get("Location", "")):
                response.close()
                raise Redirected(response.status_code)
            if redirects or not stream:
                # requests itself would read the body of a redirect that it follows, however large.
                response._content = b"".join(read_chunks(response, min(bounds.size, CALL.size)))
            return response

    adapter = Adapter(pool_connections=2, pool_maxsize=POOL_SIZE)
    session.mount("https://", adapter)
    session.mount("http://", adapter)


def _check_way(request: t.Any, settings: dict[str, t.Any]) -> None:
    """Raises Exposed, and keeps what goes to this machine from proxies."""
    scheme, host, _port = origin(request.url)
    if is_loopback(host or ""):
        settings["proxies"] = {}
    elif scheme == "http" and (request.body or "Authorization" in request.headers):
        raise Exposed


def read_file_chunks(response: t.Any, size: int) -> t.Iterator[bytes]:
    """The body of an answer as it was sent, whatever coding its headers name. Raises TooLarge as read_chunks() does.

    Some servers mark a file that is compressed by its own nature, such as a C(.tar.gz), as one that is compressed on its way.
    Source: pip, which asks for C(identity) and decodes nothing, and says why in its C(network/utils.py).
    """
    # urllib3 decodes what this names, and looks at nothing else.
    response.raw.headers.pop("Content-Encoding", None)
    response.headers.pop("Content-Encoding", None)
    return read_chunks(response, size)


def read_chunks(response: t.Any, size: int) -> t.Iterator[bytes]:
    """The decoded body of an answer, part by part.

    :raises TooLarge: as soon as it has more than C(size) bytes
    :raises ValueError: it is coded as nobody asked for
    """
    left = size
    with response:
        # urllib3 also decodes several codings, and more of them where their libraries are; what it does not know stays as it is.
        coding = str(response.headers.get("Content-Encoding", "")).lower()
        if "," in coding or coding in ("br", "zstd"):
            raise ValueError("A coding that was not asked for.")
        for chunk in response.iter_content(CHUNK):
            left -= len(chunk)
            if left < 0:
                raise TooLarge
            yield chunk

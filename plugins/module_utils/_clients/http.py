# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the HTTP clients of all APIs share: how long they wait, and in which words a broken connection is told."""

from __future__ import annotations

import typing as t
from contextlib import contextmanager
from urllib.parse import urlsplit

from .._base.errors import MissingLibrary, Refused, Silent, Throttled, Unavailable, Unreachable
from .._base.values import is_loopback

#: Seconds to wait for a connection, and for the next bytes of an answer. Together they keep a dead endpoint under 30.
CONNECT_TIMEOUT = 5
ANSWER_TIMEOUT = 20

#: Connections that stay open. Wider than the engine's concurrency, so that no call waits for one.
POOL_SIZE = 32


def tune_session(session: t.Any, *, answer_timeout: float = ANSWER_TIMEOUT) -> None:
    """Give a requests session a wide pool and bounded waits, whatever its user asks for, and no proxy to loopback."""
    from requests.adapters import HTTPAdapter

    class BoundedAdapter(HTTPAdapter):
        def send(self, request: t.Any, *args: t.Any, **kwargs: t.Any) -> t.Any:
            kwargs["timeout"] = (CONNECT_TIMEOUT, answer_timeout)
            if is_loopback(urlsplit(request.url).hostname or ""):
                # In clear is good enough on this machine, and nowhere else.
                kwargs["proxies"] = {}
            return super().send(request, *args, **kwargs)

    adapter = BoundedAdapter(pool_connections=2, pool_maxsize=POOL_SIZE)
    session.mount("https://", adapter)
    session.mount("http://", adapter)


def read_environment_once(session: t.Any, url: str) -> None:
    """Fix the environment's proxy and certificates for a requests session of which all requests go to the host of C(url).

    requests looks them up for each request, which takes a fifth of the time of a call.
    """
    settings = session.merge_environment_settings(url, {}, None, None, None)
    session.proxies, session.verify, session.cert = settings["proxies"], settings["verify"], settings["cert"]
    session.trust_env = False


def new_session(url: str) -> t.Any:
    """A requests session for one host: bounded waits, and no login that is not given to it. Raises MissingLibrary."""
    try:
        import requests
    except ImportError as error:
        raise MissingLibrary("requests", error) from error
    session = requests.Session()
    tune_session(session)
    read_environment_once(session, url)
    return session


@contextmanager
def connection_failures(place: str) -> t.Iterator[None]:
    """Raise our errors in place of those of requests. Its own texts hold addresses, and those may hold secrets.

    Errors for the status of an answer, and for JSON that is none, are left to the caller.

    :param place: who is asked, for messages
    :raises Unreachable: nothing was sent
    :raises Silent: what was sent may have had its effect, as with any other Unavailable
    """
    from requests import exceptions

    try:
        yield
    except (exceptions.HTTPError, exceptions.JSONDecodeError):
        raise
    except exceptions.SSLError as error:
        raise Refused(f"{place} cannot be trusted: TLS failed ({connection_cause(error)}).") from None
    except exceptions.ReadTimeout:
        raise Silent(f"{place} did not answer within {ANSWER_TIMEOUT} seconds.") from None
    except exceptions.ConnectionError as error:
        if _was_connected(error):
            raise Unavailable(f"{place} broke off the connection without an answer.") from None
        raise Unreachable(f"{place} cannot be reached ({connection_cause(error)}).") from None
    except (exceptions.ChunkedEncodingError, exceptions.ContentDecodingError):
        raise Unavailable(f"{place} broke off its answer.") from None
    except exceptions.TooManyRedirects:
        raise Refused(f"{place} redirects without end.") from None
    except exceptions.RequestException as error:
        raise Refused(f"{place} cannot be read ({type(error).__name__}).") from None


def _was_connected(error: Exception) -> bool:
    """Whether a connection was there, so that the request may have been taken."""
    from urllib3.exceptions import ProtocolError

    return bool(error.args) and isinstance(error.args[0], ProtocolError)


def service_failure(place: str, response: t.Any) -> Unavailable | None:
    """The error for an answer that may be another one later, or None when this one is for good."""
    seconds = retry_after(response.headers)
    if response.status_code == 429:
        return Throttled(f"{place} answers that it was asked too often.", retry_after=seconds)
    if response.status_code >= 500:
        return Unavailable(f"{place} cannot serve now: it answers {response.status_code}.", retry_after=seconds)
    return None


def connection_cause(error: BaseException) -> str:
    """Why requests could not connect, in a few words, for example "Connection refused"."""
    from requests.exceptions import ConnectTimeout

    if isinstance(error, ConnectTimeout):
        return f"no connection within {CONNECT_TIMEOUT} seconds"
    reason = getattr(error.args[0], "reason", error.args[0]) if error.args else error
    said = str(reason).rpartition(": ")[2].strip("'\")>")
    return said.partition("] ")[2] or said or type(error).__name__


def retry_after(headers: t.Mapping[str, str]) -> float:
    """Seconds that an answer asks to wait; 0 when it does not, or names a date."""
    value = str(headers.get("Retry-After") or headers.get("retry-after") or "")
    return float(value) if value.isdecimal() else 0

# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""How a call failed, for all clients: what became of the connection, and which answers may be others later.

requests, google-auth and botocore wrap the errors of urllib3, each in classes of its own. What is inside decides here. Texts of
theirs hold addresses and parts of answers, which may hold secrets, and are never repeated.
"""

from __future__ import annotations

import re
import ssl
import sys
import time
import typing as t
from contextlib import contextmanager
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit

from ..._base.errors import Refused, RegistryAuthError, Silent, Stranger, Throttled, Unavailable, Unreachable
from .bounds import TooLarge
from .sessions import CONNECT_TIMEOUT, Exposed, NoCertificates, Redirected

#: Seconds of the longest pause that an answer can ask for. No task waits for so long.
LONGEST_PAUSE = 3600.0

Headers = t.Mapping[str, str]


@contextmanager
def failures(place: str, stranger: str, resource: str = "") -> t.Iterator[None]:
    """Make a call and read its answer in here, and only our own errors come out.

    :param place: who is asked, for messages
    :param stranger: the sentence for an answer that cannot be read as one of this service
    :param resource: what it is asked about, if C(place) does not say it all
    :raises Unreachable: no connection could be made
    :raises Unavailable: the connection broke off, and what was asked for may have been done; so with Silent
    :raises Refused: TLS failed, a redirect, an answer that is too large or that is not the service's
    """
    try:
        yield
    except RegistryAuthError:
        raise
    except Exception as error:
        failure = connection_failure(error, place, resource)
        # An answer makes libraries raise whatever their parsers meet. The class is for who looks for a defect of ours.
        raise failure or Stranger(f"{stranger.rstrip('.')} ({type(error).__name__}).") from None


def connection_failure(error: BaseException, place: str, resource: str = "") -> RegistryAuthError | None:
    """The error that an exception of a library means, or None when it is not about a connection. See failures()."""
    causes, about = list(_causes(error)), _about(resource)
    failure = _lost(causes, place, about) or _final(causes, place, about)
    # Where it is not loaded, it did not raise this. CodeArtifact is asked without it.
    requests = sys.modules.get("requests.exceptions")
    if failure or requests is None or isinstance(error, requests.JSONDecodeError):
        return failure
    if isinstance(error, requests.TooManyRedirects):
        return Refused(f"{place} redirects without end.")
    if isinstance(error, requests.RequestException):
        return Stranger(f"{place} cannot be read ({type(error).__name__}).")
    return None


def _about(resource: str) -> str:
    return f" about {resource}" if resource else ""


def _causes(error: BaseException) -> t.Iterator[BaseException]:
    """The error and what it was made from, each library in its own way."""
    seen: set[int] = set()
    cause: t.Any = error
    while isinstance(cause, BaseException) and id(cause) not in seen:
        yield cause
        seen.add(id(cause))
        known = getattr(cause, "kwargs", None)
        inner = [known.get("error")] if isinstance(known, dict) else []
        inner += [getattr(cause, "reason", None), *cause.args, cause.__cause__, cause.__context__]
        cause = next((one for one in inner if isinstance(one, BaseException)), None)


def _find(causes: list[BaseException], *kinds: type[BaseException]) -> BaseException | None:
    return next((cause for cause in causes if isinstance(cause, kinds)), None)


def _lost(causes: list[BaseException], place: str, about: str) -> Unavailable | None:
    """The error for a connection that was not made, that broke off, or that went silent."""
    from urllib3 import exceptions

    # A connection that is closed in the middle of TLS is no matter of trust.
    closed = (ssl.SSLEOFError, ssl.SSLZeroReturnError)
    if _find(causes, exceptions.ReadTimeoutError):
        return Silent(f"{place} did not answer{about} in time.")
    if not _find(causes, *closed) and _find(causes, exceptions.SSLError):
        return None
    if _find(causes, exceptions.NewConnectionError, exceptions.ConnectTimeoutError, exceptions.ProxyError):
        return Unreachable(f"{place} cannot be reached{_where(causes, place)} ({_cause(causes)}).")
    if _find(causes, exceptions.ProtocolError, exceptions.DecodeError, ConnectionError, *closed):
        return Unavailable(f"{place} broke off the connection{about} before all of its answer was there.")
    return None


def _final(causes: list[BaseException], place: str, about: str) -> Refused | None:
    """The error for what would be the same again."""
    from urllib3.exceptions import SSLError

    if _find(causes, SSLError):
        return Refused(f"{place} cannot be trusted{_where(causes, place)}: TLS failed ({_cause(causes)}).")
    redirected = _find(causes, Redirected)
    if redirected:
        refused = Refused(
            f"{place} redirects to another address ({redirected.args[0]}), and nothing{about} is sent there: give the address and the "
            "names that are right now."
        )
        # Also what was done can be answered like that. Source: RFC 9110, section 15.4.4.
        refused.unclear = True
        return refused
    if _find(causes, TooLarge):
        return Stranger(f"{place} answers more{about} than is read of an answer.")
    if _find(causes, NoCertificates):
        return Refused(
            f"{place} is not asked{about}: REQUESTS_CA_BUNDLE or CURL_CA_BUNDLE names certificates that are not there, on the host "
            "that runs the module."
        )
    if _find(causes, Exposed):
        return Refused(f"{place} would be asked{about} over plain http, and credentials are never sent that way.")
    return None


def _where(causes: list[BaseException], place: str) -> str:
    """The host that was asked, unless C(place) has it."""
    known = getattr(causes[0], "kwargs", None)
    urls = [known.get("endpoint_url")] if isinstance(known, dict) else []
    urls += [getattr(getattr(cause, "request", None), "url", None) for cause in causes]
    parts = urlsplit(str(next(filter(None, urls), "")))
    return f" at {parts.scheme}://{parts.netloc.rpartition('@')[2]}" if parts.netloc and "://" not in place else ""


def _cause(causes: list[BaseException]) -> str:
    """Why there is no connection, in a few words of the system's, for example "Connection refused"."""
    from urllib3.exceptions import ConnectTimeoutError, NewConnectionError

    late = _find(causes, ConnectTimeoutError)
    if late and not isinstance(late, NewConnectionError):
        return f"no connection within {CONNECT_TIMEOUT} seconds"
    # The innermost: errors of requests are OSErrors, too.
    system = _find(causes[::-1], OSError)
    for said in (getattr(system, "verify_message", ""), getattr(system, "reason", ""), getattr(system, "strerror", "")):
        if isinstance(said, str) and said:
            return said.replace("_", " ").lower() if said.isupper() else said
    # What a proxy answers is in the text of an error without a number.
    tunnel = re.match(r"Tunnel connection failed: [0-9]{3}", str(system))
    return tunnel[0] if tunnel else type(causes[-1]).__name__


@dataclass(frozen=True)
class Asked:
    """What a call of a cloud's API needs and touches, for the sentence when it fails.

    :param service: name of the API for people
    :param permission: the permission, or action, that the method needs
    :param resource: name of what it is asked of
    """

    service: str
    permission: str
    resource: str

    @property
    def stranger(self) -> str:
        """The sentence for an answer that the service would not give."""
        return f"What answers at {self.service}'s endpoint about {self.resource} is not {self.service}."


def passing_failure(
    place: str, status: int, seconds: float, *, resource: str = "", outcome: str = ""
) -> Unavailable | None:
    """The error for an answer that may be another one later, or None when this one is for good.

    :param seconds: what retry_after() makes of the answer's headers
    :param outcome: what to call the answer, when the service says more than the status
    """
    said = outcome or str(status)
    if status == 429:
        return throttled(place, seconds, resource=resource, outcome=said)
    # A server that waited in vain for the request says so by 408, and that it may be repeated. Source: RFC 9110, section 15.5.9.
    if status >= 500 or status == 408:
        what = f" {resource}" if resource else ""
        return Unavailable(f"{place} cannot serve{what} now: it answers {said}.", retry_after=seconds)
    return None


def told_by(error: RegistryAuthError, *, service: bool) -> RegistryAuthError:
    """The error that an answer means, from the service itself or perhaps from something in between.

    A gateway or a proxy may refuse to pass on the answer to a write that was made. It answers in a form of its own.
    """
    if not service and not isinstance(error, Throttled):
        error.unclear = True
    return error


def throttled(place: str, seconds: float, *, resource: str = "", outcome: str = "429") -> Throttled:
    """The error for a quota that is used up. See passing_failure()."""
    text = f"{place} was asked too often{_about(resource)}, and a quota is used up: it answers {outcome}."
    return Throttled(text, retry_after=seconds)


def words(message: str) -> str:
    """A service's own words on one line of bounded length, without the full stop."""
    line = " ".join("".join(one if one.isprintable() else " " for one in message).split())
    return line[:300].rstrip(".")


def quoted(message: str) -> str:
    """A service's own words, to end a sentence with; nothing when it has none."""
    said = words(message)
    return f" It says: {said}." if said else ""


def retry_after(headers: Headers) -> float:
    """Seconds that an answer asks to wait; 0 when it does not, or not in a way that HTTP knows."""
    value = str(headers.get("Retry-After") or headers.get("retry-after") or "").strip()
    if value.isascii() and value.isdecimal():
        # Thousands of digits are no number to Python, and no wait to anybody.
        return min(float(value[:10]), LONGEST_PAUSE)
    try:
        moment = parsedate_to_datetime(value).timestamp()
    except (ValueError, TypeError, OverflowError, IndexError):
        return 0
    return min(max(0.0, moment - time.time()), LONGEST_PAUSE)

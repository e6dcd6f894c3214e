# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the HTTP clients of all APIs share: how long they wait, and in which words a broken connection is told."""

from __future__ import annotations

import typing as t
from urllib.parse import urlsplit

from ansible_collections.pkgops.registry_auth.plugins.module_utils._values import is_loopback

#: Seconds to wait for a connection, and for the next bytes of an answer. Together they keep a dead endpoint under 30.
CONNECT_TIMEOUT = 5
ANSWER_TIMEOUT = 20

#: Connections that stay open. Wider than the engine's concurrency, so that no call waits for one.
POOL_SIZE = 32


def tune_session(session: t.Any, *, answer_timeout: float = ANSWER_TIMEOUT) -> None:
    """Give a requests session a wide pool and bounded waits, whatever its user asks for, and no proxy to loopback."""
    from requests.adapters import HTTPAdapter

    class BoundedAdapter(HTTPAdapter):
        def send(self, request: t.Any, **kwargs: t.Any) -> t.Any:
            kwargs["timeout"] = (CONNECT_TIMEOUT, answer_timeout)
            if is_loopback(urlsplit(request.url).hostname or ""):
                # In clear is good enough on this machine, and nowhere else.
                kwargs["proxies"] = {}
            return super().send(request, **kwargs)

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
    return float(value) if value.isdigit() else 0

# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Calls of GitHub's REST API, at github.com and on servers of one's own. Plain values out, our errors raised."""

from __future__ import annotations

import re
import time
import typing as t
from urllib.parse import urlsplit

from ..._base.errors import (
    InvalidInput,
    LostRace,
    MissingLibrary,
    NotFound,
    PermissionDenied,
    Refused,
    Silent,
    Stranger,
    Throttled,
    Unauthenticated,
    Unavailable,
    Unreachable,
)
from ..._base.values import is_loopback, parse_url
from ..http import ANSWER_TIMEOUT, connection_cause, read_environment_once, retry_after, tune_session

GITHUB_COM = "https://api.github.com"
#: The version of the API that the collection was written for.
API_VERSION = "2022-11-28"
#: Items of a page; GitHub gives no more.
_PAGE = 100
_VERBS = {"GET": "read", "POST": "create", "PUT": "write", "PATCH": "write", "DELETE": "delete"}
#: How GitHub tells that not another writer is in the way, but a ruleset or a branch's protection.
_RULES = re.compile("rule violation|protected branch", re.IGNORECASE)
#: How GitHub tells, at times without any header, that not a permission is missing. Source: its documentation, "Rate limits".
_LIMITS = re.compile("secondary rate limit|abuse detection", re.IGNORECASE)
#: Names that are steps in a path: clients take them before they ask, and what is left leads to something else.
_STEPS = frozenset({".", ".."})
_TOKEN = re.compile("[!-~]+")
#: The form of X-Accepted-GitHub-Permissions, for example "administration=write".
_PERMISSIONS = re.compile(r"[a-z_]+=[a-z]+([,;] ?[a-z_]+=[a-z]+)*")


def check_api_url(api_url: str) -> None:
    """Raises InvalidInput when it is no address, or the token would go there in clear."""
    parts = parse_url(api_url, option="api_url")
    if parts.scheme == "http" and not is_loopback(str(parts.hostname)):
        raise InvalidInput("api_url would send the token in clear: http is accepted for this machine's loopback only.")


class NotAccepted(Refused):
    """GitHub does not take the values of a request, and its reasons are for the caller to know."""


class GitHub:
    """The calls. One session serves all threads of a task."""

    def __init__(self, api_url: str, token: str) -> None:
        """Raises MissingLibrary, and InvalidInput for what cannot be a token."""
        try:
            import requests
        except ImportError as error:
            raise MissingLibrary("requests", error) from error
        if not _TOKEN.fullmatch(token):
            raise InvalidInput(
                "github_token has white space or other characters in it that no token has, often the end of the line that it was "
                "read from: take that off."
            )

        class Session(requests.Session):
            def get_redirect_target(self, resp: t.Any) -> str | None:
                # Writes that were redirected so would be sent on without what is to be written, or become reads.
                lossy = resp.request.method != "GET" and resp.status_code in (301, 302)
                return None if lossy else super().get_redirect_target(resp)

        self.api_url = api_url.rstrip("/")
        self._exceptions = requests.exceptions
        self._session = Session()
        tune_session(self._session, answer_timeout=ANSWER_TIMEOUT)
        read_environment_once(self._session, self.api_url)
        self._session.headers.update(
            {
                "Accept": "application/vnd.github+json",
                "Authorization": f"Bearer {token}",
                "X-GitHub-Api-Version": API_VERSION,
            }
        )

    def get(self, path: str, what: str, **query: str) -> t.Any:
        """The JSON that GitHub answers.

        :param path: below the API's root, quoted
        :param what: what is asked for, for messages
        :raises NotFound: there is no such thing, or the token may not see it
        """
        return self._call("GET", path, what, params=query)

    def get_all(self, path: str, what: str, key: str) -> list[t.Any]:
        """All items of a list that comes in pages, each with the items below C(key)."""
        items: list[t.Any] = []
        page = 1
        while True:
            answer = self.get(path, what, per_page=str(_PAGE), page=str(page))
            try:
                found, total = answer[key], int(answer["total_count"])
                items += found
            except (KeyError, TypeError, ValueError):
                raise self.not_github() from None
            if not found or len(items) >= total:
                return items
            page += 1

    def write(self, method: str, path: str, what: str, body: t.Mapping[str, t.Any] | None = None) -> t.Any:
        """Write something; returns the JSON that GitHub answers, None when there is none.

        :raises NotFound: there is no such thing to be written, or the token may not see it
        :raises LostRace: somebody else wrote it meanwhile
        """
        return self._call(method, path, what, json=body)

    def _call(self, method: str, path: str, what: str, **request: t.Any) -> t.Any:
        if not _STEPS.isdisjoint(path.split("/")):
            raise InvalidInput(f"There cannot be {what}: nothing on GitHub is named . or .. .")
        try:
            response = self._session.request(method, f"{self.api_url}/{path}", **request)
            if response.status_code < 300:
                return response.json() if response.content else None
        except (self._exceptions.JSONDecodeError, RecursionError):
            raise self.not_github() from None
        except self._exceptions.SSLError as error:
            raise Refused(f"{self.api_url} cannot be trusted: TLS failed ({connection_cause(error)}).") from None
        except self._exceptions.ReadTimeout:
            raise Silent(f"{self.api_url} did not answer within {ANSWER_TIMEOUT} seconds.") from None
        except self._exceptions.ConnectionError as error:
            raise Unreachable(f"{self.api_url} cannot be reached ({connection_cause(error)}).") from None
        except self._exceptions.RequestException as error:
            raise Unavailable(f"{self.api_url} broke off its answer ({type(error).__name__}).") from None
        if response.status_code == 409 and _RULES.search(response.text):
            raise Refused(f"A rule of the repository keeps github_token from writing {what} (409).")
        if response.status_code == 403 and _LIMITS.search(response.text):
            raise self._throttled(response.headers)
        raise self._status_error(response.status_code, response.headers, method, what)

    def not_github(self) -> Refused:
        """What is raised for an answer that GitHub does not give."""
        return Stranger(f"What answers at {self.api_url} is not GitHub's API: give its root as api_url.")

    def _status_error(self, code: int, headers: t.Mapping[str, str], method: str, what: str) -> Exception:
        seconds = retry_after(headers)
        if code == 429 or (code == 403 and (seconds or headers.get("X-RateLimit-Remaining") == "0")):
            return self._throttled(headers)
        if code >= 500:
            return Unavailable(f"{self.api_url} cannot serve now: it answers {code}.", retry_after=seconds)
        if code == 401:
            return Unauthenticated(f"{self.api_url} does not accept github_token (401).")
        if code == 403:
            return PermissionDenied(f"github_token may not {_VERBS[method]} {what} (403{_needed(headers)}).")
        if code == 409 and method == "GET":
            # There is nobody to race with: so GitHub answers for what repositories without a commit do not have.
            return NotFound(f"{what[:1].upper()}{what[1:]} does not exist: the repository is empty (409).")
        if code == 409:
            return LostRace(f"Somebody else wrote {what} meanwhile (409).")
        if code == 422:
            return NotAccepted(f"GitHub does not accept what {what} is to be (422).")
        if code == 404:
            return NotFound(f"{what[:1].upper()}{what[1:]} does not exist, or github_token may not see it (404).")
        if code in (301, 302):
            return Refused(
                f"{self.api_url} redirects the request to {_VERBS[method]} {what} ({code}), and nothing is written by way of that: "
                "give its address and the repository's name as they are now."
            )
        return Refused(f"{self.api_url} answers {code} to a request for {what}.")

    def _throttled(self, headers: t.Mapping[str, str]) -> Throttled:
        seconds = retry_after(headers)
        reset = str(headers.get("X-RateLimit-Reset", ""))
        if not seconds and headers.get("X-RateLimit-Remaining") == "0" and reset.isdecimal():
            seconds = max(0.0, float(reset) - time.time())
        return Throttled(f"{self.api_url} answers that it was asked too often.", retry_after=seconds)


def _needed(headers: t.Mapping[str, str]) -> str:
    """The permissions of a fine-grained token that would do, as far as GitHub says."""
    said = str(headers.get("X-Accepted-GitHub-Permissions", ""))
    return f", it needs {said}" if _PERMISSIONS.fullmatch(said) else ""


def on_github_com(api_url: str) -> bool:
    """Whether an API is that of github.com. A stand-in on this machine's loopback counts as it."""
    host = urlsplit(api_url).hostname or ""
    return host == urlsplit(GITHUB_COM).hostname or is_loopback(host)

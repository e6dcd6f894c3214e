# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Calls of GitHub's REST API, at github.com and on servers of one's own. Plain values out, our errors raised."""

from __future__ import annotations

import re
import time
import typing as t
from urllib.parse import urljoin, urlsplit

from ..._base.errors import (
    InvalidInput,
    LostRace,
    NotFound,
    PermissionDenied,
    Refused,
    RegistryAuthError,
    Throttled,
    Unauthenticated,
    or_none,
)
from ..._base.values import is_host, parse_endpoint
from ..http.failures import LONGEST_PAUSE, failures, passing_failure, quoted, retry_after, throttled, told_by
from ..http.sessions import new_session, origin

GITHUB_COM = "https://api.github.com"
#: The version of the API that the collection was written for.
API_VERSION = "2022-11-28"
#: Items of a page; GitHub gives no more.
_PAGE = 100
_VERBS = {"GET": "read", "POST": "create", "PUT": "write", "PATCH": "write", "DELETE": "delete"}
#: How GitHub tells that not another writer is in the way, but a ruleset or a branch's protection.
_RULES = re.compile("rule violation|protected branch", re.IGNORECASE)
#: How GitHub tells that a repository has no commit yet, and so nothing that is read of commits. Any other conflict says nothing of what there is.
_EMPTY = re.compile("repository is empty", re.IGNORECASE)
#: How GitHub tells, at times without any header, that not a permission is missing. Source: its documentation, "Rate limits".
_LIMITS = re.compile("secondary rate limit|abuse detection", re.IGNORECASE)
#: What GitHub names where not a permission is missing. Source: its documentation of single sign-on, allowed addresses, archived
#: repositories and policies on tokens of persons.
_CAUSES = (
    (re.compile("SAML enforcement", re.IGNORECASE), "the organization has single sign-on: authorize the token for it"),
    (
        re.compile("IP allow list", re.IGNORECASE),
        "the organization's IP allow list does not include the host that runs the module",
    ),
    (re.compile("was archived", re.IGNORECASE), "the repository is archived and read-only"),
    (
        re.compile("forbids access via", re.IGNORECASE),
        "the organization does not accept tokens of this kind, or tokens that live this long",
    ),
)
#: Names that are steps in a path: clients take them before they ask, and what is left leads to something else.
_STEPS = frozenset({".", ".."})
_TOKEN = re.compile("[!-~]+")
#: How fine-grained tokens of persons begin. Source: GitHub's documentation, "About authentication to GitHub".
_FINE_GRAINED = "github_pat_"
#: The form of X-Accepted-GitHub-Permissions, for example "administration=write".
_PERMISSIONS = re.compile(r"[a-z_]+=[a-z]+([,;] ?[a-z_]+=[a-z]+)*")


def text(value: t.Any) -> str:
    """A text of an answer. Raises ValueError for anything else, and for an empty one."""
    if not isinstance(value, str) or not value:
        raise ValueError("Not a text.")
    return value


def listed(value: t.Any) -> list[t.Any]:
    """A list of an answer. Raises ValueError for anything else: an empty value may come from a proxy in between."""
    if not isinstance(value, list):
        raise ValueError("Not a list.")
    return value


class NotAccepted(Refused):
    """GitHub does not take the values of a request, and its reasons are for the caller to know. C(said): in its own words."""

    def __init__(self, message: str, said: str = "") -> None:
        super().__init__(message + said)
        self.said = said


class GitHub:
    """The calls. One session serves all threads of a task."""

    def __init__(self, api_url: str, token: str) -> None:
        """Raises MissingLibrary, and InvalidInput for an address or a token that can be none."""
        self.api_url = parse_endpoint(api_url, option="api_url", sends="the token")
        if not _TOKEN.fullmatch(token):
            raise InvalidInput(
                "github_token has white space or other characters in it that no token has, often the end of the line that it was "
                "read from: take that off."
            )
        self._token = token
        self._fine_grained = token.startswith(_FINE_GRAINED)
        #: The scopes of a classic token, as the newest answer says; None as long as no answer does.
        self.scopes: frozenset[str] | None = None
        self._session = new_session(follow=_follow)
        self._session.headers.update(
            {
                "Accept": "application/vnd.github+json",
                "Authorization": f"Bearer {token}",
                "X-GitHub-Api-Version": API_VERSION,
            }
        )

    @property
    def of_a_person(self) -> bool:
        """Whether the token certainly is a person's, so that what GitHub says of roles is about its holder."""
        return self._fine_grained or self.scopes is not None

    def get(self, path: str, what: str, **query: str) -> t.Any:
        """The JSON that GitHub answers.

        :param path: below the API's root, quoted
        :param what: what is asked for, for messages
        :raises NotFound: there is no such thing, or the token may not see it
        """
        return self._call("GET", path, what, params=query)

    def find(self, path: str, what: str, **query: str) -> t.Any:
        """As get(), and None when there is no such thing, or the token may not see it."""
        return or_none(self.get, path, what, **query)

    def get_all(self, path: str, what: str, key: str) -> list[t.Any]:
        """All items of a list that comes in pages, each with the items below C(key)."""
        items: list[t.Any] = []
        page = 1
        while True:
            answer = self.get(path, what, per_page=str(_PAGE), page=str(page))
            with self.reading():
                found, total = listed(answer[key]), int(answer["total_count"])
            items += found
            if not found or len(items) >= total:
                return items
            page += 1

    def write(self, method: str, path: str, what: str, body: t.Mapping[str, t.Any] | None = None) -> t.Any:
        """Write something; returns the object that GitHub answers, None for what is gone.

        :raises NotFound: there is no such thing to be written, or the token may not see it
        :raises LostRace: somebody else wrote it meanwhile
        """
        return self._call(method, path, what, json=body)

    def _call(self, method: str, path: str, what: str, **request: t.Any) -> t.Any:
        if not _STEPS.isdisjoint(path.split("/")):
            raise InvalidInput(f"There cannot be {what}: nothing on GitHub is named . or .. .")
        with self.reading(what):
            response = self._session.request(method, f"{self.api_url}/{path}", **request)
            said = str(response.headers.get("X-OAuth-Scopes", ""))
            # An empty one comes with other kinds of tokens, too.
            self.scopes = frozenset(filter(None, re.split(", *", said))) or self.scopes
            if response.status_code >= 300:
                raise told_by(self._status_error(response, method, what), service=_is_told(response))
            if (method == "DELETE") != (response.status_code == 204):
                raise ValueError("Something is gone with 204, and all else has an answer.")
            if method == "DELETE":
                return None
            answer = response.json()
            if answer is None or (method != "GET" and not isinstance(answer, dict)):
                raise ValueError("Nothing, or not what a write answers.")
            return answer

    def reading(self, what: str = "") -> t.ContextManager[None]:
        """Ask and read answers in here: all that goes wrong is raised as an error of ours."""
        stranger = f"What answers at {self.api_url} is not GitHub's API: give its root as api_url."
        return failures(self.api_url, stranger, what)

    def _status_error(self, response: t.Any, method: str, what: str) -> RegistryAuthError:
        code, headers = response.status_code, response.headers
        if code == 409 and _RULES.search(response.text):
            return Refused(
                f"A rule of the repository keeps github_token from writing {what} (409).{self._said(response)}"
            )
        if code in (403, 429) and _over_quota(response):
            return self._throttled(headers)
        passing = passing_failure(self.api_url, code, retry_after(headers))
        if passing:
            return passing
        if code == 401:
            return Unauthenticated(f"{self.api_url} does not accept github_token (401).")
        if code == 403:
            # The token need not be the cause: a plan may lack a feature.
            cause = next((f": {told}" for named, told in _CAUSES if named.search(response.text)), "")
            said = "" if cause else self._said(response)
            needed = "" if cause else _needed(headers)
            return PermissionDenied(f"github_token may not {_VERBS[method]} {what} (403{needed}){cause}.{said}")
        if code == 409 and method == "GET" and _EMPTY.search(response.text):
            return NotFound(f"{what[:1].upper()}{what[1:]} does not exist: the repository is empty (409).")
        if code == 409:
            return LostRace(f"Somebody else wrote {what} meanwhile (409).")
        if code == 422:
            return NotAccepted(f"GitHub does not accept what {what} is to be (422).", self._said(response))
        if code == 404:
            return NotFound(f"{what[:1].upper()}{what[1:]} does not exist, or github_token may not see it (404).")
        return Refused(f"{self.api_url} answers {code} to a request for {what}.")

    def _said(self, response: t.Any) -> str:
        """GitHub's own words, to end a sentence with; nothing for what is not in its form, or shows the token."""
        message = response.json()["message"] if _is_told(response) else ""
        return "" if self._token in message else quoted(message)

    def _throttled(self, headers: t.Mapping[str, str]) -> Throttled:
        seconds = retry_after(headers)
        reset = str(headers.get("X-RateLimit-Reset", ""))
        if not seconds and headers.get("X-RateLimit-Remaining") == "0" and re.fullmatch("[0-9]{1,15}", reset):
            seconds = min(max(0.0, float(reset) - time.time()), LONGEST_PAUSE)
        return throttled(self.api_url, seconds)


def _is_told(response: t.Any) -> bool:
    """Whether an answer is an error in GitHub's own form. Source: its documentation, "Troubleshooting the REST API"."""
    try:
        said = response.json()
    except (ValueError, RecursionError):
        return False
    return isinstance(said, dict) and isinstance(said.get("message"), str)


def _over_quota(response: t.Any) -> bool:
    headers = response.headers
    if response.status_code == 429 or retry_after(headers) or headers.get("X-RateLimit-Remaining") == "0":
        return True
    return bool(_LIMITS.search(response.text))


def _follow(response: t.Any, target: str) -> bool:
    """Whether GitHub's redirect leads to a read at the same place: of what has another name now, or is there already.

    Writes are not sent on: to whom, the redirect alone would say. Source: GitHub's documentation, "Best practices".
    """
    asked = response.request.url
    reads = response.request.method == "GET" or response.status_code == 303
    return reads and bool(target) and origin(urljoin(asked, target)) == origin(asked)


def _needed(headers: t.Mapping[str, str]) -> str:
    """The permissions of a fine-grained token that would do, as far as GitHub says."""
    said = str(headers.get("X-Accepted-GitHub-Permissions", ""))
    return f", it needs {said}" if _PERMISSIONS.fullmatch(said) else ""


def on_github_com(api_url: str) -> bool:
    """Whether an API is that of github.com. A stand-in on this machine's loopback counts as it."""
    return is_host(urlsplit(api_url).hostname or "", str(urlsplit(GITHUB_COM).hostname))

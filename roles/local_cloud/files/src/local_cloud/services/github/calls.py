# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a method of the REST API is given, and its answer."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeVar
from urllib.parse import urlencode

from local_cloud.services.github import access
from local_cloud.services.github.access import Need
from local_cloud.services.github.accounts import Account
from local_cloud.services.github.errors import GitHubError, invalid_request, not_found
from local_cloud.services.github.git import Author
from local_cloud.services.github.links import Links
from local_cloud.services.github.store import GitHub, Repository
from local_cloud.services.github.tokens import Caller

Item = TypeVar("Item")
_LARGEST_PAGE, _USUAL_PAGE = 100, 30
# An owner that nobody can be: the repository is named by its number.
BY_ID = "-"


@dataclass(frozen=True)
class Reply:
    """``body`` None: there is none, as in a 204."""

    body: Any = None
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Call:
    """One call. ``path`` has the variables of the method's path, ``address`` is where it was called, without the query."""

    state: GitHub
    caller: Caller
    verb: str
    path: Mapping[str, str]
    query: Mapping[str, str]
    body: dict[str, Any]
    links: Links
    address: str
    now: datetime

    def repository(self, *needs: Need) -> Repository:
        """The repository that the path names, if the caller may do what has these needs.

        Raises:
            GitHubError: 401, 403, 404, and 301 or 307 to where it is by its number if it had the name before.
        """
        owner, name = self.path["owner"], self.path["repo"]
        found = self.state.repository_by_id(name) if owner == BY_ID else self.state.repository(f"{owner}/{name}")
        if found is None:
            raise self._moved(f"{owner}/{name}")
        for need in needs or (access.SEE,):
            access.check(self.state, self.caller, found, need)
        return found

    def _moved(self, name: str) -> GitHubError:
        former = self.state.former.get(name.lower())
        if former is None:
            return not_found()
        rest = self.address.partition(f"/repos/{name}")[2]
        location = {"Location": f"{self.links.api}/repositories/{former.id}{rest}"}
        return GitHubError(301 if self.verb == "GET" else 307, "Moved Permanently", headers=location)

    def user(self) -> Account:
        """Who calls. Raises GitHubError 401 for nobody."""
        account = self.state.account(str(self.caller))
        if account is None:
            raise GitHubError(401, "Requires authentication")
        return account

    def author(self) -> Author:
        """As whom the caller's commits are made."""
        user = self.user()
        return Author(user.login, f"{user.id}+{user.login}@users.noreply.example.com")

    def page_of(self, items: Sequence[Item], show: Callable[[Item], Any], name: str = "") -> Reply:
        """One page of a list, and where the others are; below a name, with how many there are, if one is given.

        Raises:
            GitHubError: 422.
        """
        size = min(self._number("per_page", _USUAL_PAGE), _LARGEST_PAGE)
        number = self._number("page", 1)
        shown = [show(item) for item in items[(number - 1) * size : number * size]]
        last = max(1, -(-len(items) // size))
        pages = {
            "prev": number - 1,
            "next": number + 1,
            "last": last if number < last else 0,
            "first": min(1, number - 1),
        }
        links = [
            f'<{self.address}?{urlencode({**self.query, "page": page})}>; rel="{relation}"'
            for relation, page in pages.items()
            if 1 <= page <= last
        ]
        headers = {"Link": ", ".join(links)} if links else {}
        return Reply({"total_count": len(items), name: shown} if name else shown, headers=headers)

    def _number(self, name: str, usual: int) -> int:
        text = self.query.get(name, "")
        if not text:
            return usual
        if not text.isdecimal() or int(text) < 1:
            raise invalid_request(f"For 'parameters/{name}', it is not a positive integer.")
        return int(text)


Handler = Callable[[Call], Reply]

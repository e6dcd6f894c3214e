# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Tokens that the controller got, given to the logins that they are for. Pure."""

from __future__ import annotations

import typing as t
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from urllib.parse import urlsplit

from ..._base.errors import InvalidInput
from ..._base.values import parse_time, read_time
from .addresses import AWS, GOOGLE
from .setup_input import NPM_CLIENT, PREFIX, TWINE, Entry

#: Stands in for what check mode does not ask for.
_UNASKED = "not-asked-for-in-check-mode"
#: Seconds before its end in which a token is replaced, a third of what it is good for. One that the controller was given is its own matter.
_RENEWED_BEFORE = {AWS: 14_400, GOOGLE: 1200}
_DOMAIN = ("domain", "domain_owner", "region")


@dataclass(frozen=True)
class Token:
    """A token, and when it ends."""

    text: str = field(repr=False)
    expires: str


def due(
    groups: Sequence[Entry], found: Sequence[Entry], *, minimum_life: int, now: datetime | None = None
) -> dict[str, t.Any]:
    """The logins that need a new token, and when the others C(expires).

    :param groups: logins by the clients that get them, as the plan has them
    :param found: the logins of the user's files, as the module package_clients_info returns them
    :param minimum_life: seconds that a token must be good for to be kept; more for tokens that are good for long
    """
    moment = now or datetime.now(UTC)
    expires: dict[str, str] = {}
    left = []
    for group in groups:
        logins = []
        for login in group["logins"]:
            ends = _end(login, group["clients"], found)
            enough = max(minimum_life, _RENEWED_BEFORE.get(login["vendor"], 0))
            if ends and (read_time(ends) - moment).total_seconds() >= enough:
                expires[login["name"]] = ends
            else:
                logins.append(login)
        if logins:
            left.append({"clients": group["clients"], "logins": logins})
    return {"groups": left, "expires": expires}


def _end(login: Entry, clients: Sequence[str], found: Sequence[Entry]) -> str | None:
    """When the first of the login's places in files ends that it has for these clients; None when one of them has none, or does not say."""
    host = urlsplit(login["url"])
    places = {
        NPM_CLIENT: ("token", f"{host.netloc}{host.path}".strip("/")),
        TWINE: ("file", login["name"]),
    }
    wanted = {
        places.get(client, ("netrc", str(host.hostname))) for client in clients if client != TWINE or login["publish"]
    }
    ends = [
        next((one["expires"] for one in found if one["ours"] and (one["kind"], one["target"]) == place), None)
        for place in wanted
    ]
    return min((str(end) for end in ends), default=None) if all(ends) else None


def domains(groups: Sequence[Entry]) -> list[dict[str, t.Any]]:
    """The domains of CodeArtifact that tokens are needed for, by region, as the module codeartifact_token takes them."""
    found: dict[str, list[dict[str, str]]] = {}
    for login in _logins(groups):
        if login["vendor"] == AWS:
            entry = {key: login["domain"][key] for key in ("domain", "domain_owner")}
            batch = found.setdefault(login["domain"]["region"], [])
            if entry not in batch:
                batch.append(entry)
    return [{"region": region, "batch": batch} for region, batch in found.items()]


def needs_google(groups: Sequence[Entry]) -> bool:
    """Whether a token of Google's is needed."""
    return any(login["vendor"] == GOOGLE for login in _logins(groups))


def with_tokens(
    groups: Sequence[Entry],
    fetched: Sequence[Entry],
    google: Mapping[str, t.Any] | None,
    host: str,
    *,
    minimum_life: int,
    now: datetime | None = None,
    check_mode: bool = False,
) -> dict[str, t.Any]:
    """The logins with their tokens.

    :param groups: logins by the clients that get them, as the plan has them
    :param fetched: what the module codeartifact_token registered in a loop over domains()
    :param google: a C(token) of Google's, and when it C(expires)
    :param minimum_life: seconds that each token must be good for
    :returns: C(mistakes), a sentence on each token that is missing or over too soon; and C(groups), C(expires) without them
    """
    tokens = dict(_of_domains(fetched))
    mistakes: list[str] = []
    if needs_google(groups) and (any((google or {}).values()) or not check_mode):
        try:
            tokens[(GOOGLE,)] = _google(google or {})
        except InvalidInput as error:
            mistakes.append(f"{host}: {error}")
    filled = []
    for group in groups:
        logins = []
        for login in group["logins"]:
            token = tokens.get(_key(login)) or (Token(_UNASKED, "9999-12-31T00:00:00Z") if check_mode else None)
            if token is not None:
                own = {key: value for key, value in login.items() if key not in ("vendor", "domain")}
                logins.append({**own, "password": token.text, "expires": token.expires})
        filled.append({"clients": group["clients"], "logins": logins})
    ends = {login["name"]: login["expires"] for login in _logins(filled)}
    moment = now or datetime.now(UTC)
    mistakes += [
        f"{host}: the login for {name} ends at {expires}, and {PREFIX}minimum_life wants {minimum_life} seconds from now: run the role "
        "more often and lower it, or ask for tokens that are good for longer."
        for name, expires in ends.items()
        if (read_time(expires) - moment).total_seconds() < minimum_life
    ]
    return {"mistakes": mistakes, "groups": filled, "expires": ends}


def _logins(groups: Sequence[Entry]) -> Iterator[Entry]:
    for group in groups:
        yield from group["logins"]


def _key(login: Entry) -> tuple[str, ...]:
    return (GOOGLE,) if login["vendor"] == GOOGLE else tuple(login["domain"][key] for key in _DOMAIN)


def _of_domains(fetched: Sequence[Entry]) -> Iterator[tuple[tuple[str, ...], Token]]:
    for asked in fetched:
        for one in asked["results"]:
            if one.get("authorization_token"):
                key = (one["item"]["domain"], one["item"]["domain_owner"], asked["item"]["region"])
                yield key, Token(one["authorization_token"], one["expiration"])


def _google(given: Mapping[str, t.Any]) -> Token:
    token, expires = given.get("token"), given.get("expires")
    if not isinstance(token, str) or not token.strip() or not expires:
        raise InvalidInput(
            f"the machine has no identity of its own for Artifact Registry, so a token is needed from the controller: give token and expires in "
            f"{PREFIX}google_token, or give the machine a service account."
        )
    return Token(token.strip(), parse_time(str(expires), option=f"{PREFIX}google_token.expires"))

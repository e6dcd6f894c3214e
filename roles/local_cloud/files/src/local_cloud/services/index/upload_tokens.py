# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Upload tokens: macaroons with caveats that the index puts in, and that holders may add more of.

Source: PyPI's own software; a caveat is a JSON list of its number and its values.
"""

from __future__ import annotations

import base64
import json
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import NAMESPACE_URL, uuid4, uuid5

from pymacaroons import MACAROON_V2, Macaroon, Verifier
from pymacaroons.exceptions import MacaroonException

from local_cloud.services.index.publishers import Publisher
from local_cloud.services.index.store import Index, Key, Project
from local_cloud.services.packaging.names import normalised

USERNAME = "__token__"
LIFETIME = 900
_PREFIX = "pypi-"
_EXPIRATION, _PROJECT_NAMES, _PROJECT_IDS, _USER, _PUBLISHER = range(5)


@dataclass(frozen=True)
class Holder:
    """Whom a request's token was given to. What it is good for is asked of the token itself."""

    macaroon: Macaroon
    key: Key

    def __str__(self) -> str:
        publisher = self.key.publisher
        return f"{publisher.owner}/{publisher.repository}" if publisher else self.key.user


def mint(index: Index, location: str, publisher: Publisher, projects: Sequence[str], now: datetime) -> tuple[str, int]:
    """A token for a publisher, good for its projects for a quarter of an hour; and when that ends."""
    issued = int(now.timestamp())
    ids = [project.id for project in map(index.project, projects) if project]
    caveats = [
        [_PUBLISHER, index.publisher_id(publisher), None],
        [_PROJECT_IDS, ids],
        [_EXPIRATION, issued + LIFETIME, issued],
    ]
    return _issue(index, location, Key(secrets.token_hex(), publisher=publisher), caveats), issued + LIFETIME


def issue(index: Index, location: str, user: str, projects: Sequence[str] | None) -> str:
    """A token of a user, as the index's pages give them: for some projects, or for all that the user has."""
    caveats: list[list[Any]] = [[_USER, _user_id(user)]]
    if projects is not None:
        ids = [project.id for project in map(index.project, projects) if project]
        caveats = [[_PROJECT_NAMES, [normalised(name) for name in projects]], [_PROJECT_IDS, ids]]
    return _issue(index, location, Key(secrets.token_hex(), user=user), caveats)


def holder_of(index: Index, authorization: str | None) -> Holder | None:
    """Who sends a token that the index has given and not taken back."""
    scheme, _space, credential = (authorization or "").partition(" ")
    try:
        username, _colon, password = base64.b64decode(credential, validate=True).decode().partition(":")
    except ValueError:
        return None
    return None if scheme.lower() != "basic" or username != USERNAME else find(index, password)


def find(index: Index, token: str) -> Holder | None:
    """Whom a token was given to, as long as it is known."""
    if not token.startswith(_PREFIX):
        return None
    try:
        macaroon = Macaroon.deserialize(token.removeprefix(_PREFIX))
        identifier = macaroon.identifier_bytes.decode()
    except (MacaroonException, ValueError, IndexError, TypeError, AttributeError):
        return None
    key = index.keys.get(identifier)
    return Holder(macaroon, key) if key else None


def burn(index: Index, token: str) -> None:
    """Take a publisher's token back. Another one stays, and so does what is none."""
    holder = find(index, token)
    if holder is not None and holder.key.publisher is not None:
        index.keys.pop(holder.macaroon.identifier_bytes.decode(), None)


def refusal(index: Index, holder: Holder, project: Project, now: datetime) -> str | None:
    """Why a token is not good for a project, or None where it is."""
    problems: list[str] = []

    def holds(caveat: str) -> bool:
        problem = _problem(index, holder.key, project, caveat, int(now.timestamp()))
        if problem:
            problems.append(problem)
        return not problem

    verifier = Verifier()
    verifier.satisfy_general(holds)
    try:
        verifier.verify(holder.macaroon, holder.key.secret)
    except MacaroonException:
        return problems[0] if problems else "signatures do not match"
    return None


def _issue(index: Index, location: str, key: Key, caveats: Sequence[Sequence[Any]]) -> str:
    identifier = str(uuid4())
    macaroon = Macaroon(location=location, identifier=identifier, key=key.secret, version=MACAROON_V2)
    for caveat in caveats:
        macaroon.add_first_party_caveat(json.dumps(caveat, separators=(",", ":")))
    index.keys[identifier] = key
    return _PREFIX + str(macaroon.serialize())


def _problem(index: Index, key: Key, project: Project, caveat: str, now: int) -> str:
    """What of a caveat does not hold, or an empty text."""
    try:
        kind, *values = json.loads(caveat)
        if kind == _EXPIRATION:
            expires, begins = values
            return "" if begins <= now < expires else "token is expired"
        if kind in {_PROJECT_NAMES, _PROJECT_IDS}:
            named = normalised(project.name) if kind == _PROJECT_NAMES else project.id
            return "" if named in values[0] else f"project-scoped token is not valid for project: {project.name!r}"
        if kind == _USER:
            return (
                ""
                if key.user and values == [_user_id(key.user)]
                else "current user does not match user restriction in token"
            )
        if kind == _PUBLISHER and key.publisher:
            same = values[0] == index.publisher_id(key.publisher)
            return "" if same else "current OIDC publisher does not match publisher restriction in token"
    except (TypeError, ValueError, IndexError):
        return "caveat deserialization failed"
    return "caveat deserialization failed"


def _user_id(user: str) -> str:
    return str(uuid5(NAMESPACE_URL, user))

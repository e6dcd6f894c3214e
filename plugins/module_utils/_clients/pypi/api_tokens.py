# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""API tokens of PyPI and of indexes that run its software: what they say of themselves, and how to narrow them.

All of it is offline. Whether an index still takes a token only the index knows, and using one is the only way to ask.
No error ever holds a token or a part of one. Source: the index's own code, and pypitoken's.
"""

from __future__ import annotations

import json
import re
import time
import typing as t
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from ..._base.errors import InvalidInput, importing
from ..._domain.publishing.indexes import PYPI, TESTPYPI, find_index
from ..._domain.publishing.trusted_publishers import normalize_name

_TOKEN = re.compile(r"pypi-[A-Za-z0-9_-]{85,}={0,2}")
#: The kinds of caveat, by the number each begins with.
_EXPIRATION, _PROJECT_NAMES, _PROJECT_IDS, _USER, _PUBLISHER = range(5)
#: A token that is narrowed was always valid until it expires. The library takes no zero.
_ALWAYS = 1


@dataclass(frozen=True)
class ApiToken:
    """What a token says. A caveat narrows it, so that each part is what all caveats allow together."""

    #: The host of the index that made it.
    domain: str
    #: Normalized names of the projects it is good for; None when it names none.
    projects: frozenset[str] | None = None
    #: Whether it is bound to projects by numbers that only the index knows.
    numbered_projects: bool = False
    #: Whether it is bound to a user: it is then good for what the user may do.
    user: bool = False
    #: Whether a trusted publisher made it.
    minted: bool = False
    not_before: int | None = None
    expires_at: int | None = None
    #: Why the index would never take it, whatever it is used for.
    flaw: str = ""

    @property
    def scope(self) -> str:
        """C(projects), C(user), or C(unknown): what holds a token back may also be kept by the index alone."""
        if self.projects is not None or self.numbered_projects:
            return "projects"
        return "user" if self.user else "unknown"


def read_token(text: str) -> ApiToken:
    """What a token says of itself.

    :raises InvalidInput: it is not such a token, in a sentence without any of it
    :raises MissingLibrary: pypitoken is not there
    """
    domain, caveats = _parts(text)
    token = ApiToken(domain)
    for caveat in caveats:
        token = _narrowed(token, caveat)
    if token.projects is not None and not token.projects:
        return replace(token, flaw="its restrictions leave no project")
    if token.expires_at is not None and (token.not_before or 0) >= token.expires_at:
        return replace(token, flaw="it expires before it begins")
    return token


def check_token(text: str, index: str, pypi_endpoint: str, *, now: float | None = None) -> ApiToken:
    """What a token says of itself, when it is one that an index may take.

    :param index: V(pypi), V(testpypi) or the URL of an index
    :raises InvalidInput: it is for another index, has expired or can never be used
    """
    token = read_token(text)
    wanted = find_index(index, pypi_endpoint)
    if token.domain != wanted.domain:
        raise InvalidInput(
            f"The API token is one of {index_name(token.domain, pypi_endpoint) or 'another index'}, and not of {wanted.name}."
        )
    if token.flaw:
        raise InvalidInput(f"The API token cannot be used: {token.flaw}.")
    moment = time.time() if now is None else now
    if token.expires_at is not None and token.expires_at <= moment:
        raise InvalidInput(f"The API token expired at {show_time(token.expires_at)}.")
    if token.not_before is not None and token.not_before > moment:
        raise InvalidInput(f"The API token is not valid before {show_time(token.not_before)}.")
    return token


def restrict_token(text: str, projects: t.Collection[str] | None, expires_at: int | None) -> str:
    """A token that is good for less. The same restriction once more leaves it as it is.

    :param projects: names in any spelling, or None to leave that alone
    :param expires_at: seconds since 1970, or None to leave that alone
    :raises InvalidInput: nothing would be left of it
    """
    token = read_token(text)
    names = None if projects is None else frozenset(map(normalize_name, projects))
    if names is not None and token.projects is not None and not names <= token.projects:
        raise InvalidInput(
            f"The API token is not good for {', '.join(sorted(names - token.projects))}, and no restriction can change that."
        )
    new: dict[str, t.Any] = {}
    if names is not None and names != token.projects:
        # The index compares normalized names, and would refuse the token for good with any other.
        new["project_names"] = sorted(names)
    if expires_at is not None and (token.expires_at is None or expires_at < token.expires_at):
        new.update(not_before=_ALWAYS, not_after=expires_at)
    if not new:
        return text
    return str(_library().Token.load(text).restrict(**new).dump())


def index_name(domain: str, pypi_endpoint: str) -> str | None:
    """The short name of the index that a token's domain is, if it has one."""
    return next((name for name in (PYPI, TESTPYPI) if find_index(name, pypi_endpoint).domain == domain), None)


def show_time(seconds: int) -> str:
    """A moment as text, for example V(2030-01-31T12:00:00Z)."""
    try:
        return datetime.fromtimestamp(seconds, UTC).isoformat().replace("+00:00", "Z")
    except (OverflowError, ValueError, OSError):
        return str(seconds)


def _library() -> t.Any:
    with importing("pypitoken"):
        import pypitoken
    return pypitoken


def _parts(text: str) -> tuple[str, list[str]]:
    """Domain and caveats."""
    if not isinstance(text, str) or not text:
        raise InvalidInput("The API token is missing or not a text.")
    if text != text.strip():
        where = "begins" if text != text.lstrip() else "ends"
        raise InvalidInput(
            f"The API token {where} with white space, often the end of the line that it was read from: take that off."
        )
    if not _TOKEN.fullmatch(text):
        raise InvalidInput(
            "The API token is not one of a package index: such a token begins with pypi- and has no spaces."
        )
    # pypitoken stands on it, and hides what it cannot read of a token as a whole.
    _library()
    import pymacaroons

    try:
        macaroon = pymacaroons.Macaroon.deserialize(text.removeprefix("pypi-"))
        return macaroon.location or "", [caveat.caveat_id for caveat in macaroon.caveats]
    except Exception:
        # The library raises whatever its parser meets, with parts of the token in the text.
        raise InvalidInput("The API token cannot be read: a part of it may be missing.") from None


def _narrowed(token: ApiToken, caveat: str) -> ApiToken:
    """The token with one more caveat, or with the flaw that the index knows no such caveat."""
    try:
        value = json.loads(caveat)
        if isinstance(value, list):
            kind, *rest = value
            return _NARROW[kind](token, *rest)
        return _with_old_caveat(token, value)
    except (ValueError, TypeError, LookupError, RecursionError):
        return replace(token, flaw="it has a restriction that indexes do not know")


def _with_dates(token: ApiToken, expires_at: t.Any, not_before: t.Any) -> ApiToken:
    latest = max(_number(not_before), token.not_before or 0)
    earliest = _number(expires_at) if token.expires_at is None else min(_number(expires_at), token.expires_at)
    return replace(token, not_before=latest, expires_at=earliest)


def _number(value: t.Any) -> int:
    # In JSON, true is no number.
    if not isinstance(value, int) or isinstance(value, bool):
        raise TypeError
    return value


def _texts(values: t.Any) -> frozenset[str]:
    if not isinstance(values, list) or not all(isinstance(value, str) for value in values):
        raise TypeError
    return frozenset(values)


def _with_names(token: ApiToken, names: t.Any) -> ApiToken:
    found = _texts(names)
    narrowed = replace(token, projects=found if token.projects is None else found & token.projects)
    if any(name != normalize_name(name) for name in found):
        return replace(
            narrowed, flaw="it is restricted to a project's name that is not normalized, which no project has"
        )
    return narrowed


def _with_numbers(token: ApiToken, numbers: t.Any) -> ApiToken:
    _texts(numbers)
    return replace(token, numbered_projects=True)


def _with_user(token: ApiToken, user: t.Any) -> ApiToken:
    _texts([user])
    return replace(token, user=True)


def _with_publisher(token: ApiToken, publisher: t.Any, *_rest: t.Any) -> ApiToken:
    _texts([publisher])
    return replace(token, minted=True)


_NARROW: dict[int, t.Callable[..., ApiToken]] = {
    _EXPIRATION: _with_dates,
    _PROJECT_NAMES: _with_names,
    _PROJECT_IDS: _with_numbers,
    _USER: _with_user,
    _PUBLISHER: _with_publisher,
}


def _with_old_caveat(token: ApiToken, value: t.Any) -> ApiToken:
    """What caveats looked like until 2022; tokens from then are still good."""
    if "nbf" in value:
        return _with_dates(token, value["exp"], value["nbf"])
    permissions = value["permissions"]
    if permissions == "user":
        return replace(token, user=True)
    return _with_names(token, permissions["projects"])

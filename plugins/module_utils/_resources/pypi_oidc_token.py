# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""An upload token of an index, had for the ID token of a job, and given back.

No resource of the engine: what there is cannot be read, and two runs that want the same get two tokens.
"""

from __future__ import annotations

import time
import typing as t
from dataclasses import dataclass, field

from .._base.errors import InvalidInput, Refused, Throttled, Unavailable, Unreachable
from .._base.values import parse_endpoint, parse_url
from .._clients.github.job_tokens import Job, request_id_token
from .._clients.pypi.api_tokens import ApiToken, index_name, read_token, show_time
from .._clients.pypi.endpoints import pypi_endpoint
from .._clients.pypi.token_exchange import TokenExchange
from .._domain.publishing.id_tokens import read_parts
from .._domain.publishing.indexes import PYPI, TESTPYPI, find_index

Options = t.Mapping[str, t.Any]

#: User name that goes with any token of an index.
USERNAME = "__token__"
PRESENT, ABSENT = "present", "absent"


@dataclass(frozen=True)
class DesiredToken:
    """A new token, for C(id_token) or by C(job); or C(token) gone."""

    index: str
    id_token: str | None = field(default=None, repr=False)
    job: Job | None = None
    token: str | None = field(default=None, repr=False)

    @classmethod
    def from_options(cls, options: Options) -> DesiredToken:
        """Raises InvalidInput, which holds no part of a token."""
        index = options.get("index") or PYPI
        _check_index(index)
        if options["state"] == ABSENT:
            return cls(index, token=_given_token(index, options))
        if options.get("token"):
            raise InvalidInput("token is the upload token to take back, and is given with state absent only.")
        id_token = options.get("id_token")
        if not id_token:
            return cls(index, job=_job(options))
        header, claims = read_parts(id_token)
        if not isinstance(header, t.Mapping) or not isinstance(claims, t.Mapping) or id_token != id_token.strip():
            raise InvalidInput("id_token is no ID token: give the whole JSON web token of the job, and nothing else.")
        return cls(index, id_token=id_token)


def _check_index(index: str) -> None:
    if index in (PYPI, TESTPYPI):
        return
    if "://" not in index:
        raise InvalidInput(f"index {index!r} is neither pypi nor testpypi nor the URL of an index.")
    parts = parse_url(index, option="index")
    if parts.query or parts.fragment:
        raise InvalidInput("index has a query or fragment: give the address below which the index has _/oidc/.")
    parse_endpoint(index, option="index", sends="tokens")


def _job(options: Options) -> Job:
    url, token = options.get("id_token_request_url"), options.get("id_token_request_token")
    if not url or not token:
        raise InvalidInput(
            "There is no ID token: ACTIONS_ID_TOKEN_REQUEST_URL and ACTIONS_ID_TOKEN_REQUEST_TOKEN are not set. They are in jobs of "
            "GitHub Actions that have 'permissions: id-token: write', which those of pull requests from forks never get; elsewhere "
            "give id_token."
        )
    parse_endpoint(url, option="id_token_request_url", sends="the request token")
    return Job(url, token)


def _given_token(index: str, options: Options) -> str:
    token = options.get("token")
    if not token:
        raise InvalidInput("token is missing: give the upload token to take back.")
    if options.get("id_token"):
        raise InvalidInput("id_token has no use with state absent: the upload token itself is taken back.")
    if any(character.isspace() for character in token):
        raise InvalidInput(
            "token has white space in it, often the end of the line that it was read from: take that off."
        )
    _read(index, token)
    return str(token)


def _read(index: str, token: str) -> ApiToken | None:
    """What a token says, or None for one of an index that has tokens of another kind.

    :raises InvalidInput: it is not one of this index that a trusted publisher made
    """
    endpoint = pypi_endpoint()
    try:
        read = read_token(token)
    except InvalidInput:
        if index in (PYPI, TESTPYPI):
            raise
        return None
    owner = index_name(read.domain, endpoint)
    # Where other indexes have their uploads only they know; those of these two are for nobody else.
    if read.domain != find_index(index, endpoint).domain and (owner or index in (PYPI, TESTPYPI)):
        raise InvalidInput(f"token is one of {owner or 'another index'}, and not of {index}: it is not sent there.")
    if not read.minted and (read.user or read.projects is not None):
        raise InvalidInput(
            "token is a user's, whom only the index's own pages let remove it: give one of a trusted publisher."
        )
    return read


def check(options: Options) -> dict[str, t.Any]:
    """What a task in check mode ends with. Raises InvalidInput, as the real run would."""
    DesiredToken.from_options(options)
    what = (
        "taking a token back cannot be undone"
        if options["state"] == ABSENT
        else "asking for a token uses the ID token up, and may create the project of a pending publisher"
    )
    return {"skipped": True, "msg": f"Not run in check mode: {what}."}


def manage(options: Options) -> dict[str, t.Any]:
    """Have a token, or none, and say so. Raises our errors. May be repeated after one that is Unavailable."""
    desired = DesiredToken.from_options(options)
    index = find_index(desired.index, pypi_endpoint())
    exchange = TokenExchange(index)
    if desired.token:
        return {"changed": _burn(desired, exchange)}
    audience = exchange.audience()
    if desired.job:
        # Fresh for each try: a token is taken once, and whether that was done is not known when the answer is lost.
        made = exchange.mint(request_id_token(desired.job, audience), audience)
    else:
        made = _mint_once(exchange, str(desired.id_token), audience)
    expires = made.expires_at
    return {
        "changed": True,
        "upload_token": {
            "username": USERNAME,
            "token": made.text,
            "index": index.name,
            "expires_at": None if expires is None else show_time(expires),
        },
    }


def _mint_once(exchange: TokenExchange, id_token: str, audience: str) -> t.Any:
    """For an ID token that there is no other of. Raises Unavailable only when it certainly was not taken."""
    claims = read_parts(id_token)[1]
    if claims.get("aud") != audience:
        # Whom it was made for could act as the job, and so could whoever it is shown to.
        raise Refused(
            f"id_token was made for the audience {claims.get('aud')!r}, and {exchange.index.name} takes those for {audience!r}: "
            "it is not sent there."
        )
    try:
        return exchange.mint(id_token, audience)
    except (Throttled, Unreachable):
        raise
    except Unavailable as error:
        raise Refused(f"{error} The ID token may be used up by that: take a fresh one to try again.") from None


def _burn(desired: DesiredToken, exchange: TokenExchange) -> bool:
    token = str(desired.token)
    read = _read(desired.index, token)
    if read and read.expires_at is not None and read.expires_at <= time.time():
        return False
    exchange.burn(token)
    return True

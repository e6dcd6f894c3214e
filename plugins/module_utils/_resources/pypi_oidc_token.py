# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""An upload token of an index, exchanged for the ID token of a job, and taken back.

What tokens there are cannot be read, so that each run that wants one gets a new one.
"""

from __future__ import annotations

import typing as t
from dataclasses import dataclass, field, replace
from functools import cache
from hashlib import sha256

from .._base.errors import InvalidInput, Refused, Throttled, Unavailable, Unreachable
from .._base.values import parse_endpoint, parse_url
from .._clients.github.job_tokens import Job, request_id_token
from .._clients.pypi.api_tokens import ApiToken, index_name, read_token, show_time
from .._clients.pypi.endpoints import pypi_endpoint
from .._clients.pypi.token_exchange import TokenExchange, UploadToken
from .._domain.publishing.id_tokens import read_parts
from .._domain.publishing.indexes import PYPI, TESTPYPI, find_index
from .._engine.resource import Change, DesiredState, Options, Resource

#: User name that goes with any token of an index.
USERNAME = "__token__"
ABSENT = "absent"


@dataclass(frozen=True)
class DesiredToken(DesiredState):
    """A new token, for C(id_token) or by C(job); or C(token) gone."""

    index: str
    id_token: str | None = field(default=None, repr=False)
    job: Job | None = None
    token: str | None = field(default=None, repr=False)
    check_mode: bool = False

    @classmethod
    def from_options(cls, options: Options, *, check_mode: bool = False) -> DesiredToken:
        """Raises InvalidInput, which holds no part of a token."""
        return replace(cls._from_options(options), check_mode=check_mode)

    @classmethod
    def _from_options(cls, options: Options) -> DesiredToken:
        index = options.get("index") or PYPI
        _check_index(index)
        if options.get("state") == ABSENT:
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

    @property
    def target(self) -> str:
        """The index, and which of several tokens, by the beginning of a checksum."""
        given = self.token or self.id_token
        which = f" {sha256(given.encode()).hexdigest()[:8]}" if given else ""
        if self.token:
            return f"the upload token{which} of {self.index}"
        return f"an upload token of {self.index}" + (f" for the ID token{which}" if which else "")


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
    wanted = find_index(index, endpoint)
    try:
        read = read_token(token)
    except InvalidInput:
        if wanted.name in (PYPI, TESTPYPI):
            raise
        return None
    owner = index_name(read.domain, endpoint)
    # Where other indexes have their uploads only they know; those of these two are for nobody else.
    if read.domain != wanted.domain and (owner or wanted.name in (PYPI, TESTPYPI)):
        raise InvalidInput(
            f"token is one of {owner or 'another index'}, and not of {wanted.name}: it is not sent there."
        )
    if not read.minted and (read.user or read.projects is not None):
        raise InvalidInput(
            "token is a user's, whom only the index's own pages let remove it: give one of a trusted publisher."
        )
    return read


@dataclass(frozen=True)
class TokenState:
    """What is to be exchanged for a token, and the token; or whether one was taken back."""

    audience: str = ""
    id_token: str = field(default="", repr=False)
    upload: UploadToken | None = field(default=None, repr=False)
    #: Whether the index was asked to take the token back.
    gone: bool = False


@dataclass(frozen=True)
class UploadTokens(Resource[DesiredToken, TokenState]):
    """The resource of pypi_oidc_token."""

    #: The calls at an index, by its name or URL.
    exchange: t.Callable[[str], TokenExchange]

    @classmethod
    def connect(cls, _options: Options) -> UploadTokens:
        """Calls nothing: which indexes there are, the entries say."""
        return cls(cache(lambda index: TokenExchange(find_index(index, pypi_endpoint()))))

    def read(self, desired: DesiredToken) -> TokenState:
        """The ID token and whom it must be made for; nothing in check mode. Raises Refused for one that was made for others."""
        if desired.check_mode:
            return TokenState()
        if desired.token:
            # Also when it has expired by this machine's clock: only that of the index counts.
            return TokenState()
        exchange = self.exchange(desired.index)
        audience = exchange.audience()
        if desired.job:
            # Fresh for each try: a token is taken once, and whether that was done is not known when the answer is lost.
            return TokenState(audience, request_id_token(desired.job, audience))
        id_token = str(desired.id_token)
        made_for = read_parts(id_token)[1].get("aud")
        if made_for != audience:
            # Whom it was made for could act as the job, and so could whoever it is shown to.
            raise Refused(
                f"id_token was made for the audience {made_for!r}, and {exchange.index.name} takes those for {audience!r}: "
                "it is not sent there."
            )
        return TokenState(audience, id_token)

    def plan(self, current: TokenState, desired: DesiredToken) -> Change[TokenState] | None:
        """Always a new token, or to take one back. Nothing in check mode."""
        if desired.check_mode:
            return None
        return Change(current, replace(current, gone=desired.token is not None))

    def apply(self, change: Change[TokenState], desired: DesiredToken) -> TokenState:
        """Exchange the ID token, which uses it up, or have the upload token taken back."""
        exchange = self.exchange(desired.index)
        if desired.token:
            exchange.burn(desired.token)
            return change.after
        try:
            return replace(change.after, upload=exchange.mint(change.before.id_token, change.before.audience))
        except (Throttled, Unreachable):
            raise
        except Unavailable as error:
            if desired.job:
                raise
            lost = Refused(f"{error} The ID token may be used up by that: use a fresh one to try again.")
            lost.unclear = True
            raise lost from None

    def result(self, state: TokenState, desired: DesiredToken) -> dict[str, t.Any]:
        """C(upload_token), which is a credential; in check mode why the task is skipped."""
        if desired.check_mode:
            what = (
                "taking a token back cannot be undone"
                if desired.token
                else "asking for a token uses the ID token up, and may create the project of a pending publisher"
            )
            return {"skipped": True, "msg": f"Not run in check mode: {what}."}
        if state.upload is None:
            return {}
        expires = state.upload.expires_at
        return {
            "upload_token": {
                "username": USERNAME,
                "token": state.upload.text,
                "index": self.exchange(desired.index).index.name,
                "expires_at": None if expires is None else show_time(expires),
            }
        }

# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""An authorization token for the repositories of a CodeArtifact domain: the one that was given, or a new one when that is about to expire.

CodeArtifact neither lists tokens nor takes them back, and what a token is for cannot be read from it.
"""

from __future__ import annotations

import time
import typing as t
from dataclasses import dataclass, field

from .._base.errors import InvalidInput, NotFound
from .._base.values import parse_duration, parse_time, read_time
from .._domain.codeartifact.names import DomainName, domain_name, no_such
from .._engine.censor import Credential
from .._engine.resource import Change, NamedState, Options
from .parts.codeartifact import CodeArtifactResource

#: User name that goes with any token. Source: the CodeArtifact User Guide, "Configure and use pip with CodeArtifact".
USERNAME = "aws"
#: Seconds. Source: GetAuthorizationToken in the CodeArtifact API Reference.
SHORTEST, LONGEST = 900, 43_200
#: In place of seconds: as long as the session of the role that asks.
SESSION = 0
#: Seconds before its end in which a token is renewed whose length only the session knows.
_SESSION_END = 900


@dataclass(frozen=True)
class DesiredToken(NamedState[DomainName]):
    """A token that is good for more than C(renew_before) seconds. C(token) is an earlier one, which is good until C(expiration)."""

    duration: int = LONGEST
    renew_before: int = LONGEST // 3
    token: str | None = field(default=None, repr=False)
    expiration: str | None = None

    @classmethod
    def from_options(cls, options: Options) -> DesiredToken:
        """Raises InvalidInput, which holds no part of a token."""
        duration = _duration(options.get("duration"))
        token, expiration = options.get("authorization_token") or None, options.get("expiration") or None
        if (token is None) != (expiration is None):
            missing = "expiration" if token else "authorization_token"
            raise InvalidInput(
                f"{missing} is missing: give both the token of the last run and when it expires, or neither."
            )
        if token and any(character.isspace() for character in token):
            raise InvalidInput("authorization_token has white space in it: give the token as it was returned.")
        return cls(
            domain_name(options),
            duration,
            _renew_before(options.get("renew_before"), duration),
            token,
            parse_time(expiration, option="expiration") if expiration else None,
        )

    @property
    def target(self) -> str:
        return f"the authorization token of {self.name}"


def _duration(given: str | None) -> int:
    seconds = LONGEST if given is None else parse_duration(given, option="duration")
    if seconds != SESSION and not SHORTEST <= seconds <= LONGEST:
        raise InvalidInput(
            f"duration {given!r} is not accepted by CodeArtifact: give 0, or {SHORTEST} to {LONGEST} seconds, which are 15m to 12h."
        )
    return seconds


def _renew_before(given: str | None, duration: int) -> int:
    if given is None:
        return _SESSION_END if duration == SESSION else duration // 3
    seconds = parse_duration(given, option="renew_before")
    if seconds >= (LONGEST if duration == SESSION else duration):
        raise InvalidInput(
            f"renew_before {given!r} is not shorter than the time for which a token is valid: each run would get a new one."
        )
    return seconds


@dataclass(frozen=True)
class TokenState:
    """A token that is good for long enough, or none."""

    token: str | None = field(default=None, repr=False)
    expiration: str | None = None
    #: Whether it is yet to be asked for, or was just now.
    new: bool = False


class CodeArtifactTokens(CodeArtifactResource[DesiredToken, TokenState]):
    """The resource of codeartifact_token."""

    def read(self, desired: DesiredToken) -> TokenState:
        """Calls nothing: what is known of a token, the options say."""
        if desired.expiration is None:
            return TokenState()
        left = read_time(desired.expiration).timestamp() - time.time()
        return TokenState(desired.token, desired.expiration) if left > desired.renew_before else TokenState()

    def wanted(self, current: TokenState, desired: DesiredToken) -> TokenState:
        return current if current.token else TokenState(new=True)

    def apply(self, change: Change[TokenState], desired: DesiredToken) -> TokenState:
        """One call. An answer that is lost leaves a token that nobody knows, and that expires."""
        try:
            made = self.api.get_authorization_token(desired.name, desired.duration)
        except NotFound:
            raise no_such(desired.name) from None
        return TokenState(made.text, made.expiration, new=True)

    def result(self, state: TokenState, desired: DesiredToken) -> dict[str, t.Any]:
        """C(authorization_token), which is a credential; in check mode, none when there would be a new one, and why."""
        shown: dict[str, t.Any] = {"username": USERNAME, "authorization_token": None, "expiration": state.expiration}
        if state.token is None:
            why = f"The given one expires at {desired.expiration}" if desired.expiration else "None was given"
            return {**shown, "msg": f"{why}: a new token would be asked for, which check mode does not do."}
        return {**shown, "authorization_token": state.token if state.new else Credential(state.token)}

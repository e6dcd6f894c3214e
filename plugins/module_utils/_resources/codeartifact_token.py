# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""An authorization token for the repositories of a CodeArtifact domain: the one that was given, or a new one when that is about to expire.

CodeArtifact neither lists tokens nor takes them back, and what a token is for cannot be read from it.
"""

from __future__ import annotations

import typing as t
from dataclasses import dataclass

from .._base.errors import InvalidInput, NotFound
from .._base.values import parse_duration
from .._domain.codeartifact.names import DomainName, domain_name, no_such
from .._engine.resource import Change, NamedState, Options
from .parts.codeartifact import CodeArtifactResource
from .parts.kept_tokens import GivenToken, TokenState, check_renewal

#: User name that goes with any token. Source: the CodeArtifact User Guide, "Configure and use pip with CodeArtifact".
USERNAME = "aws"
#: Seconds. Source: GetAuthorizationToken in the CodeArtifact API Reference.
SHORTEST, LONGEST = 900, 43_200
#: In place of seconds: as long as the session of the role that asks.
SESSION = 0
#: Seconds before its end in which a token is renewed whose length only the session knows.
_SESSION_END = 900
_TOKEN, _END = "authorization_token", "expiration"


@dataclass(frozen=True)
class DesiredToken(NamedState[DomainName]):
    """A token that is good for more than C(renew_before) seconds. C(given) is an earlier one."""

    duration: int = LONGEST
    renew_before: int = LONGEST // 3
    given: GivenToken | None = None

    @classmethod
    def from_options(cls, options: Options) -> DesiredToken:
        """Raises InvalidInput, which holds no part of a token."""
        duration = _duration(options.get("duration"))
        return cls(
            domain_name(options),
            duration,
            _renew_before(options.get("renew_before"), duration),
            GivenToken.from_options(options, token=_TOKEN, end=_END),
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
    return check_renewal(seconds, LONGEST if duration == SESSION else duration, given)


class CodeArtifactTokens(CodeArtifactResource[DesiredToken, TokenState]):
    """The resource of codeartifact_token."""

    def read(self, desired: DesiredToken) -> TokenState:
        """Calls nothing: what is known of a token, the options say."""
        return TokenState.of(desired.given, desired.renew_before)

    def wanted(self, current: TokenState, desired: DesiredToken) -> TokenState:
        return current.wanted()

    def apply(self, change: Change[TokenState], desired: DesiredToken) -> TokenState:
        """One call. An answer that is lost leaves a token that nobody knows, and that expires."""
        try:
            made = self.api.get_authorization_token(desired.name, desired.duration)
        except NotFound:
            raise no_such(desired.name, self.api.region) from None
        return TokenState(made.text, made.expiration, new=True)

    def result(self, state: TokenState, desired: DesiredToken) -> dict[str, t.Any]:
        return {"username": USERNAME, **state.result(desired.given, token=_TOKEN, end=_END)}

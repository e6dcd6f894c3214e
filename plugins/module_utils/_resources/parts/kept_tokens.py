# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Tokens of an earlier run, which are kept until they are about to expire."""

from __future__ import annotations

import time
import typing as t
from dataclasses import dataclass, field

from ..._base.errors import InvalidInput
from ..._base.values import parse_time, read_time
from ..._engine.censor import Credential
from ..._engine.resource import Options


@dataclass(frozen=True)
class GivenToken:
    """A token of an earlier run, and when it C(expires)."""

    text: str = field(repr=False)
    expires: str

    @classmethod
    def from_options(cls, options: Options, *, token: str, end: str) -> GivenToken | None:
        """None if no token was given.

        :param token: name of the option that has it
        :param end: name of the option that says when it expires
        :raises InvalidInput: one is there without the other, or is not what it should be; holds no part of the token
        """
        text, expires = options.get(token) or None, options.get(end) or None
        if text is None and expires is None:
            return None
        if text is None or expires is None:
            missing = end if text else token
            raise InvalidInput(
                f"{missing} is missing: give both the token of the last run and when it expires, or neither."
            )
        if any(character.isspace() for character in text):
            raise InvalidInput(f"{token} has white space in it: give the token as it was returned.")
        return cls(text, parse_time(expires, option=end))


@dataclass(frozen=True)
class TokenState:
    """A token that is good for long enough, or none."""

    token: str | None = field(default=None, repr=False)
    expires: str | None = None
    #: Whether it is yet to be asked for, or was just now.
    new: bool = False

    @classmethod
    def of(cls, given: GivenToken | None, renew_before: int) -> TokenState:
        """What is known of a token without asking anybody. C(renew_before): seconds before its end in which it does not count."""
        if given is None or read_time(given.expires).timestamp() - time.time() <= renew_before:
            return cls()
        return cls(given.text, given.expires)

    def wanted(self) -> TokenState:
        """Itself, or a new one."""
        return self if self.token else TokenState(new=True)

    def result(self, given: GivenToken | None, *, token: str, end: str) -> dict[str, t.Any]:
        """The token, which is a credential, and when it expires; in check mode, none when there would be a new one, and why."""
        if self.token is None:
            why = f"The given one expires at {given.expires}" if given else "None was given"
            return {
                token: None,
                end: None,
                "msg": f"{why}: a new token would be asked for, which check mode does not do.",
            }
        return {token: self.token if self.new else Credential(self.token), end: self.expires}


def check_renewal(seconds: int, lifetime: int, given: str) -> int:
    """Seconds before its end in which a token is renewed. Raises InvalidInput when that is all of its time.

    :param lifetime: seconds for which a new token is valid
    :param given: what the option C(renew_before) says
    """
    if seconds >= lifetime:
        raise InvalidInput(
            f"renew_before {given!r} is not shorter than the time for which a token is valid: each run would get a new one."
        )
    return seconds

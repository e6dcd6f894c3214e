# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""An access token of Google's: the one that was given, or a new one when that is about to expire.

Google neither lists access tokens nor says of one that a service account's key got whom it is for.
"""

from __future__ import annotations

import typing as t
from dataclasses import dataclass, field

from .._base.errors import InvalidInput, Unauthenticated
from .._base.values import FromEnvironment, parse_duration
from .._clients.gcp.auth import LIFETIME, AccessToken, Connection, passes_token
from .._engine.resource import Change, DesiredState, Options, Resource
from .parts.kept_tokens import GivenToken, TokenState, check_renewal

#: User name that goes with any token. Source: Artifact Registry's documentation, "Configure authentication for Python package repositories".
USERNAME = "oauth2accesstoken"
#: Seconds. Source: generateAccessToken in the reference of the IAM Service Account Credentials API.
LONGEST = 43_200
_TOKEN, _END = "token", "expires_at"


@dataclass(frozen=True)
class DesiredAccessToken(DesiredState):
    """A token of the last of C(accounts), or of the caller, that is good for more than C(renew_before) seconds."""

    accounts: tuple[str, ...] = ()
    lifetime: int = LIFETIME
    renew_before: int = LIFETIME // 3
    given: GivenToken | None = None
    #: What says who asks.
    login: Options = field(default_factory=dict, repr=False, compare=False)

    @classmethod
    def from_options(cls, options: Options) -> DesiredAccessToken:
        """Raises InvalidInput, which holds no part of a token."""
        if passes_token(options):
            source = "GCP_ACCESS_TOKEN" if isinstance(options.get("access_token"), FromEnvironment) else "access_token"
            raise InvalidInput(
                f"{source} is an access token already, and when it expires is not known: give impersonate_service_account "
                "(package_clients_google_account in the role package_clients) for a token of that account, or credentials of another kind."
            )
        accounts = tuple(options.get("impersonate_service_account") or ())
        lifetime = _lifetime(options.get("lifetime"), accounts)
        given = options.get("renew_before")
        return cls(
            accounts,
            lifetime,
            lifetime // 3
            if given is None
            else check_renewal(parse_duration(given, option="renew_before"), lifetime, given),
            GivenToken.from_options(options, token=_TOKEN, end=_END),
            options,
        )

    @property
    def target(self) -> str:
        return f"the access token of {self.accounts[-1]}" if self.accounts else "the access token of the caller"


def _lifetime(given: str | None, accounts: t.Sequence[str]) -> int:
    if given is None:
        return LIFETIME
    if not accounts:
        raise InvalidInput(
            "lifetime needs impersonate_service_account: for how long tokens of other credentials are valid, Google alone decides."
        )
    seconds = parse_duration(given, option="lifetime")
    if not 0 < seconds <= LONGEST:
        raise InvalidInput(
            f"lifetime {given!r} is not accepted by Google: give 1 to {LONGEST} seconds, which are up to 12h."
        )
    return seconds


class AccessTokens(Resource[DesiredAccessToken, TokenState]):
    """The resource of gcp_access_token."""

    @classmethod
    def connect(cls, _options: Options) -> AccessTokens:
        """Calls nothing: who asks, the entries say."""
        return cls()

    def read(self, desired: DesiredAccessToken) -> TokenState:
        """Calls nothing: what is known of a token, the options say."""
        return TokenState.of(desired.given, desired.renew_before)

    def wanted(self, current: TokenState, desired: DesiredAccessToken) -> TokenState:
        return current.wanted()

    def apply(self, change: Change[TokenState], desired: DesiredAccessToken) -> TokenState:
        """A new token; a machine's own may be one that others of the machine have had for a while."""
        made = _made(desired)
        return TokenState(made.text, made.expires, new=True)

    def result(self, state: TokenState, desired: DesiredAccessToken) -> dict[str, t.Any]:
        return {"username": USERNAME, **state.result(desired.given, token=_TOKEN, end=_END)}


def _made(desired: DesiredAccessToken) -> AccessToken:
    try:
        return Connection.from_options(desired.login, lifetime=desired.lifetime).access_token()
    except Unauthenticated as error:
        if desired.lifetime <= LIFETIME:
            raise
        raise Unauthenticated(
            f"{error} A lifetime of more than an hour also takes the organization policy "
            "constraints/iam.allowServiceAccountCredentialLifetimeExtension, which names the account."
        ) from None

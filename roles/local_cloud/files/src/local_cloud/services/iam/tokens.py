# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who a bearer token speaks for, and tokens that expire.

A member's name as it stands, such as ``user:owner@example.com``, is a token of that member, for whoever has nothing to say about logins. What
this cloud gives out - for a service account's key, by impersonation, to a machine - is opaque and expires. A JWT that such a key signed is
taken too, since Google's client libraries send one in place of an access token.
"""

from __future__ import annotations

import base64
import re
import secrets
from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from typing import Any

from local_cloud.platform.clock import Clock
from local_cloud.platform.errors import unauthenticated
from local_cloud.services.iam.keys import BadAssertion, Keys

LIFETIME = timedelta(hours=1)
#: Whom assertions are made for, whatever the address in the key's file.
AUDIENCE = "https://oauth2.googleapis.com/token"
_MEMBER = re.compile(r"(?:user|serviceAccount):[^\s@:]+@[^\s@:]+|principal://\S+")
_JWT_GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"


class Tokens:
    """All that were given out and are valid, the keys that they are given out for, and who is revoked."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._issued: dict[str, tuple[str, datetime]] = {}
        self.keys = Keys(clock)
        #: Members whose accounts are disabled or deleted.
        self.revoked: set[str] = set()

    def issue(self, member: str, lifetime: timedelta = LIFETIME) -> tuple[str, datetime]:
        """A token of a member, and when it expires."""
        now = self._clock.now()
        self._issued = {token: issued for token, issued in self._issued.items() if issued[1] > now - LIFETIME}
        token, expires = f"ya29.local-{secrets.token_urlsafe(96)}", now + lifetime
        self._issued[token] = member, expires
        return token, expires

    def caller_of(self, authorization: str | None) -> str:
        """The caller of an Authorization header: Bearer, or Basic with user oauth2accesstoken as package clients send it.

        Raises:
            ApiError: UNAUTHENTICATED.
        """
        member = self._holder(_credential(authorization))
        if member in self.revoked:
            raise unauthenticated("ACCOUNT_STATE_INVALID")
        return member

    def _holder(self, credential: str) -> str:
        if _MEMBER.fullmatch(credential):
            return credential
        if credential in self._issued:
            member, expires = self._issued[credential]
            if expires <= self._clock.now():
                raise unauthenticated("ACCESS_TOKEN_EXPIRED")
            return member
        try:
            return f"serviceAccount:{self.keys.verified(credential)['iss']}"
        except BadAssertion:
            raise unauthenticated("ACCESS_TOKEN_TYPE_UNSUPPORTED") from None

    def grant(self, form: Mapping[str, str], audiences: Collection[str]) -> tuple[int, dict[str, Any]]:
        """The token endpoint for service accounts' keys (RFC 7523): status and body, in OAuth's own error format."""
        if form.get("grant_type") != _JWT_GRANT:
            return _refused("unsupported_grant_type", "Invalid grant_type.")
        try:
            claims = self.keys.verified(form.get("assertion", ""))
        except BadAssertion as error:
            return _refused("invalid_grant", str(error))
        if claims.get("aud") not in audiences:
            return _refused("invalid_grant", "Invalid JWT: Failed audience check.")
        member = f"serviceAccount:{claims['iss']}"
        if member in self.revoked:
            return _refused("invalid_grant", "Invalid grant: account not found")
        if not isinstance(claims.get("scope"), str) or not claims["scope"]:
            return _refused("invalid_scope", "Invalid OAuth scope or ID token audience provided.")
        token, _expires = self.issue(member)
        return 200, shown(token)


def shown(token: str) -> dict[str, Any]:
    """A new token as OAuth answers it."""
    return {"access_token": token, "expires_in": int(LIFETIME.total_seconds()), "token_type": "Bearer"}


def _refused(error: str, description: str) -> tuple[int, dict[str, Any]]:
    return 400, {"error": error, "error_description": description}


def _credential(authorization: str | None) -> str:
    if not authorization:
        raise unauthenticated("CREDENTIALS_MISSING")
    scheme, _space, credential = authorization.partition(" ")
    if scheme.lower() == "basic":
        username, _colon, credential = _decode_basic(credential).partition(":")
        if username != "oauth2accesstoken":
            raise unauthenticated("ACCESS_TOKEN_TYPE_UNSUPPORTED")
    elif scheme.lower() != "bearer":
        raise unauthenticated("ACCESS_TOKEN_TYPE_UNSUPPORTED")
    return credential.strip()


def _decode_basic(credential: str) -> str:
    try:
        return base64.b64decode(credential, validate=True).decode()
    except ValueError:
        raise unauthenticated("ACCESS_TOKEN_TYPE_UNSUPPORTED") from None

# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Keys of service accounts: given out as key files, and what their holders sign.

Source: Google's documentation, "Using OAuth 2.0 for Server to Server Applications", and "Service account keys".
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from local_cloud.platform.clock import Clock

_ALGORITHM = "RS256"
#: How long an assertion may be valid, and how far its maker's clock may be ahead.
LONGEST, _AHEAD = timedelta(hours=1), timedelta(minutes=5)


class BadAssertion(Exception):
    """What a holder of a key is said to have signed is not so. The text is Google's."""


@dataclass(frozen=True)
class Key:
    """The half of a key that stays here."""

    id: str
    account: str
    public: rsa.RSAPublicKey
    created: datetime


class Keys:
    """All that were given out and not deleted."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._keys: dict[str, Key] = {}

    def of(self, account: str) -> list[Key]:
        return [key for key in self._keys.values() if key.account == account]

    def create(self, account: str, project: str, token_uri: str) -> tuple[Key, dict[str, str]]:
        """A new key and its file, which nobody can have again."""
        private = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        key = Key(secrets.token_hex(20), account, private.public_key(), self._clock.now())
        self._keys[key.id] = key
        pem = private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        return key, {
            "type": "service_account",
            "project_id": project,
            "private_key_id": key.id,
            "private_key": pem.decode(),
            "client_email": account,
            "client_id": number_of(account),
            "token_uri": token_uri,
            "universe_domain": "googleapis.com",
        }

    def delete(self, key_id: str) -> None:
        self._keys.pop(key_id, None)

    def verified(self, assertion: str) -> Mapping[str, Any]:
        """The claims of a JWT that the account it names has signed, and that is valid now.

        Raises:
            BadAssertion: it is anything else.
        """
        # Its times are judged here, by this cloud's clock.
        unjudged = {f"verify_{claim}": False for claim in ("exp", "iat", "nbf", "aud")}
        for key in self._named(assertion):
            try:
                claims: dict[str, Any] = jwt.decode(assertion, key.public, [_ALGORITHM], options=unjudged)
            except jwt.InvalidTokenError:
                continue
            if claims.get("iss") == key.account:
                self._check_times(claims)
                return claims
        raise BadAssertion("Invalid JWT Signature.")

    def _named(self, assertion: str) -> list[Key]:
        """The keys that may have signed it: the one that it names, or all of its account, because the key files that AWX writes have no id."""
        try:
            key_id = jwt.get_unverified_header(assertion).get("kid")
            account = jwt.decode(assertion, options={"verify_signature": False}).get("iss")
        except jwt.InvalidTokenError:
            return []
        return self.of(str(account)) if key_id is None else [key for key in self._keys.values() if key.id == key_id]

    def _check_times(self, claims: Mapping[str, Any]) -> None:
        issued, expires = claims.get("iat"), claims.get("exp")
        if isinstance(issued, int | float) and isinstance(expires, int | float):
            made, valid = self._clock.at(datetime.fromtimestamp(issued, UTC)), timedelta(seconds=expires - issued)
            if valid <= LONGEST and made - _AHEAD <= self._clock.now() < made + valid:
                return
        raise BadAssertion(
            "Invalid JWT: Token must be a short-lived token (60 minutes) and in a reasonable timeframe. Check your iat and exp values "
            "in the JWT claim."
        )


def number_of(account: str) -> str:
    """The unique id of a service account."""
    return str(int(hashlib.sha256(account.encode()).hexdigest(), 16))[:21]

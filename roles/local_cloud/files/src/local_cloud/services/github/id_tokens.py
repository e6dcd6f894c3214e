# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""ID tokens of Actions jobs: signed with RS256 by a key of this process, which is published as GitHub publishes its own.

Source: GitHub's documentation, "OpenID Connect reference". The issuer is that of GitHub, for indexes accept no other; where
the key is found is said here, to whoever asks.
"""

from __future__ import annotations

import hashlib
from functools import cached_property
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from jwt.algorithms import RSAAlgorithm

# That of GitHub, which tells tokens of its jobs from those of enterprise servers.
ISSUER = "https://token.actions.githubusercontent.com"
ALGORITHM = "RS256"
PREFIX = "github/_services/token/.well-known/"


class SigningKey:
    """Made when it is first needed."""

    @cached_property
    def private(self) -> rsa.RSAPrivateKey:
        return rsa.generate_private_key(public_exponent=65537, key_size=2048)

    @cached_property
    def id(self) -> str:
        spki = self.private.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        return hashlib.sha256(spki).hexdigest()[:40]

    def sign(self, claims: dict[str, Any]) -> str:
        """A token that says whatever it is given."""
        return jwt.encode(claims, self.private, ALGORITHM, headers={"kid": self.id})

    def public_keys(self) -> dict[str, Any]:
        """The JWKS document."""
        key = RSAAlgorithm.to_jwk(self.private.public_key(), as_dict=True)
        return {"keys": [{**key, "kid": self.id, "alg": ALGORITHM, "use": "sig"}]}


def configuration(url: str) -> dict[str, Any]:
    """The discovery document. ``url`` is the cloud's own."""
    return {
        "issuer": ISSUER,
        "jwks_uri": f"{url}/{PREFIX}jwks",
        "subject_types_supported": ["public", "pairwise"],
        "response_types_supported": ["id_token"],
        "claims_supported": ["sub", "aud", "exp", "iat", "iss", "jti", "nbf"],
        "id_token_signing_alg_values_supported": [ALGORITHM],
        "scopes_supported": ["openid"],
    }

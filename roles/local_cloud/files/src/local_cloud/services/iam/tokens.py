# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who a bearer token speaks for, and a token for a service account's key.

A token of this cloud is its holder's IAM member as it stands, such as ``user:owner@example.com``. A JWT that a service
account signed itself is taken too, since Google's client libraries send one in place of an access token; its signature
is not checked.
"""

from __future__ import annotations

import base64
import json
import re
from datetime import datetime, timedelta
from typing import Any

from local_cloud.platform.errors import unauthenticated

LIFETIME = timedelta(hours=1)
_MEMBER = re.compile(r"(?:user|serviceAccount):[^\s@:]+@[^\s@:]+|principal://\S+")
_JWT_GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"


def caller_of(authorization: str | None, now: datetime) -> str:
    """The caller of an Authorization header: Bearer, or Basic with user oauth2accesstoken as package clients send it.

    Raises:
        ApiError: UNAUTHENTICATED.
    """
    if not authorization:
        raise unauthenticated("CREDENTIALS_MISSING")
    scheme, _space, credential = authorization.partition(" ")
    if scheme.lower() == "basic":
        username, _colon, credential = _decode_basic(credential).partition(":")
        if username != "oauth2accesstoken":
            raise unauthenticated("ACCESS_TOKEN_TYPE_UNSUPPORTED")
    elif scheme.lower() != "bearer":
        raise unauthenticated("ACCESS_TOKEN_TYPE_UNSUPPORTED")
    credential = credential.strip()
    if _MEMBER.fullmatch(credential):
        return credential
    issuer = _jwt_issuer(credential, now)
    if issuer is None:
        raise unauthenticated("ACCESS_TOKEN_TYPE_UNSUPPORTED")
    return f"serviceAccount:{issuer}"


def grant_token(form: dict[str, str], now: datetime) -> tuple[int, dict[str, Any]]:
    """The token endpoint for service account keys (RFC 7523): status and body, in OAuth's own error format."""
    if form.get("grant_type") != _JWT_GRANT:
        return 400, {"error": "unsupported_grant_type", "error_description": "Invalid grant_type."}
    issuer = _jwt_issuer(form.get("assertion", ""), now)
    if issuer is None:
        return 400, {"error": "invalid_grant", "error_description": "Invalid JWT."}
    expires_in = int(LIFETIME.total_seconds())
    return 200, {"access_token": f"serviceAccount:{issuer}", "expires_in": expires_in, "token_type": "Bearer"}


def _decode_basic(credential: str) -> str:
    try:
        return base64.b64decode(credential, validate=True).decode()
    except ValueError:
        raise unauthenticated("ACCESS_TOKEN_TYPE_UNSUPPORTED") from None


def _jwt_issuer(token: str, now: datetime) -> str | None:
    """The ``iss`` of a JWT that has not expired, if it is a service account's."""
    parts = token.split(".")
    if len(parts) != 3:
        return None
    try:
        claims = json.loads(base64.urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4)))
    except ValueError:
        return None
    if not isinstance(claims, dict) or not isinstance(claims.get("exp"), int | float):
        return None
    issuer = claims.get("iss")
    is_account = isinstance(issuer, str) and issuer.endswith(".gserviceaccount.com") and "@" in issuer
    return issuer if is_account and claims["exp"] > now.timestamp() else None

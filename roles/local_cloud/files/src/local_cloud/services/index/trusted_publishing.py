# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The endpoints of trusted publishing: the audience, a token for an ID token, and taking it back.

Source: the answers of PyPI's own software. Whose a token is, ``publishers`` decides; who signed it, is decided here.
"""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

import jwt
from aiohttp import web

from local_cloud.services.github.id_tokens import ALGORITHM, SigningKey
from local_cloud.services.index import registration, upload_tokens
from local_cloud.services.index.publishers import RefusedError, check_issuer, check_token, publisher_of
from local_cloud.services.index.store import Index


def audience(index: Index) -> web.Response:
    return web.json_response({"audience": index.audience})


def mint(index: Index, key: SigningKey, body: bytes, location: str, now: datetime) -> web.Response:
    """An upload token for an ID token. ``location`` is the index's host, which its tokens name."""
    try:
        claims = _claims(_token(body), key)
        check_token(claims, index.audience, now)
        found = publisher_of(claims, index.publishers, index.used, index.projects)
    except RefusedError as refused:
        return _refused(refused)
    if found.pending:
        found = registration.fulfil(index, found)
    index.used.add(claims["jti"])
    projects = [other.project for other in index.publishers if other.identity == found.identity and not other.pending]
    token, expires = upload_tokens.mint(index, location, found, list(dict.fromkeys(projects)), now)
    return web.json_response({"success": True, "token": token, "expires": expires})


def burn(index: Index, body: bytes) -> web.Response:
    """The answer does not tell whether there was such a token."""
    upload_tokens.burn(index, _token(body) or "")
    return web.json_response({"message": "Accepted", "errors": []}, status=202)


def _claims(token: str | None, key: SigningKey) -> dict[str, Any]:
    """What a token says, if it is one of the issuer's. Raises RefusedError."""
    if token is None:
        raise RefusedError("invalid-payload", "The body is not an object with a token.")
    try:
        claims = jwt.decode(token, options={"verify_signature": False})
    except jwt.PyJWTError:
        claims = None
    check_issuer(claims)
    if not _signed(token, key):
        raise RefusedError("invalid-token", "malformed or invalid token")
    return dict(claims or {})


def _token(body: bytes) -> str | None:
    try:
        payload = json.loads(body)
    except (ValueError, RecursionError):
        return None
    token = payload.get("token") if isinstance(payload, dict) else None
    return token if isinstance(token, str) else None


def _signed(token: str, key: SigningKey) -> bool:
    """Whether the issuer's key signed it; what it claims is looked at elsewhere."""
    try:
        if jwt.get_unverified_header(token).get("kid") != key.id:
            return False
        jwt.decode(token, key.private.public_key(), algorithms=[ALGORITHM], options=_SIGNATURE_ONLY)
    except jwt.PyJWTError:
        return False
    return True


_SIGNATURE_ONLY: Any = {
    "verify_signature": True,
    **{f"verify_{claim}": False for claim in ("aud", "exp", "iat", "iss", "jti", "nbf", "sub")},
}


def _refused(refusal: RefusedError) -> web.Response:
    if refusal.status == 500:
        return web.Response(text="Internal Server Error\r\n", status=500)
    error = {"code": refusal.code, "description": refusal.description}
    return web.json_response({"message": "Token request failed", "errors": [error]}, status=refusal.status)

# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The endpoints of trusted publishing: the audience, a token for an ID token, and taking it back.

Source: the answers of PyPI's own software, as the collection's ``trusted_publishers`` has them; what comes before the claims
are looked at, that is the signature, is decided here.
"""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

import jwt
from aiohttp import web
from ansible_collections.pkgops.registry_auth.plugins.module_utils._pypi.trusted_publishers import (
    Match,
    Refusal,
    match,
)

from local_cloud.services.github.id_tokens import ALGORITHM, SigningKey
from local_cloud.services.index import registration, upload_tokens
from local_cloud.services.index.store import Index


def audience(index: Index) -> web.Response:
    return web.json_response({"audience": index.audience})


def mint(index: Index, key: SigningKey, body: bytes, location: str, now: datetime) -> web.Response:
    """An upload token for an ID token. ``location`` is the index's host, which its tokens name."""
    token = _token(body)
    if token is None:
        return _refused(Refusal(422, "invalid-payload", "The body is not an object with a token."))
    try:
        claims = jwt.decode(token, options={"verify_signature": False})
    except jwt.PyJWTError:
        claims = None
    found = match(claims, ())
    if isinstance(found, Refusal) and found.code == "invalid-payload":
        return _refused(found)
    if not _signed(token, key):
        return _refused(Refusal(422, "invalid-token", "malformed or invalid token"))
    found = match(
        claims,
        index.publishers,
        audience=index.audience,
        now=now.timestamp(),
        used=index.used,
        projects=[project.name for project in index.projects.values()],
    )
    if isinstance(found, Refusal):
        return _refused(found)
    return _minted(index, found, claims, location, now)


def burn(index: Index, body: bytes) -> web.Response:
    """The answer does not tell whether there was such a token."""
    upload_tokens.burn(index, _token(body) or "")
    return web.json_response({"message": "Accepted", "errors": []}, status=202)


def _minted(index: Index, found: Match, claims: dict[str, Any], location: str, now: datetime) -> web.Response:
    if found.created is not None:
        registration.fulfil(index, found.created, found.publisher)
    index.used.add(claims["jti"])
    token, expires = upload_tokens.mint(index, location, found.publisher, found.projects, now)
    return web.json_response({"success": True, "token": token, "expires": expires})


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


def _refused(refusal: Refusal) -> web.Response:
    if refusal.status == 500:
        return web.Response(text="Internal Server Error\r\n", status=500)
    error = {"code": refusal.code, "description": refusal.description}
    return web.json_response({"message": "Token request failed", "errors": [error]}, status=refusal.status)

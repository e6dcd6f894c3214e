# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Authorization tokens: opaque, known to this process alone, for the repositories of one domain until they expire.

A token names the access key that asked for it, so that what its identity may do is judged anew at each request.
"""

from __future__ import annotations

import base64
import secrets
from dataclasses import dataclass
from datetime import datetime

from local_cloud.services.codeartifact.arns import ResourceArn

USERNAME = "aws"


@dataclass(frozen=True)
class Grant:
    access_key_id: str
    domain: ResourceArn
    expiration: datetime


class Tokens:
    """All that were issued and have not expired."""

    def __init__(self) -> None:
        self._grants: dict[str, Grant] = {}

    def issue(self, grant: Grant, now: datetime) -> str:
        self._grants = {token: other for token, other in self._grants.items() if other.expiration > now}
        token = secrets.token_urlsafe(96)
        self._grants[token] = grant
        return token

    def find(self, authorization: str | None, now: datetime) -> Grant | None:
        """The grant of the token in a Basic (user ``aws``) or Bearer Authorization header, if it is still valid."""
        scheme, _space, credential = (authorization or "").partition(" ")
        if scheme.lower() == "basic":
            try:
                username, _colon, credential = base64.b64decode(credential, validate=True).decode().partition(":")
            except ValueError:
                return None
            if username != USERNAME:
                return None
        elif scheme.lower() != "bearer":
            return None
        grant = self._grants.get(credential)
        return grant if grant is not None and grant.expiration > now else None

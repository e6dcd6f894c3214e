# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Payloads of secret versions, for whoever is there to read them."""

from __future__ import annotations

import base64
import typing as t

from ..._base.errors import InvalidInput, NotFound
from ..._clients.gcp.secretmanager import Payload
from ..._domain.gcp.names import VersionName, parse_version_name, secret_name
from ..._engine.resource import NamedState, Options
from .gcp import SecretManagerResource

#: The version that was created last.
LATEST = "latest"


def version_of(options: Options) -> VersionName:
    """The version that O(secret) names, or O(version) of the secret that it names. Raises InvalidInput."""
    given, version = str(options.get("secret") or ""), options.get("version")
    if "/versions/" not in given:
        return parse_version_name(f"{secret_name(options)}/versions/{version or LATEST}")
    if version:
        raise InvalidInput(f"secret {given!r} names a version already: leave version out.")
    return parse_version_name(given, option="secret")


def as_text(payload: Payload) -> str:
    """Raises InvalidInput, which does not quote it."""
    try:
        return payload.data.decode()
    except UnicodeDecodeError:
        raise InvalidInput(f"The payload of {payload.name} is not text in UTF-8: read it with base64=true.") from None


def as_base64(payload: Payload) -> str:
    return base64.b64encode(payload.data).decode()


class SecretPayloads(SecretManagerResource[NamedState[VersionName], Payload]):
    """Its results hold payloads, for which it was asked."""

    def read(self, desired: NamedState[VersionName]) -> Payload:
        """One call. Raises NotFound, and FailedPrecondition for a version that is disabled or destroyed."""
        try:
            return self.api.access(desired.name)
        except NotFound:
            raise NotFound(f"{desired.name} does not exist.") from None

    def result(self, state: Payload, desired: NamedState[VersionName]) -> dict[str, t.Any]:
        return {"payload": state}

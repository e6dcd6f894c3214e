# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Actions secrets of a repository, and of an environment of it: their names. What they hold is forgotten as it comes."""

from __future__ import annotations

import base64
import hashlib
from typing import Any

from local_cloud.services.github import access, bodies
from local_cloud.services.github.accounts import timestamp
from local_cloud.services.github.calls import Call, Reply
from local_cloud.services.github.environments import find
from local_cloud.services.github.errors import GitHubError, not_found
from local_cloud.services.github.store import Secret


def list_secrets(call: Call) -> Reply:
    kept = _kept(call, write=False)
    return call.page_of([kept[name] for name in sorted(kept)], _show, "secrets")


def get(call: Call) -> Reply:
    return Reply(_show(_secret(call, _kept(call, write=False))))


def put(call: Call) -> Reply:
    kept = _kept(call, write=True)
    bodies.check(call.body, {"encrypted_value": str, "key_id": str}, required=("encrypted_value", "key_id"))
    name = call.path["secret_name"].upper()
    if call.body["key_id"] != _key(call)["key_id"]:
        raise GitHubError(422, "The key_id is not that of the public key.")
    present = kept.get(name)
    kept[name] = Secret(name, present.created if present else call.now, call.now)
    return Reply(status=204) if present else Reply({}, 201)


def delete(call: Call) -> Reply:
    kept = _kept(call, write=True)
    del kept[_secret(call, kept).name]
    return Reply(status=204)


def get_public_key(call: Call) -> Reply:
    _kept(call, write=False)
    return Reply(_key(call))


def _kept(call: Call, *, write: bool) -> dict[str, Secret]:
    """The secrets of what the path names, if the caller may read or write them."""
    if "environment_name" not in call.path:
        return call.repository(access.WRITE_SECRETS if write else access.READ_SECRETS).secrets
    need = access.WRITE_ENVIRONMENT_SECRETS if write else access.READ_ENVIRONMENT_SECRETS
    return find(call, call.repository(need)).secrets


def _secret(call: Call, kept: dict[str, Secret]) -> Secret:
    found = kept.get(call.path["secret_name"].upper())
    if found is None:
        raise not_found()
    return found


def _key(call: Call) -> dict[str, str]:
    """Any 32 bytes are a public key of Curve25519; nothing is decrypted, so nobody needs the other half."""
    key = hashlib.sha256(call.address.partition("/secrets")[0].encode()).digest()
    return {"key_id": str(int.from_bytes(key[:6], "big")), "key": base64.b64encode(key).decode()}


def _show(secret: Secret) -> dict[str, Any]:
    return {"name": secret.name, "created_at": timestamp(secret.created), "updated_at": timestamp(secret.updated)}

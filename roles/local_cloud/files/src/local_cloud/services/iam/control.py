# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The control API of Google's identities: keys without asking for permission, who is revoked, and what custom roles hold."""

from __future__ import annotations

import re

from aiohttp import web

from local_cloud.platform.bodies import read_json, texts
from local_cloud.platform.errors import invalid_argument, unknown_control_method
from local_cloud.services.iam.service import Iam

_CUSTOM_ROLE = re.compile(r"(?:projects|organizations)/[a-z0-9.:-]+/roles/[A-Za-z0-9_.]{3,64}")
_ACCOUNT = re.compile(r"[a-z0-9.-]+@(?:([a-z0-9.-]+)\.iam|[a-z0-9.-]+)\.gserviceaccount\.com")


async def control(iam: Iam, request: web.Request, path: str) -> web.Response:
    """What is at ``/_local/google/``. Raises ApiError.

    - ``POST keys``: the file of a new key.
    - ``PUT revoked``: the members that are.
    - ``PUT roles``: the permissions of custom roles, which replace all others.
    """
    match request.method, path:
        case "POST", "keys":
            account = (await read_json(request, dict)).get("account")
            _key, file = iam.tokens.keys.create(*checked_account(account), iam.token_uri)
            return web.json_response(file)
        case "PUT", "revoked":
            iam.tokens.revoked = set(texts(await read_json(request, list)))
            return web.json_response({})
        case "PUT", "roles":
            iam.custom_roles = _custom_roles(await read_json(request, dict))
            return web.json_response({})
        case _:
            raise unknown_control_method()


def _custom_roles(given: dict[str, object]) -> dict[str, frozenset[str]]:
    """Raises ApiError: INVALID_ARGUMENT."""
    for role in given:
        if not _CUSTOM_ROLE.fullmatch(role):
            raise invalid_argument("A custom role is projects/PROJECT/roles/ID or organizations/ORGANIZATION/roles/ID.")
    return {role: texts(permissions) for role, permissions in given.items()}


def checked_account(account: object) -> tuple[str, str]:
    """A service account's e-mail address, and the id of its project as far as the address has it. Raises ApiError."""
    found = _ACCOUNT.fullmatch(account) if isinstance(account, str) else None
    if found is None:
        raise invalid_argument("account is the e-mail address of a service account.")
    return found[0], found[1] or ""

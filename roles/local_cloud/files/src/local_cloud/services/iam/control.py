# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The control API of Google's identities: keys without asking for permission, and who is revoked."""

from __future__ import annotations

import re

from aiohttp import web

from local_cloud.platform.bodies import read_json, texts
from local_cloud.platform.errors import invalid_argument, unknown_control_method
from local_cloud.services.iam.service import Iam

_ACCOUNT = re.compile(r"[a-z0-9.-]+@(?:([a-z0-9.-]+)\.iam|[a-z0-9.-]+)\.gserviceaccount\.com")


async def control(iam: Iam, request: web.Request, path: str) -> web.Response:
    """``POST /_local/google/keys``: the file of a new key. ``PUT /_local/google/revoked``: the members that are. Raises ApiError."""
    match request.method, path:
        case "POST", "keys":
            account = (await read_json(request, dict)).get("account")
            _key, file = iam.tokens.keys.create(*checked_account(account), iam.token_uri)
            return web.json_response(file)
        case "PUT", "revoked":
            iam.tokens.revoked = set(texts(await read_json(request, list)))
            return web.json_response({})
        case _:
            raise unknown_control_method()


def checked_account(account: object) -> tuple[str, str]:
    """A service account's e-mail address, and the id of its project as far as the address has it. Raises ApiError."""
    found = _ACCOUNT.fullmatch(account) if isinstance(account, str) else None
    if found is None:
        raise invalid_argument("account is the e-mail address of a service account.")
    return found[0], found[1] or ""

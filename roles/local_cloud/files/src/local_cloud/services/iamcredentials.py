# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The two endpoints that give tokens out: impersonation, and the one for keys of service accounts."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from aiohttp import web
from google.protobuf import struct_pb2

from local_cloud.platform.base import Requested
from local_cloud.platform.errors import ApiError, error_info, invalid_argument
from local_cloud.platform.routing import Call, Route
from local_cloud.services.iam.application import GoogleApplication
from local_cloud.services.iam.tokens import AUDIENCE, LIFETIME
from local_cloud.services.resourcemanager.service import ResourceManager

#: A duration in whole seconds, as client libraries write it. Source: google.protobuf.Duration.
_SECONDS = re.compile(r"([0-9]{1,9})s")
_ACCOUNT = re.compile(r"projects/-/serviceAccounts/([^\s@:]+@([^\s@:.]+)\.iam\.gserviceaccount\.com)")


def generate_access_token(call: Call[ResourceManager]) -> dict[str, Any]:
    """Impersonation: a token of the account for who may have one (by a role on the account's project)."""
    account = _ACCOUNT.fullmatch(call.request["name"])
    if not account:
        raise invalid_argument("The resource name is not that of a service account.")
    lifetime = _lifetime(call.request)
    project = call.service.projects.find(account[2])
    permission = "iam.serviceAccounts.getAccessToken"
    revoked = f"serviceAccount:{account[1]}" in call.service.iam.tokens.revoked
    if project is None or revoked or not call.service.iam.allowed(call.caller, permission, project.guarded()):
        raise ApiError(
            "PERMISSION_DENIED",
            f"Permission '{permission}' denied on resource (or it may not exist).",
            details=[error_info("IAM_PERMISSION_DENIED", "iam.googleapis.com", permission=permission)],
        )
    token, expires = call.service.iam.tokens.issue(f"serviceAccount:{account[1]}", lifetime)
    return {"accessToken": token, "expireTime": expires.strftime("%Y-%m-%dT%H:%M:%SZ")}


def _lifetime(request: Mapping[str, Any]) -> timedelta:
    """An hour at most: no organization policy says otherwise here. Raises ApiError."""
    if "lifetime" not in request:
        return LIFETIME
    seconds = _SECONDS.fullmatch(str(request["lifetime"]))
    if not seconds or not 0 < int(seconds[1]) <= LIFETIME.total_seconds():
        raise invalid_argument("The access token lifetime is not valid: it cannot exceed 3600 seconds.")
    return timedelta(seconds=int(seconds[1]))


_ROUTES = [
    Route("POST", "v1/{name=projects/*/serviceAccounts/*}:generateAccessToken",
          "google.iam.credentials.v1.IAMCredentials.GenerateAccessToken",
          struct_pb2.Struct, generate_access_token, "*"),
]  # fmt: skip


class IamCredentialsApplication(GoogleApplication):
    def __init__(self, service: ResourceManager) -> None:
        super().__init__(service.platform, "iamcredentials", _ROUTES, service)
        self._iam = service.iam

    async def find(self, request: web.Request, path: str) -> Requested | web.Response | None:
        if path != "oauth2/token":
            return await super().find(request, path)
        form = {key: value for key, value in (await request.post()).items() if isinstance(value, str)}
        status, body = self._iam.tokens.grant(form, (AUDIENCE, self._iam.token_uri))
        return web.json_response(body, status=status)

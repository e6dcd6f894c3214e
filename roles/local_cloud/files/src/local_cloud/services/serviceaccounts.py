# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""IAM v1: the keys of service accounts, and switching accounts off and on.

Every service account of a project that is here exists: none has to be created.
"""

from __future__ import annotations

import base64
import json
from typing import Any

from google.protobuf import struct_pb2

from local_cloud.platform.errors import ApiError, error_info, not_found
from local_cloud.platform.routing import Call as RoutedCall
from local_cloud.platform.routing import Route
from local_cloud.services.iam.application import GoogleApplication
from local_cloud.services.iam.control import checked_account
from local_cloud.services.iam.keys import Key
from local_cloud.services.resourcemanager.service import ResourceManager

Call = RoutedCall[ResourceManager]
_METHODS = "google.iam.admin.v1.IAM."


def create_key(call: Call) -> dict[str, Any]:
    """The one answer that has the file."""
    account, project, _key = _named(call, "iam.serviceAccountKeys.create")
    key, file = call.service.iam.tokens.keys.create(account, project, call.service.iam.token_uri)
    data = base64.b64encode(json.dumps(file, indent=2).encode()).decode()
    return {**_shown(project, key), "privateKeyType": "TYPE_GOOGLE_CREDENTIALS_FILE", "privateKeyData": data}


def list_keys(call: Call) -> dict[str, Any]:
    account, project, _key = _named(call, "iam.serviceAccountKeys.list")
    return {"keys": [_shown(project, key) for key in call.service.iam.tokens.keys.of(account)]}


def delete_key(call: Call) -> dict[str, Any]:
    account, _project, wanted = _named(call, "iam.serviceAccountKeys.delete")
    keys = call.service.iam.tokens.keys
    if wanted not in {key.id for key in keys.of(account)}:
        raise not_found(f"Service account key {wanted} does not exist.")
    keys.delete(wanted)
    return {}


def disable(call: Call) -> dict[str, Any]:
    """Its tokens and keys are refused from now on."""
    account, _project, _key = _named(call, "iam.serviceAccounts.disable")
    call.service.iam.tokens.revoked.add(f"serviceAccount:{account}")
    return {}


def enable(call: Call) -> dict[str, Any]:
    account, _project, _key = _named(call, "iam.serviceAccounts.enable")
    call.service.iam.tokens.revoked.discard(f"serviceAccount:{account}")
    return {}


def _named(call: Call, permission: str) -> tuple[str, str, str]:
    """The account that is named, its project's id, and the key's id if there is one. Raises ApiError unless the caller may."""
    _projects, project_id, _accounts, name, *rest = call.request["name"].split("/")
    account, own_project = checked_account(name)
    project = call.service.projects.find(own_project if project_id == "-" else project_id)
    if project is None or not call.service.iam.allowed(call.caller, permission, project.guarded()):
        raise ApiError(
            "PERMISSION_DENIED",
            f"Permission '{permission}' denied on resource (or it may not exist).",
            details=[error_info("IAM_PERMISSION_DENIED", "iam.googleapis.com", permission=permission)],
        )
    return account, project.project_id, rest[-1] if rest else ""


def _shown(project: str, key: Key) -> dict[str, Any]:
    return {
        "name": f"projects/{project}/serviceAccounts/{key.account}/keys/{key.id}",
        "keyAlgorithm": "KEY_ALG_RSA_2048",
        "keyOrigin": "GOOGLE_PROVIDED",
        "keyType": "USER_MANAGED",
        "validAfterTime": key.created.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "validBeforeTime": "9999-12-31T23:59:59Z",
    }


_ACCOUNT = "{name=projects/*/serviceAccounts/*}"
_ROUTES = [
    Route("POST", f"v1/{_ACCOUNT}/keys", _METHODS + "CreateServiceAccountKey", struct_pb2.Struct, create_key, "*"),
    Route("GET", f"v1/{_ACCOUNT}/keys", _METHODS + "ListServiceAccountKeys", struct_pb2.Struct, list_keys),
    Route("DELETE", "v1/{name=projects/*/serviceAccounts/*/keys/*}", _METHODS + "DeleteServiceAccountKey",
          struct_pb2.Struct, delete_key),
    Route("POST", f"v1/{_ACCOUNT}:disable", _METHODS + "DisableServiceAccount", struct_pb2.Struct, disable, "*"),
    Route("POST", f"v1/{_ACCOUNT}:enable", _METHODS + "EnableServiceAccount", struct_pb2.Struct, enable, "*"),
]  # fmt: skip


def application(service: ResourceManager) -> GoogleApplication:
    return GoogleApplication(service.platform, "iam", _ROUTES, service)

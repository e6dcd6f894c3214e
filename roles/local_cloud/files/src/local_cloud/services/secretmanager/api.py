# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The routes of Secret Manager v1: each method for global and for regional names."""

from __future__ import annotations

from functools import partial

from google.cloud.location import locations_pb2
from google.cloud.secretmanager_v1.types import service as messages
from google.iam.v1 import iam_policy_pb2
from google.protobuf.message import Message

from local_cloud.platform.errors import not_found
from local_cloud.platform.routing import Route
from local_cloud.services.iam.application import GoogleApplication
from local_cloud.services.locations import REGIONS, location
from local_cloud.services.secretmanager import secrets, versions
from local_cloud.services.secretmanager.lookup import project_for
from local_cloud.services.secretmanager.quota import NAME, charge
from local_cloud.services.secretmanager.service import Call, SecretManager

_METHODS = "google.cloud.secretmanager.v1.SecretManagerService."


def list_locations(call: Call) -> Message:
    project, _location = project_for(call.service, call.caller, call.request.name, "secretmanager.locations.list")
    return locations_pb2.ListLocationsResponse(
        locations=[location(project.project_id, location_id) for location_id in REGIONS]
    )


def get_location(call: Call) -> Message:
    project, location_id = project_for(call.service, call.caller, call.request.name, "secretmanager.locations.get")
    if location_id not in REGIONS:
        raise not_found(f"Location [{call.request.name}] not found.")
    return location(project.project_id, location_id)


def _routes(scope: str) -> list[Route]:
    """``scope``: the pattern of what secrets are in."""
    secret, version = f"{scope}/secrets/*", f"{scope}/secrets/*/versions/*"
    return [
        Route("POST", f"v1/{{parent={scope}}}/secrets", _METHODS + "CreateSecret",
              messages.CreateSecretRequest.pb(), secrets.create_secret, "secret"),
        Route("GET", f"v1/{{parent={scope}}}/secrets", _METHODS + "ListSecrets",
              messages.ListSecretsRequest.pb(), secrets.list_secrets),
        Route("GET", f"v1/{{name={secret}}}", _METHODS + "GetSecret",
              messages.GetSecretRequest.pb(), secrets.get_secret),
        Route("PATCH", f"v1/{{secret.name={secret}}}", _METHODS + "UpdateSecret",
              messages.UpdateSecretRequest.pb(), secrets.update_secret, "secret"),
        Route("DELETE", f"v1/{{name={secret}}}", _METHODS + "DeleteSecret",
              messages.DeleteSecretRequest.pb(), secrets.delete_secret),
        Route("POST", f"v1/{{parent={secret}}}:addVersion", _METHODS + "AddSecretVersion",
              messages.AddSecretVersionRequest.pb(), versions.add_secret_version, "*"),
        Route("GET", f"v1/{{parent={secret}}}/versions", _METHODS + "ListSecretVersions",
              messages.ListSecretVersionsRequest.pb(), versions.list_secret_versions),
        Route("GET", f"v1/{{name={version}}}", _METHODS + "GetSecretVersion",
              messages.GetSecretVersionRequest.pb(), versions.get_secret_version),
        Route("GET", f"v1/{{name={version}}}:access", _METHODS + "AccessSecretVersion",
              messages.AccessSecretVersionRequest.pb(), versions.access_secret_version),
        Route("POST", f"v1/{{name={version}}}:enable", _METHODS + "EnableSecretVersion",
              messages.EnableSecretVersionRequest.pb(), versions.enable_secret_version, "*"),
        Route("POST", f"v1/{{name={version}}}:disable", _METHODS + "DisableSecretVersion",
              messages.DisableSecretVersionRequest.pb(), versions.disable_secret_version, "*"),
        Route("POST", f"v1/{{name={version}}}:destroy", _METHODS + "DestroySecretVersion",
              messages.DestroySecretVersionRequest.pb(), versions.destroy_secret_version, "*"),
        Route("GET", f"v1/{{resource={secret}}}:getIamPolicy", _METHODS + "GetIamPolicy",
              iam_policy_pb2.GetIamPolicyRequest, secrets.get_iam_policy),
        Route("POST", f"v1/{{resource={secret}}}:setIamPolicy", _METHODS + "SetIamPolicy",
              iam_policy_pb2.SetIamPolicyRequest, secrets.set_iam_policy, "*"),
        Route("POST", f"v1/{{resource={secret}}}:testIamPermissions", _METHODS + "TestIamPermissions",
              iam_policy_pb2.TestIamPermissionsRequest, secrets.test_iam_permissions, "*"),
    ]  # fmt: skip


_ROUTES = [
    *_routes("projects/*"),
    *_routes("projects/*/locations/*"),
    Route("GET", "v1/{name=projects/*}/locations", "google.cloud.location.Locations.ListLocations",
          locations_pb2.ListLocationsRequest, list_locations),
    Route("GET", "v1/{name=projects/*/locations/*}", "google.cloud.location.Locations.GetLocation",
          locations_pb2.GetLocationRequest, get_location),
]  # fmt: skip


def application(service: SecretManager) -> GoogleApplication:
    return GoogleApplication(service.platform, NAME, _ROUTES, service, partial(charge, service))

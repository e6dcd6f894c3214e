# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The routes of Artifact Registry v1, and the one method of v1beta2 that gcloud calls."""

from __future__ import annotations

from google.cloud.artifactregistry_v1.types import package as package_messages
from google.cloud.artifactregistry_v1.types import repository as repository_messages
from google.cloud.location import locations_pb2
from google.iam.v1 import iam_policy_pb2
from google.longrunning import operations_pb2
from google.protobuf.message import Message

from local_cloud.platform.routing import Route
from local_cloud.services.artifactregistry import packages, repositories
from local_cloud.services.artifactregistry.service import ArtifactRegistry, Call
from local_cloud.services.iam.application import GoogleApplication
from local_cloud.services.locations import MULTI_REGIONS, REGIONS, location

_METHODS = "google.devtools.artifactregistry.v1.ArtifactRegistry."
_LOCATIONS = "google.cloud.location.Locations."
_REPOSITORY = "projects/*/locations/*/repositories/*"


def list_locations(call: Call) -> Message:
    permission = "artifactregistry.locations.list"
    project, _location = repositories.project_for(call.service, call.caller, call.request.name, permission)
    return locations_pb2.ListLocationsResponse(
        locations=[location(project.project_id, location_id) for location_id in (*MULTI_REGIONS, *REGIONS)]
    )


def get_location(call: Call) -> Message:
    permission = "artifactregistry.locations.get"
    project, location_id = repositories.project_for(call.service, call.caller, call.request.name, permission)
    return location(project.project_id, location_id)


_ROUTES = [
    Route("POST", "v1/{parent=projects/*/locations/*}/repositories", _METHODS + "CreateRepository",
          repository_messages.CreateRepositoryRequest.pb(), repositories.create_repository, "repository"),
    Route("GET", "v1/{parent=projects/*/locations/*}/repositories", _METHODS + "ListRepositories",
          repository_messages.ListRepositoriesRequest.pb(), repositories.list_repositories),
    Route("GET", f"v1/{{name={_REPOSITORY}}}", _METHODS + "GetRepository",
          repository_messages.GetRepositoryRequest.pb(), repositories.get_repository),
    Route("PATCH", f"v1/{{repository.name={_REPOSITORY}}}", _METHODS + "UpdateRepository",
          repository_messages.UpdateRepositoryRequest.pb(), repositories.update_repository, "repository"),
    Route("DELETE", f"v1/{{name={_REPOSITORY}}}", _METHODS + "DeleteRepository",
          repository_messages.DeleteRepositoryRequest.pb(), repositories.delete_repository),
    Route("GET", f"v1/{{parent={_REPOSITORY}}}/packages", _METHODS + "ListPackages",
          package_messages.ListPackagesRequest.pb(), packages.list_packages),
    Route("GET", f"v1/{{resource={_REPOSITORY}}}:getIamPolicy", _METHODS + "GetIamPolicy",
          iam_policy_pb2.GetIamPolicyRequest, repositories.get_iam_policy),
    Route("POST", f"v1/{{resource={_REPOSITORY}}}:setIamPolicy", _METHODS + "SetIamPolicy",
          iam_policy_pb2.SetIamPolicyRequest, repositories.set_iam_policy, "*"),
    Route("POST", f"v1/{{resource={_REPOSITORY}}}:testIamPermissions", _METHODS + "TestIamPermissions",
          iam_policy_pb2.TestIamPermissionsRequest, repositories.test_iam_permissions, "*"),
    Route("GET", "v1/{name=projects/*/locations/*/operations/*}", "google.longrunning.Operations.GetOperation",
          operations_pb2.GetOperationRequest, repositories.get_operation),
    Route("GET", "v1/{name=projects/*}/locations", _LOCATIONS + "ListLocations",
          locations_pb2.ListLocationsRequest, list_locations),
    Route("GET", "v1beta2/{name=projects/*}/locations", _LOCATIONS + "ListLocations",
          locations_pb2.ListLocationsRequest, list_locations),
    Route("GET", "v1/{name=projects/*/locations/*}", _LOCATIONS + "GetLocation",
          locations_pb2.GetLocationRequest, get_location),
]  # fmt: skip


def application(service: ArtifactRegistry) -> GoogleApplication:
    return GoogleApplication(service.platform, "artifactregistry", _ROUTES, service)

# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Resource Manager: v1 as gcloud uses it, v3 as Google's Python client does. Projects are given, not created here."""

from __future__ import annotations

from typing import Any

from google.cloud.resourcemanager_v3.types import projects as messages
from google.iam.v1 import iam_policy_pb2, policy_pb2
from google.protobuf import struct_pb2
from google.protobuf.message import Message

from local_cloud.platform.errors import ApiError, error_info, invalid_argument
from local_cloud.platform.paging import matches, page
from local_cloud.platform.routing import Call as RoutedCall
from local_cloud.platform.routing import Route
from local_cloud.platform.wire import to_json
from local_cloud.services.iam.application import GoogleApplication
from local_cloud.services.iam.policies import grantable_on_project
from local_cloud.services.resourcemanager.projects import Project
from local_cloud.services.resourcemanager.service import ResourceManager

ORGANIZATION = "1000000000001"
LARGEST_PAGE = 500
_V1 = "google.cloudresourcemanager.v1.Projects."
_V3 = "google.cloud.resourcemanager.v3.Projects."
_GET = "resourcemanager.projects.get"
Call = RoutedCall[ResourceManager]


def get_project_v1(call: Call) -> dict[str, Any]:
    return _as_v1(_project(call, call.request["project_id"], _GET))


def get_project_v3(call: Call) -> Message:
    return _as_v3(_project(call, call.request.name, _GET))


def list_projects_v1(call: Call) -> dict[str, Any]:
    """The projects that the caller may see."""
    fields = dict(call.request.items())
    shown, next_token = _page(
        _visible(call, fields.get("filter", "")), fields.get("pageSize", 0), fields.get("pageToken", "")
    )
    answer: dict[str, Any] = {"projects": [_as_v1(project) for project in shown]}
    return answer | ({"nextPageToken": next_token} if next_token else {})


def list_projects_v3(call: Call) -> Message:
    """The projects directly below a parent; here all are below one organization."""
    request = call.request
    projects = _visible(call, "") if request.parent == f"organizations/{ORGANIZATION}" else []
    shown, next_token = page(projects, request.page_size, request.page_token, largest=LARGEST_PAGE)
    return messages.ListProjectsResponse.pb()(projects=map(_as_v3, shown), next_page_token=next_token)


def search_projects(call: Call) -> Message:
    request = call.request
    projects = _visible(call, request.query)
    shown, next_token = page(projects, request.page_size, request.page_token, largest=LARGEST_PAGE)
    return messages.SearchProjectsResponse.pb()(projects=map(_as_v3, shown), next_page_token=next_token)


def get_iam_policy(call: Call) -> policy_pb2.Policy:
    project = _project(call, call.request.resource, "resourcemanager.projects.getIamPolicy")
    return call.service.iam.get_policy(project.policy, call.request)


def set_iam_policy(call: Call) -> policy_pb2.Policy:
    project = _project(call, call.request.resource, "resourcemanager.projects.setIamPolicy")
    return call.service.iam.set_policy(project.policy, call.request, grantable_on_project)


def test_iam_permissions(call: Call) -> iam_policy_pb2.TestIamPermissionsResponse:
    """Anybody may ask what they may do."""
    project = call.service.projects.find(call.request.resource.removeprefix("projects/"))
    if project is None:
        return iam_policy_pb2.TestIamPermissionsResponse()
    return call.service.iam.test_permissions(call.caller, project.guarded(), call.request)


def _project(call: Call, name: str, permission: str) -> Project:
    """The project of ``ID`` or ``projects/ID`` (or number). Raises PERMISSION_DENIED, also when there is none."""
    id_or_number = name.removeprefix("projects/")
    project = call.service.projects.find(id_or_number)
    if project is None or not call.service.iam.allowed(call.caller, permission, project.guarded()):
        raise ApiError(
            "PERMISSION_DENIED",
            "The caller does not have permission",
            details=[
                error_info(
                    "IAM_PERMISSION_DENIED",
                    "cloudresourcemanager.googleapis.com",
                    permission=permission,
                    resource=f"projects/{id_or_number}",
                )
            ],
        )
    return project


def _visible(call: Call, expression: str) -> list[Project]:
    return [
        project
        for project in call.service.projects
        if call.service.iam.allowed(call.caller, _GET, project.guarded())
        and matches(expression, lambda field, project=project: _filter_value(project, field))
    ]


def _page(projects: list[Project], size: object, token: object) -> tuple[Any, str]:
    try:
        return page(projects, int(str(size or 0).removesuffix(".0")), str(token), largest=LARGEST_PAGE)
    except ValueError:
        raise invalid_argument("Invalid value at 'pageSize'.") from None


def _as_v1(project: Project) -> dict[str, Any]:
    return {
        "projectNumber": project.number,
        "projectId": project.project_id,
        "lifecycleState": "ACTIVE",
        "name": project.project_id,
        "createTime": to_json(_as_v3(project))["createTime"],
        "parent": {"type": "organization", "id": ORGANIZATION},
    }


def _as_v3(project: Project) -> Message:
    message = messages.Project.pb()(
        name=f"projects/{project.number}",
        parent=f"organizations/{ORGANIZATION}",
        project_id=project.project_id,
        display_name=project.project_id,
        state=messages.Project.State.ACTIVE,
    )
    message.create_time.FromDatetime(project.create_time)
    message.update_time.FromDatetime(project.create_time)
    return message


def _filter_value(project: Project, field: str) -> str | None:
    values = {
        "id": project.project_id,
        "projectId": project.project_id,
        "projectNumber": project.number,
        "name": project.project_id,
        "displayName": project.project_id,
        "lifecycleState": "ACTIVE",
        "state": "ACTIVE",
    }
    return values.get(field)


def _policy_routes(version: str, resource: str, methods: str) -> list[Route]:
    path = f"{version}/{resource}"
    return [
        Route("POST", f"{path}:getIamPolicy", methods + "GetIamPolicy",
              iam_policy_pb2.GetIamPolicyRequest, get_iam_policy, "*"),
        Route("POST", f"{path}:setIamPolicy", methods + "SetIamPolicy",
              iam_policy_pb2.SetIamPolicyRequest, set_iam_policy, "*"),
        Route("POST", f"{path}:testIamPermissions", methods + "TestIamPermissions",
              iam_policy_pb2.TestIamPermissionsRequest, test_iam_permissions, "*"),
    ]  # fmt: skip


_ROUTES = [
    *_policy_routes("v1", "projects/{resource}", _V1),
    *_policy_routes("v3", "{resource=projects/*}", _V3),
    # The Python client has no messages of v1.
    Route("GET", "v1/projects/{project_id}", _V1 + "GetProject", struct_pb2.Struct, get_project_v1),
    Route("GET", "v1/projects", _V1 + "ListProjects", struct_pb2.Struct, list_projects_v1),
    Route("GET", "v3/projects:search", _V3 + "SearchProjects",
          messages.SearchProjectsRequest.pb(), search_projects),
    Route("GET", "v3/{name=projects/*}", _V3 + "GetProject", messages.GetProjectRequest.pb(), get_project_v3),
    Route("GET", "v3/projects", _V3 + "ListProjects", messages.ListProjectsRequest.pb(), list_projects_v3),
]  # fmt: skip


def application(service: ResourceManager) -> GoogleApplication:
    return GoogleApplication(service.platform, "cloudresourcemanager", _ROUTES, service)

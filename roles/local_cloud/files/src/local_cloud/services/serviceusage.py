# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Service Usage v1beta1: the one method by which service agents come to be."""

from __future__ import annotations

import hashlib
from typing import Any

from google.protobuf import struct_pb2

from local_cloud.platform.errors import ApiError, error_info, not_found
from local_cloud.platform.routing import Call, Route
from local_cloud.services.iam.application import GoogleApplication
from local_cloud.services.resourcemanager.service import ResourceManager

_SERVICE = "serviceusage.googleapis.com"
# An agent's domain does not follow from the service's name; these are the services in reach of this cloud.
_AGENT_DOMAIN = {
    "artifactregistry.googleapis.com": "gcp-sa-artifactregistry",
    "secretmanager.googleapis.com": "gcp-sa-secretmanager",
}
_DONE = "operations/finished.DONE_OPERATION"


def generate_service_identity(call: Call[ResourceManager]) -> dict[str, Any]:
    """Create the agent, or find it. The operation is done at once: gcloud takes the e-mail from this very answer."""
    _projects, project_id, _services, service = call.request["parent"].split("/")
    project = call.service.projects.require(project_id, _SERVICE)
    permission = "serviceusage.services.enable"
    if not call.service.iam.allowed(call.caller, permission, project.guarded()):
        raise ApiError(
            "PERMISSION_DENIED",
            f"Permission denied to generate service identity for service [{service}]",
            details=[
                error_info(
                    "IAM_PERMISSION_DENIED", _SERVICE, permission=permission, resource=f"projects/{project.number}"
                )
            ],
        )
    if service not in _AGENT_DOMAIN:
        raise not_found(f"Service {service} is not found or has no service identity.")
    email = f"service-{project.number}@{_AGENT_DOMAIN[service]}.iam.gserviceaccount.com"
    call.service.iam.service_agents.add(email)
    return {
        "name": _DONE,
        "done": True,
        "response": {
            "@type": "type.googleapis.com/google.api.serviceusage.v1beta1.ServiceIdentity",
            "email": email,
            "uniqueId": str(int(hashlib.sha256(email.encode()).hexdigest(), 16))[:21],
        },
    }


def get_operation(call: Call[ResourceManager]) -> dict[str, Any]:
    """Only the finished one has a name."""
    if call.request["name"] != _DONE:
        raise not_found("Requested entity was not found.")
    return {"name": _DONE, "done": True}


_ROUTES = [
    Route("POST", "v1beta1/{parent=projects/*/services/*}:generateServiceIdentity",
          "google.api.serviceusage.v1beta1.ServiceUsage.GenerateServiceIdentity",
          struct_pb2.Struct, generate_service_identity, "*"),
    Route("GET", "v1beta1/{name=operations/*}", "google.longrunning.Operations.GetOperation",
          struct_pb2.Struct, get_operation),
]  # fmt: skip


def application(service: ResourceManager) -> GoogleApplication:
    return GoogleApplication(service.platform, "serviceusage", _ROUTES, service)

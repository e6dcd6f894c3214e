# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The upstreams of virtual repositories: what they may be, which come first, and who reads them.

Source: Artifact Registry's documentation, "Virtual repositories overview" and "Create virtual repositories". That a virtual
repository whose agent may not read an upstream refuses as a whole is not documented; it is so here because the missing grant then
shows at once. So is it with equal priorities, of which any may win there: here the first id in the alphabet does.
"""

from __future__ import annotations

from google.protobuf.message import Message

from local_cloud.platform.errors import ApiError, error_info, invalid_argument
from local_cloud.services.artifactregistry import upstreams, validation
from local_cloud.services.artifactregistry.service import ArtifactRegistry
from local_cloud.services.artifactregistry.store import SERVICE, RepositoryEntry, guarded
from local_cloud.services.artifactregistry.validation import Format, Mode
from local_cloud.services.resourcemanager.projects import Project

#: What the agent needs on an upstream of another project.
READS = ("artifactregistry.repositories.downloadArtifacts", "artifactregistry.repositories.readViaVirtualRepository")


def check_upstreams(service: ArtifactRegistry, virtual: Message, location: str) -> None:
    """Refuse upstreams that cannot be.

    Raises:
        ApiError: INVALID_ARGUMENT.
    """
    for policy in virtual.virtual_repository_config.upstream_policies:
        entry = _find(service, policy.repository)
        if entry is None:
            raise invalid_argument(f'The upstream repository "{policy.repository}" does not exist.')
        upstream = entry.message
        if upstream.mode == Mode.VIRTUAL_REPOSITORY:
            raise invalid_argument(
                f'The upstream repository "{policy.repository}" is virtual: give standard or remote ones.'
            )
        if upstream.format_ != virtual.format_:
            raise invalid_argument(
                f'The upstream repository "{policy.repository}" has the format {Format(upstream.format_).name}, '
                f"not {Format(virtual.format_).name}."
            )
        if entry.location != location:
            raise invalid_argument(f'The upstream repository "{policy.repository}" is not in {location}.')


def upstreams_of(service: ArtifactRegistry, virtual: RepositoryEntry) -> list[RepositoryEntry]:
    """The upstreams that are still there, the greatest priority first.

    Raises:
        ApiError: PERMISSION_DENIED when the virtual repository's agent may not read one.
    """
    policies = sorted(
        virtual.message.virtual_repository_config.upstream_policies, key=lambda policy: (-policy.priority, policy.id)
    )
    found = [entry for policy in policies if (entry := _find(service, policy.repository))]
    for entry in found:
        _check_agent(service, virtual.project, entry)
    return found


def _check_agent(service: ArtifactRegistry, project: Project, upstream: RepositoryEntry) -> None:
    """In its own project the agent has a role from the beginning (roles/artifactregistry.serviceAgent)."""
    if upstream.project is project:
        return
    agent = upstreams.service_agent(project)
    resource = guarded(upstream.project, upstream.location, upstream.repository_id, upstream)
    for permission in READS:
        if not service.iam.allowed(f"serviceAccount:{agent}", permission, resource):
            name = upstream.message.name
            raise ApiError(
                "PERMISSION_DENIED",
                f"Service account {agent} is missing permission '{permission}' on the upstream repository '{name}' "
                "(or it may not exist).",
                details=[error_info("IAM_PERMISSION_DENIED", SERVICE, permission=permission, resource=name)],
            )


def _find(service: ArtifactRegistry, name: str) -> RepositoryEntry | None:
    project_id, location, repository_id = validation.parse_repository_name(name)
    project = service.projects.find(project_id)
    return project and service.repositories.find(project, location, repository_id)

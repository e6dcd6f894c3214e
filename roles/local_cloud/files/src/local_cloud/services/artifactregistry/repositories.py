# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The methods on repositories."""

from __future__ import annotations

from google.cloud.artifactregistry_v1.types import repository as types
from google.cloud.artifactregistry_v1.types import service as messages
from google.iam.v1 import iam_policy_pb2, policy_pb2
from google.protobuf import empty_pb2
from google.protobuf.message import Message

from local_cloud.platform.errors import (
    ApiError,
    already_exists,
    error_info,
    invalid_argument,
    not_found,
    unauthenticated,
)
from local_cloud.platform.masks import apply_mask, check_mask
from local_cloud.platform.paging import matches, page
from local_cloud.services.artifactregistry import upstreams, validation, virtuals
from local_cloud.services.artifactregistry.service import ArtifactRegistry, Call
from local_cloud.services.artifactregistry.store import SERVICE, RepositoryEntry, guarded
from local_cloud.services.artifactregistry.validation import Format, Mode
from local_cloud.services.iam.members import ANONYMOUS
from local_cloud.services.iam.policies import grantable_on
from local_cloud.services.resourcemanager.projects import Project

LARGEST_PAGE = 1000
_OUTPUT_ONLY = {"create_time", "name", "registry_uri", "satisfies_pzi", "satisfies_pzs", "size_bytes", "update_time"}
_UPDATABLE = {
    "cleanup_policies",
    "cleanup_policy_dry_run",
    "description",
    "docker_config",
    "format",
    "kms_key_name",
    "labels",
    "maven_config",
    "mode",
    "remote_repository_config",
    "virtual_repository_config",
    "vulnerability_scanning_config",
}


def project_for(service: ArtifactRegistry, caller: str, parent: str, permission: str) -> tuple[Project, str]:
    """The project and location ("" when there is none) of a parent, if the caller has the permission there.

    Raises:
        ApiError: PERMISSION_DENIED, also for a project that does not exist; NOT_FOUND for an unknown location.
    """
    _projects, project_id, *rest = parent.split("/")
    project = service.projects.require(project_id, SERVICE)
    if not service.iam.allowed(caller, permission, project.guarded()):
        raise _denial(permission, parent)
    location = rest[1] if rest else ""
    if location:
        validation.check_location(location)
    return project, location


def repository_for(service: ArtifactRegistry, caller: str, name: str, permission: str) -> RepositoryEntry:
    """The repository of that name.

    Raises:
        ApiError: PERMISSION_DENIED, or UNAUTHENTICATED without credentials, before anything is said of its existence, then
            NOT_FOUND.
    """
    project_id, location, repository_id = validation.parse_repository_name(name)
    project = service.projects.require(project_id, SERVICE)
    entry = service.repositories.find(project, location, repository_id)
    if not service.iam.allowed(caller, permission, guarded(project, location, repository_id, entry)):
        # Package clients show their credentials only when they are asked for them.
        raise unauthenticated("CREDENTIALS_MISSING") if caller == ANONYMOUS else _denial(permission, name)
    if entry is None:
        raise not_found("Requested entity was not found.")
    return entry


async def create_repository(call: Call) -> Message:
    """Start the creation; what is wrong is refused at once."""
    request, service = call.request, call.service
    project, location = project_for(service, call.caller, request.parent, "artifactregistry.repositories.create")
    validation.check_repository_id(request.repository_id)

    repository = types.Repository.pb()()
    repository.CopyFrom(request.repository)
    for field in _OUTPUT_ONLY:
        repository.ClearField(field)
    repository.mode = repository.mode or Mode.STANDARD_REPOSITORY
    repository.name = f"projects/{project.project_id}/locations/{location}/repositories/{request.repository_id}"
    validation.check_repository(repository)
    virtuals.check_upstreams(service, repository, location)
    _refuse_existing(service, project, location, request.repository_id, repository.name)
    if validation.check_credentials(repository.remote_repository_config):
        await _prove_credentials(service, project, repository)
        _refuse_existing(service, project, location, request.repository_id, repository.name)
    _tidy_remote(repository)
    kind = Format(repository.format_).name.lower()
    repository.registry_uri = f"{location}-{kind}.pkg.dev/{project.project_id}/{request.repository_id}"
    now = service.now()
    repository.create_time.FromDatetime(now)
    repository.update_time.FromDatetime(now)
    # An API that is used has its agent from then on; before that, only generateServiceIdentity makes one.
    service.iam.service_agents.add(upstreams.service_agent(project))
    service.repositories.add(RepositoryEntry(project, location, request.repository_id, repository))
    return service.repositories.start_operation(project, location, messages.OperationMetadata.pb()(), repository)


def get_repository(call: Call) -> Message:
    return repository_for(call.service, call.caller, call.request.name, "artifactregistry.repositories.get").message


def list_repositories(call: Call) -> Message:
    """List by name. Filters know name, format and mode."""
    request = call.request
    project, location = project_for(call.service, call.caller, request.parent, "artifactregistry.repositories.list")
    repositories = [
        entry.message
        for entry in call.service.repositories.within(project, location)
        if matches(request.filter, lambda field, message=entry.message: _filter_value(message, field))
    ]
    shown, next_token = page(repositories, request.page_size, request.page_token, largest=LARGEST_PAGE)
    return types.ListRepositoriesResponse.pb()(repositories=shown, next_page_token=next_token)


async def update_repository(call: Call) -> Message:
    """Change the fields in the mask, or without one those that the request has. Last writer wins: there is no etag."""
    wanted, service = call.request.repository, call.service
    permission = "artifactregistry.repositories.update"
    entry = repository_for(service, call.caller, wanted.name, permission)
    paths = list(call.request.update_mask.paths) or _populated(wanted)
    check_mask(wanted.DESCRIPTOR, paths)
    fields = {path.partition(".")[0] for path in paths}
    if immutable := fields - _UPDATABLE - _OUTPUT_ONLY:
        raise invalid_argument(f"Field '{sorted(immutable)[0]}' of a repository cannot be updated.")
    paths = [path for path in paths if path.partition(".")[0] not in _OUTPUT_ONLY]

    changed = _changed(entry, wanted, paths)
    if "virtual_repository_config" in fields:
        virtuals.check_upstreams(service, changed, entry.location)
    touches_login = any(
        path == "remote_repository_config" or path.startswith("remote_repository_config.upstream_credentials")
        for path in paths
    )
    if validation.check_credentials(changed.remote_repository_config) and touches_login:
        # Input only, and therefore for this request whatever the mask says.
        changed.remote_repository_config.disable_upstream_validation = (
            wanted.remote_repository_config.disable_upstream_validation
        )
        await _prove_credentials(service, entry.project, changed)
        # While upstream was asked another request may have changed or deleted the repository.
        entry = repository_for(service, call.caller, wanted.name, permission)
        changed = _changed(entry, wanted, paths)
    _tidy_remote(changed)
    changed.update_time.FromDatetime(service.now())
    entry.message.CopyFrom(changed)
    return entry.message


def delete_repository(call: Call) -> Message:
    """Start the deletion."""
    entry = repository_for(call.service, call.caller, call.request.name, "artifactregistry.repositories.delete")
    call.service.repositories.remove(entry)
    return call.service.repositories.start_operation(
        entry.project, entry.location, messages.OperationMetadata.pb()(), empty_pb2.Empty()
    )


def get_operation(call: Call) -> Message:
    operation = call.service.repositories.operation(call.request.name)
    if operation is None:
        raise not_found("Requested entity was not found.")
    return operation


def get_iam_policy(call: Call) -> policy_pb2.Policy:
    permission = "artifactregistry.repositories.getIamPolicy"
    return call.service.iam.get_policy(
        repository_for(call.service, call.caller, call.request.resource, permission).policy, call.request
    )


def set_iam_policy(call: Call) -> policy_pb2.Policy:
    permission = "artifactregistry.repositories.setIamPolicy"
    entry = repository_for(call.service, call.caller, call.request.resource, permission)
    return call.service.iam.set_policy(entry.policy, call.request, grantable_on("artifactregistry"))


def test_iam_permissions(call: Call) -> iam_policy_pb2.TestIamPermissionsResponse:
    """Anybody may ask what they may do; with a repository that is missing that is nothing (the comments in iam_policy.proto)."""
    _projects, project_id, _locations, location, _repositories, repository_id = call.request.resource.split("/")
    project = call.service.projects.require(project_id, SERVICE)
    entry = call.service.repositories.find(project, location, repository_id)
    if entry is None:
        return iam_policy_pb2.TestIamPermissionsResponse()
    return call.service.iam.test_permissions(
        call.caller, guarded(project, location, repository_id, entry), call.request
    )


def _refuse_existing(service: ArtifactRegistry, project: Project, location: str, repository_id: str, name: str) -> None:
    if service.repositories.find(project, location, repository_id):
        raise already_exists(f"the repository already exists: {name}")


async def _prove_credentials(service: ArtifactRegistry, project: Project, repository: Message) -> None:
    """The agent must be able to read the password even when validation is off; upstream must take it when it is on."""
    remote = repository.remote_repository_config
    login = upstreams.login_for(service, project, remote)
    if login is not None and not remote.disable_upstream_validation:
        await upstreams.validate(service, repository, login)


def _changed(entry: RepositoryEntry, wanted: Message, paths: list[str]) -> Message:
    """The repository as it will be."""
    changed = types.Repository.pb()()
    changed.CopyFrom(entry.message)
    apply_mask(changed, wanted, paths)
    changed.mode = changed.mode or Mode.STANDARD_REPOSITORY
    validation.check_unchanged(entry.message, changed)
    validation.check_repository(changed)
    return changed


def _tidy_remote(repository: Message) -> None:
    """Keep neither the input-only switch nor credentials that say nothing."""
    if not repository.HasField("remote_repository_config"):
        return
    remote = repository.remote_repository_config
    remote.disable_upstream_validation = False
    if not validation.check_credentials(remote):
        remote.ClearField("upstream_credentials")


def _populated(repository: Message) -> list[str]:
    return [field.name.rstrip("_") for field, _value in repository.ListFields()]


def _filter_value(repository: Message, field: str) -> str | None:
    values = {
        "name": repository.name,
        "format": Format(repository.format_).name,
        "mode": Mode(repository.mode).name,
    }
    return values.get(field)


def _denial(permission: str, resource: str) -> ApiError:
    return ApiError(
        "PERMISSION_DENIED",
        f"Permission '{permission}' denied on resource '//{SERVICE}/{resource}' (or it may not exist).",
        details=[error_info("IAM_PERMISSION_DENIED", SERVICE, permission=permission, resource=resource)],
    )

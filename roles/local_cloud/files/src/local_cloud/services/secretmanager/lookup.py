# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""From a name in a request to what it stands for, if the caller may know."""

from __future__ import annotations

from local_cloud.platform.errors import ApiError, error_info, not_found
from local_cloud.services.resourcemanager.projects import Project
from local_cloud.services.secretmanager.service import SecretManager
from local_cloud.services.secretmanager.store import SERVICE, SecretEntry, SecretName, VersionEntry, guarded


def project_for(service: SecretManager, caller: str, parent: str, permission: str) -> tuple[Project, str]:
    """The project and location ("" when global) of ``projects/P[/locations/L]``, if the caller may there.

    Raises:
        ApiError: PERMISSION_DENIED, also for a project that does not exist.
    """
    _projects, project_id, *rest = parent.split("/")
    project = service.projects.require(project_id, SERVICE)
    if not service.iam.allowed(caller, permission, project.guarded()):
        raise _denial(permission, parent)
    return project, rest[1] if rest else ""


def secret_for(service: SecretManager, caller: str, name: str, permission: str) -> SecretEntry:
    """The secret of a secret's or version's name.

    Raises:
        ApiError: PERMISSION_DENIED before anything is said of its existence, then NOT_FOUND.
    """
    parsed = SecretName.parse(name)
    project = service.projects.require(parsed.project, SERVICE)
    secret = service.secrets.find(project, parsed.location, parsed.secret, service.now())
    if not service.iam.allowed(caller, permission, guarded(parsed, project, secret)):
        raise _denial(permission, name)
    if secret is None:
        missing = SecretName(parsed.project, parsed.location, parsed.secret, "").canonical(project.number)
        raise not_found(f"Secret [{missing}] not found.")
    return secret


def version_for(
    service: SecretManager, caller: str, name: str, permission: str, *, aliases: bool = False
) -> tuple[SecretEntry, VersionEntry]:
    """The version of that name; aliases and ``latest`` only where Google takes them.

    Raises:
        ApiError: as ``secret_for``.
    """
    secret = secret_for(service, caller, name, permission)
    wanted = SecretName.parse(name).version
    version = secret.version(wanted, aliases=aliases)
    if version is None and aliases and wanted == "latest":
        raise not_found(f"Secret [{secret.message.name}] not found or has no versions.")
    if version is None:
        raise not_found(f"Secret Version [{secret.message.name}/versions/{wanted}] not found.")
    return secret, version


def _denial(permission: str, resource: str) -> ApiError:
    """The resource is named as the caller named it."""
    return ApiError(
        "PERMISSION_DENIED",
        f"Permission '{permission}' denied for resource '{resource}' (or it may not exist).",
        details=[error_info("IAM_PERMISSION_DENIED", "iam.googleapis.com", permission=permission, resource=resource)],
    )

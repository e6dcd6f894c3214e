# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""From a name in a request to what it stands for, if the caller may know."""

from __future__ import annotations

from local_cloud.cloud import Cloud
from local_cloud.platform.errors import not_found, secret_manager_denial
from local_cloud.services.resourcemanager.projects import Project
from local_cloud.services.secretmanager.store import SERVICE, SecretEntry, SecretName, VersionEntry, guarded


def project_for(cloud: Cloud, caller: str, parent: str, permission: str) -> tuple[Project, str]:
    """The project and location ("" when global) of ``projects/P[/locations/L]``, if the caller may there.

    Raises:
        ApiError: PERMISSION_DENIED, also for a project that does not exist.
    """
    _projects, project_id, *rest = parent.split("/")
    project = cloud.project(project_id, SERVICE)
    if not cloud.allowed(caller, permission, project.guarded()):
        raise secret_manager_denial(permission, parent)
    return project, rest[1] if rest else ""


def secret_for(cloud: Cloud, caller: str, name: str, permission: str) -> SecretEntry:
    """The secret of a secret's or version's name.

    Raises:
        ApiError: PERMISSION_DENIED before anything is said of its existence, then NOT_FOUND.
    """
    parsed = SecretName.parse(name)
    project = cloud.project(parsed.project, SERVICE)
    secret = cloud.secrets.find(project, parsed.location, parsed.secret, cloud.now())
    if not cloud.allowed(caller, permission, guarded(parsed, project, secret)):
        raise secret_manager_denial(permission, name)
    if secret is None:
        missing = SecretName(parsed.project, parsed.location, parsed.secret, "").canonical(project.number)
        raise not_found(f"Secret [{missing}] not found.")
    return secret


def version_for(
    cloud: Cloud, caller: str, name: str, permission: str, *, aliases: bool = False
) -> tuple[SecretEntry, VersionEntry]:
    """The version of that name; aliases and ``latest`` only where Google takes them.

    Raises:
        ApiError: as ``secret_for``.
    """
    secret = secret_for(cloud, caller, name, permission)
    wanted = SecretName.parse(name).version
    version = secret.version(wanted, aliases=aliases)
    if version is None and aliases and wanted == "latest":
        raise not_found(f"Secret [{secret.message.name}] not found or has no versions.")
    if version is None:
        raise not_found(f"Secret Version [{secret.message.name}/versions/{wanted}] not found.")
    return secret, version

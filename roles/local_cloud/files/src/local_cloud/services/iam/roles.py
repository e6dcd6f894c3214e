# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The predefined roles that this cloud knows, and the permissions that they hold here.

Taken from Google's role reference, cut to the permissions of the services that are served. As there, the basic roles
editor and viewer cannot read payloads, and Secret Manager's roles can read the project.
"""

from __future__ import annotations

_SECRET_READ = {
    "secretmanager.locations.get",
    "secretmanager.locations.list",
    "secretmanager.secrets.get",
    "secretmanager.secrets.getIamPolicy",
    "secretmanager.secrets.list",
    "secretmanager.versions.get",
    "secretmanager.versions.list",
}
_VERSION_STATE = {
    "secretmanager.versions.destroy",
    "secretmanager.versions.disable",
    "secretmanager.versions.enable",
}
_SECRET_EDIT = {
    "secretmanager.secrets.create",
    "secretmanager.secrets.delete",
    "secretmanager.secrets.update",
    "secretmanager.versions.add",
    *_VERSION_STATE,
}
_SECRET_ADMIN = {
    *_SECRET_READ,
    *_SECRET_EDIT,
    "secretmanager.secrets.setIamPolicy",
    "secretmanager.versions.access",
}
_REPOSITORY_READ = {
    "artifactregistry.locations.get",
    "artifactregistry.locations.list",
    "artifactregistry.packages.get",
    "artifactregistry.packages.list",
    "artifactregistry.repositories.downloadArtifacts",
    "artifactregistry.repositories.get",
    "artifactregistry.repositories.list",
    "artifactregistry.repositories.readViaVirtualRepository",
}
_REPOSITORY_WRITE = {*_REPOSITORY_READ, "artifactregistry.repositories.uploadArtifacts"}
_REPOSITORY_KEEP = {
    *_REPOSITORY_WRITE,
    "artifactregistry.packages.delete",
    "artifactregistry.repositories.deleteArtifacts",
    "artifactregistry.versions.delete",
}
_REPOSITORY_EDIT = {
    *_REPOSITORY_KEEP,
    "artifactregistry.repositories.create",
    "artifactregistry.repositories.delete",
    "artifactregistry.repositories.getIamPolicy",
    "artifactregistry.repositories.update",
}
_CREATE_ON_PUSH = {"artifactregistry.repositories.createOnPush"}
_REPOSITORY_ADMIN = {*_REPOSITORY_EDIT, "artifactregistry.repositories.setIamPolicy"}
_PROJECT_READ = {"resourcemanager.projects.get", "resourcemanager.projects.list"}
_PROJECT_IAM = {"resourcemanager.projects.getIamPolicy", "resourcemanager.projects.setIamPolicy"}
_SERVICES = {"serviceusage.services.enable", "serviceusage.services.get", "serviceusage.services.list"}
_SERVICE_ACCOUNT_TOKENS = {"iam.serviceAccounts.getAccessToken"}
_SERVICE_ACCOUNT_KEYS = {f"iam.serviceAccountKeys.{verb}" for verb in ("create", "delete", "list")}
_SERVICE_ACCOUNTS = {"iam.serviceAccounts.disable", "iam.serviceAccounts.enable"}

_VIEWER = {
    *_PROJECT_READ,
    *_REPOSITORY_READ,
    *_SECRET_READ,
    "artifactregistry.repositories.getIamPolicy",
    "resourcemanager.projects.getIamPolicy",
    "serviceusage.services.get",
    "serviceusage.services.list",
}
_EDITOR = {
    *_VIEWER,
    *_SECRET_EDIT,
    *_REPOSITORY_EDIT,
    *_CREATE_ON_PUSH,
    *_SERVICES,
    *_SERVICE_ACCOUNT_KEYS,
    *_SERVICE_ACCOUNTS,
}
_OWNER = {*_EDITOR, *_SECRET_ADMIN, *_REPOSITORY_ADMIN, *_PROJECT_IAM, *_SERVICE_ACCOUNT_TOKENS}

ROLES: dict[str, frozenset[str]] = {
    name: frozenset(permissions)
    for name, permissions in {
        "roles/owner": _OWNER,
        "roles/editor": _EDITOR,
        "roles/viewer": _VIEWER,
        "roles/browser": {*_PROJECT_READ, "resourcemanager.projects.getIamPolicy"},
        "roles/resourcemanager.projectIamAdmin": {"resourcemanager.projects.get", *_PROJECT_IAM},
        "roles/iam.securityAdmin": {
            *_PROJECT_IAM,
            *_PROJECT_READ,
            "artifactregistry.repositories.getIamPolicy",
            "artifactregistry.repositories.setIamPolicy",
            "secretmanager.secrets.getIamPolicy",
            "secretmanager.secrets.setIamPolicy",
        },
        "roles/iam.serviceAccountTokenCreator": _SERVICE_ACCOUNT_TOKENS | _PROJECT_READ,
        "roles/iam.serviceAccountKeyAdmin": _SERVICE_ACCOUNT_KEYS | _PROJECT_READ,
        "roles/iam.serviceAccountAdmin": _SERVICE_ACCOUNTS | _PROJECT_READ,
        "roles/serviceusage.serviceUsageAdmin": _SERVICES,
        "roles/secretmanager.admin": _SECRET_ADMIN | _PROJECT_READ,
        "roles/secretmanager.secretAccessor": {"secretmanager.versions.access", *_PROJECT_READ},
        "roles/secretmanager.secretVersionAdder": {"secretmanager.versions.add", *_PROJECT_READ},
        "roles/secretmanager.secretVersionManager": {
            "secretmanager.versions.add",
            "secretmanager.versions.get",
            "secretmanager.versions.list",
            *_VERSION_STATE,
            *_PROJECT_READ,
        },
        "roles/secretmanager.viewer": _SECRET_READ | _PROJECT_READ,
        "roles/iam.securityReviewer": {
            *_PROJECT_READ,
            "artifactregistry.repositories.getIamPolicy",
            "artifactregistry.repositories.list",
            "resourcemanager.projects.getIamPolicy",
            "secretmanager.secrets.getIamPolicy",
        },
        "roles/artifactregistry.admin": _REPOSITORY_ADMIN,
        "roles/artifactregistry.editor": _REPOSITORY_EDIT,
        "roles/artifactregistry.viewer": _REPOSITORY_READ | {"artifactregistry.repositories.getIamPolicy"},
        "roles/artifactregistry.reader": _REPOSITORY_READ,
        "roles/artifactregistry.writer": _REPOSITORY_WRITE,
        "roles/artifactregistry.repoAdmin": _REPOSITORY_KEEP,
        "roles/artifactregistry.createOnPushWriter": _REPOSITORY_WRITE | _CREATE_ON_PUSH,
        "roles/artifactregistry.createOnPushRepoAdmin": _REPOSITORY_KEEP | _CREATE_ON_PUSH,
        "roles/artifactregistry.serviceAgent": _REPOSITORY_READ | {"artifactregistry.versions.delete"},
    }.items()
}


def permissions_of(role: str) -> frozenset[str]:
    """The permissions of a predefined role; a role that this cloud does not know grants nothing."""
    return ROLES.get(role, frozenset())

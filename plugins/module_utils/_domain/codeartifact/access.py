# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Kinds of access: what people mean by reading, publishing and so on, in actions of CodeArtifact. Pure.

Who may do one of an access's actions has that access. What makes a client's life easier and shows nothing but metadata belongs to none.
"""

from __future__ import annotations

LOGIN, CREATE_REPOSITORIES = "login", "create_repositories"
READ, PUBLISH, MAINTAIN = "read", "publish", "maintain"
ADMINISTER = "administer"

#: What there is to do with a domain.
TO_DOMAINS: dict[str, tuple[str, ...]] = {
    # Without a token no package manager gets anywhere.
    LOGIN: ("GetAuthorizationToken",),
    CREATE_REPOSITORIES: ("CreateRepository",),
    ADMINISTER: (
        "PutDomainPermissionsPolicy",
        "DeleteDomainPermissionsPolicy",
        "DeleteDomain",
        "CreatePackageGroup",
        "UpdatePackageGroup",
        "UpdatePackageGroupOriginConfiguration",
        "DeletePackageGroup",
    ),
}

#: What there is to do with a repository.
TO_REPOSITORIES: dict[str, tuple[str, ...]] = {
    READ: ("ReadFromRepository",),
    PUBLISH: ("PublishPackageVersion",),
    # To change what others get, without publishing.
    MAINTAIN: (
        "CopyPackageVersions",
        "DeletePackage",
        "DeletePackageVersions",
        "DisposePackageVersions",
        "PutPackageOriginConfiguration",
        "UpdatePackageVersionsStatus",
    ),
    ADMINISTER: (
        "PutRepositoryPermissionsPolicy",
        "DeleteRepositoryPermissionsPolicy",
        "UpdateRepository",
        "DeleteRepository",
        "AssociateExternalConnection",
        "DisassociateExternalConnection",
    ),
}

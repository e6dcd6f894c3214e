# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which method of which API takes which permission, from the vendors' pages and from nothing of ours.

Methods have the names by which the local cloud records calls. A permission is a text as the vendor writes it; those of GitHub are
C(permission=level), as in its header C(X-Accepted-GitHub-Permissions).

Where a page says nothing, the entry has a mark: what the local cloud does there is unverified.
"""

from __future__ import annotations

from collections.abc import Mapping

#: REST reference of Secret Manager v1, the pages of C(projects.secrets), C(projects.secrets.versions) and their twins below
#: C(projects.locations), and "Secret Manager roles and permissions" in IAM's reference.
_SECRET_MANAGER = {
    "CreateSecret": "secretmanager.secrets.create",
    "ListSecrets": "secretmanager.secrets.list",
    "GetSecret": "secretmanager.secrets.get",
    "UpdateSecret": "secretmanager.secrets.update",
    "DeleteSecret": "secretmanager.secrets.delete",
    "AddSecretVersion": "secretmanager.versions.add",
    "ListSecretVersions": "secretmanager.versions.list",
    "GetSecretVersion": "secretmanager.versions.get",
    "AccessSecretVersion": "secretmanager.versions.access",
    "EnableSecretVersion": "secretmanager.versions.enable",
    "DisableSecretVersion": "secretmanager.versions.disable",
    "DestroySecretVersion": "secretmanager.versions.destroy",
    "GetIamPolicy": "secretmanager.secrets.getIamPolicy",
    "SetIamPolicy": "secretmanager.secrets.setIamPolicy",
}
#: REST reference of Artifact Registry v1, C(projects.locations.repositories) and C(….packages), section "IAM Permissions", and "Artifact
#: Registry roles and permissions" in IAM's reference.
_ARTIFACT_REGISTRY = {
    "CreateRepository": "artifactregistry.repositories.create",
    "ListRepositories": "artifactregistry.repositories.list",
    "GetRepository": "artifactregistry.repositories.get",
    "UpdateRepository": "artifactregistry.repositories.update",
    "DeleteRepository": "artifactregistry.repositories.delete",
    "ListPackages": "artifactregistry.packages.list",
    "GetIamPolicy": "artifactregistry.repositories.getIamPolicy",
    "SetIamPolicy": "artifactregistry.repositories.setIamPolicy",
}
GOOGLE: Mapping[str, tuple[str, ...]] = {
    **{
        f"google.cloud.secretmanager.v1.SecretManagerService.{name}": (permission,)
        for name, permission in _SECRET_MANAGER.items()
    },
    **{
        f"google.devtools.artifactregistry.v1.ArtifactRegistry.{name}": (permission,)
        for name, permission in _ARTIFACT_REGISTRY.items()
    },
    # REST reference of Artifact Registry v1, C(projects.locations.list). Of both services that have it, only this one's is called.
    "google.cloud.location.Locations.ListLocations": ("artifactregistry.locations.list",),
    # "Operations": whoever began one may ask how it goes. No permission of that kind is in IAM's reference. [unverified]
    "google.longrunning.Operations.GetOperation": (),
    # REST reference of Resource Manager v3, C(projects.get) and C(projects.getIamPolicy).
    "google.cloud.resourcemanager.v3.Projects.GetProject": ("resourcemanager.projects.get",),
    "google.cloud.resourcemanager.v3.Projects.GetIamPolicy": ("resourcemanager.projects.getIamPolicy",),
    # Comments in google/iam/v1/iam_policy.proto: to ask what one may do needs nothing.
    "google.cloud.resourcemanager.v3.Projects.TestIamPermissions": (),
    "google.cloud.secretmanager.v1.SecretManagerService.TestIamPermissions": (),
    "google.devtools.artifactregistry.v1.ArtifactRegistry.TestIamPermissions": (),
    # The page of C(services.generateServiceIdentity) names none; "Create and grant roles to service agents" does. [unverified]
    "google.api.serviceusage.v1beta1.ServiceUsage.GenerateServiceIdentity": ("serviceusage.services.enable",),
    # REST reference of the IAM Service Account Credentials API, C(projects.serviceAccounts.generateAccessToken).
    "google.iam.credentials.v1.IAMCredentials.GenerateAccessToken": ("iam.serviceAccounts.getAccessToken",),
    # "Artifact Registry roles and permissions": to download files.
    "artifactregistry.GetPackagePage": ("artifactregistry.repositories.downloadArtifacts",),
    "artifactregistry.DownloadFile": ("artifactregistry.repositories.downloadArtifacts",),
}

#: Service Authorization Reference, "Actions defined by AWS CodeArtifact": an operation takes the action of its name.
_CODEARTIFACT = (
    "AssociateExternalConnection",
    "CreateDomain",
    "CreatePackageGroup",
    "CreateRepository",
    "DeleteDomain",
    "DeleteDomainPermissionsPolicy",
    "DeletePackageGroup",
    "DeleteRepository",
    "DeleteRepositoryPermissionsPolicy",
    "DescribeDomain",
    "DescribePackage",
    "DescribePackageGroup",
    "DescribeRepository",
    "DisassociateExternalConnection",
    "GetDomainPermissionsPolicy",
    "GetRepositoryPermissionsPolicy",
    "ListAllowedRepositoriesForGroup",
    "ListAssociatedPackages",
    "ListDomains",
    "ListPackageGroups",
    "ListPackages",
    "ListPackageVersions",
    "ListRepositories",
    "ListRepositoriesInDomain",
    "ListSubPackageGroups",
    "ListTagsForResource",
    "PutDomainPermissionsPolicy",
    "PutPackageOriginConfiguration",
    "PutRepositoryPermissionsPolicy",
    "TagResource",
    "UntagResource",
    "UpdatePackageGroup",
    "UpdatePackageGroupOriginConfiguration",
    "UpdateRepository",
)
AWS: Mapping[str, tuple[str, ...]] = {
    **{f"codeartifact.{name}": (f"codeartifact:{name}",) for name in _CODEARTIFACT},
    # CodeArtifact User Guide, "AWS CodeArtifact authentication and tokens": "To call GetAuthorizationToken, you must have" both.
    "codeartifact.GetAuthorizationToken": ("codeartifact:GetAuthorizationToken", "sts:GetServiceBearerToken"),
    # STS API Reference, "GetCallerIdentity": no permissions are required.
    "sts.GetCallerIdentity": (),
}
#: Service Authorization Reference, same table: an action without an operation, on each new upstream of a repository.
NEW_UPSTREAM = "codeartifact:AssociateWithDownstreamRepository"

#: "Permissions required for fine-grained personal access tokens", API version 2026-03-10.
GITHUB: Mapping[str, tuple[str, ...]] = {
    f"github.{name}": permissions
    for name, permissions in {
        "repos/get": ("metadata=read",),
        "repos/get-branch": ("contents=read",),
        "repos/get-content": ("contents=read",),
        "git/get-ref": ("contents=read",),
        "git/create-ref": ("contents=write",),
        "git/update-ref": ("contents=write",),
        # With files in .github/workflows also workflows=write, which is for the case to say.
        "repos/create-or-update-file-contents": ("contents=write",),
        "pulls/list": ("pull_requests=read",),
        "pulls/create": ("pull_requests=write",),
        "repos/get-environment": ("actions=read",),
        "repos/create-or-update-environment": ("administration=write",),
        "repos/delete-an-environment": ("administration=write",),
        "repos/get-all-environments": ("actions=read",),
        "repos/list-deployment-branch-policies": ("actions=read",),
        "repos/create-deployment-branch-policy": ("administration=write",),
        "repos/delete-deployment-branch-policy": ("administration=write",),
        "repos/get-all-deployment-protection-rules": ("actions=read",),
        "repos/list-custom-deployment-rule-integrations": ("administration=read",),
        "repos/create-deployment-protection-rule": ("administration=write",),
        "repos/disable-deployment-protection-rule": ("administration=write",),
        "actions/get-repo-secret": ("secrets=read",),
        "actions/delete-repo-secret": ("secrets=write",),
        "actions/get-environment-secret": ("environments=read",),
        "actions/delete-environment-secret": ("environments=write",),
        "teams/get-by-name": ("members=read",),
        # "Get a user": public, any token will do.
        "users/get-by-username": (),
    }.items()
}
#: Same page: the second permission for files in .github/workflows.
WORKFLOW_FILES = "workflows=write"


def needed(table: Mapping[str, tuple[str, ...]], methods: list[str]) -> set[str]:
    """The permissions for all calls. Of read and write access to the same on GitHub, write is enough. Raises KeyError."""
    found = {permission for method in methods for permission in table[method]}
    return {one for one in found if not (one.endswith("=read") and f"{one.removesuffix('=read')}=write" in found)}

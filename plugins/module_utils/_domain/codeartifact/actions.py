# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""CodeArtifact's actions, and which of them a pattern covers. Pure.

Sources: the CodeArtifact User Guide, "AWS CodeArtifact permissions reference", and the Service Authorization Reference.
"""

from __future__ import annotations

import typing as t
from functools import cache

from ..._base.errors import InvalidInput
from ..iam.wildcards import matches

PREFIX = "codeartifact:"
#: What C(GetAuthorizationToken) needs besides. It is an action of STS, so no policy of CodeArtifact counts for it; older versions of
#: the User Guide have it in domain policies.
SERVICE_BEARER_TOKEN = "sts:GetServiceBearerToken"

# Names of actions that rules are about.
READ_FROM_REPOSITORY, PUBLISH_PACKAGE_VERSION = "ReadFromRepository", "PublishPackageVersion"
PUT_PACKAGE_METADATA, PUT_REPOSITORY_POLICY = "PutPackageMetadata", "PutRepositoryPermissionsPolicy"
GET_AUTHORIZATION_TOKEN = "GetAuthorizationToken"

_ACCOUNT: tuple[str, ...] = ()
_DOMAIN = ("domain",)
_REPOSITORY = ("repository",)
_PACKAGE = ("package",)
_PACKAGE_GROUP = ("package-group",)
_TAGGED = ("domain", "repository", "package-group")

#: The kinds of resources that each action is asked of; none for those of an account as a whole.
ACTIONS: dict[str, tuple[str, ...]] = {
    "AssociateExternalConnection": _REPOSITORY,
    "AssociateWithDownstreamRepository": _REPOSITORY,
    "CopyPackageVersions": ("repository", "package"),
    "CreateDomain": _DOMAIN,
    "CreatePackageGroup": ("domain", "package-group"),
    # The guide wants it "on the domain resource", the reference on the repository that is to be.
    "CreateRepository": ("domain", "repository"),
    "DeleteDomain": _DOMAIN,
    "DeleteDomainPermissionsPolicy": _DOMAIN,
    "DeletePackage": _PACKAGE,
    "DeletePackageGroup": _PACKAGE_GROUP,
    "DeletePackageVersions": _PACKAGE,
    "DeleteRepository": _REPOSITORY,
    "DeleteRepositoryPermissionsPolicy": _REPOSITORY,
    "DescribeDomain": _DOMAIN,
    "DescribePackage": _PACKAGE,
    "DescribePackageGroup": _PACKAGE_GROUP,
    "DescribePackageVersion": _PACKAGE,
    "DescribeRepository": _REPOSITORY,
    "DisassociateExternalConnection": _REPOSITORY,
    "DisposePackageVersions": _PACKAGE,
    "GetAssociatedPackageGroup": _PACKAGE_GROUP,
    "GetAuthorizationToken": _DOMAIN,
    "GetDomainPermissionsPolicy": _DOMAIN,
    "GetPackageVersionAsset": _PACKAGE,
    "GetPackageVersionReadme": _PACKAGE,
    "GetRepositoryEndpoint": _REPOSITORY,
    "GetRepositoryPermissionsPolicy": _REPOSITORY,
    "ListAllowedRepositoriesForGroup": _PACKAGE_GROUP,
    "ListAssociatedPackages": _PACKAGE_GROUP,
    "ListDomains": _ACCOUNT,
    "ListPackageGroups": _DOMAIN,
    "ListPackageVersionAssets": _PACKAGE,
    "ListPackageVersionDependencies": _PACKAGE,
    "ListPackageVersions": _PACKAGE,
    "ListPackages": _REPOSITORY,
    "ListRepositories": _ACCOUNT,
    "ListRepositoriesInDomain": _DOMAIN,
    "ListSubPackageGroups": _PACKAGE_GROUP,
    "ListTagsForResource": _TAGGED,
    "PublishPackageVersion": _PACKAGE,
    "PutDomainPermissionsPolicy": _DOMAIN,
    "PutPackageMetadata": _PACKAGE,
    "PutPackageOriginConfiguration": _PACKAGE,
    "PutRepositoryPermissionsPolicy": _REPOSITORY,
    "ReadFromRepository": _REPOSITORY,
    "TagResource": _TAGGED,
    "UntagResource": _TAGGED,
    "UpdatePackageGroup": _PACKAGE_GROUP,
    "UpdatePackageGroupOriginConfiguration": _PACKAGE_GROUP,
    "UpdatePackageVersionsStatus": _PACKAGE,
    "UpdateRepository": _REPOSITORY,
}

#: The actions for which a repository's policy is evaluated. A repository that is to be created has none yet.
OF_A_REPOSITORY = frozenset(
    name for name, kinds in ACTIONS.items() if {"repository", "package"} & set(kinds) and name != "CreateRepository"
)

ACCOUNT_LEVEL, DOMAIN_LEVEL, REPOSITORY_LEVEL = "account", "domain", "repository"
_BY_LOWER_CASE = {f"{PREFIX}{name}".lower(): name for name in ACTIONS}


@cache
def level_of(action: str) -> str:
    """What an action is asked of: an account, a domain, or a repository. That decides which resource policies are evaluated.

    :param action: with its service, for example V(codeartifact:ReadFromRepository); case does not matter
    :raises InvalidInput: it is no action whose level is known
    """
    if action.lower() == SERVICE_BEARER_TOKEN.lower():
        return ACCOUNT_LEVEL
    name = _BY_LOWER_CASE.get(action.lower())
    if name is None:
        raise InvalidInput(f"{action!r} is not an action of CodeArtifact that this collection knows.")
    if not ACTIONS[name]:
        return ACCOUNT_LEVEL
    return REPOSITORY_LEVEL if name in OF_A_REPOSITORY else DOMAIN_LEVEL


@cache
def covered(pattern: str) -> frozenset[str]:
    """The names of the known actions that a pattern such as V(codeartifact:Read*) covers; case does not matter."""
    return frozenset(name for action, name in _BY_LOWER_CASE.items() if matches(pattern.lower(), action))


def covered_by(patterns: t.Iterable[str]) -> frozenset[str]:
    """The names of the known actions that any of the patterns covers."""
    return frozenset[str]().union(*map(covered, patterns))

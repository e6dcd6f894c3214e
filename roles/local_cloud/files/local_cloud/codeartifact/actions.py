# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The actions of CodeArtifact, and which resource policies count for each: section 6 of the guide's page on policies.

The level of an operation shows in the model: those of a repository name one, those of a domain name that alone, those
of an account neither.
"""

from __future__ import annotations

from functools import lru_cache

from botocore.model import OperationModel

from local_cloud.codeartifact.model import OPERATIONS
from local_cloud.codeartifact.patterns import overlap

PREFIX = "codeartifact:"
SERVICE_BEARER_TOKEN = "sts:GetServiceBearerToken"
# Actions that are no operations of the API.
_PERMISSIONS_ONLY = {"ReadFromRepository", "AssociateWithDownstreamRepository", "PutPackageMetadata"}


def _members(operation: OperationModel) -> set[str]:
    return set(operation.input_shape.members)


ACCOUNT_LEVEL = frozenset(name for name, model in OPERATIONS.items() if not _members(model) & {"domain", "resourceArn"})
DOMAIN_LEVEL = frozenset(
    name
    for name, model in OPERATIONS.items()
    if "domain" in _members(model) and not _members(model) & {"repository", "sourceRepository"}
)
KNOWN = frozenset(OPERATIONS) | _PERMISSIONS_ONLY
# What the policy of a repository may speak of. One that is to be created has none yet.
REPOSITORY_LEVEL = KNOWN - ACCOUNT_LEVEL - DOMAIN_LEVEL - {"CreateRepository"}


def domain_policy_counts(action: str) -> bool:
    return action not in ACCOUNT_LEVEL and action not in {"CreateDomain", "PutDomainPermissionsPolicy"}


def repository_policy_counts(action: str) -> bool:
    return action in REPOSITORY_LEVEL and action != "PutRepositoryPermissionsPolicy"


@lru_cache(maxsize=256)
def covered(pattern: str) -> frozenset[str]:
    """The known actions that a pattern such as ``codeartifact:Read*`` covers; case does not matter."""
    return frozenset(name for name in KNOWN if overlap(pattern.lower(), (PREFIX + name).lower()))

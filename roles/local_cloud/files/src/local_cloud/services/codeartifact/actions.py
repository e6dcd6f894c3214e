# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The actions of CodeArtifact's policies, and whose policies count for each: read from the names of its operations' inputs.

Sources: botocore's model, document 004 of AWS's guide ("Repository policies") for the actions that are no operation, and its
section "Interaction between repository and domain policies" for the policies that count.
"""

from __future__ import annotations

from local_cloud.services.codeartifact.model import NAME, OPERATIONS

PREFIX = f"{NAME}:"
#: ``GetAuthorizationToken`` needs this, too: an action of STS, for which no policy of CodeArtifact counts.
SERVICE_BEARER_TOKEN = "sts:GetServiceBearerToken"
_NO_OPERATIONS = ("AssociateWithDownstreamRepository", "PutPackageMetadata", "ReadFromRepository")
_DOMAIN, _REPOSITORY = "domain", "repository"


def _policies(name: str) -> tuple[str, ...]:
    """Of which resources the policies are asked: none for what an account does as a whole."""
    members = set(OPERATIONS[name].input_shape.members) if name in OPERATIONS else {_REPOSITORY}
    if name == "PutDomainPermissionsPolicy" or not members & {"domain", _REPOSITORY, "resourceArn"}:
        return ()
    # A repository that is to be created has no policy yet, and one whose policy is put is not to lock its owner out.
    of_repository = members & {_REPOSITORY, "sourceRepository", "resourceArn"}
    if not of_repository or name in {"CreateRepository", "PutRepositoryPermissionsPolicy"}:
        return (_DOMAIN,)
    return (_DOMAIN, _REPOSITORY)


#: By action in lower case, as actions are compared.
ACTIONS = {f"{PREFIX}{name}".lower(): _policies(name) for name in (*OPERATIONS, *_NO_OPERATIONS)}
#: Whom the administrator of a repository may let do it: what is asked of a repository, also where its policy does not count.
OF_A_REPOSITORY = frozenset(
    action
    for action, policies in ACTIONS.items()
    if _REPOSITORY in policies or action == f"{PREFIX}PutRepositoryPermissionsPolicy".lower()
)

# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""CodeArtifact's API: which operation a request calls, and its answer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from aiohttp import web
from botocore.model import OperationModel

from local_cloud.platform.base import Platform, Requested
from local_cloud.platform.errors import ApiError
from local_cloud.services.codeartifact import (
    domains,
    package_groups,
    policies,
    published,
    repositories,
    rest_json,
    tags,
    throttling,
)
from local_cloud.services.codeartifact.access import Access
from local_cloud.services.codeartifact.errors import AwsError, as_aws
from local_cloud.services.codeartifact.identities import Identity
from local_cloud.services.codeartifact.model import NAME, find
from local_cloud.services.codeartifact.operations import Call, Handler
from local_cloud.services.codeartifact.signature import Signer, check_date, signer_of
from local_cloud.services.codeartifact.store import CodeArtifact
from local_cloud.services.codeartifact.validation import check

PREFIX = f"{NAME}/"
_HANDLERS: dict[str, Handler] = {
    "CreateDomain": domains.create,
    "DescribeDomain": domains.describe,
    "DeleteDomain": domains.delete,
    "ListDomains": domains.list_domains,
    "GetAuthorizationToken": domains.get_authorization_token,
    "CreateRepository": repositories.create,
    "DescribeRepository": repositories.describe,
    "UpdateRepository": repositories.update,
    "DeleteRepository": repositories.delete,
    "ListRepositories": repositories.list_repositories,
    "ListRepositoriesInDomain": repositories.list_in_domain,
    "AssociateExternalConnection": repositories.associate,
    "DisassociateExternalConnection": repositories.disassociate,
    "GetRepositoryEndpoint": repositories.endpoint,
    "PutDomainPermissionsPolicy": policies.put,
    "GetDomainPermissionsPolicy": policies.get,
    "DeleteDomainPermissionsPolicy": policies.delete,
    "PutRepositoryPermissionsPolicy": policies.put,
    "GetRepositoryPermissionsPolicy": policies.get,
    "DeleteRepositoryPermissionsPolicy": policies.delete,
    "CreatePackageGroup": package_groups.create,
    "DescribePackageGroup": package_groups.describe,
    "UpdatePackageGroup": package_groups.update,
    "DeletePackageGroup": package_groups.delete,
    "ListPackageGroups": package_groups.list_groups,
    "ListSubPackageGroups": package_groups.list_sub_groups,
    "UpdatePackageGroupOriginConfiguration": package_groups.update_origin_configuration,
    "ListAllowedRepositoriesForGroup": package_groups.list_allowed_repositories,
    "GetAssociatedPackageGroup": package_groups.get_associated,
    "ListAssociatedPackages": package_groups.list_associated,
    "PutPackageOriginConfiguration": published.put_origin_configuration,
    "DeletePackage": published.delete_package,
    "ListPackages": published.list_packages,
    "DescribePackage": published.describe_package,
    "ListPackageVersions": published.list_versions,
    "DescribePackageVersion": published.describe_version,
    "ListPackageVersionAssets": published.list_assets,
    "DeletePackageVersions": published.delete_versions,
    "DisposePackageVersions": published.dispose_versions,
    "TagResource": tags.tag,
    "UntagResource": tags.untag,
    "ListTagsForResource": tags.list_tags,
}


@dataclass(frozen=True)
class Caller:
    """Whom a signature names."""

    signer: Signer
    identity: Identity

    def __str__(self) -> str:
        return self.identity.arn


class Operations:
    """All operations on the port."""

    def __init__(self, platform: Platform, state: CodeArtifact) -> None:
        self._platform = platform
        self._state = state

    async def find(self, request: web.Request, path: str) -> Requested | None:
        if not path.startswith(PREFIX):
            return None
        path, platform, state = path.removeprefix(PREFIX), self._platform, self._state
        operation = find(request.method, path)
        if operation is None or operation.name not in _HANDLERS:
            verb = request.method
            raise AwsError("UnknownOperationException", f"There is no operation {verb} /{path} in the local cloud.")
        method = f"{NAME}.{operation.name}"
        values, problem = _read(operation, request, await request.read())

        def identify() -> Caller:
            signer = signer_of(request.headers.get("Authorization"))
            check_date(request.headers.get("X-Amz-Date"), platform.clock)
            return Caller(signer, state.identities.of_signer(signer.access_key_id))

        async def answer(caller: Caller) -> web.Response:
            signer, identity, now = caller.signer, caller.identity, platform.now()
            throttling.charge(platform.quotas, method, identity.account, signer.region)
            if problem is not None:
                raise problem
            access = Access(state.worlds[signer.region], signer.region, identity, request.remote or "", now)
            url = f"{request.scheme}://{request.host}"
            call = Call(state, access, signer.access_key_id, operation.name, values, url)
            return web.json_response(rest_json.write(operation.output_shape, _HANDLERS[operation.name](call)))

        return Requested(method, _resource(values), identify, answer)

    def in_own_words(self, error: ApiError) -> ApiError:
        return as_aws(error)


def _read(operation: OperationModel, request: web.Request, body: bytes) -> tuple[dict[str, Any], AwsError | None]:
    """The input as far as it can be read, and what is wrong with it: that is said once it is known who asks."""
    values: dict[str, Any] = {}
    try:
        values = rest_json.read(operation, request.query, request.headers, body)
        check(operation.input_shape, values)
    except AwsError as problem:
        return values, problem
    return values, None


def _resource(values: dict[str, Any]) -> str:
    """What is named, as far as it is."""
    parts = [values.get(name) for name in ("domain", "repository", "package", "packageGroup")]
    return "/".join(str(part) for part in parts if part) or str(values.get("resourceArn", ""))

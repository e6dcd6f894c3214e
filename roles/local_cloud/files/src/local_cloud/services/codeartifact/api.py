# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""CodeArtifact's API: which operation a request calls, and its answer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from aiohttp import web
from botocore.model import OperationModel

from local_cloud.platform.base import Platform, Requested
from local_cloud.platform.errors import ApiError
from local_cloud.services.codeartifact import domains, policies, published, repositories, rest_json, tags, throttling
from local_cloud.services.codeartifact.access import Access
from local_cloud.services.codeartifact.errors import AwsError, as_aws
from local_cloud.services.codeartifact.identities import Identity
from local_cloud.services.codeartifact.model import NAME, find
from local_cloud.services.codeartifact.operations import Call, Handler
from local_cloud.services.codeartifact.signature import Signer, signer_of
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

    @classmethod
    def parse(cls, state: CodeArtifact, authorization: str | None) -> Caller:
        """Raises AwsError for no signature, or one of nobody known here."""
        signer = signer_of(authorization)
        return cls(signer, state.identities.of_signer(signer.access_key_id))

    def __str__(self) -> str:
        return self.identity.arn


@dataclass(frozen=True)
class Received:
    """A request for an operation. What is wrong with it is said once it is known who asks."""

    operation: OperationModel
    values: dict[str, Any]
    problem: AwsError | None = None

    @classmethod
    def parse(cls, verb: str, path: str, query: Mapping[str, str], headers: Mapping[str, str], body: bytes) -> Received:
        """Raises AwsError when there is no such operation."""
        operation = find(verb, path)
        if operation is None or operation.name not in _HANDLERS:
            raise AwsError("UnknownOperationException", f"There is no operation {verb} /{path} in the local cloud.")
        received = cls(operation, {})
        try:
            received = replace(received, values=rest_json.read(operation, query, headers, body))
            check(operation.input_shape, received.values)
        except AwsError as problem:
            return replace(received, problem=problem)
        return received

    @property
    def method(self) -> str:
        """The name by which calls are logged and faults are matched."""
        return f"{NAME}.{self.operation.name}"

    @property
    def resource(self) -> str:
        """What is named, as far as it is."""
        parts = [self.values.get(name) for name in ("domain", "repository", "package")]
        return "/".join(str(part) for part in parts if part) or str(self.values.get("resourceArn", ""))

    def answer(self, state: CodeArtifact, caller: Caller, url: str, source_ip: str, now: datetime) -> dict[str, Any]:
        """Do it. Raises AwsError."""
        if self.problem is not None:
            raise self.problem
        signer = caller.signer
        access = Access(state.worlds[signer.region], signer.region, caller.identity, source_ip, now)
        call = Call(state, access, signer.access_key_id, self.operation.name, self.values, url)
        output: dict[str, Any] = rest_json.write(self.operation.output_shape, _HANDLERS[self.operation.name](call))
        return output


class Operations:
    """All operations on the port."""

    def __init__(self, platform: Platform, state: CodeArtifact) -> None:
        self._platform = platform
        self._state = state

    async def find(self, request: web.Request, path: str) -> Requested | None:
        if not path.startswith(PREFIX):
            return None
        body = await request.read()
        received = Received.parse(request.method, path.removeprefix(PREFIX), request.query, request.headers, body)

        def identify() -> Caller:
            return Caller.parse(self._state, request.headers.get("Authorization"))

        async def work(caller: Caller) -> web.Response:
            platform = self._platform
            throttling.charge(platform.quotas, received.method, caller.identity.account, caller.signer.region)
            url = f"{request.scheme}://{request.host}"
            answer = received.answer(self._state, caller, url, request.remote or "", platform.now())
            return web.json_response(answer)

        return Requested(received.method, received.resource, identify, work)

    def in_own_words(self, error: ApiError) -> ApiError:
        return as_aws(error)

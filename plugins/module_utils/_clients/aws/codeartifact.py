# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""CodeArtifact: one method per call, plain values out."""

from __future__ import annotations

import re
import typing as t
from dataclasses import dataclass

from ..._base.quota import Quotas
from ..._base.values import format_time
from ..._domain.codeartifact.names import DomainName, Name, RepositoryName
from ..._domain.iam.documents import Document, read_document
from ..http import ANSWER_TIMEOUT, CONNECT_TIMEOUT
from .calls import Call

SERVICE = "CodeArtifact"

Tags = t.Mapping[str, str]

_WORD = re.compile(r"(?<!^)(?=[A-Z])")
_READS = ("Describe", "Get", "List")


def client_settings(connections: int) -> t.Any:
    """Settings for a client that C(connections) threads share.

    botocore would try again by itself, replaying a write with an old plan behind it; the engine reads and plans anew.
    """
    from botocore.config import Config

    return Config(
        retries={"total_max_attempts": 1},
        connect_timeout=CONNECT_TIMEOUT,
        read_timeout=ANSWER_TIMEOUT,
        max_pool_connections=connections,
        # Of what is sent, all was checked before; it takes a tenth of each call.
        parameter_validation=False,
    )


@dataclass(frozen=True)
class ResourcePolicy:
    """The policy of a domain or repository."""

    resource_arn: str
    revision: str
    document: Document


@dataclass(frozen=True)
class Domain:
    """A domain. What it does not have yet is None."""

    name: str
    owner: str | None = None
    arn: str | None = None
    encryption_key: str | None = None
    repository_count: int = 0
    asset_size_bytes: int = 0
    created_time: str | None = None
    status: str | None = None
    s3_bucket_arn: str | None = None
    #: None when they were not asked for: they take a call of their own.
    tags: Tags | None = None


@dataclass(frozen=True)
class Repository:
    """A repository. What it does not have yet is None."""

    name: str
    domain: str
    domain_owner: str | None = None
    administrator_account: str | None = None
    arn: str | None = None
    #: None when there is none: an empty one is none.
    description: str | None = None
    #: Names, the first to be asked first.
    upstreams: tuple[str, ...] = ()
    #: The API has a list and allows one.
    external_connection: str | None = None
    created_time: str | None = None
    #: None when they were not asked for: they take a call of their own.
    tags: Tags | None = None


class CodeArtifact:
    """The calls. All raise our errors; C(Raises NotFound) is said where it is an answer to expect."""

    def __init__(self, client: t.Any, quotas: Quotas) -> None:
        """C(client): boto3's, made with client_settings()."""
        self._client = client
        self._quotas = quotas

    def get_policy(self, name: Name) -> ResourcePolicy:
        """Raises NotFound, for a missing policy as for a missing resource."""
        return self._policy("Get", name)

    def put_policy(self, name: Name, document: str, revision: str | None) -> ResourcePolicy:
        """Set the policy.

        :param revision: the one to overwrite; None when there is no policy, for which the API has no precondition
        :raises LostRace: the policy no longer has C(revision)
        """
        return self._policy("Put", name, policyDocument=document, **_locked(revision))

    def delete_policy(self, name: Name, revision: str | None) -> ResourcePolicy:
        """Delete the policy, which is answered. Raises NotFound, and LostRace when it no longer has C(revision)."""
        return self._policy("Delete", name, **_locked(revision))

    def describe_arn(self, name: Name) -> str:
        """The ARN of a domain or repository, as proof that it exists. Raises NotFound."""
        call, answer = self._call(f"Describe{name.kind.capitalize()}", name)
        try:
            return str(answer[name.kind]["arn"])
        except (KeyError, TypeError):
            raise call.stranger() from None

    def describe_domain(self, name: DomainName) -> Domain:
        """Raises NotFound."""
        return _domain(*self._call("DescribeDomain", name))

    def create_domain(self, name: DomainName, encryption_key: str | None, tags: Tags) -> Domain:
        """A domain of the caller's account. Raises LostRace when there is one of this name."""
        return _domain(*self._call("CreateDomain", name, **_given(encryptionKey=encryption_key, tags=_pairs(tags))))

    def delete_domain(self, name: DomainName) -> None:
        """Raises LostRace when it has repositories."""
        self._call("DeleteDomain", name)

    def describe_repository(self, name: RepositoryName) -> Repository:
        """Raises NotFound."""
        return _repository(*self._call("DescribeRepository", name))

    def create_repository(
        self, name: RepositoryName, description: str | None, upstreams: t.Sequence[str], tags: Tags
    ) -> Repository:
        """Raises LostRace when there is one of this name, and NotFound when an upstream or the domain does not exist."""
        more = _given(description=description, upstreams=_upstreams(upstreams), tags=_pairs(tags))
        return _repository(*self._call("CreateRepository", name, **more))

    def update_repository(
        self, name: RepositoryName, *, description: str | None = None, upstreams: t.Sequence[str] | None = None
    ) -> Repository:
        """None leaves as it is, and what is empty removes. Raises NotFound when an upstream does not exist."""
        more: dict[str, t.Any] = {} if description is None else {"description": description}
        if upstreams is not None:
            more["upstreams"] = _upstreams(upstreams)
        return _repository(*self._call("UpdateRepository", name, **more))

    def delete_repository(self, name: RepositoryName) -> None:
        """With all packages. Raises NotFound."""
        self._call("DeleteRepository", name)

    def connect(self, name: RepositoryName, connection: str) -> Repository:
        """Add an external connection. Raises NotFound when there is no such connection to have."""
        return _repository(*self._call("AssociateExternalConnection", name, externalConnection=connection))

    def disconnect(self, name: RepositoryName, connection: str) -> Repository:
        """Remove an external connection. Raises NotFound when it is not there."""
        return _repository(*self._call("DisassociateExternalConnection", name, externalConnection=connection))

    def has_packages(self, name: RepositoryName) -> bool:
        """Whether there is anything in a repository. Raises NotFound."""
        answer = self._call("ListPackages", name, maxResults=1)[1]
        return bool(answer.get("packages") or answer.get("nextToken"))

    def list_repositories(self, name: DomainName) -> list[Repository]:
        """All repositories of a domain, without what a list does not tell: upstreams, connection and tags. Raises NotFound."""
        found: list[Repository] = []
        more: dict[str, str] = {}
        while True:
            call, answer = self._call("ListRepositoriesInDomain", name, maxResults=1000, **more)
            try:
                found += [_repository(call, {"repository": one}) for one in answer["repositories"]]
            except (KeyError, TypeError):
                raise call.stranger() from None
            if not answer.get("nextToken"):
                return found
            more = {"nextToken": answer["nextToken"]}

    def list_tags(self, name: Name, arn: str) -> dict[str, str]:
        """The tags of a domain or repository. Raises NotFound."""
        call, answer = self._run("ListTagsForResource", str(name), resourceArn=arn)
        try:
            return {str(tag["key"]): str(tag["value"]) for tag in answer["tags"]}
        except (KeyError, TypeError):
            raise call.stranger() from None

    def tag(self, name: Name, arn: str, tags: Tags) -> None:
        """Add tags to a domain or repository, or give them other values."""
        self._run("TagResource", str(name), resourceArn=arn, tags=_pairs(tags))

    def untag(self, name: Name, arn: str, keys: t.Sequence[str]) -> None:
        """Remove tags from a domain or repository."""
        self._run("UntagResource", str(name), resourceArn=arn, tagKeys=list(keys))

    def _policy(self, verb: str, name: Name, **arguments: str) -> ResourcePolicy:
        call, answer = self._call(f"{verb}{name.kind.capitalize()}PermissionsPolicy", name, **arguments)
        policy = answer.get("policy", {})
        document = read_document(policy.get("document", ""))
        if document is None or "revision" not in policy:
            raise call.stranger()
        return ResourcePolicy(str(policy.get("resourceArn", "")), str(policy["revision"]), document)

    def _call(self, operation: str, name: Name, **arguments: t.Any) -> tuple[Call, dict[str, t.Any]]:
        return self._run(operation, str(name), **name.arguments, **arguments)

    def _run(self, operation: str, resource: str, **arguments: t.Any) -> tuple[Call, dict[str, t.Any]]:
        """Run an operation, whose permission has its name; returns the call too, to complain about the answer."""
        call = Call(SERVICE, f"codeartifact:{operation}", resource)
        method = getattr(self._client, _WORD.sub("_", operation).lower())
        with self._quotas.call("read" if operation.startswith(_READS) else "write", "", resource):
            return call, call.run(method, **arguments)


def _locked(revision: str | None) -> dict[str, str]:
    return {"policyRevision": revision} if revision else {}


def _given(**arguments: t.Any) -> dict[str, t.Any]:
    return {name: value for name, value in arguments.items() if value}


def _pairs(tags: Tags) -> list[dict[str, str]]:
    return [{"key": key, "value": value} for key, value in tags.items()]


def _upstreams(names: t.Sequence[str]) -> list[dict[str, str]]:
    return [{"repositoryName": name} for name in names]


def _domain(call: Call, answer: dict[str, t.Any]) -> Domain:
    try:
        found = answer["domain"]
        return Domain(
            name=found["name"],
            owner=found["owner"],
            arn=found["arn"],
            encryption_key=found.get("encryptionKey"),
            repository_count=found.get("repositoryCount", 0),
            asset_size_bytes=found.get("assetSizeBytes", 0),
            created_time=_time(found),
            status=found.get("status"),
            s3_bucket_arn=found.get("s3BucketArn"),
        )
    except (KeyError, TypeError):
        raise call.stranger() from None


def _repository(call: Call, answer: dict[str, t.Any]) -> Repository:
    try:
        found = answer["repository"]
        connections = [one["externalConnectionName"] for one in found.get("externalConnections", ())]
        return Repository(
            name=found["name"],
            domain=found["domainName"],
            domain_owner=found["domainOwner"],
            administrator_account=found.get("administratorAccount"),
            arn=found["arn"],
            description=found.get("description") or None,
            upstreams=tuple(one["repositoryName"] for one in found.get("upstreams", ())),
            external_connection=connections[0] if connections else None,
            created_time=_time(found),
        )
    except (KeyError, TypeError):
        raise call.stranger() from None


def _time(found: dict[str, t.Any]) -> str | None:
    return format_time(found["createdTime"]) if "createdTime" in found else None

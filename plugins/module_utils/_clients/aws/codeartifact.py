# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""CodeArtifact: one method per call, plain values out."""

from __future__ import annotations

import re
import typing as t
from contextlib import suppress
from dataclasses import dataclass, field

from ..._base.errors import NotFound
from ..._base.quota import Quotas
from ..._base.values import format_time
from ..._domain.codeartifact.names import DomainName, Name, RepositoryName
from ..._domain.iam.documents import Document, read_document
from ..http.bounds import CALL
from ..http.sessions import CONNECT_TIMEOUT
from .calls import Call, make_strict

SERVICE = "CodeArtifact"

Tags = t.Mapping[str, str]
Answer = dict[str, t.Any]
Read = t.TypeVar("Read")
Item = t.TypeVar("Item")
Thing = t.TypeVar("Thing", "Domain", "Repository")

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
        read_timeout=CALL.silence,
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
    """A domain. A field is None while there is no value for it."""

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
    """A repository. A field is None while there is no value for it."""

    name: str
    domain: str
    domain_owner: str | None = None
    administrator_account: str | None = None
    arn: str | None = None
    #: None for an empty one, too.
    description: str | None = None
    #: Names, the first to be asked first.
    upstreams: tuple[str, ...] = ()
    #: The API has a list and allows one.
    external_connection: str | None = None
    created_time: str | None = None
    #: None when they were not asked for: they take a call of their own.
    tags: Tags | None = None


@dataclass(frozen=True)
class AuthorizationToken:
    """What package clients log in to the repositories of a domain with. C(expiration) is as in answers of format_time()."""

    text: str = field(repr=False)
    expiration: str


class Named(t.Protocol):
    """What calls are about. As text it is named in messages."""

    @property
    def arguments(self) -> dict[str, str]:
        """The parameters by which the API's methods name it."""
        raise NotImplementedError


class CodeArtifact:
    """The calls. All raise our errors; C(Raises NotFound) is said where it is an answer to expect."""

    def __init__(self, client: t.Any, quotas: Quotas) -> None:
        """C(client): boto3's, made with client_settings()."""
        make_strict(client, in_json=True)
        self._client = client
        self._quotas = quotas

    @property
    def region(self) -> str:
        """The region that is asked."""
        return str(self._client.meta.region_name)

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
        return self._call(f"Describe{name.kind.capitalize()}", name, lambda answer: arn_text(answer[name.kind]["arn"]))

    def describe_domain(self, name: DomainName) -> Domain:
        """Raises NotFound."""
        return self._call("DescribeDomain", name, _domain)

    def get_authorization_token(self, name: DomainName, seconds: int) -> AuthorizationToken:
        """A new token for a domain's repositories. Raises NotFound.

        :param seconds: how long it is to be valid, 0 for as long as the session of a role
        """
        return self._call("GetAuthorizationToken", name, _authorization_token, durationSeconds=seconds)

    def create_domain(self, name: DomainName, encryption_key: str | None, tags: Tags) -> Domain:
        """A domain of the caller's account. Raises LostRace when there is one of this name."""
        more = given(encryptionKey=encryption_key, tags=pairs(tags))
        return self._call("CreateDomain", name, _domain, **more)

    def delete_domain(self, name: DomainName) -> None:
        """Raises LostRace when it has repositories."""

        def names_it(answer: Answer) -> bool:
            if "domain" in answer:
                deleted(answer["domain"]["name"], name.domain)
            return "domain" in answer

        if not self._call("DeleteDomain", name, names_it):
            # Of all deletions, this one has no error for what somebody else deleted by then, and need not say what it deleted.
            # Source: CodeArtifact's service model.
            with suppress(NotFound):
                self._call("DescribeDomain", name, lambda _answer: deleted(None, name.domain))

    def describe_repository(self, name: RepositoryName) -> Repository:
        """Raises NotFound."""
        return self._call("DescribeRepository", name, _repository)

    def create_repository(
        self, name: RepositoryName, description: str | None, upstreams: t.Sequence[str], tags: Tags
    ) -> Repository:
        """Raises LostRace when there is one of this name, and NotFound when an upstream or the domain does not exist."""
        more = given(description=description, upstreams=_upstreams(upstreams), tags=pairs(tags))
        return self._call("CreateRepository", name, _repository, **more)

    def update_repository(
        self, name: RepositoryName, *, description: str | None = None, upstreams: t.Sequence[str] | None = None
    ) -> Repository:
        """None leaves as it is, and what is empty removes. Raises NotFound when an upstream does not exist."""
        more: dict[str, t.Any] = {} if description is None else {"description": description}
        if upstreams is not None:
            more["upstreams"] = _upstreams(upstreams)
        return self._call("UpdateRepository", name, _repository, **more)

    def delete_repository(self, name: RepositoryName) -> None:
        """With all packages. Raises NotFound."""
        self._call("DeleteRepository", name, lambda answer: deleted(answer["repository"]["name"], name.repository))

    def connect(self, name: RepositoryName, connection: str) -> Repository:
        """Add an external connection. Raises NotFound when there is no such connection to have."""
        return self._call("AssociateExternalConnection", name, _repository, externalConnection=connection)

    def disconnect(self, name: RepositoryName, connection: str) -> Repository:
        """Remove an external connection. Raises NotFound when it is not there."""
        return self._call("DisassociateExternalConnection", name, _repository, externalConnection=connection)

    def has_packages(self, name: RepositoryName) -> bool:
        """Whether there is anything in a repository. Raises NotFound."""

        def read(answer: Answer) -> bool:
            return bool(answer["packages"] or answer.get("nextToken"))

        return self._call("ListPackages", name, read, maxResults=1)

    def list_repositories(self, name: DomainName) -> list[Repository]:
        """All repositories of a domain, without what a list does not tell: upstreams, connection and tags. Raises NotFound."""
        return self._pages(
            "ListRepositoriesInDomain", name, "repositories", lambda one: _repository({"repository": one})
        )

    def list_tags(self, name: Named, arn: str) -> dict[str, str]:
        """The tags of a domain, a repository or a package group. Raises NotFound."""

        def read(answer: Answer) -> dict[str, str]:
            return {str(tag["key"]): str(tag["value"]) for tag in answer["tags"]}

        return self._run("ListTagsForResource", str(name), read, resourceArn=arn)

    def tag(self, name: Named, arn: str, tags: Tags) -> None:
        """Add tags to what list_tags() reads, or give them other values. Only that tells whether it was done: the answer is empty."""
        self._run("TagResource", str(name), nothing, resourceArn=arn, tags=pairs(tags))

    def untag(self, name: Named, arn: str, keys: t.Sequence[str]) -> None:
        """Remove tags from what list_tags() reads. Only that tells whether it was done: the answer is empty."""
        self._run("UntagResource", str(name), nothing, resourceArn=arn, tagKeys=list(keys))

    def _pages(
        self, operation: str, name: Named, member: str, read: t.Callable[[t.Any], Item], **arguments: t.Any
    ) -> list[Item]:
        """All items of a list, page by page. C(read): makes a plain value of an item."""

        def read_page(answer: Answer) -> tuple[list[Item], str | None]:
            return [read(one) for one in answer[member]], answer.get("nextToken")

        found: list[Item] = []
        more: dict[str, str] = {}
        while True:
            page, token = self._call(operation, name, read_page, maxResults=1000, **arguments, **more)
            found += page
            if not token:
                return found
            more = {"nextToken": token}

    def _policy(self, verb: str, name: Name, **arguments: str) -> ResourcePolicy:
        return self._call(f"{verb}{name.kind.capitalize()}PermissionsPolicy", name, _policy, **arguments)

    def _call(self, operation: str, name: Named, read: t.Callable[[Answer], Read], **arguments: t.Any) -> Read:
        return self._run(operation, str(name), read, **name.arguments, **arguments)

    def _run(self, operation: str, resource: str, read: t.Callable[[Answer], Read], **arguments: t.Any) -> Read:
        """Run an operation, whose permission has its name."""
        call = Call(SERVICE, f"codeartifact:{operation}", resource)
        method = getattr(self._client, _WORD.sub("_", operation).lower())
        with self._quotas.call(_kind(operation), "", resource):
            return call.run(method, read, **arguments)


def _kind(operation: str) -> str:
    """Of which quota an operation uses a call."""
    if operation == "GetAuthorizationToken":
        return "token"
    return "read" if operation.startswith(_READS) else "write"


def _locked(revision: str | None) -> dict[str, str]:
    return {"policyRevision": revision} if revision else {}


def given(**arguments: t.Any) -> dict[str, t.Any]:
    return {name: value for name, value in arguments.items() if value}


def pairs(tags: Tags) -> list[dict[str, str]]:
    return [{"key": key, "value": value} for key, value in tags.items()]


def _upstreams(names: t.Sequence[str]) -> list[dict[str, str]]:
    return [{"repositoryName": name} for name in names]


def text(value: t.Any) -> str:
    """A text of an answer. Raises ValueError for anything else, and for an empty one."""
    if not isinstance(value, str) or not value:
        raise ValueError("Not a text.")
    return value


def arn_text(value: t.Any) -> str:
    """An ARN of an answer, which has six parts. Raises ValueError for anything else. Source: AWS's reference, "Amazon Resource Names"."""
    found = text(value)
    if found.count(":") < 5:
        raise ValueError("Not an ARN.")
    return found


def nothing(_answer: Answer) -> None:
    """Reads an answer that says no more than that it was done."""


def deleted(said: t.Any, asked: str) -> None:
    """Raises ValueError when what an answer says was deleted is not what was asked for."""
    if said != asked:
        raise ValueError("Another one was deleted.")


def _policy(answer: Answer) -> ResourcePolicy:
    policy = answer["policy"]
    document = read_document(policy["document"])
    if document is None:
        raise ValueError("Not a policy.")
    owner = policy.get("resourceArn")
    return ResourcePolicy(arn_text(owner) if owner else "", text(policy["revision"]), document)


def _read(kind: type[Thing], found: Answer, **values: t.Any) -> Thing:
    """A domain or repository as far as its fields have the API's names in snake case; C(values) are the others."""
    said = {_WORD.sub("_", name).lower(): value for name, value in found.items()}
    same = {name: said[name] for name in kind.__annotations__ if said.get(name) is not None}
    if "created_time" in same:
        same["created_time"] = format_time(same["created_time"])
    return kind(**{**same, "name": text(found["name"]), "arn": arn_text(found["arn"]), **values})


def _authorization_token(answer: Answer) -> AuthorizationToken:
    return AuthorizationToken(text(answer["authorizationToken"]), format_time(answer["expiration"]))


def _domain(answer: Answer) -> Domain:
    found = answer["domain"]
    return _read(Domain, found, owner=text(found["owner"]))


def _repository(answer: Answer) -> Repository:
    found = answer["repository"]
    connections = [text(one["externalConnectionName"]) for one in found.get("externalConnections", ())]
    return _read(
        Repository,
        found,
        domain=text(found["domainName"]),
        domain_owner=text(found["domainOwner"]),
        description=found.get("description") or None,
        upstreams=tuple(text(one["repositoryName"]) for one in found.get("upstreams", ())),
        external_connection=connections[0] if connections else None,
    )

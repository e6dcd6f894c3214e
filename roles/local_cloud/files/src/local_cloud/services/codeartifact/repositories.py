# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Repositories: create, describe, update, delete, list; their external connections and endpoints."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from local_cloud.services.codeartifact.errors import conflict, invalid, missing, over_quota
from local_cloud.services.codeartifact.operations import Call
from local_cloud.services.codeartifact.store import Domain, Repository
from local_cloud.services.codeartifact.tags import tags_of

DATA_PLANE = "codeartifact.d"
_MOST_UPSTREAMS = 10
# Source: User Guide, "Supported external connection repositories".
CONNECTIONS = {
    "public:npmjs": "npm",
    "public:pypi": "pypi",
    "public:nuget-org": "nuget",
    "public:maven-central": "maven",
    "public:maven-googleandroid": "maven",
    "public:maven-gradleplugins": "maven",
    "public:maven-commonsware": "maven",
    "public:maven-clojars": "maven",
    "public:ruby-gems-org": "ruby",
    "public:crates-io": "cargo",
}


def create(call: Call) -> dict[str, Any]:
    arn = call.arn
    call.access.require(call.operation, str(arn), arn)
    domain = call.access.existing_domain(arn)
    path = f"{arn.domain}/{arn.repository}"
    if arn.repository in domain.repositories:
        raise conflict(f"Repository {path} already exists.", "repository", path)
    repository = Repository(
        arn,
        call.access.now,
        tags_of(call.values.get("tags", [])),
        call.access.caller.account,
        call.values.get("description"),
        _upstreams(call, domain, path),
    )
    domain.repositories[arn.repository] = repository
    return {"repository": _description(repository)}


def describe(call: Call) -> dict[str, Any]:
    return {"repository": _description(call.repository())}


def update(call: Call) -> dict[str, Any]:
    """What is not given stays as it is."""
    repository = call.repository()
    if "upstreams" in call.values:
        domain = call.access.existing_domain(repository.arn)
        repository.upstreams = _upstreams(call, domain, repository.path, kept=repository.upstreams)
    if "description" in call.values:
        repository.description = call.values["description"]
    return {"repository": _description(repository)}


def delete(call: Call) -> dict[str, Any]:
    """Also where it is the upstream of others, which lose it then."""
    repository = call.repository()
    domain = call.access.existing_domain(repository.arn)
    del domain.repositories[repository.arn.repository]
    for other in domain.repositories.values():
        other.upstreams = [name for name in other.upstreams if name != repository.arn.repository]
    return {"repository": _description(repository)}


def list_repositories(call: Call) -> dict[str, Any]:
    """Those that the caller's account administers, in all domains."""
    call.access.require(call.operation, "*", None)
    found = [
        repository
        for _key, domain in sorted(call.access.world.items())
        for repository in _sorted(domain)
        if repository.administrator == call.access.caller.account
    ]
    return call.page_of("repositories", _with_prefix(call, found), _summary)


def list_in_domain(call: Call) -> dict[str, Any]:
    administrator = call.values.get("administratorAccount")
    found = [item for item in _sorted(call.domain()) if administrator in {None, item.administrator}]
    return call.page_of("repositories", _with_prefix(call, found), _summary)


def associate(call: Call) -> dict[str, Any]:
    repository = call.repository()
    name = call.values["externalConnection"]
    if name not in CONNECTIONS:
        raise missing(f"External connection {name} does not exist.", "repository", repository.path)
    if repository.external_connection == name:
        raise conflict(f"Repository {repository.path} already has this connection.", "repository", repository.path)
    if repository.external_connection is not None:
        raise over_quota(
            f"Repository {repository.path} can have one external connection.", "repository", repository.path
        )
    repository.external_connection = name
    return {"repository": _description(repository)}


def disassociate(call: Call) -> dict[str, Any]:
    repository = call.repository()
    if repository.external_connection != call.values["externalConnection"]:
        raise missing(f"Repository {repository.path} has no such connection.", "repository", repository.path)
    repository.external_connection = None
    return {"repository": _description(repository)}


def endpoint(call: Call) -> dict[str, Any]:
    arn = call.repository().arn
    package_format = call.values["format"]
    if call.url.endswith(".amazonaws.com"):
        # Whoever asks there goes there with what is said here.
        host = f"https://{arn.domain}-{arn.owner}.d.codeartifact.{arn.region}.amazonaws.com"
    else:
        host = f"{call.url}/{DATA_PLANE}/{arn.domain}-{arn.owner}/{arn.region}"
    return {"repositoryEndpoint": f"{host}/{package_format}/{arn.repository}/"}


def _upstreams(call: Call, domain: Domain, path: str, kept: Sequence[str] = ()) -> list[str]:
    """The names of the wanted upstreams. For each that is new, the caller needs a permission on it, too.

    Raises:
        AwsError: they are too many, or one does not exist, or it would be its own upstream.
    """
    names = [upstream["repositoryName"] for upstream in call.values.get("upstreams", [])]
    if len(names) > _MOST_UPSTREAMS:
        raise over_quota(f"A repository can have {_MOST_UPSTREAMS} direct upstreams.", "repository", path)
    if len(set(names)) != len(names):
        raise invalid("A repository can be an upstream only once.")
    for name in names:
        if name not in kept:
            upstream = call.access.arn(domain.arn.domain, domain.arn.owner, name)
            call.access.repository("AssociateWithDownstreamRepository", upstream)
        if _reaches(domain, name, call.arn.repository):
            raise invalid("A repository cannot be upstream of itself.")
    return names


def _reaches(domain: Domain, start: str, target: str) -> bool:
    """Whether the target is the start or one of its upstreams, however far. There are no circles yet."""
    upstreams = domain.repositories[start].upstreams if start in domain.repositories else []
    return start == target or any(_reaches(domain, name, target) for name in upstreams)


def _sorted(domain: Domain) -> list[Repository]:
    return [domain.repositories[name] for name in sorted(domain.repositories)]


def _with_prefix(call: Call, repositories: list[Repository]) -> list[Repository]:
    prefix = call.values.get("repositoryPrefix", "")
    return [repository for repository in repositories if repository.arn.repository.startswith(prefix)]


def _summary(repository: Repository) -> dict[str, Any]:
    return {
        "name": repository.arn.repository,
        "administratorAccount": repository.administrator,
        "domainName": repository.arn.domain,
        "domainOwner": repository.arn.owner,
        "arn": str(repository.arn),
        "description": repository.description,
        "createdTime": repository.created,
    }


def _description(repository: Repository) -> dict[str, Any]:
    connection = repository.external_connection
    connections = [] if connection is None else [
        {"externalConnectionName": connection, "packageFormat": CONNECTIONS[connection], "status": "Available"}
    ]  # fmt: skip
    return {
        **_summary(repository),
        "upstreams": [{"repositoryName": name} for name in repository.upstreams],
        "externalConnections": connections,
    }

# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Package groups, through the API: create, describe, update, delete, list, their origin configuration and their packages."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from local_cloud.services.codeartifact import patterns
from local_cloud.services.codeartifact.errors import conflict, invalid, missing
from local_cloud.services.codeartifact.operations import Call
from local_cloud.services.codeartifact.origins import INHERIT, TYPES, effective, parent_of
from local_cloud.services.codeartifact.packages import PackageName
from local_cloud.services.codeartifact.store import Domain, PackageGroup
from local_cloud.services.codeartifact.tags import tags_of

_MOST_REPOSITORIES = 100


def create(call: Call) -> dict[str, Any]:
    """A new group inherits all of its settings."""
    # There is no resource yet of which it could be asked.
    call.access.require(call.operation, "*", call.arn)
    domain = call.access.existing_domain(call.arn)
    pattern = call.values["packageGroup"]
    patterns.check(pattern)
    if pattern in domain.groups:
        raise conflict(f"Package group {pattern} already exists.", "domain", domain.path)
    group = PackageGroup(
        domain.arn,
        pattern,
        call.access.now,
        call.values.get("contactInfo"),
        call.values.get("description"),
        tags_of(call.values.get("tags", [])),
        dict.fromkeys(TYPES, INHERIT),
    )
    domain.groups[pattern] = group
    return _shown(domain, group)


def describe(call: Call) -> dict[str, Any]:
    return _shown(*_group(call))


def update(call: Call) -> dict[str, Any]:
    """What is not given stays as it is."""
    domain, group = _group(call)
    group.contact = call.values.get("contactInfo", group.contact)
    group.description = call.values.get("description", group.description)
    return _shown(domain, group)


def delete(call: Call) -> dict[str, Any]:
    """Its packages and its groups go to the one above."""
    domain, group = _group(call)
    if group.pattern == patterns.ROOT:
        raise invalid("The root package group cannot be deleted.")
    shown = _shown(domain, group)
    del domain.groups[group.pattern]
    return shown


def list_groups(call: Call) -> dict[str, Any]:
    domain, prefix = call.domain(), call.values.get("prefix", "")
    return _page(call, domain, (group for group in domain.groups.values() if group.pattern.startswith(prefix)))


def list_sub_groups(call: Call) -> dict[str, Any]:
    """Those whose parent it is."""
    domain, group = _group(call)
    return _page(call, domain, (other for other in domain.groups.values() if parent_of(domain, other) is group))


def update_origin_configuration(call: Call) -> dict[str, Any]:
    domain, group = _group(call)
    added, removed = call.values.get("addAllowedRepositories", []), call.values.get("removeAllowedRepositories", [])
    if len(added) + len(removed) > _MOST_REPOSITORIES:
        raise invalid(f"Up to {_MOST_REPOSITORIES} repositories can be added and removed at once.")
    for one in added:
        if one["repositoryName"] not in domain.repositories:
            path = f"{domain.arn.domain}/{one['repositoryName']}"
            raise missing(f"Repository not found. Repository {path} does not exist.", "repository", path)
    restrictions = call.values.get("restrictions", {})
    if group.pattern == patterns.ROOT and INHERIT in restrictions.values():
        raise invalid("The root package group has no group to inherit from.")
    group.modes.update(restrictions)
    changes: dict[str, dict[str, list[str]]] = {}
    for one in added:
        _change(changes, group, one, "ADDED")
    for one in removed:
        _change(changes, group, one, "REMOVED")
    return {**_shown(domain, group), "allowedRepositoryUpdates": changes}


def _change(changes: dict[str, dict[str, list[str]]], group: PackageGroup, wanted: dict[str, str], what: str) -> None:
    """Add a repository to a list or take it from there. One that is there, or is not, is no change."""
    name, setting = wanted["repositoryName"], wanted["originRestrictionType"]
    allowed = group.allowed[setting]
    if (name in allowed) == (what == "REMOVED"):
        (allowed.remove if what == "REMOVED" else allowed.add)(name)
        changes.setdefault(setting, {}).setdefault(what, []).append(name)


def list_allowed_repositories(call: Call) -> dict[str, Any]:
    group = _group(call)[1]
    found = sorted(group.allowed[call.values["originRestrictionType"]])
    return call.page_of("allowedRepositories", found, str)


def get_associated(call: Call) -> dict[str, Any]:
    """Of a package that need not exist."""
    values, arn = call.values, call.arn
    kind = values["format"]
    name = PackageName(kind, values.get("namespace", ""), patterns.normal(kind, values["package"]))
    there = call.access.world.get((arn.owner, arn.domain))
    found = patterns.associated(there.groups, name) if there else patterns.Association(patterns.ROOT, patterns.STRONG)
    domain, group = call.access.package_group(call.operation, arn, found.pattern)
    return {**_shown(domain, group), "associationType": found.type}


def list_associated(call: Call) -> dict[str, Any]:
    """The packages of all repositories that belong to a group; in a preview, those that would to one of this pattern."""
    pattern = call.values["packageGroup"]
    if call.values.get("preview"):
        call.access.require(call.operation, call.arn.package_group(pattern), call.arn)
        domain = call.access.existing_domain(call.arn)
        patterns.check(pattern)
    else:
        domain = _group(call)[0]
    groups = {*domain.groups, pattern}
    names = {package.name for repository in domain.repositories.values() for package in repository.packages}
    found = []
    for name in sorted(names, key=patterns.path_of):
        association = patterns.associated(groups, name)
        if association.pattern == pattern:
            found.append((name, association.type))
    return call.page_of("packages", found, lambda one: {
        "format": one[0].format,
        "namespace": one[0].namespace or None,
        "package": one[0].name,
        "associationType": one[1],
    })  # fmt: skip


def _group(call: Call) -> tuple[Domain, PackageGroup]:
    """The group that a call names, and its domain. Raises AwsError."""
    return call.access.package_group(call.operation, call.arn, call.values["packageGroup"])


def _page(call: Call, domain: Domain, groups: Iterable[PackageGroup]) -> dict[str, Any]:
    found = sorted(groups, key=lambda group: group.pattern)
    return call.page_of("packageGroups", found, lambda group: _description(domain, group))


def _shown(domain: Domain, group: PackageGroup) -> dict[str, Any]:
    return {"packageGroup": _description(domain, group)}


def _description(domain: Domain, group: PackageGroup) -> dict[str, Any]:
    above = parent_of(domain, group)
    return {
        "arn": group.arn,
        "pattern": group.pattern,
        "domainName": domain.arn.domain,
        "domainOwner": domain.arn.owner,
        "createdTime": group.created,
        "contactInfo": group.contact,
        "description": group.description,
        "originConfiguration": {"restrictions": {name: _restriction(domain, group, name) for name in TYPES}},
        "parent": None if above is None else _reference(above),
    }


def _restriction(domain: Domain, group: PackageGroup, setting: str) -> dict[str, Any]:
    found = effective(domain, group, setting)
    return {
        "mode": group.modes[setting],
        "effectiveMode": found.mode,
        "inheritedFrom": _reference(found.group) if group.modes[setting] == INHERIT else None,
        "repositoriesCount": len(group.allowed[setting]),
    }


def _reference(group: PackageGroup) -> dict[str, str]:
    return {"arn": group.arn, "pattern": group.pattern}

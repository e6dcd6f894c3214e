# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""From where new versions of a package may come to a repository: the settings of its group, and its own there.

Both count: what either of them blocks is blocked. A package that matches its group only by a variation of its name takes no new version
from anywhere. Versions that are there already stay.
Sources: CodeArtifact User Guide, "Package group origin controls" and "Editing package origin controls"; that both count is not verified.
"""

from __future__ import annotations

from dataclasses import dataclass

from local_cloud.services.codeartifact import patterns
from local_cloud.services.codeartifact.packages import ALLOW, BLOCK, PackageName
from local_cloud.services.codeartifact.store import Domain, PackageGroup, Repository

PUBLISH, EXTERNAL, INTERNAL = "PUBLISH", "EXTERNAL_UPSTREAM", "INTERNAL_UPSTREAM"
TYPES = (EXTERNAL, INTERNAL, PUBLISH)
SPECIFIC, INHERIT = "ALLOW_SPECIFIC_REPOSITORIES", "INHERIT"


@dataclass(frozen=True)
class Effective:
    """What holds for a group, and the group that says so."""

    mode: str
    group: PackageGroup


def parent_of(domain: Domain, group: PackageGroup) -> PackageGroup | None:
    found = patterns.parent(domain.groups, group.pattern)
    return None if found is None else domain.groups[found]


def effective(domain: Domain, group: PackageGroup, setting: str) -> Effective:
    """The setting of the first group, from this one upwards, that does not inherit. The root that inherits allows."""
    asked: PackageGroup | None = group
    while asked is not None:
        if asked.modes[setting] != INHERIT:
            return Effective(asked.modes[setting], asked)
        group, asked = asked, parent_of(domain, asked)
    return Effective(ALLOW, group)


def group_of(domain: Domain, name: PackageName) -> tuple[PackageGroup, str]:
    """The group that a package belongs to, and how: STRONG or WEAK."""
    found = patterns.associated(domain.groups, name)
    return domain.groups[found.pattern], found.type


def may_publish(domain: Domain, repository: Repository, name: PackageName) -> bool:
    package = repository.packages.get(name)
    return _group_allows(domain, repository, name, PUBLISH) and (package is None or package.publish == ALLOW)


def may_receive(domain: Domain, repository: Repository, name: PackageName, setting: str) -> bool:
    """Whether a repository takes new versions from its external connection, or from its upstreams."""
    package = repository.packages.get(name)
    return _group_allows(domain, repository, name, setting) and (package is None or package.upstream == ALLOW)


def _group_allows(domain: Domain, repository: Repository, name: PackageName, setting: str) -> bool:
    group, how = group_of(domain, name)
    found = effective(domain, group, setting)
    if how == patterns.WEAK or found.mode == BLOCK:
        return False
    return found.mode == ALLOW or repository.arn.repository in found.group.allowed[setting]

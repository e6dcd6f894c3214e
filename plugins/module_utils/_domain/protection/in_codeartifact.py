# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whether a CodeArtifact repository lists public versions of a package. Pure.

Sources: CodeArtifact User Guide, "Package group origin controls", "Editing package origin controls" and "Upstream repository priority order".
Not verified, so judged by the riskier reading: that a package's block in a repository in between does not cut the way. Not verified, and
judged as both counting: what happens when a group allows and a package blocks, or the other way round.
"""

from __future__ import annotations

import typing as t
from dataclasses import dataclass, field

from ..codeartifact.package_groups import (
    ALLOW,
    BLOCK,
    EXTERNAL,
    INTERNAL,
    ROOT,
    SPECIFIC,
    WEAK,
    PackageGroup,
    associated,
)
from .listings import DEPENDS, NO, YES, Listing, worst

#: Source: CodeArtifact User Guide, "Supported external connection repositories". Another one may be of any format.
_FORMATS = {
    "public:npmjs": "npm",
    "public:pypi": "pypi",
    "public:nuget-org": "nuget",
    "public:ruby-gems-org": "ruby",
    "public:crates-io": "cargo",
}
_MAVEN = "public:maven-"


@dataclass(frozen=True)
class Held:
    """A package in a repository. None for what is not known of its settings."""

    upstream: str | None = None
    #: Versions that came from outside and can be installed.
    retained: tuple[str, ...] = ()
    #: Whether a version was published to some repository of the domain.
    published: bool = False


@dataclass(frozen=True)
class Source:
    """A repository."""

    name: str
    upstreams: tuple[str, ...] = ()
    external_connection: str | None = None
    #: By the packages' paths.
    packages: t.Mapping[str, Held] = field(default_factory=dict)

    def connects(self, format: str) -> bool:
        """Whether its external connection can bring packages of a format."""
        connection = self.external_connection or ""
        kind = "maven" if connection.startswith(_MAVEN) else _FORMATS.get(connection)
        return bool(connection) and kind in (None, format)


@dataclass(frozen=True)
class Domain:
    """The repositories by name and the package groups by pattern. Without groups it is as if the root allowed all."""

    sources: t.Mapping[str, Source]
    groups: t.Mapping[str, PackageGroup] = field(default_factory=dict)
    #: Patterns of groups that were created just now, which need not count everywhere yet.
    new: frozenset[str] = frozenset()

    def behind(self, name: str) -> list[Source]:
        """A repository and all that it is on top of, each once."""
        found: dict[str, Source] = {}
        waiting = [name]
        while waiting:
            one = waiting.pop()
            # What is not there any more brings nothing.
            if one not in found and one in self.sources:
                found[one] = self.sources[one]
                waiting += found[one].upstreams
        return list(found.values())


def listed(domain: Domain, repository: str, path: str) -> Listing:
    """Whether a client of a repository is offered public versions of a package.

    :param path: /FORMAT/NAMESPACE/NAME
    """
    behind = domain.behind(repository)
    kept = [one.name for one in behind if path in one.packages and one.packages[path].retained]
    pattern, how = associated(domain.groups, path)
    inside = _both(_group(domain, pattern, how, INTERNAL, repository), _package(domain, repository, path))
    if repository in kept or (kept and inside == YES):
        return Listing(YES, "A9", "a version came from outside before, and stays", by=kept[0])
    connected = [one for one in behind if one.connects(path.split("/")[1])]
    if not connected:
        return Listing(NO, "A1", "no external connection of this format is behind the repository")
    ways = [_way(domain, repository, one.name, path, inside) for one in connected]
    found = worst(ways, ways[0])
    if found.outcome == NO and pattern in domain.new:
        return Listing(DEPENDS, "A10", "the package group was created just now, and need not count yet", by=pattern)
    return found


def _way(domain: Domain, repository: str, connected: str, path: str, inside: str) -> Listing:
    """What comes from one external connection."""
    pattern, how = associated(domain.groups, path)
    if how == WEAK:
        return Listing(NO, "A8", "the name is a variation of one of a package group, and blocked", by=pattern)
    outside = _group(domain, pattern, how, EXTERNAL, connected)
    if outside == NO:
        return Listing(NO, "A6", "its package group blocks external upstreams", by=pattern)
    outcome = _both(outside, _package(domain, connected, path))
    if connected != repository:
        outcome = _both(outcome, inside)
    if outcome == NO:
        return Listing(NO, "A3", "upstreams are blocked for it on the way", by=connected)
    row, reason = _why(domain, repository, path, pattern)
    return Listing(outcome, row, reason, by=connected if pattern == ROOT else pattern)


def _why(domain: Domain, repository: str, path: str, pattern: str) -> tuple[str, str]:
    """The row of a way that is open or may be."""
    setting = domain.groups[pattern].settings[EXTERNAL] if pattern in domain.groups else None
    if setting and setting.effective_mode == SPECIFIC:
        return "A7", "its package group allows it for repositories that it lists"
    if pattern != ROOT:
        return "A11", "its package group, which is more specific than others, allows external upstreams"
    own = domain.sources[repository].packages.get(path)
    if own and own.published:
        return "A5", "it is published there, but upstreams are not blocked for it"
    if any(one.packages[path].published for one in domain.behind(repository) if path in one.packages):
        return "A4", "it is published to another repository, which protects it only there"
    return "A2", "no version of it is published, and nothing blocks the public name"


def _group(domain: Domain, pattern: str, how: str, setting: str, repository: str) -> str:
    """Whether a group lets a repository receive new versions."""
    if how == WEAK:
        return NO
    group = domain.groups.get(pattern)
    if group is None:
        return YES
    found = group.settings[setting]
    if found.effective_mode in (ALLOW, BLOCK):
        return YES if found.effective_mode == ALLOW else NO
    lister = domain.groups.get(found.inherited_from or pattern)
    listing = lister.settings[setting].repositories if lister else None
    if found.effective_mode != SPECIFIC or listing is None:
        return DEPENDS
    return YES if repository in listing else NO


def _package(domain: Domain, repository: str, path: str) -> str:
    """Whether a package's own settings let a repository receive new versions. A package that is not there has none."""
    held = domain.sources[repository].packages.get(path) if repository in domain.sources else None
    if held is None or held.upstream == ALLOW:
        return YES
    return NO if held.upstream == BLOCK else DEPENDS


def _both(one: str, other: str) -> str:
    if NO in (one, other):
        return NO
    return DEPENDS if DEPENDS in (one, other) else YES

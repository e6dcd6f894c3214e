# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whether a repository of Artifact Registry lists public versions of a package. Pure.

Source: Artifact Registry, "Virtual repositories overview". Not verified, so answered with C(depends): which versions a virtual repository
lists when an upstream of ours has the higher priority, for which one public report says that it merges all of them; and whether a
download rule takes a package out of a list.
"""

from __future__ import annotations

import typing as t
from dataclasses import dataclass

from .listings import DEPENDS, NO, YES, Listing, worst

STANDARD, REMOTE, VIRTUAL = "STANDARD_REPOSITORY", "REMOTE_REPOSITORY", "VIRTUAL_REPOSITORY"


@dataclass(frozen=True)
class Repository:
    """A repository of any mode."""

    name: str
    mode: str
    #: Names of the packages that are in it, normalized.
    packages: frozenset[str] = frozenset()
    #: Of a virtual one: names of repositories and their priorities, of which the greater counts more.
    upstreams: tuple[tuple[str, int], ...] = ()
    #: Of a remote one: the repository of ours that it stands for; None for another upstream.
    stands_for: str | None = None
    #: Of a remote one: whether its upstream is public; None when that is not known.
    public: bool | None = None
    #: Names of packages that a download rule denies.
    denied: frozenset[str] = frozenset()


def listed(
    repositories: t.Mapping[str, Repository], name: str, package: str, seen: frozenset[str] = frozenset()
) -> Listing:
    """Whether a client of a repository is offered public versions of a package.

    :param package: its name, normalized
    :param seen: repositories that the way has led through
    """
    repository = repositories.get(name)
    if repository is None or name in seen:
        return Listing(DEPENDS, "", "the repository could not be read", by=name)
    seen |= {name}
    if repository.mode == STANDARD:
        return Listing(NO, "G1", "only what is published to it is there", by=name)
    if repository.mode == VIRTUAL:
        return _virtual(repositories, repository, package, seen)
    if repository.stands_for is not None:
        found = listed(repositories, repository.stands_for, package, seen)
        return found if found.outcome == NO else Listing(found.outcome, "G8", found.reason, found.equal, found.by)
    if repository.public is False:
        return Listing(NO, "G6", "its upstream is not public", by=name)
    if repository.public is None:
        return Listing(DEPENDS, "G2", "whether its upstream is public is not known", by=name)
    if package in repository.denied:
        return Listing(DEPENDS, "G7", "a download rule denies it, which need not take it out of lists", by=name)
    return Listing(YES, "G2", "it comes from a public upstream", by=name)


def _virtual(
    repositories: t.Mapping[str, Repository], repository: Repository, package: str, seen: frozenset[str]
) -> Listing:
    ways = [(priority, listed(repositories, name, package, seen)) for name, priority in repository.upstreams]
    open_ways = [(priority, way) for priority, way in ways if way.outcome != NO]
    found = worst(
        (way for _priority, way in open_ways), Listing(NO, "G6", "no upstream of it is public", by=repository.name)
    )
    ours = [
        priority
        for name, priority in repository.upstreams
        if name in repositories and package in repositories[name].packages and repositories[name].mode == STANDARD
    ]
    # Nothing of ours is in front of it, or it is not certain that there is anything behind.
    if found.outcome != YES or not ours:
        return found
    theirs = max(priority for priority, way in open_ways if way.outcome == YES)
    if max(ours) > theirs:
        return Listing(
            DEPENDS,
            "G3",
            "priority decides equal versions, and whether it hides newer ones is not verified",
            by=found.by,
        )
    if max(ours) == theirs:
        return Listing(
            YES, "G4", "upstreams have equal priorities, so that any of them may serve", equal=True, by=found.by
        )
    return Listing(YES, "G5", "the public upstream has the higher priority", equal=True, by=found.by)

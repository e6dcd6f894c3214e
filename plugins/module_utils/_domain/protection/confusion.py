# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Dependency confusion: names of ours under which a client could be given a public package, and what to do about each. Pure."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass

from ..._base.findings import HIGH, LOW, MEDIUM, Finding, gravity
from ..._base.yaml_text import as_yaml
from ..codeartifact.package_groups import STRONG, takes
from ..codeartifact.packages import PackageName
from . import in_artifact_registry, in_codeartifact
from .clients import CLIENTS, OURS, Client, installed
from .listings import DEPENDS, NO, Listing
from .names import OurName

_CODE = "public_package_in_place_of_ours"
#: What somebody opened for these names on purpose is of less weight than what is open because nobody thought of it.
_ON_PURPOSE = ("A7", "A11")
_UNSETTLED = "A10"
#: In place of the end of a name that nobody has.
_ANY = "\ufffd"
_RETAINED = (
    "Find out who uses these versions, and dispose of them with 'aws codeartifact dispose-package-versions'. codeartifact_package_group_info with "
    "retained lists them."
)
#: Repositories that a sentence names.
_SHOWN = 5


@dataclass(frozen=True)
class Place:
    """Where a domain is, for tasks to paste."""

    domain: str
    domain_owner: str
    region: str


def in_domain(
    domain: in_codeartifact.Domain,
    place: Place,
    names: t.Iterable[OurName],
    asked: t.Collection[str] | None = None,
    client: Client = CLIENTS["C1"],
) -> list[Finding]:
    """What is to be said of a CodeArtifact domain.

    :param domain: its repositories and package groups
    :param names: those that are ours
    :param asked: the repositories that clients ask; None for all
    :param client: how its repositories are asked
    """
    found: list[Finding] = []
    for name in names:
        where: dict[tuple[str, Listing], list[str]] = {}
        for repository in sorted(domain.sources if asked is None else domain.sources.keys() & set(asked)):
            for path in _examples(domain, name):
                listing = in_codeartifact.listed(domain, repository, path)
                if _is_ours(listing, client, private=_is_published(domain, repository, path)):
                    continue
                shown = path if path in _known(domain) else name.word
                where.setdefault((shown, listing), []).append(repository)
        found += [_of_domain(place, name, *one, repositories) for one, repositories in where.items()]
    return sorted(found, key=gravity)


def _is_ours(listing: Listing, client: Client, *, private: bool) -> bool:
    return listing.outcome == NO or installed(client, listing, private=private) == OURS


def _known(domain: in_codeartifact.Domain) -> set[str]:
    return {path for source in domain.sources.values() for path in source.packages}


def _is_published(domain: in_codeartifact.Domain, repository: str, path: str) -> bool:
    return any(one.packages[path].published for one in domain.behind(repository) if path in one.packages)


def _examples(domain: in_codeartifact.Domain, name: OurName) -> list[str]:
    """Paths that stand for all of a name: those of packages that are there, one that nobody has, and one of each narrower group."""
    there = [path for path in sorted(_known(domain)) if takes(name.pattern, path) == STRONG]
    narrower = [
        _example(pattern) for pattern in sorted(domain.groups) if takes(name.pattern, _example(pattern)) == STRONG
    ]
    return list(dict.fromkeys([*there, _example(name.pattern), *narrower]))


def _example(pattern: str) -> str:
    """A path that a pattern takes and, as far as that can be, no narrower one does."""
    text, end = pattern[:-1], pattern[-1]
    if end == "$":
        return text
    path = f"{text}{'' if end == '*' else '-'}{_ANY}"
    return path + f"/{_ANY}" * (3 - path.count("/"))


def _of_domain(place: Place, name: OurName, shown: str, listing: Listing, repositories: t.Sequence[str]) -> Finding:
    may = "may be offered" if listing.outcome == DEPENDS else "is offered"
    asked = name.word if shown == name.word else PackageName.from_path(shown).in_words
    return Finding(
        _CODE,
        f"domain {place.domain}, name {name.word} ({name.format})",
        f"Who asks {_some(repositories)} for {asked} {may} what anybody has published under that name: {listing.reason} ({listing.by}).",
        _RETAINED if listing.row == "A9" else _block(place, name, listing),
        _severity(name, listing),
        {
            "domain": place.domain,
            "repository": None,
            "statement": None,
            "sid": None,
            "name": name.word,
            "format": name.format,
            "pattern": name.pattern,
            "package": shown,
            "repositories": list(repositories),
            "outcome": listing.outcome,
            "row": listing.row,
        },
    )


def _severity(name: OurName, listing: Listing) -> str:
    if listing.row == _UNSETTLED:
        return LOW
    return MEDIUM if listing.row in _ON_PURPOSE and _is_part(name, listing.by) else HIGH


def _is_part(name: OurName, pattern: str) -> bool:
    """Whether a group's packages are all of the name's."""
    return pattern.startswith("/") and takes(name.pattern, _example(pattern)) == STRONG


def _block(place: Place, name: OurName, listing: Listing) -> str:
    """The task that closes the way. Where a group of a part of the name opens it, that one has to be told."""
    pattern = listing.by if _is_part(name, listing.by) else name.pattern
    task = {
        "name": f"Take {name.word} from nobody else",
        "pkgops.registry_auth.codeartifact_package_group": {
            "region": place.region,
            "domain": place.domain,
            "domain_owner": place.domain_owner,
            "pattern": pattern,
            "external_upstream": "BLOCK",
        },
    }
    return as_yaml([task])


def in_project(
    repositories: t.Mapping[str, in_artifact_registry.Repository],
    asked: t.Iterable[str],
    packages: t.Iterable[str],
    client: Client = CLIENTS["C1"],
) -> list[Finding]:
    """What is to be said of repositories of Artifact Registry: one finding for each name and way in which it is open.

    :param repositories: all that are known, by name
    :param asked: names of those that clients ask
    :param packages: names that are ours, normalized
    """
    found: dict[tuple[str, Listing], list[str]] = {}
    for package in sorted(packages):
        private = any(
            package in one.packages for one in repositories.values() if one.mode == in_artifact_registry.STANDARD
        )
        for name in sorted(asked):
            listing = in_artifact_registry.listed(repositories, name, package)
            if not _is_ours(listing, client, private=private):
                found.setdefault((package, listing), []).append(name)
    return [_of_project(*one, names) for one, names in found.items()]


def _of_project(package: str, listing: Listing, repositories: t.Sequence[str]) -> Finding:
    may = "may be offered" if listing.outcome == DEPENDS else "is offered"
    return Finding(
        _CODE,
        f"name {package}",
        f"Who asks {_some(repositories)} for {package} {may} what anybody has published under that name: {listing.reason} ({listing.by}).",
        "Have clients ask a virtual repository without a public upstream for these names, and another index for all others. The role "
        "package_protection keeps such a repository.",
        HIGH,
        {"repositories": list(repositories), "package": package, "outcome": listing.outcome, "row": listing.row},
    )


def _some(repositories: t.Sequence[str]) -> str:
    """The first few, and how many more."""
    more = f" and {len(repositories) - _SHOWN} more" if len(repositories) > _SHOWN else ""
    return ", ".join(repositories[:_SHOWN]) + more

# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which repositories of Artifact Registry serve names that are ours, and what is behind them, out of what was read of repositories. Pure.

A repository is as gcp_repository and gcp_repository_info return it.
"""

from __future__ import annotations

import re
import typing as t

from ..._base.errors import InvalidInput
from ..._base.findings import Finding
from .confusion import in_project
from .in_artifact_registry import REMOTE, Repository
from .names import OurName

Reading = t.Mapping[str, t.Any]
#: Artifact Registry's names for formats that virtual repositories can have.
_FORMATS = {"PYTHON": "pypi", "NPM": "npm", "MAVEN": "maven"}
_NAME = re.compile(r"projects/[^/]+/locations/[^/]+/repositories/[^/]+")
#: The address of a repository. A domain in front of the project's id is part of it, with a colon.
_ADDRESS = re.compile(r"https://(?P<location>[a-z0-9-]+)-[a-z]+[.]pkg[.]dev/(?P<project>[^/]+)/(?P<repository>[^/]+)")


def index_findings(
    read: t.Iterable[Reading],
    indexes: t.Iterable[str],
    names: t.Sequence[OurName],
    private_upstreams: t.Collection[str] = (),
) -> list[Finding]:
    """What could bring public packages under names of ours to the indexes that serve them.

    Which packages are published is not read. It holds for names which nobody has published yet, too.

    :param read: all repositories that are known
    :param indexes: names of the repositories that clients ask for our packages
    :param private_upstreams: addresses that are known to have no public packages
    :raises InvalidInput: none of our names is of an index's format
    """
    by_name = {one["name"]: one for one in read}
    repositories = _repositories(by_name, names, private_upstreams)
    found: list[Finding] = []
    for index in dict.fromkeys(indexes):
        kind = by_name[index]["format"] if index in by_name else None
        words = _words(names, kind)
        if not words:
            raise InvalidInput(
                f"{index} is of the format {kind}, and none of the names that are yours is of that format."
            )
        found += in_project(repositories, [index], words)
    return found


def project_findings(
    read: t.Iterable[Reading],
    asked: t.Collection[str],
    names: t.Sequence[OurName],
    private_upstreams: t.Collection[str] = (),
) -> list[Finding]:
    """The same of repositories that need not serve names of ours, those with the same answer together.

    :param asked: names of the repositories that clients ask; one of a format that no name is of is left out
    """
    by_name = {one["name"]: one for one in read}
    repositories = _repositories(by_name, names, private_upstreams)
    found: list[Finding] = []
    for kind in _FORMATS:
        of_kind = [name for name in asked if by_name[name]["format"] == kind]
        found += in_project(repositories, of_kind, _words(names, kind))
    return found


def _words(names: t.Iterable[OurName], kind: str | None) -> list[str]:
    """Those of a format of Artifact Registry; None for all."""
    return list(dict.fromkeys(one.word for one in names if kind is None or one.format == _FORMATS.get(kind)))


def _repositories(
    read: t.Mapping[str, Reading], names: t.Iterable[OurName], private_upstreams: t.Iterable[str]
) -> dict[str, Repository]:
    private = {address.rstrip("/") for address in private_upstreams}
    # Which packages are published is not read. Of one name there may be some; of a family there are always names that nobody has published.
    single = frozenset(one.word for one in names if not one.is_family)
    return {name: _repository(one, single, private) for name, one in read.items()}


def _repository(read: Reading, packages: frozenset[str], private: t.Collection[str]) -> Repository:
    upstreams = tuple((one["repository"], one["priority"]) for one in read["upstream_policies"])
    if read["mode"] != REMOTE:
        return Repository(read["name"], read["mode"], packages, upstreams)
    upstream = read["upstream"] or {}
    address = (upstream.get("uri") or "").rstrip("/")
    if upstream.get("preset"):
        return Repository(read["name"], REMOTE, public=True)
    if address in private:
        return Repository(read["name"], REMOTE, public=False)
    behind = _named(address)
    # One that was not read may be anything.
    return Repository(read["name"], REMOTE, stands_for=behind) if behind else Repository(read["name"], REMOTE)


def _named(address: str) -> str | None:
    """The repository of Artifact Registry that an address is of."""
    if _NAME.fullmatch(address):
        return address
    found = _ADDRESS.match(address)
    if found is None:
        return None
    return f"projects/{found['project']}/locations/{found['location']}/repositories/{found['repository']}"


def with_ours_first(read: Reading, ours: t.Collection[str]) -> list[dict[str, t.Any]]:
    """Upstream policies of a virtual repository that put ours above all others. Those that are above stay as they are.

    :param ours: ids of the policies of our upstreams
    :raises InvalidInput: it has no such policy
    """
    policies = {one["id"]: one for one in read["upstream_policies"]}
    unknown = sorted(set(ours) - policies.keys())
    if unknown:
        there = ", ".join(sorted(policies)) or "none"
        raise InvalidInput(f"{read['name']} has no upstream policy {', '.join(unknown)}. It has {there}.")
    if not ours:
        raise InvalidInput(f"{read['name']}: name the upstream policies that are yours.")
    others = [one["priority"] for key, one in policies.items() if key not in ours]
    least = min(policies[key]["priority"] for key in ours)
    # All of ours together, so that their order stays.
    raised = max(0, max(others, default=least - 1) + 1 - least)
    return [{**policies[key], "priority": policies[key]["priority"] + raised} for key in sorted(set(ours))]

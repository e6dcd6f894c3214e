# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What of a CodeArtifact domain tells whether public packages can come in place of ours: groups, repositories and packages."""

from __future__ import annotations

import typing as t
from concurrent.futures import Executor
from dataclasses import replace

from ..._base.errors import or_none
from ..._clients.aws.package_groups import PackageGroups, PackageIn, PackageOrigin
from ..._domain.codeartifact.names import DomainName, RepositoryName
from ..._domain.codeartifact.package_groups import SPECIFIC, GroupName, PackageGroup, takes
from ..._domain.codeartifact.packages import PackageName
from ..._domain.protection.in_codeartifact import Domain, Held, Source
from ..._domain.protection.names import OurName


def read_protection(
    api: PackageGroups, name: DomainName, repositories: t.Iterable[str], names: t.Sequence[OurName], pool: Executor
) -> Domain:
    """Read what counts for some names: for each repository a call and one for each format, and one for each package that is there.

    :param repositories: all of the domain, because any of them may be upstream of another
    :raises RegistryAuthError: some of it could not be read; a part would tell nothing
    """
    formats = sorted({one.format for one in names})
    groups = pool.map(lambda group: _with_lists(api, name, group), api.list_groups(name))

    def read(repository: RepositoryName) -> Source | None:
        found = or_none(api.describe_repository, repository)
        if found is None:
            return None
        there: dict[PackageName, PackageOrigin] = {}
        for kind in formats:
            there.update(api.list_packages(repository, kind))
        held = {
            package.path: _held(api, PackageIn(repository, package), origin)
            for package, origin in there.items()
            if any(takes(one.pattern, package.path) for one in names)
        }
        return Source(found.name, found.upstreams, found.external_connection, held)

    sources = pool.map(read, [RepositoryName(name, one) for one in repositories])
    return Domain({one.name: one for one in sources if one}, {one.pattern: one for one in groups})


def _with_lists(api: PackageGroups, name: DomainName, group: PackageGroup) -> PackageGroup:
    """With the lists of repositories that count."""
    settings = {
        setting: replace(one, repositories=api.allowed_repositories(GroupName(name, group.pattern), setting))
        if one.mode == SPECIFIC
        else one
        for setting, one in group.settings.items()
    }
    return replace(group, settings=settings)


def _held(api: PackageGroups, name: PackageIn, origin: PackageOrigin) -> Held:
    versions = or_none(api.versions, name) or ()
    return Held(
        origin.upstream,
        tuple(version for version, external in versions if external),
        published=any(not external for _version, external in versions),
    )

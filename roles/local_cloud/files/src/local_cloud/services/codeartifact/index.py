# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a repository offers of a Python project: its own versions, then those of its connection and of its upstreams.

The first that has a version provides it. A version that is fetched is kept by the repository that was asked and by the
one whose connection it came through. The index behind the connection is the embedded one. What is blocked for the repository that is
asked, or for the one with the connection, is left out, unless it was kept before.
Source: CodeArtifact User Guide, "Working with upstream repositories" and "Upstream repository priority order".
"""

from __future__ import annotations

import base64
import os
from dataclasses import dataclass
from datetime import datetime

import aiohttp
from pypi_simple import DistributionPackage, UnsupportedRepoVersionError

from local_cloud.platform.errors import ApiError
from local_cloud.services.codeartifact.origins import EXTERNAL, INTERNAL, may_receive
from local_cloud.services.codeartifact.packages import Asset, PackageName, Version
from local_cloud.services.codeartifact.store import Domain, Repository
from local_cloud.services.packaging.simple_pages import HTML, JSON, parse
from local_cloud.services.upstream.client import UpstreamAnswer, UpstreamClient
from local_cloud.services.upstream.server import Upstream

CONNECTION = "public:pypi"


@dataclass(frozen=True)
class Outside:
    """What is behind an external connection, and who asks it."""

    upstream: Upstream
    client: UpstreamClient


@dataclass(frozen=True)
class Release:
    """A version: one that is stored in a repository, or the files of the index behind a repository's connection."""

    version: str
    holder: Repository
    stored: Version | None = None
    files: tuple[DistributionPackage, ...] = ()


async def releases(
    outside: Outside, domain: Domain, repository: Repository, project: PackageName
) -> dict[str, Release]:
    """The releases by version.

    Raises:
        ApiError: UNAVAILABLE when the index behind a connection does not answer.
    """
    found: dict[str, Release] = {}
    receives = may_receive(domain, repository, project, INTERNAL)
    for holder in _searched(domain, repository) if receives else [repository]:
        package = holder.packages.get(project)
        for version in package.versions.values() if package else ():
            found.setdefault(version.version, Release(version.version, holder, version))
        if holder.external_connection == CONNECTION and may_receive(domain, holder, project, EXTERNAL):
            for version, release in (await _connected(outside, holder, project)).items():
                found.setdefault(version, release)
    return {version: release for version, release in found.items() if release.stored is None or release.stored.readable}


def _searched(domain: Domain, repository: Repository) -> list[Repository]:
    """The repository and all behind it, each once and in the order in which they are asked.

    What a repository in between blocks is not looked at: the guide does not say that it counts, so the riskier reading is taken.
    """
    found: list[Repository] = []
    waiting = [repository]
    while waiting:
        one = waiting.pop(0)
        if one not in found:
            found.append(one)
            waiting[:0] = [domain.repositories[name] for name in one.upstreams]
    return found


async def fetch(
    outside: Outside, release: Release, repository: Repository, project: PackageName, now: datetime
) -> Version:
    """The release with its assets, which the repository keeps from now on.

    Raises:
        ApiError: UNAVAILABLE when the index behind a connection does not answer.
    """
    stored = release.stored
    if stored is None:
        assets = {file.filename: await _asset(outside, file) for file in release.files}
        stored = new_version(release.version, now, assets, external=CONNECTION)
        release.holder.packages.ingested(project).versions[release.version] = stored
    if release.holder is not repository:
        kept = new_version(release.version, now, dict(stored.assets), external=stored.external)
        kept.entered, kept.summary = stored.entered, stored.summary
        repository.packages.ingested(project).versions[release.version] = kept
    return stored


def new_version(version: str, now: datetime, assets: dict[str, Asset], external: str = "") -> Version:
    revision = base64.b64encode(os.urandom(24)).decode()
    return Version(version, revision, now, external=external, assets=assets)


async def _connected(outside: Outside, repository: Repository, project: PackageName) -> dict[str, Release]:
    answer = await _get(outside, f"{outside.upstream.url}/simple/{project.name}/", f"{JSON}, {HTML};q=0.5")
    if answer.status == 404:
        return {}
    try:
        page = parse(project.name, answer.body, answer.content_type, answer.url)
    except (ValueError, UnsupportedRepoVersionError):
        raise ApiError("UNAVAILABLE", "The external connection sent no project page.") from None
    files: dict[str, list[DistributionPackage]] = {}
    for file in page.packages:
        if file.version is not None and not file.is_yanked:
            files.setdefault(file.version, []).append(file)
    return {version: Release(version, repository, files=tuple(found)) for version, found in files.items()}


async def _asset(outside: Outside, file: DistributionPackage) -> Asset:
    answer = await _get(outside, file.url.partition("#")[0], "*/*")
    if answer.status != 200:
        raise ApiError("UNAVAILABLE", f"The external connection answered {answer.status}.")
    return Asset(file.filename, answer.body, file.requires_python)


async def _get(outside: Outside, url: str, accept: str) -> UpstreamAnswer:
    try:
        return await outside.client.get(url, outside.upstream.login, {"Accept": accept})
    except (aiohttp.ClientError, TimeoutError):
        raise ApiError("UNAVAILABLE", "The external connection does not answer.") from None

# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The npm packages of a repository: what npm publishes, and what it asks for to install. Nothing comes from upstream.

Source: npm's documentation of its registry's API; AWS's of the asset's name.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from local_cloud.services.codeartifact.errors import conflict, invalid, missing
from local_cloud.services.codeartifact.index import new_version
from local_cloud.services.codeartifact.packages import Asset, PackageName, Version
from local_cloud.services.codeartifact.store import Repository
from local_cloud.services.packaging import npm_publications

_ASSET = "package.tgz"


def package_of(path: str) -> PackageName:
    """The package that a path names. Raises AwsError: ResourceNotFoundException."""
    found = npm_publications.PACKAGE.fullmatch(path)
    if found is None:
        raise missing("Not found.", "package", path)
    return PackageName("npm", found[1] or "", found[2])


@dataclass(frozen=True)
class Publication:
    """One version of a package, as it is published."""

    version: str
    asset: Asset

    @classmethod
    def parse(cls, name: PackageName, body: bytes) -> Publication:
        """Read what npm sends.

        Raises:
            AwsError: ValidationException.
        """
        try:
            published = npm_publications.Publication.parse(_named(name), body)
        except npm_publications.PublicationError as error:
            raise invalid(str(error), "CANNOT_PARSE") from None
        return cls(published.version, Asset(_ASSET, published.content))

    def store(self, repository: Repository, name: PackageName, now: datetime) -> None:
        """Keep the version in a repository. Raises AwsError when there is one."""
        package = repository.packages.published(name)
        if self.version in package.versions:
            raise conflict(f"Version {self.version} of {_named(name)} exists.", "package-version", self.version)
        version = new_version(self.version, now, {_ASSET: self.asset})
        version.entered = repository.arn.repository
        package.versions[self.version] = version


def document(repository: Repository, name: PackageName, endpoint: str) -> dict[str, Any]:
    """What npm reads before it installs. Raises AwsError when there is no version."""
    versions = _versions(repository, name)
    if not versions:
        raise missing(f"Package {_named(name)} does not exist.", "package", _named(name))
    newest = max(versions, key=lambda version: version.published)
    return {
        "name": _named(name),
        "dist-tags": {"latest": newest.version},
        "versions": {version.version: _description(version, name, endpoint) for version in versions},
    }


def tarball(repository: Repository, path: str) -> bytes | None:
    """The tarball that a path names; None when it names none. Raises AwsError when there is no such version."""
    found = npm_publications.TARBALL.fullmatch(path)
    if found is None:
        return None
    for version in _versions(repository, package_of(found[1])):
        if version.version == found[3]:
            return version.assets[_ASSET].content
    raise missing("Not found.", "asset", path)


def _versions(repository: Repository, name: PackageName) -> list[Version]:
    package = repository.packages.get(name)
    return [version for version in package.versions.values() if version.readable] if package else []


def _description(version: Version, name: PackageName, endpoint: str) -> dict[str, Any]:
    asset = version.assets[_ASSET]
    url = f"{endpoint}{_named(name)}/-/{name.name}-{version.version}.tgz"
    return {**npm_publications.manifest_of(asset.content), "dist": {"tarball": url, "shasum": asset.hashes()["SHA-1"]}}


def _named(name: PackageName) -> str:
    return f"@{name.namespace}/{name.name}" if name.namespace else name.name

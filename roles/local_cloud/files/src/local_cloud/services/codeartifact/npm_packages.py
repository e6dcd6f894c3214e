# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The npm packages of a repository: what npm publishes, and what it asks for to install. Nothing comes from upstream.

Source: npm's documentation of its registry's API; AWS's of the asset's name.
"""

from __future__ import annotations

import binascii
import io
import json
import re
import tarfile
from base64 import b64decode
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from local_cloud.services.codeartifact.errors import conflict, invalid, missing
from local_cloud.services.codeartifact.index import new_version
from local_cloud.services.codeartifact.packages import Asset, PackageName, Version
from local_cloud.services.codeartifact.store import Repository

_ASSET = "package.tgz"
_MANIFEST = "package/package.json"
_PACKAGE = re.compile(r"(?:@([^/@]+)/)?([^/@]+)")
_TARBALL = re.compile(r"((?:@[^/@]+/)?([^/@]+))/-/\2-([^/]+)\.tgz")


def package_of(path: str) -> PackageName:
    """The package that a path names. Raises AwsError: ResourceNotFoundException."""
    found = _PACKAGE.fullmatch(path)
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
        """Read what npm sends: the package's document with one version, and its tarball.

        Raises:
            AwsError: ValidationException.
        """
        try:
            document = json.loads(body)
            (version,) = document["versions"]
            (attachment,) = document["_attachments"].values()
            content = b64decode(attachment["data"], validate=True)
            manifest = _manifest(content)
        except (ValueError, KeyError, TypeError, AttributeError, binascii.Error, tarfile.TarError):
            raise invalid("A package with one version and its tarball is expected.", "CANNOT_PARSE") from None
        if (manifest.get("name"), manifest.get("version")) != (_named(name), version):
            raise invalid("The tarball is not of this version of this package.")
        return cls(version, Asset(_ASSET, content))

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
    found = _TARBALL.fullmatch(path)
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
    return {**_manifest(asset.content), "dist": {"tarball": url, "shasum": asset.hashes()["SHA-1"]}}


def _manifest(content: bytes) -> dict[str, Any]:
    """The package's own description of itself. Raises an error of tarfile's, KeyError or ValueError when it has none."""
    with tarfile.open(fileobj=io.BytesIO(content), mode="r:gz") as archive:
        file = archive.extractfile(_MANIFEST)
        found = json.loads(file.read()) if file else None
    if not isinstance(found, dict):
        raise ValueError
    return found


def _named(name: PackageName) -> str:
    return f"@{name.namespace}/{name.name}" if name.namespace else name.name

# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The packages of one repository: versions with a state, and their assets.

Who comes first decides where later versions come from, until somebody says otherwise: a package that was published here takes no
versions from upstream any more, and one that came from upstream cannot be published to.
Source: CodeArtifact User Guide, "Editing package origin controls".
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime

ALLOW, BLOCK = "ALLOW", "BLOCK"


@dataclass(frozen=True)
class PackageName:
    """A format, a namespace ("" for none) and a name, which is normalised as the format says."""

    format: str
    namespace: str
    name: str


@dataclass(frozen=True)
class Asset:
    name: str
    content: bytes
    requires_python: str | None = None

    def hashes(self) -> dict[str, str]:
        algorithms = {"MD5": "md5", "SHA-1": "sha1", "SHA-256": "sha256", "SHA-512": "sha512"}
        return {name: hashlib.new(python, self.content).hexdigest() for name, python in algorithms.items()}

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.content).hexdigest()


@dataclass
class Version:
    """``external`` is the connection that it came through, "" for one that was published, to the repository ``entered``."""

    version: str
    revision: str
    published: datetime
    entered: str = ""
    external: str = ""
    summary: str | None = None
    status: str = "Published"
    assets: dict[str, Asset] = field(default_factory=dict)

    @property
    def readable(self) -> bool:
        return self.status in {"Published", "Unlisted"}


@dataclass
class Package:
    """``publish`` and ``upstream``, ALLOW or BLOCK: from where new versions of it may come to this repository."""

    name: PackageName
    publish: str = ALLOW
    upstream: str = ALLOW
    versions: dict[str, Version] = field(default_factory=dict)

    @property
    def restrictions(self) -> dict[str, str]:
        return {"publish": self.publish, "upstream": self.upstream}


class Packages:
    def __init__(self) -> None:
        self._packages: dict[PackageName, Package] = {}

    def __iter__(self) -> Iterator[Package]:
        return iter(self._packages.values())

    def get(self, name: PackageName) -> Package | None:
        return self._packages.get(name)

    def published(self, name: PackageName) -> Package:
        """The package to publish to; made when there is none."""
        return self._packages.setdefault(name, Package(name, upstream=BLOCK))

    def ingested(self, name: PackageName) -> Package:
        """The package to keep versions of upstream in; made when there is none."""
        return self._packages.setdefault(name, Package(name, publish=BLOCK))

    def restricted(self, name: PackageName, publish: str, upstream: str) -> Package:
        """The package with these settings; made without a version when there is none."""
        package = self._packages.setdefault(name, Package(name))
        package.publish, package.upstream = publish, upstream
        return package

    def remove(self, name: PackageName) -> None:
        del self._packages[name]

    def size(self) -> int:
        return sum(
            len(asset.content)
            for package in self
            for version in package.versions.values()
            for asset in version.assets.values()
        )

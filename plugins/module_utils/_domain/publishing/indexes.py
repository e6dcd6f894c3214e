# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The indexes that have trusted publishing: where they are and what they call themselves. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import urlsplit

from ..._base.values import normal_url

PYPI, TESTPYPI = "pypi", "testpypi"


@dataclass(frozen=True)
class Index:
    """A package index, by its short name, or by its address when it has none."""

    name: str
    #: Root of its web pages, without a slash at the end.
    origin: str
    #: What its ID tokens are made for; None when only the index can say.
    audience: str | None
    #: Hosts, with their ports, that uploads to it go to.
    hosts: frozenset[str]
    #: Of these hosts the one that takes uploads, and the path there; None when only the index knows.
    upload_host: str | None = None
    upload_path: str | None = None

    @property
    def domain(self) -> str:
        """The host that its API tokens name."""
        return urlsplit(self.origin).hostname or ""

    def takes(self, destination: str | None) -> bool:
        """Whether a destination is this index, or may be it."""
        if destination is None or destination == self.name:
            return True
        try:
            return urlsplit(destination).netloc.lower() in self.hosts
        except ValueError:
            return False

    def takes_uploads_at(self, destination: str | None) -> bool:
        """Whether uploads to a destination that is this index are taken there, and not at another place or only by https."""
        if destination is None or destination == self.name:
            return True
        parts = urlsplit(destination)
        return (
            parts.scheme == urlsplit(self.origin).scheme
            and self.upload_host in (None, parts.netloc.lower())
            and self.upload_path in (None, parts.path)
        )


@lru_cache
def find_index(name_or_url: str, pypi_endpoint: str) -> Index:
    """PyPI and TestPyPI by their short names or by an address of theirs, another by the URL of its root.

    :param pypi_endpoint: an address at PyPI, as a library knows it
    """
    host = urlsplit(pypi_endpoint).netloc
    if name_or_url == PYPI:
        hosts = frozenset({host, f"upload.{host}"})
        return Index(PYPI, f"https://{host}", PYPI, hosts, f"upload.{host}", "/legacy/")
    if name_or_url == TESTPYPI:
        # A host of its own below PyPI's, for uploads too.
        own = f"test.{host}"
        return Index(TESTPYPI, f"https://{own}", TESTPYPI, frozenset({own}), own, "/legacy/")
    parts = urlsplit(name_or_url)
    for name in (PYPI, TESTPYPI) if parts.scheme == "https" else ():
        known = find_index(name, pypi_endpoint)
        if parts.netloc.lower().removesuffix(":443") in known.hosts:
            return known
    origin = normal_url(f"{parts.scheme}://{parts.netloc}{parts.path.rstrip('/')}")
    return Index(origin, origin, None, frozenset({parts.netloc.lower()}))

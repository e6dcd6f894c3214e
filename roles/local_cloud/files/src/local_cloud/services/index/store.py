# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the index keeps: projects with their files and owners, trusted publishers, and what of tokens it must remember."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import uuid4

from local_cloud.services.index.publishers import Publisher
from local_cloud.services.packaging.names import normalised


@dataclass(frozen=True)
class File:
    """A distribution. ``provenance`` is the document, or None where nobody attested anything."""

    filename: str
    version: str
    content: bytes
    uploaded: datetime
    uploader: str
    requires_python: str | None = None
    summary: str | None = None
    provenance: dict[str, Any] | None = None

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.content).hexdigest()


@dataclass
class Project:
    name: str
    owners: frozenset[str] = frozenset()
    id: str = field(default_factory=lambda: str(uuid4()))
    files: dict[str, File] = field(default_factory=dict)


class Index:
    """Projects are found in any spelling of their names."""

    def __init__(self) -> None:
        self.audience = "pypi"
        self.projects: dict[str, Project] = {}
        self.publishers: list[Publisher] = []
        #: Ids of publishers, one for all projects that have registered the same.
        self.publisher_ids: dict[tuple[str, str, str, str], str] = {}
        #: Keys of the upload tokens that there are, by identifier.
        self.keys: dict[str, Key] = {}
        #: The ``jti`` of ID tokens that were exchanged.
        self.used: set[str] = set()

    def project(self, name: str) -> Project | None:
        return self.projects.get(normalised(name))

    def add_project(self, name: str, owners: frozenset[str] = frozenset()) -> Project:
        """The project of the name; made when there is none."""
        return self.projects.setdefault(normalised(name), Project(name, owners))

    def publisher_id(self, publisher: Publisher) -> str:
        return self.publisher_ids.setdefault(publisher.identity, str(uuid4()))


@dataclass(frozen=True)
class Key:
    """What an upload token is verified with, and whose it is: a user's, or a publisher's."""

    secret: str
    user: str = ""
    publisher: Publisher | None = None

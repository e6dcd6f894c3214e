# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Repositories and operations, as they are kept."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field
from datetime import datetime

from google.longrunning import operations_pb2
from google.protobuf.message import Message

from local_cloud.services.artifactregistry.stored import StoredFiles
from local_cloud.services.iam.conditions import Subject
from local_cloud.services.iam.decision import Guarded
from local_cloud.services.iam.policies import PolicyHolder
from local_cloud.services.resourcemanager.projects import Project

SERVICE = "artifactregistry.googleapis.com"


@dataclass
class RepositoryEntry:
    """A repository: its message (Repository), its policy, when each package came into it, and what was uploaded to it."""

    project: Project
    location: str
    repository_id: str
    message: Message
    policy: PolicyHolder = field(default_factory=PolicyHolder)
    packages: dict[str, datetime] = field(default_factory=dict)
    files: StoredFiles = field(default_factory=StoredFiles)


def guarded(project: Project, location: str, repository_id: str, entry: RepositoryEntry | None) -> Guarded:
    """What permissions on a repository are checked against, whether it exists or not."""
    name = f"projects/{project.project_id}/locations/{location}/repositories/{repository_id}"
    subject = Subject(name, f"{SERVICE}/Repository", SERVICE)
    return Guarded(subject, [project.policy] if entry is None else [project.policy, entry.policy])


class Repositories:
    """All repositories, and the long-running operations on them."""

    def __init__(self) -> None:
        self._repositories: dict[tuple[str, str, str], RepositoryEntry] = {}
        self._operations: dict[str, operations_pb2.Operation] = {}
        self._numbers = itertools.count(1)

    def add(self, entry: RepositoryEntry) -> None:
        self._repositories[entry.project.number, entry.location, entry.repository_id] = entry

    def remove(self, entry: RepositoryEntry) -> None:
        del self._repositories[entry.project.number, entry.location, entry.repository_id]

    def find(self, project: Project, location: str, repository_id: str) -> RepositoryEntry | None:
        return self._repositories.get((project.number, location, repository_id))

    def within(self, project: Project, location: str) -> list[RepositoryEntry]:
        """The repositories of a project in one location, by name."""
        keys = sorted(key for key in self._repositories if key[:2] == (project.number, location))
        return [self._repositories[key] for key in keys]

    def start_operation(self, project: Project, location: str, metadata: Message, response: Message) -> Message:
        """Keep an operation that is found done when it is polled, and return it as it is now, still running."""
        name = f"projects/{project.project_id}/locations/{location}/operations/{next(self._numbers):032x}"
        running = operations_pb2.Operation(name=name)
        running.metadata.Pack(metadata)
        done = operations_pb2.Operation(name=name, done=True)
        done.metadata.Pack(metadata)
        done.response.Pack(response)
        self._operations[name] = done
        return running

    def operation(self, name: str) -> operations_pb2.Operation | None:
        return self._operations.get(name)

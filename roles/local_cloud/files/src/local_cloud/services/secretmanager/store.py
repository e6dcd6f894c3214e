# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Secrets, their versions and payloads, as they are kept."""

from __future__ import annotations

import itertools
import re
from dataclasses import dataclass, field
from datetime import datetime

from google.cloud.secretmanager_v1.types import resources
from google.protobuf.message import Message

from local_cloud.platform.errors import invalid_argument
from local_cloud.services.iam.conditions import Subject
from local_cloud.services.iam.decision import Guarded
from local_cloud.services.iam.policies import PolicyHolder
from local_cloud.services.resourcemanager.projects import Project

SERVICE = "secretmanager.googleapis.com"
State = resources.SecretVersion.State
_NAME = re.compile(r"projects/([^/]+)(?:/locations/([^/]+))?/secrets/([^/]+)(?:/versions/([^/]+))?")
_etags = itertools.count(0x1A2B3C4D5E6F)


def next_etag() -> str:
    """A fresh etag; as at Google the quotes are part of it."""
    return f'"{next(_etags):x}"'


@dataclass(frozen=True)
class SecretName:
    """The parts of a secret's or a version's name; ``location`` is "" for a global secret."""

    project: str
    location: str
    secret: str
    version: str

    @classmethod
    def parse(cls, name: str) -> SecretName:
        """Take a name apart.

        Raises:
            ApiError: INVALID_ARGUMENT when it is not one.
        """
        found = _NAME.fullmatch(name)
        if not found:
            raise invalid_argument("The resource name is not that of a secret or a secret version.")
        return cls(*(part or "" for part in found.groups()))

    def canonical(self, project_number: str) -> str:
        """The name as Google returns it: with the project's number."""
        location = f"/locations/{self.location}" if self.location else ""
        version = f"/versions/{self.version}" if self.version else ""
        return f"projects/{project_number}{location}/secrets/{self.secret}{version}"


def guarded(name: SecretName, project: Project, secret: SecretEntry | None) -> Guarded:
    """What permissions on a secret or version are checked against, whether it exists or not."""
    kind = "SecretVersion" if name.version else "Secret"
    subject = Subject(name.canonical(project.number), f"{SERVICE}/{kind}", SERVICE)
    return Guarded(subject, [project.policy] if secret is None else [project.policy, secret.policy])


@dataclass
class VersionEntry:
    """A version: its message (SecretVersion) and, until it is destroyed, its payload."""

    message: Message
    payload: bytes | None

    @property
    def number(self) -> str:
        return self.message.name.rpartition("/")[2]


@dataclass
class SecretEntry:
    """A secret: its message (Secret), policy and versions by number, oldest first."""

    project: Project
    location: str
    secret_id: str
    message: Message
    policy: PolicyHolder = field(default_factory=PolicyHolder)
    versions: dict[str, VersionEntry] = field(default_factory=dict)
    # Whose destruction was postponed; it may have been called off since.
    _postponed: list[VersionEntry] = field(default_factory=list, init=False)

    def add_version(self, version: VersionEntry) -> None:
        self.versions[version.number] = version

    def version(self, wanted: str, *, aliases: bool) -> VersionEntry | None:
        """The version of this number or, when ``aliases`` count, of this alias or ``latest`` (newest created)."""
        if aliases and wanted == "latest":
            return next(reversed(self.versions.values()), None)
        if aliases and wanted in self.message.version_aliases:
            wanted = str(self.message.version_aliases[wanted])
        return self.versions.get(wanted)

    def postpone_destruction(self, version: VersionEntry, until: datetime) -> None:
        version.message.scheduled_destroy_time.FromDatetime(until)
        self._postponed.append(version)

    def complete_destructions(self, now: datetime) -> None:
        """Destroy what was postponed until now."""
        for version in self._postponed:
            due = version.message.scheduled_destroy_time
            if version.message.HasField("scheduled_destroy_time") and due.ToSeconds() <= now.timestamp():
                destroy(version, now)


def destroy(version: VersionEntry, now: datetime) -> None:
    """Drop the payload for good."""
    version.payload = None
    version.message.state = State.DESTROYED
    version.message.ClearField("scheduled_destroy_time")
    version.message.destroy_time.FromDatetime(now)


class Secrets:
    """All secrets."""

    def __init__(self) -> None:
        self._secrets: dict[tuple[str, str, str], SecretEntry] = {}

    def add(self, secret: SecretEntry) -> None:
        self._secrets[secret.project.number, secret.location, secret.secret_id] = secret

    def remove(self, secret: SecretEntry) -> None:
        del self._secrets[secret.project.number, secret.location, secret.secret_id]

    def find(self, project: Project, location: str, secret_id: str, now: datetime) -> SecretEntry | None:
        """The secret as it is at ``now``; an expired one is gone."""
        secret = self._secrets.get((project.number, location, secret_id))
        if secret is None:
            return None
        if secret.message.HasField("expire_time") and secret.message.expire_time.ToSeconds() <= now.timestamp():
            self.remove(secret)
            return None
        secret.complete_destructions(now)
        return secret

    def within(self, project: Project, location: str, now: datetime) -> list[SecretEntry]:
        """The secrets of a project (global ones for location ""), newest first."""
        keys = [key for key in self._secrets if key[:2] == (project.number, location)]
        found = (self.find(project, location, secret_id, now) for _number, _location, secret_id in reversed(keys))
        return [secret for secret in found if secret is not None]

# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The state of the whole cloud, and the two questions every method asks of it: which project, and is it allowed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from local_cloud.platform.calls import CallLog
from local_cloud.platform.errors import unknown_project
from local_cloud.platform.faults import Faults
from local_cloud.platform.quotas import Quotas
from local_cloud.platform.tls import Tls
from local_cloud.services.artifactregistry.store import Repositories
from local_cloud.services.codeartifact.store import CodeArtifact
from local_cloud.services.github.id_tokens import SigningKey
from local_cloud.services.github.setup import SEED
from local_cloud.services.github.setup import apply as set_up_github
from local_cloud.services.github.store import GitHub
from local_cloud.services.iam.decision import Guarded, allowed
from local_cloud.services.index.store import Index
from local_cloud.services.resourcemanager.projects import Project, Projects
from local_cloud.services.secretmanager.store import Secrets
from local_cloud.services.upstream.client import UpstreamClient
from local_cloud.services.upstream.server import Upstream


@dataclass(frozen=True)
class Seed:
    """What the cloud holds when it starts, and again after a reset."""

    projects: Sequence[tuple[str, str]]
    owners: Sequence[str]
    upstream_tokens: Sequence[str]


class Cloud:
    """Everything that is kept, in memory."""

    def __init__(self, seed: Seed, upstream: Upstream, upstream_client: UpstreamClient, tls: Tls) -> None:
        self.seed = seed
        self.tls = tls
        self.upstream = upstream
        self.upstream_client = upstream_client
        self._signing_key = SigningKey()
        self.reset()

    def reset(self) -> None:
        """Forget everything but the seed."""
        self.projects = Projects()
        self.secrets = Secrets()
        self.repositories = Repositories()
        self.codeartifact = CodeArtifact()
        self.github = GitHub(self._signing_key)
        set_up_github(self.github, SEED, self.now())
        self.index = Index()
        self.service_agents: set[str] = set()
        self.faults = Faults()
        self.quotas = Quotas()
        self.calls = CallLog()
        self.propagation_delay = 0.0
        self.upstream.tokens = frozenset(self.seed.upstream_tokens)
        for project_id, number in self.seed.projects:
            self.add_project(project_id, number, self.seed.owners)

    def add_project(self, project_id: str, number: str, owners: Sequence[str]) -> Project:
        """Create a project, or replace the one with this number."""
        project = Project(project_id, number, self.now())
        project.own(owners)
        self.projects.add(project)
        return project

    def now(self) -> datetime:
        return datetime.now(UTC)

    def project(self, id_or_number: str, service: str) -> Project:
        """Look a project up for a service.

        Raises:
            ApiError: PERMISSION_DENIED when there is none (Google does not tell).
        """
        project = self.projects.find(id_or_number)
        if project is None:
            raise unknown_project(id_or_number, service)
        return project

    def allowed(self, caller: str, permission: str, resource: Guarded) -> bool:
        """Whether the caller has the permission on the resource now."""
        return allowed(caller, permission, resource, self.now())

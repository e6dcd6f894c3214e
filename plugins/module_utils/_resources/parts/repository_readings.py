# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Artifact Registry repositories that are read and not changed: one of them, or all of a project or a location."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from ..._base.errors import or_none
from ..._base.values import FromEnvironment
from ..._clients.gcp.repositories import Repository
from ..._domain.gcp.names import RepositoryName, optional_location, project_of, repository_name
from ..._engine.reconcile import CONCURRENCY
from ..._engine.resource import DesiredState, Options
from .gcp import ArtifactRegistryResource


@dataclass(frozen=True)
class WantedRepositories(DesiredState):
    """A repository, or all of a project or of one of its locations, that are to be read."""

    project: str
    location: str | None = None
    repository: RepositoryName | None = None

    @classmethod
    def from_options(cls, options: Options) -> WantedRepositories:
        if options.get("repository"):
            name = repository_name(options)
            return cls(name.project, name.location, name)
        # All locations are read but for a task that says one: who stands on all would not see that some are missing.
        location = None if isinstance(options.get("location"), FromEnvironment) else optional_location(options)
        return cls(project_of(options), location)

    @property
    def target(self) -> str:
        return str(
            self.repository or f"all repositories of projects/{self.project} in {self.location or 'all locations'}"
        )


@dataclass(frozen=True)
class RepositoryReadings(ArtifactRegistryResource[WantedRepositories, tuple[Repository, ...]]):
    """Repositories of any mode, as an info module reads them."""

    #: Shared by all entries, so that they together read no more at once than the engine would.
    pool: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(max_workers=CONCURRENCY))

    def read(self, desired: WantedRepositories) -> tuple[Repository, ...]:
        """A call for the repository, or for each location."""
        if desired.repository:
            repository = or_none(self.api.get_repository, desired.repository)
            return (repository,) if repository else ()
        project = desired.project
        locations = [desired.location] if desired.location else self.api.list_locations(project)
        found = self.pool.map(lambda one: self.api.list_repositories(project, one).items, locations)
        return tuple(one for repositories in found for one in repositories)

    def assume(self, desired: WantedRepositories) -> tuple[Repository, ...]:
        """A new project has none."""
        return ()

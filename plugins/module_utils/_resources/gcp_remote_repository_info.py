# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Remote repositories, read only."""

from __future__ import annotations

import typing as t
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from .._base.errors import NotFound
from .._clients.gcp.repositories import Repository
from .._domain.gcp.names import RepositoryName, optional_location, project_of, repository_name
from .._engine.reconcile import CONCURRENCY
from .._engine.resource import DesiredState, Options
from .gcp_remote_repository import REMOTE, require_remote, shown
from .parts.gcp import ArtifactRegistryResource


@dataclass(frozen=True)
class WantedRepositories(DesiredState):
    """A remote repository, or all of a project or of one of its locations, that are to be read."""

    project: str
    location: str | None = None
    repository: RepositoryName | None = None

    @classmethod
    def from_options(cls, options: Options) -> WantedRepositories:
        """Raises InvalidInput."""
        if options.get("repository"):
            name = repository_name(options)
            return cls(name.project, name.location, name)
        return cls(project_of(options), optional_location(options))

    @property
    def target(self) -> str:
        """The repository, or where all of them are."""
        return str(
            self.repository
            or f"all remote repositories of projects/{self.project} in {self.location or 'all locations'}"
        )


@dataclass(frozen=True)
class RemoteRepositoryReadings(ArtifactRegistryResource[WantedRepositories, tuple[Repository, ...]]):
    """The resource of gcp_remote_repository_info."""

    #: Shared by all entries, so that they together read no more at once than the engine would.
    pool: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(max_workers=CONCURRENCY))

    def read(self, desired: WantedRepositories) -> tuple[Repository, ...]:
        """A call for the repository, or for each location. Raises Refused when the repository is not a remote one."""
        if desired.repository:
            try:
                return (require_remote(self.api.get_repository(desired.repository)),)
            except NotFound:
                return ()
        project = desired.project
        locations = [desired.location] if desired.location else self.api.list_locations(project)
        found = self.pool.map(lambda one: self.api.list_repositories(project, one).items, locations)
        return tuple(one for repositories in found for one in repositories if one.mode == REMOTE)

    def result(self, state: tuple[Repository, ...], desired: WantedRepositories) -> dict[str, t.Any]:
        """C(remote_repositories), as the writer shows each."""
        return {"remote_repositories": [shown(repository) for repository in state]}

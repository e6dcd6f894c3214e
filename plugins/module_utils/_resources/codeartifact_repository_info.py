# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""CodeArtifact's repositories, read only."""

from __future__ import annotations

import typing as t
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from .._base.errors import NotFound
from .._clients.aws.codeartifact import Repository
from .._domain.codeartifact.names import DomainName, RepositoryName, domain_name, no_such, repository_name
from .._engine.reconcile import CONCURRENCY
from .._engine.resource import DesiredState, Options
from .codeartifact_repository import read_repository, shown
from .parts.codeartifact import CodeArtifactResource


@dataclass(frozen=True)
class WantedRepositories(DesiredState):
    """A repository, or all of a domain, that are to be read."""

    domain: DomainName
    repository: RepositoryName | None = None

    @classmethod
    def from_options(cls, options: Options) -> WantedRepositories:
        """Raises InvalidInput."""
        one = repository_name(options) if options.get("repository") is not None else None
        return cls(domain_name(options), one)

    @property
    def target(self) -> str:
        """The repository, or the domain with all of them."""
        return str(self.repository or f"all repositories of {self.domain}")


@dataclass(frozen=True)
class RepositoryReadings(CodeArtifactResource[WantedRepositories, tuple[Repository, ...]]):
    """The resource of codeartifact_repository_info."""

    #: Shared by all entries, so that they together read no more at once than the engine would.
    pool: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(max_workers=CONCURRENCY))

    def read(self, desired: WantedRepositories) -> tuple[Repository, ...]:
        """A list's pages and two calls for each repository, side by side. Raises NotFound when there is no domain."""
        if desired.repository:
            found: t.Iterable[Repository | None] = [self._read(desired.repository)]
        else:
            found = self.pool.map(self._read, self._listed(desired.domain))
        return tuple(one for one in found if one)

    def _read(self, name: RepositoryName) -> Repository | None:
        return read_repository(self.api, name, with_tags=True)

    def _listed(self, domain: DomainName) -> list[RepositoryName]:
        try:
            names = sorted(one.name for one in self.api.list_repositories(domain))
            return [RepositoryName(domain, name) for name in names]
        except NotFound:
            raise no_such(domain) from None

    def result(self, state: tuple[Repository, ...], desired: WantedRepositories) -> dict[str, t.Any]:
        """C(repositories), as the writer shows each."""
        return {"repositories": [shown(one) for one in state]}

# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Remote repositories themselves: what they hold, where they fetch from, what is written on them, how they are cleaned up."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass

from .._base.errors import Refused
from .._clients.gcp.repositories import OF_FORMAT, REMOTE, UPDATABLE, Repository
from .._engine.resource import Options
from .parts import repositories
from .parts.repositories import Repositories, kind
from .parts.repository_readings import RepositoryReadings, WantedRepositories

#: What a remote repository is not shown with, because it has none of it, or the module gcp_repository is for that.
_OF_OTHERS = ("upstream_policies", *OF_FORMAT)


@dataclass(frozen=True)
class DesiredRepository(repositories.DesiredRepository):
    """A remote repository as it is to be."""

    mode: str | None = REMOTE

    @classmethod
    def from_options(cls, options: Options) -> t.Self:
        return super().from_options({**options, "mode": REMOTE})


class RemoteRepositories(Repositories):
    """The resource of gcp_remote_repository."""

    def _needed(self, desired: repositories.DesiredRepository) -> tuple[str, ...]:
        return ("format", "upstream")

    def result(self, state: Repository | None, desired: repositories.DesiredRepository) -> dict[str, t.Any]:
        return {"remote_repository": None if state is None else shown(state)}

    def diff(self, state: Repository | None, desired: repositories.DesiredRepository) -> dict[str, t.Any]:
        if state is None:
            return {}
        values = shown(state)
        options = ("format", "upstream", "kms_key_name", *UPDATABLE)
        return {"state": "present", **{name: values[name] for name in options if name in values}}


def require_remote(repository: Repository) -> Repository:
    """The repository. Raises Refused, saying what it is, when it is not a remote one."""
    if repository.mode != REMOTE:
        raise Refused(
            f"{repository.name} is a {kind(repository.mode)} repository: only a remote repository has an upstream to log in to."
        )
    return repository


def shown(repository: Repository) -> dict[str, t.Any]:
    """A remote repository as tasks return it. Of the credentials it has names only."""
    return {name: value for name, value in repositories.shown(repository).items() if name not in _OF_OTHERS}


class RemoteRepositoryReadings(RepositoryReadings):
    """The resource of gcp_remote_repository_info."""

    def read(self, desired: WantedRepositories) -> tuple[Repository, ...]:
        """Raises Refused when the repository is not a remote one."""
        found = super().read(desired)
        if desired.repository:
            return tuple(require_remote(repository) for repository in found)
        return tuple(repository for repository in found if repository.mode == REMOTE)

    def result(self, state: tuple[Repository, ...], desired: WantedRepositories) -> dict[str, t.Any]:
        return {"remote_repositories": [shown(repository) for repository in state]}

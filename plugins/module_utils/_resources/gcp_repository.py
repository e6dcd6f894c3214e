# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Repositories of any mode: standard ones, virtual ones and remote ones."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass, replace

from .._base.errors import PermissionDenied
from .._clients.gcp.artifactregistry import ArtifactRegistry
from .._clients.gcp.auth import Connection
from .._clients.gcp.repositories import OF_FORMAT, OF_MODE, UPDATABLE, Repository, has_field
from .._clients.gcp.resourcemanager import ResourceManager
from .._engine.resource import Options
from .parts import repositories, upstream_policies
from .parts.repositories import DesiredRepository, shown
from .parts.repository_readings import RepositoryReadings, WantedRepositories

#: Options that the diff shows, those of one mode or format for such repositories only.
_OPTIONS = ("mode", "format", "kms_key_name", *dict.fromkeys((*UPDATABLE, *OF_MODE, *OF_FORMAT)))


@dataclass(frozen=True)
class Repositories(repositories.Repositories):
    """The resource of gcp_repository."""

    projects: ResourceManager

    @classmethod
    def connect(cls, options: Options) -> t.Self:
        """Raises MissingLibrary, Unauthenticated or InvalidInput."""
        connection = Connection.from_options(options)
        return cls(
            api=ArtifactRegistry(connection), projects=ResourceManager(connection.for_service("CLOUDRESOURCEMANAGER"))
        )

    def _as_spelled(self, repository: Repository, desired: DesiredRepository) -> Repository:
        """One call for each project that is named once by its id and once by its number. Raises PermissionDenied."""
        own = {desired.name.project, repository.name.split("/")[1]}

        def is_same(one: str, other: str) -> bool:
            if {one, other} <= own:
                return True
            if one.isdigit() == other.isdigit():
                return False
            try:
                return self.projects.project_number(one) == self.projects.project_number(other)
            except PermissionDenied as denied:
                raise PermissionDenied(
                    f"{desired.name} has an upstream in the project {one}, and whether that is {other} is not known: {denied} "
                    "Give the upstream with its project as the repository has it."
                ) from denied

        wanted = desired.upstream_policies or {}
        return replace(
            repository, upstream_policies=upstream_policies._as_spelled(repository.upstream_policies, wanted, is_same)
        )

    def result(self, state: Repository | None, desired: DesiredRepository) -> dict[str, t.Any]:
        return {"repository": None if state is None else shown(state)}

    def diff(self, state: Repository | None, desired: DesiredRepository) -> dict[str, t.Any]:
        if state is None:
            return {}
        values = shown(state)
        return {"state": "present", **{name: values[name] for name in _OPTIONS if has_field(state, name)}}

    def notices(self, state: Repository | None, desired: DesiredRepository) -> t.Iterable[str]:
        return () if state is None else upstream_policies.notices(state.name, state.upstream_policies)


class Readings(RepositoryReadings):
    """The resource of gcp_repository_info."""

    def result(self, state: tuple[Repository, ...], desired: WantedRepositories) -> dict[str, t.Any]:
        return {"repositories": [shown(repository) for repository in state]}

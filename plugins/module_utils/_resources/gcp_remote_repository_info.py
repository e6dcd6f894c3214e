# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Remote repositories, read only."""

from __future__ import annotations

import typing as t
from concurrent.futures import ThreadPoolExecutor

from .._base.errors import NotFound
from .._clients.gcp.artifactregistry import ArtifactRegistry
from .._clients.gcp.auth import Connection
from .._clients.gcp.repositories import Repository
from .._domain.gcp.names import RepositoryName, optional_location, project_of, repository_name
from .._engine.reconcile import CONCURRENCY
from .gcp_remote_repository import REMOTE, require_remote, shown

Options = t.Mapping[str, t.Any]


def query_remote_repositories(options: Options) -> dict[str, t.Any]:
    """C(remote_repositories): the one that is named, or all of a project or of one of its locations.

    :raises InvalidInput: before any call
    :raises Refused: the named repository is not a remote one
    """
    if options.get("repository"):
        name = repository_name(options)
        repositories = _one(ArtifactRegistry(Connection.from_options(options)), name)
    else:
        project = project_of(options)
        location = optional_location(options)
        repositories = _all(ArtifactRegistry(Connection.from_options(options)), project, location)
    return {"remote_repositories": [shown(repository) for repository in repositories]}


def _one(api: ArtifactRegistry, name: RepositoryName) -> list[Repository]:
    try:
        return [require_remote(api.get_repository(name))]
    except NotFound:
        return []


def _all(api: ArtifactRegistry, project: str, location: str | None) -> list[Repository]:
    locations = [location] if location else api.list_locations(project)
    with ThreadPoolExecutor(max_workers=CONCURRENCY) as pool:
        found = pool.map(lambda one: api.list_repositories(project, one).items, locations)
        return [repository for repositories in found for repository in repositories if repository.mode == REMOTE]

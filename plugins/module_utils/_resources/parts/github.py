# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the resources of GitHub have in common: their options to log in, and their client."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass

from ..._base.errors import InvalidInput, NotFound
from ..._clients.github.calls import GITHUB_COM, GitHub
from ..._clients.github.repositories import Repository, read_repository
from ..._engine.resource import Desired, Options, Resource, State


def existing_repository(github: GitHub, owner: str, repository: str) -> Repository:
    """One call. Raises NotFound when there is none, or the token may not see it."""
    found = read_repository(github, owner, repository)
    if found is None:
        raise NotFound(f"GitHub has no {owner}/{repository} that github_token may see.")
    return found


@dataclass(frozen=True)
class GitHubResource(Resource[Desired, State]):
    """A resource of GitHub."""

    github: GitHub

    @classmethod
    def connect(cls, options: Options) -> t.Self:
        """Raises InvalidInput unless there is a token and a place that it may be sent to, and MissingLibrary."""
        token, api_url = options.get("github_token"), options.get("api_url") or GITHUB_COM
        if not token:
            raise InvalidInput("github_token is missing: give it, or set the environment variable GITHUB_TOKEN.")
        return cls(GitHub(api_url, token))

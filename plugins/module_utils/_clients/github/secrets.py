# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""GitHub's API of the secrets that Actions jobs get. What they hold, nobody can read."""

from __future__ import annotations

from urllib.parse import quote

from .calls import GitHub
from .repositories import repository_path


def has_secret(github: GitHub, owner: str, repository: str, environment: str | None, name: str) -> bool:
    """Whether there is a secret of a name. Needs Secrets: read, or Environments: read for an environment's."""
    what = f"the secret {name} of {owner}/{repository}"
    answer = github.find(_path(owner, repository, environment, name), what)
    if answer is None:
        return False
    with github.reading(what):
        # GitHub shows names in capital letters, however they are asked for.
        if answer["name"].upper() != name.upper():
            raise ValueError("Another secret than the one that was asked for.")
        return True


def delete_secret(github: GitHub, owner: str, repository: str, environment: str | None, name: str) -> None:
    """Raises NotFound when it is gone already. Needs Secrets: write, or Environments: write for an environment's."""
    github.write("DELETE", _path(owner, repository, environment, name), f"the secret {name} of {owner}/{repository}")


def _path(owner: str, repository: str, environment: str | None, name: str) -> str:
    holder = f"environments/{quote(environment, safe='')}" if environment else "actions"
    return f"{repository_path(owner, repository)}/{holder}/secrets/{quote(name, safe='')}"

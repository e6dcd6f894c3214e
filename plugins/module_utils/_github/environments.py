# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""GitHub's API of deployment environments."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import quote

from ansible_collections.pkgops.registry_auth.plugins.module_utils._errors import NotFound
from ansible_collections.pkgops.registry_auth.plugins.module_utils._github.calls import GitHub
from ansible_collections.pkgops.registry_auth.plugins.module_utils._github.repositories import Repository


@dataclass(frozen=True)
class Environment:
    """A deployment environment, and the kinds of rules that protect it."""

    name: str
    protections: tuple[str, ...]


def read_environment(github: GitHub, repository: Repository, name: str) -> Environment | None:
    """The environment of a name in any case. Needs Actions: read."""
    path = f"repos/{quote(repository.owner)}/{quote(repository.name)}/environments/{quote(name, safe='')}"
    try:
        answer = github.get(path, f"the environment {name} of {repository.full_name}")
    except NotFound:
        return None
    try:
        return Environment(answer["name"], tuple(rule["type"] for rule in answer.get("protection_rules") or ()))
    except (AttributeError, KeyError, TypeError):
        raise github.not_github() from None

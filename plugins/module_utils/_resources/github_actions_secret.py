# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""A secret of Actions jobs that is not to be there any more."""

from __future__ import annotations

import re
import typing as t
from dataclasses import dataclass

from .._base.errors import InvalidInput
from .._clients.github.secrets import delete_secret, has_secret
from .._domain.github.names import repository_of
from .._engine.resource import Change, DesiredState, Options
from .parts.github import GitHubResource, existing_repository

# Source: GitHub's documentation, "Naming your secrets".
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


@dataclass(frozen=True)
class UnwantedSecret(DesiredState):
    """A secret by its name, of a repository or of an environment of it."""

    owner: str
    repository: str
    environment: str | None
    name: str

    @classmethod
    def from_options(cls, options: Options) -> UnwantedSecret:
        owner, repository = repository_of(options)
        name = options.get("secret")
        if not name or not _NAME.fullmatch(name):
            raise InvalidInput(
                "secret is not the name of one: it has letters, digits and underscores, and no digit first."
            )
        if options.get("state") != "absent":
            raise InvalidInput("state is missing: give absent, which is all that this module does.")
        # GitHub writes them in capitals, whatever it is given.
        return cls(owner, repository, options.get("environment") or None, name.upper())

    @property
    def target(self) -> str:
        of_environment = f" in the environment {self.environment.lower()}" if self.environment else ""
        return f"the secret {self.name}{of_environment} of {self.owner.lower()}/{self.repository.lower()}"


class GitHubSecrets(GitHubResource[UnwantedSecret, bool]):
    """The resource of github_actions_secret. Its state is whether there is the secret."""

    def read(self, desired: UnwantedSecret) -> bool:
        """One call, and one more when there is none: what a token may not see looks absent, too."""
        if has_secret(self.github, desired.owner, desired.repository, desired.environment, desired.name):
            return True
        existing_repository(self.github, desired.owner, desired.repository)
        return False

    def assume(self, desired: UnwantedSecret) -> bool:
        return False

    def wanted(self, current: bool, desired: UnwantedSecret) -> bool:
        return False

    def apply(self, change: Change[bool], desired: UnwantedSecret) -> bool:
        """Raises NotFound when somebody else was faster, or the token may not."""
        delete_secret(self.github, desired.owner, desired.repository, desired.environment, desired.name)
        return False

    def result(self, state: bool, desired: UnwantedSecret) -> dict[str, t.Any]:
        return {"secret_name": desired.name}

    def diff(self, state: bool, desired: UnwantedSecret) -> dict[str, t.Any]:
        return {"state": "present" if state else "absent"}

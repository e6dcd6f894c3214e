# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""A secret of Actions jobs that is not to be there any more."""

from __future__ import annotations

import re
import threading
import typing as t
from dataclasses import dataclass, field

from .._base.errors import InvalidInput
from .._clients.github.repositories import MOST_IN_FOLDER, Repository, list_folder, read_file
from .._clients.github.secrets import delete_secret, has_secret
from .._domain.github.names import repository_of
from .._domain.publishing.secret_uses import SecretUses, secret_uses
from .._domain.publishing.trusted_publishers import WORKFLOWS
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
    #: Whether it stays as long as a workflow may use it.
    unless_used: bool = False
    #: Where the workflows are; None: at the default branch.
    ref: str | None = None

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
        unless_used, ref = bool(options.get("unless_used")), options.get("ref") or None
        if ref and not unless_used:
            raise InvalidInput("ref says where the workflows are that unless_used looks at: give unless_used, too.")
        # GitHub writes them in capitals, whatever it is given.
        return cls(owner, repository, options.get("environment") or None, name.upper(), unless_used, ref)

    @property
    def target(self) -> str:
        of_environment = f" in the environment {self.environment.lower()}" if self.environment else ""
        return f"the secret {self.name}{of_environment} of {self.owner.lower()}/{self.repository.lower()}"


@dataclass(frozen=True)
class SecretState:
    """Whether there is the secret, and what uses it, or may do so, as far as that was asked for."""

    present: bool
    uses: tuple[str, ...] = ()


@dataclass(frozen=True)
class GitHubSecrets(GitHubResource[UnwantedSecret, SecretState]):
    """The resource of github_actions_secret."""

    #: The uses of secrets in the workflows of a repository at a ref: the entries of a task often share them.
    uses: dict[tuple[str, str, str | None], SecretUses] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def read(self, desired: UnwantedSecret) -> SecretState:
        """One call, and one more when there is none: what a token may not see looks absent, too.

        With C(unless_used), some more for the workflows, once for all secrets of a repository.
        """
        present = has_secret(self.github, desired.owner, desired.repository, desired.environment, desired.name)
        if present and not desired.unless_used:
            return SecretState(present)
        repository = existing_repository(self.github, desired.owner, desired.repository)
        return SecretState(present, self._uses(repository, desired.ref).of(desired.name) if present else ())

    def _uses(self, repository: Repository, ref: str | None) -> SecretUses:
        key = (repository.owner, repository.name, ref)
        with self.lock:
            if key not in self.uses:
                self.uses[key] = self._read_uses(repository, ref)
            return self.uses[key]

    def _read_uses(self, repository: Repository, ref: str | None) -> SecretUses:
        names = list_folder(self.github, repository, WORKFLOWS, ref)
        found = SecretUses()
        if len(names) >= MOST_IN_FOLDER:
            found += SecretUses(untold=(f"{WORKFLOWS} has more files than GitHub lists, and one may use it",))
        for name in sorted(name for name in names if name.endswith((".yml", ".yaml"))):
            # Without a text, somebody has just removed it.
            found += secret_uses(name, read_file(self.github, repository, f"{WORKFLOWS}/{name}", ref) or "jobs: {}")
        return found

    def wanted(self, current: SecretState, desired: UnwantedSecret) -> SecretState:
        return current if current.uses else SecretState(present=False)

    def apply(self, change: Change[SecretState], desired: UnwantedSecret) -> SecretState:
        """Raises NotFound when somebody else was faster, or the token may not."""
        delete_secret(self.github, desired.owner, desired.repository, desired.environment, desired.name)
        return change.after

    def result(self, state: SecretState, desired: UnwantedSecret) -> dict[str, t.Any]:
        """C(used_by) tells why it was kept."""
        return {"secret_name": desired.name, **({"used_by": list(state.uses)} if desired.unless_used else {})}

    def diff(self, state: SecretState, desired: UnwantedSecret) -> dict[str, t.Any]:
        return {"state": "present" if state.present else "absent"}

    def notices(self, state: SecretState, desired: UnwantedSecret) -> t.Iterable[str]:
        """Why it is kept."""
        if state.uses:
            yield f"{desired.target[:1].upper()}{desired.target[1:]} is kept: {'; '.join(state.uses)}."

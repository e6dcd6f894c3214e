# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whether this run may do what it is about to do, asked before anything is written.

Only what is certain to be written is asked about, with one call for each resource, or for the project of what is to be created. What a policy
that has not been read may need, the step itself says. What is to be created can get a permission from a condition on its name, which
nobody can test before it exists: of that, the project's answer is only a warning.
"""

from __future__ import annotations

import typing as t
from dataclasses import dataclass, replace

from .._base.errors import PermissionDenied, RegistryAuthError
from .._clients.gcp.repositories import Repository
from .._domain.gcp.names import RepositoryName, SecretName
from .._domain.gcp.projects import Projects
from .._engine.reconcile import Outcome
from .._engine.resource import Desired, DesiredState, Resource, State
from .._resources.gcp_remote_repository import RemoteRepositories
from .._resources.gcp_remote_repository_credentials import (
    CredentialsState,
    RemoteRepositoryCredentials,
    doubt,
)
from .._resources.parts.secret_versions import VersionState, keeps_fingerprints
from .chain import Chain, Item
from .google_scope import Entry, GoogleScope
from .google_services import Services

PREFLIGHT = "begin"

Name: t.TypeAlias = "SecretName | RepositoryName | str"
There: t.TypeAlias = "t.Mapping[str, Repository | None]"
Versions: t.TypeAlias = "t.Mapping[str, VersionState | None]"

# Which permission a method takes. Source: its page in the references of Secret Manager v1 and Artifact Registry v1.
CREATE_REPOSITORY = "artifactregistry.repositories.create"
UPDATE_REPOSITORY = "artifactregistry.repositories.update"
REPOSITORY_POLICY = ("artifactregistry.repositories.getIamPolicy", "artifactregistry.repositories.setIamPolicy")
CREATE_SECRET = "secretmanager.secrets.create"
UPDATE_SECRET = "secretmanager.secrets.update"
SECRET_POLICY = ("secretmanager.secrets.getIamPolicy", "secretmanager.secrets.setIamPolicy")
ADD_VERSION = "secretmanager.versions.add"


@dataclass(frozen=True)
class Needed(DesiredState):
    """The permissions that a run needs on something. C(name): a secret or repository, or a project by its id or number."""

    name: Name
    permissions: tuple[str, ...]
    #: Those that what is to be created in a project needs later.
    later: tuple[str, ...] = ()

    @property
    def target(self) -> str:
        """The name of what the permissions are on."""
        return f"projects/{self.name}" if isinstance(self.name, str) else str(self.name)


@dataclass(frozen=True)
class Permissions(Resource[Needed, frozenset[str]]):
    """Which permissions the caller has. Its state is those of the needed ones that it has."""

    services: Services

    def read(self, desired: Needed) -> frozenset[str]:
        """One call, which needs no permission itself."""
        wanted = (*desired.permissions, *desired.later)
        if isinstance(desired.name, SecretName):
            return self.services.secrets.held_permissions(desired.name, wanted)
        if isinstance(desired.name, RepositoryName):
            return self.services.repositories.held_permissions(desired.name, wanted)
        return self.services.projects.held_permissions(desired.name, wanted)

    def result(self, state: frozenset[str], desired: Needed) -> dict[str, t.Any]:
        return {}


class _Needs:
    """Collects what a scope needs."""

    def __init__(self) -> None:
        self._now: dict[Name, dict[str, None]] = {}
        self._later: dict[str, dict[str, None]] = {}

    def on(self, name: Name, *permissions: str) -> None:
        """It needs these permissions on something that is there."""
        self._now.setdefault(name, {}).update(dict.fromkeys(permissions))

    def to_create(self, project: str, permission: str, *later: str) -> None:
        """It needs one to create something in a project, and then others on what it has created."""
        self.on(project, permission)
        self._later.setdefault(project, {}).update(dict.fromkeys(later))

    def all(self) -> list[Needed]:
        """All of them, one for each thing to ask about."""
        return [
            Needed(name, tuple(permissions), tuple(self._later.get(name, ())) if isinstance(name, str) else ())
            for name, permissions in self._now.items()
        ]


@dataclass
class Preflight:
    """Asks, and ends scopes that may not do what they want."""

    chain: Chain
    services: Services
    #: The numbers of projects that are known by now.
    projects: Projects

    def check(self, scopes: t.Sequence[GoogleScope], there: There, versions: Versions) -> None:
        """Ask for all scopes that want it. C(there), C(versions): what was found, by name, None for what is to be created."""
        items: list[Item[Needed]] = [
            (scope, needed) for scope in scopes if scope.preflight for needed in self._needs(scope, there, versions)
        ]
        outcomes = self.chain.attempt(lambda: Permissions(self.services), items)
        missing: dict[GoogleScope, list[str]] = {}
        for (scope, needed), outcome in zip(items, outcomes, strict=True):
            # An answer that cannot be had is no answer: the run is as one without the question.
            if outcome.error is None and isinstance(scope, GoogleScope):
                missing.setdefault(scope, []).extend(
                    f"{one} on {needed.target}" for one in needed.permissions if one not in outcome.state
                )
                self._warn(scope, needed, outcome)
        for scope, told in missing.items():
            if told:
                scope.fail(
                    PREFLIGHT,
                    scope.project,
                    PermissionDenied(
                        f"These permissions are missing for {self.services.identity}: {', '.join(told)}. Nothing of the scope was written. "
                        "With preflight=false, nobody asks before the first write."
                    ),
                )

    def _warn(self, scope: GoogleScope, needed: Needed, outcome: Outcome) -> None:
        absent = [one for one in needed.later if one not in outcome.state]
        if absent:
            warning = (
                f"{self.services.identity} has not on {needed.target} what this run needs on what it creates there: {', '.join(absent)}. "
                "It will fail unless a condition grants them by name."
            )
            scope.took(PREFLIGHT, replace(outcome, warnings=(warning,)))

    def _needs(self, scope: GoogleScope, there: There, versions: Versions) -> list[Needed]:
        needs = _Needs()
        for entry in scope.entries:
            found = there.get(entry.repository.target)
            if found is None:
                access = REPOSITORY_POLICY if entry.access else ()
                needs.to_create(scope.project, CREATE_REPOSITORY, UPDATE_REPOSITORY, *access)
            elif self._is_updated(scope, entry, found, versions.get(str(entry.secret))):
                needs.on(entry.name, UPDATE_REPOSITORY)
        for name, payload in scope.payloads.items():
            state = versions.get(str(name))
            own = (UPDATE_SECRET,) if keeps_fingerprints(payload) else ()
            if state is None:
                needs.to_create(name.project, CREATE_SECRET, ADD_VERSION, *own, *SECRET_POLICY)
            elif not state.holds(payload):
                needs.on(name, ADD_VERSION, *own)
        return needs.all()

    def _is_updated(self, scope: GoogleScope, entry: Entry, found: Repository, state: VersionState | None) -> bool:
        """Whether the run will certainly write a repository that is there."""
        if state is None:
            return True
        payload = scope.payloads[entry.secret]
        number = state.version if state.holds(payload) else state.newest + 1
        login = scope.login(entry, f"{state.name}/versions/{number}")
        # What is not known to be another version is not certain to be written.
        numbers = {**self.projects.numbers, **doubt(found, login, self.projects)}
        logins = RemoteRepositoryCredentials(self.services.repositories, self.services.projects)
        if _changes(logins, CredentialsState(found, numbers), login):
            return True
        return scope.create_missing and _changes(
            RemoteRepositories(self.services.repositories), found, entry.repository
        )


def _changes(resource: Resource[Desired, State], current: State, desired: Desired) -> bool:
    try:
        return resource.plan(current, desired) is not None
    except RegistryAuthError:
        # What is wrong with it, its own step says.
        return False

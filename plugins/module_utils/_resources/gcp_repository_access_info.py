# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Who may do what with repositories of Artifact Registry, by their policies and that of their project."""

from __future__ import annotations

import re
import typing as t
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import cache

from .._base.errors import Incomplete, InvalidInput, NotFound, PermissionDenied, RegistryAuthError
from .._base.quota import Deadline
from .._base.values import FromEnvironment
from .._clients.gcp.artifactregistry import ArtifactRegistry
from .._clients.gcp.auth import Connection
from .._clients.gcp.repositories import Repository
from .._clients.gcp.resourcemanager import ResourceManager
from .._domain.gcp.bindings import Policy
from .._domain.gcp.members import UNKNOWN, kind_of
from .._domain.gcp.names import RepositoryName, optional_location, project_of, repository_name
from .._domain.gcp.repository_access import STANDARD, Governed, Scope
from .._domain.protection.names import COMMON_FORMATS, OurName, our_names
from .._engine.reconcile import CONCURRENCY, reconcile
from .._engine.resource import DesiredState, NamedState, Options
from .parts.gcp import ArtifactRegistryResource
from .parts.gcp_access_shown import AccessState, shown

# Source: the IAM documentation, "Permissions reference": SERVICE.RESOURCE.VERB.
_PERMISSION = re.compile(r"[a-z0-9-]+(?:\.[A-Za-z0-9-]+)+")


@dataclass(frozen=True)
class WantedAccess(DesiredState):
    """Of which repositories of a project to tell who may use them."""

    project: str
    location: str | None = None
    #: None for all.
    repositories: tuple[RepositoryName, ...] | None = None
    callers: tuple[str, ...] = ()
    roles: t.Mapping[str, frozenset[str]] = field(default_factory=dict)
    #: Packages that are ours.
    names: tuple[OurName, ...] = ()
    #: Addresses of upstreams that have no public packages.
    private_upstreams: frozenset[str] = frozenset()

    @classmethod
    def from_options(cls, options: Options) -> WantedAccess:
        given = options.get("repositories")
        names = None
        if given is not None:
            names = tuple(dict.fromkeys(repository_name({**options, "repository": one}) for one in given))
        projects = {name.project for name in names or ()} or {project_of(options)}
        if len(projects) > 1:
            raise InvalidInput(
                f"repositories are of the projects {', '.join(sorted(projects))}: give an entry of batch for each project."
            )
        for caller in options.get("callers") or ():
            if kind_of(caller) == UNKNOWN:
                raise InvalidInput(
                    f"callers has {caller!r}, which is not a member: give its kind and name, for example user:NAME@example.com."
                )
        # Without a list, all locations are judged unless the task says one: nobody would see that some are missing.
        everywhere = names is None and isinstance(options.get("location"), FromEnvironment)
        return cls(
            projects.pop(),
            None if everywhere else optional_location(options),
            names,
            tuple(dict.fromkeys(options.get("callers") or ())),
            _roles(options.get("roles") or ()),
            tuple(our_names(options.get("names") or (), options.get("formats") or COMMON_FORMATS)),
            frozenset(options.get("private_upstreams") or ()),
        )

    @property
    def target(self) -> str:
        where = f" in {self.location}" if self.location else ""
        some = f" to {', '.join(map(str, self.repositories))}" if self.repositories is not None else ""
        return f"access{some} in projects/{self.project}{where}"


def _roles(given: t.Iterable[Options]) -> dict[str, frozenset[str]]:
    found: dict[str, frozenset[str]] = {}
    for number, one in enumerate(given):
        for permission in one["permissions"]:
            if not _PERMISSION.fullmatch(permission):
                raise InvalidInput(
                    f"roles[{number}].permissions has {permission!r}: give a permission such as "
                    "artifactregistry.repositories.downloadArtifacts."
                )
        if one["role"] in found:
            raise InvalidInput(f"roles[{number}] names {one['role']} a second time.")
        found[one["role"]] = frozenset(one["permissions"])
    return found


class _Policies(ArtifactRegistryResource[NamedState[RepositoryName], Policy]):
    """The policies of repositories that a list has shown to be there."""

    def read(self, desired: NamedState[RepositoryName]) -> Policy:
        return self.api.get_policy(desired.name)

    def result(self, state: Policy, desired: NamedState[RepositoryName]) -> dict[str, t.Any]:
        return {"policy": state}


@dataclass(frozen=True)
class AccessReadings(ArtifactRegistryResource[WantedAccess, AccessState]):
    """The resource of gcp_repository_access_info."""

    projects: t.Callable[[], ResourceManager]
    deadline: Deadline
    #: Shared by all entries, so that they together read no more at once than the engine would.
    pool: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(max_workers=CONCURRENCY))

    @classmethod
    def connect(cls, options: Options) -> AccessReadings:
        """The library of Resource Manager is loaded when a project's policy is read."""
        connection = Connection.from_options(options)
        projects = cache(lambda: ResourceManager(connection.for_service("CLOUDRESOURCEMANAGER")))
        return cls(ArtifactRegistry(connection), projects, Deadline.from_options(options))

    def read(self, desired: WantedAccess) -> AccessState:
        """The lists of locations and repositories, a call for each policy, and two on the project."""
        there = self._listed(desired)
        wanted = desired.repositories if desired.repositories is not None else tuple(there)
        found = [name for name in wanted if name in there]
        failures: dict[RepositoryName, RegistryAuthError] = {
            name: NotFound(f"{name} does not exist.") for name in wanted if name not in there
        }
        # Whoever reads from a virtual repository may read the ones that it looks into.
        within = {str(name).split("/", 2)[2] for name in found}
        others = [name for name in there if name not in found and within & _upstreams(there[name])]
        names = [*found, *others]
        outcomes = reconcile(
            lambda: _Policies(self.api),
            [NamedState(name) for name in names],
            check_mode=True,
            diff_mode=False,
            deadline=self.deadline,
            pool=self.pool,
        )
        governed = []
        for name, outcome in zip(names, outcomes, strict=True):
            if outcome.error:
                failures[name] = outcome.error
            else:
                governed.append(_governed(name, there[name], outcome.result["policy"]))
        number, unknown = self._number(desired.project)
        policy, unread = self._policy(desired.project)
        scope = Scope(desired.project, policy, tuple(governed), number, desired.roles)
        return AccessState(scope, frozenset(found), there, failures, unread or unknown)

    def _listed(self, desired: WantedAccess) -> dict[RepositoryName, Repository]:
        if desired.repositories is not None:
            locations = sorted({name.location for name in desired.repositories})
        else:
            locations = [desired.location] if desired.location else self.api.list_locations(desired.project)
        pages = self.pool.map(lambda one: self.api.list_repositories(desired.project, one).items, locations)
        found = {}
        for repository in (one for page in pages for one in page):
            _projects, _project, _locations, location, _repositories, identifier = repository.name.split("/")
            found[RepositoryName(desired.project, location, identifier)] = repository
        return dict(sorted(found.items(), key=lambda item: str(item[0])))

    def _number(self, project: str) -> tuple[str | None, PermissionDenied | None]:
        try:
            return self.projects().project_number(project), None
        except PermissionDenied as denied:
            return None, denied

    def _policy(self, project: str) -> tuple[Policy | None, PermissionDenied | None]:
        try:
            return self.projects().get_policy(project), None
        except PermissionDenied as denied:
            return None, denied

    def assume(self, desired: WantedAccess) -> AccessState:
        """A new project has no repositories."""
        return AccessState(Scope(desired.project, None))

    def notices(self, state: AccessState, desired: WantedAccess) -> t.Iterator[str]:
        if state.unread and state.scope.policy is None:
            yield (
                f"The policy of projects/{desired.project} could not be read, so that what it may allow is answered with depends: "
                f"{state.unread}"
            )

    def shortfall(self, state: AccessState, desired: WantedAccess) -> RegistryAuthError | None:
        if not state.failures:
            return None
        count = len(state.failures)
        reasons = " ".join(str(error) for _name, error in sorted(state.failures.items(), key=lambda item: str(item[0])))
        return Incomplete(
            f"The policies of {count} {'repository' if count == 1 else 'repositories'} of projects/{desired.project} could not be read. "
            f"{reasons}"
        )

    def result(self, state: AccessState, desired: WantedAccess) -> dict[str, t.Any]:
        return {"access": shown(state, desired.callers, desired.names, desired.private_upstreams)}


def _upstreams(repository: Repository) -> set[str]:
    """What a virtual repository looks into, without the projects: these are named by id or number."""
    return {one.repository.split("/", 2)[-1] for one in repository.upstream_policies.values()}


def _governed(name: RepositoryName, repository: Repository, policy: Policy) -> Governed:
    mode = STANDARD if repository.mode == "MODE_UNSPECIFIED" else repository.mode
    return Governed(name, policy, mode, tuple(one.repository for one in repository.upstream_policies.values()))

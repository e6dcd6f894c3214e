# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The user name and the password's secret version with which a remote repository logs in upstream."""

from __future__ import annotations

import typing as t
from dataclasses import asdict, dataclass, field, replace
from functools import partial

from .._base.errors import (
    InvalidInput,
    NotFound,
    NotPropagated,
    PermissionDenied,
    Refused,
    RegistryAuthError,
    Unconfirmed,
)
from .._clients.gcp.artifactregistry import SERVICE, ArtifactRegistry
from .._clients.gcp.auth import Connection
from .._clients.gcp.calls import same_resource
from .._clients.gcp.repositories import REMOTE, Credentials, Repository
from .._clients.gcp.resourcemanager import ResourceManager
from .._clients.gcp.secretmanager import SecretManager
from .._domain.gcp.names import RepositoryName, VersionName, parse_version_name, repository_name, secret_name
from .._domain.gcp.projects import Projects
from .._engine.resource import Change, NamedState, Options, Resource
from .gcp_remote_repository import require_remote, shown
from .parts.gcp import from_lists
from .parts.steps import in_turn

#: Seconds. Grants take "typically 2 minutes, potentially 7 minutes or longer" to be in effect. Source: IAM's documentation.
PROPAGATION_TIMEOUT = 300

#: How often a version must be missing to be taken for one that does not exist, some seconds after the first time. Of a version that was
#: just added, only its payload is sure to be found at once, and that is not read here. Source: Secret Manager's documentation, "Consistency".
LOOKS = 3

CREDENTIAL_OPTIONS = ("username", "password_secret_version", "secret", "version")


@dataclass(frozen=True)
class DesiredCredentials(NamedState[RepositoryName]):
    """Credentials that a remote repository is to have; None leaves a part alone. C(absent): it is to have none."""

    username: str | None = None
    password: VersionName | None = None
    absent: bool = False
    disable_upstream_validation: bool = False
    propagation_timeout: int = PROPAGATION_TIMEOUT

    @classmethod
    def from_options(cls, options: Options) -> DesiredCredentials:
        repository = repository_name(options)
        timeout = options.get("propagation_timeout")
        if timeout is not None and timeout < 0:
            raise InvalidInput(
                f"propagation_timeout {timeout} is not a time: give a number of seconds, 0 for no waiting."
            )
        desired = cls(
            repository,
            disable_upstream_validation=bool(options.get("disable_upstream_validation")),
            propagation_timeout=PROPAGATION_TIMEOUT if timeout is None else timeout,
        )
        if options.get("state") == "absent":
            given = [name for name in CREDENTIAL_OPTIONS if options.get(name) is not None]
            if given:
                raise InvalidInput(f"state absent removes all credentials, so it takes no {given[0]}.")
            return replace(desired, absent=True)
        username, password = options.get("username"), _password(options)
        if username == "":
            raise InvalidInput("username is empty: leave it out to keep the one that the repository has.")
        if username is not None and username != username.strip():
            raise InvalidInput(
                "username has white space around it, as YAML's | leaves a line's end: no upstream means that."
            )
        if username is None and password is None:
            raise InvalidInput("Give the username, the password's secret version, or both.")
        return replace(desired, username=username, password=password)

    @property
    def warnings(self) -> tuple[str, ...]:
        if self.password is None or self.password.pinned:
            return ()
        return (
            f"{self.password} does not name one version: Google does not document whether Artifact Registry accepts "
            f"{self.password.version}, nor when it looks again at what that is. Prefer a version's number.",
        )


def _password(options: Options) -> VersionName | None:
    """The secret version that the options name, if any. Raises InvalidInput."""
    full, secret, version = (options.get(name) for name in CREDENTIAL_OPTIONS[1:])
    if full is not None:
        if secret is not None or version is not None:
            raise InvalidInput(
                "Give the password's version either as password_secret_version or as secret and version."
            )
        name = parse_version_name(full, option="password_secret_version")
    elif secret is not None or version is not None:
        if secret is None or version is None:
            raise InvalidInput(
                "secret and version go together: secret says which secret, version which of its versions, by number."
            )
        # O(location) is the repository's, and says nothing about the secret.
        parent = secret_name({"secret": secret, "project": options.get("project")})
        name = parse_version_name(f"{parent}/versions/{version}", option="version")
    else:
        return None
    if name.secret.location:
        raise InvalidInput(
            f"{name} is a version of a regional secret: Artifact Registry documents "
            "projects/PROJECT/secrets/SECRET/versions/VERSION only."
        )
    return name


@dataclass(frozen=True)
class CredentialsState:
    """The repository, and the numbers of projects that had to be known to compare names."""

    repository: Repository
    numbers: t.Mapping[str, str] = field(default_factory=dict, compare=False)


def project_to_resolve(stored: str, wanted: VersionName) -> str | None:
    """The id of the project whose number decides whether two names are of one version; None when it is clear without."""
    ids = [project for project in _projects(stored, wanted) if not project.isdigit()]
    return ids[0] if len(ids) == 1 else None


def same_version(stored: str, wanted: VersionName, numbers: t.Mapping[str, str]) -> bool:
    """Whether two names are of one secret version: a project's id and its number are the same project."""
    return len({numbers.get(project, project) for project in _projects(stored, wanted)}) == 1


def doubt(found: Repository, wanted: DesiredCredentials, projects: Projects) -> dict[str, str]:
    """The number, by the project's id, with which the repository has the wanted password already, where that is not known; else nothing."""
    if found.credentials is None or wanted.password is None:
        return {}
    pair = _projects(found.credentials.password_secret_version, wanted.password)
    if not pair or projects.same(*pair) is not None:
        return {}
    project, number = sorted(pair, key=str.isdigit)
    return {project: number}


def _projects(stored: str, wanted: VersionName) -> tuple[str, ...]:
    """The projects of two names that have all else in common; none for others, and for a form that this module never writes."""
    try:
        name = parse_version_name(stored)
    except InvalidInput:
        return ()
    project = wanted.secret.project
    same = replace(name, secret=replace(name.secret, project=project)) == wanted
    return (name.secret.project, project) if same else ()


@dataclass(frozen=True)
class RemoteRepositoryCredentials(Resource[DesiredCredentials, CredentialsState]):
    """The resource of gcp_remote_repository_credentials."""

    api: ArtifactRegistry
    projects: ResourceManager
    #: Makes the client of Secret Manager, which only a refused password is looked up with.
    secrets: t.Callable[[], SecretManager] | None = None
    #: How often the password of a repository was looked up.
    looks: dict[RepositoryName, int] = field(default_factory=dict)

    @classmethod
    def connect(cls, options: Options) -> RemoteRepositoryCredentials:
        """Raises MissingLibrary, Unauthenticated or InvalidInput."""
        connection = Connection.from_options(options)
        secrets = partial(SecretManager.connected, connection.for_service("SECRETMANAGER"), options)
        projects = ResourceManager(connection.for_service("CLOUDRESOURCEMANAGER"))
        return cls(ArtifactRegistry(connection), projects, secrets)

    def read(self, desired: DesiredCredentials) -> CredentialsState:
        """One call, and one more when a project's id must be compared with a number. Raises NotFound."""
        try:
            repository = self.api.get_repository(desired.name)
        except NotFound:
            raise NotFound(f"{desired.name} does not exist: create the remote repository first.") from None
        return self._state(repository, desired)

    def read_listed(self, entries: t.Sequence[DesiredCredentials]) -> dict[str, CredentialsState]:
        found = from_lists(entries, self.api.list_repositories)
        return {one.unit: self._state(repository, one) for one, repository in found if repository}

    def _state(self, repository: Repository, desired: DesiredCredentials) -> CredentialsState:
        if repository.credentials is None or desired.password is None:
            return CredentialsState(repository)
        stored = repository.credentials.password_secret_version
        project = project_to_resolve(stored, desired.password)
        if project is None:
            return CredentialsState(repository)
        try:
            number = self.projects.project_number(project)
        except PermissionDenied as denied:
            raise PermissionDenied(
                f"{repository.name} has the password {stored}, and whether that is {desired.password} is not known: {denied} "
                "Give the secret version with the project's number, or as the repository has it."
            ) from denied
        return CredentialsState(repository, {project: number})

    def assume(self, desired: DesiredCredentials) -> CredentialsState:
        return CredentialsState(Repository(str(desired.name), "FORMAT_UNSPECIFIED", REMOTE))

    def wanted(self, current: CredentialsState, desired: DesiredCredentials) -> CredentialsState:
        """Change nothing but the parts that are given and differ. Raises Refused."""
        repository = require_remote(current.repository)
        after = None if desired.absent else _merged(current, desired)
        return replace(current, repository=replace(repository, credentials=after))

    def apply(self, change: Change[CredentialsState], desired: DesiredCredentials) -> CredentialsState:
        """Write the fields that differ. A repository has no etag: the narrow mask is what protects other writers. Raises Unconfirmed."""
        validate = not desired.disable_upstream_validation
        wanted = change.after.repository.credentials
        if wanted is None:
            return self._clear(desired.name, change.before, validate)
        had = change.before.repository.credentials or Credentials()
        changed = {name: value for name, value in asdict(wanted).items() if value != getattr(had, name)}
        password = wanted.password_secret_version
        try:
            updated = self.api.set_credentials(desired.name, changed, password, validate=validate)
        except NotPropagated:
            # Google answers the same for a grant on its way and for what does not exist. Who does not wait need not know.
            if desired.propagation_timeout:
                self._look_up(parse_version_name(password), desired.name)
            raise
        _confirm(desired.name, changed, updated.credentials or Credentials())
        return replace(change.after, repository=updated)

    def _look_up(self, password: VersionName, repository: RepositoryName) -> None:
        """See whether the password is worth waiting for, by names alone. Who may not see it waits as if it were there.

        :raises Refused: there is no such version, or it is not enabled
        :raises NotPropagated: it is not seen, which may be because it was just added
        """
        seen = self.looks.get(repository, 0)
        if self.secrets is None or seen == LOOKS:
            return
        self.looks[repository] = LOOKS
        try:
            state = self.secrets().get_version(password).state
        except NotFound:
            self.looks[repository] = seen + 1
            missing = Refused if seen + 1 == LOOKS else NotPropagated
            raise missing(f"{password} does not exist: store the password with gcp_secret_version first.") from None
        except RegistryAuthError:
            # A failure to look is not the entry's, which has one of its own.
            return
        if state != "ENABLED":
            raise Refused(f"{password} is {state.lower()}: the repository needs an enabled version.")

    def _clear(self, name: RepositoryName, before: CredentialsState, validate: bool) -> CredentialsState:
        def clear() -> None:
            self.api.clear_credentials(name, validate=validate)

        # That the service clears is not documented, so what it answers to the update is not taken for it.
        cleared = in_turn((clear, lambda: CredentialsState(self.api.get_repository(name))), before)
        if cleared.repository.credentials is not None:
            raise Refused(
                f"{name} still has its upstream credentials: Artifact Registry took the request and kept them."
            )
        return cleared

    def result(self, state: CredentialsState, desired: DesiredCredentials) -> dict[str, t.Any]:
        return {"remote_repository": shown(state.repository)}

    def diff(self, state: CredentialsState, desired: DesiredCredentials) -> dict[str, t.Any]:
        values = shown(state.repository)
        return {"repository": str(desired.name), **{name: values[name] for name in CREDENTIAL_OPTIONS[:2]}}


def _confirm(name: RepositoryName, sent: t.Mapping[str, str], answered: Credentials) -> None:
    """Raises Unconfirmed when other credentials are answered. Whether the number of a project is that of the one that was sent is not looked up."""
    same = {
        "username": answered.username == sent.get("username"),
        "password_secret_version": same_resource(
            answered.password_secret_version, sent.get("password_secret_version", "")
        ),
    }
    others = [field for field in same if field in sent and not same[field]]
    if others:
        raise Unconfirmed.of(SERVICE, name, " and ".join(others))


def _merged(current: CredentialsState, desired: DesiredCredentials) -> Credentials:
    """The credentials as they are to be. Raises Refused when a part of them would be missing."""
    had = current.repository.credentials or Credentials()
    password = had.password_secret_version
    if desired.password and not same_version(password, desired.password, current.numbers):
        password = str(desired.password)
    wanted = Credentials(desired.username or had.username, password)
    if not wanted.username or not wanted.password_secret_version:
        raise Refused(
            f"{current.repository.name} has no complete upstream credentials yet: give the username and the password's "
            "secret version together."
        )
    return wanted

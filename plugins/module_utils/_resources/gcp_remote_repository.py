# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Remote repositories themselves: what they hold, where they fetch from, what is written on them, how they are cleaned up."""

from __future__ import annotations

import re
import typing as t
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import asdict, dataclass, field, replace

from .._base.errors import ImmutableDifference, InvalidInput, NotFound, Refused, or_none
from .._base.values import FromEnvironment, parse_url
from .._clients.gcp.calls import same_resource
from .._clients.gcp.repositories import PRESETS, UPDATABLE, WITH_PATH, CleanupPolicy, Repository, Upstream
from .._domain.gcp.names import RepositoryName, optional_location, project_of, repository_name
from .._engine.reconcile import CONCURRENCY
from .._engine.resource import Change, DesiredState, NamedState, Options
from .parts import cleanup_policies
from .parts.gcp import ArtifactRegistryResource, from_lists
from .parts.labels import merged, read_labels

REMOTE = "REMOTE_REPOSITORY"

_KEY = re.compile(r"projects/[^/\s]+/locations/[^/\s]+/keyRings/[^/\s]+/cryptoKeys/[^/\s]+")
#: What gcloud takes for an upstream, too: a repository of Artifact Registry.
_REPOSITORY = re.compile(r"projects/[^/\s]+/locations/[^/\s]+/repositories/[^/\s]+")


@dataclass(frozen=True)
class DesiredRepository(NamedState[RepositoryName]):
    """A remote repository as it is to be. None is: leave it as it is."""

    absent: bool = False
    #: Delete it with its packages.
    force: bool = False
    format: str | None = None
    upstream: Upstream | None = None
    description: str | None = None
    labels: t.Mapping[str, str] | None = None
    purge_labels: bool = False
    cleanup_policies: t.Mapping[str, CleanupPolicy] | None = None
    cleanup_policy_dry_run: bool | None = None
    vulnerability_scanning: str | None = None
    kms_key_name: str | None = None
    disable_upstream_validation: bool = False

    @classmethod
    def from_options(cls, options: Options) -> DesiredRepository:
        name = repository_name(options)
        if options.get("state") == "absent":
            return cls(name=name, absent=True, force=bool(options.get("force")))
        key = options.get("kms_key_name")
        if key is not None and not _KEY.fullmatch(key):
            raise InvalidInput(
                f"kms_key_name {key!r} is not a key's name: give projects/PROJECT/locations/LOCATION/keyRings/RING/cryptoKeys/KEY."
            )
        return cls(
            name,
            format=options.get("format"),
            upstream=_upstream(options.get("upstream"), options.get("format")),
            description=_text(options.get("description")),
            labels=read_labels(options.get("labels")),
            purge_labels=bool(options.get("purge_labels")),
            cleanup_policies=cleanup_policies.read_cleanup_policies(options.get("cleanup_policies")),
            cleanup_policy_dry_run=options.get("cleanup_policy_dry_run"),
            vulnerability_scanning=options.get("vulnerability_scanning"),
            kms_key_name=key,
            disable_upstream_validation=bool(options.get("disable_upstream_validation")),
        )


def _text(given: str | None) -> str | None:
    """The text without the line's end that YAML's C(|) leaves at it."""
    return None if given is None else given.strip()


def _upstream(given: Options | None, package_format: str | None) -> Upstream | None:
    if given is None:
        return None
    preset, path, uri = (given.get(part) or None for part in ("preset", "path", "uri"))
    if (preset is None) == (uri is None):
        raise InvalidInput("upstream takes one of preset and uri.")
    if uri is not None:
        if path is not None:
            raise InvalidInput("upstream.path goes with upstream.preset: uri has its path in it.")
        if not _REPOSITORY.fullmatch(uri):
            parse_url(uri, option="upstream.uri")
        return Upstream(uri=uri)
    home = next((one for one, presets in PRESETS.items() if preset in presets), None)
    if home is None:
        known = ", ".join(preset for presets in PRESETS.values() for preset in presets)
        raise InvalidInput(
            f"upstream.preset {preset!r} is none of {known}: give the address of other upstreams as uri."
        )
    if package_format not in (None, home):
        raise InvalidInput(f"upstream.preset {preset} is for the format {home}, and not for {package_format}.")
    if (path is not None) != (home in WITH_PATH):
        raise InvalidInput(
            f"upstream.preset {preset} {'needs a path' if home in WITH_PATH else 'takes no path'}: "
            f"{' and '.join(WITH_PATH)} repositories have one, and no others."
        )
    return Upstream(preset=preset, path=path)


def _new(desired: DesiredRepository) -> Repository:
    if desired.format is None or desired.upstream is None:
        raise InvalidInput(f"{desired.name} does not exist: give format and upstream to have it created.")
    return Repository(
        str(desired.name),
        desired.format,
        REMOTE,
        desired.upstream,
        vulnerability_scanning=desired.vulnerability_scanning,
        kms_key_name=desired.kms_key_name,
    )


def _scanning(repository: Repository) -> str:
    """Whether images are scanned where the repository does not say. Source: the Artifact Registry v1 API's reference."""
    return repository.vulnerability_scanning or ("INHERITED" if repository.format == "DOCKER" else "DISABLED")


def _refuse_another(current: Repository, desired: DesiredRepository) -> None:
    """Refuse what is fixed when a repository is created.

    Source: Artifact Registry's documentation, "Create remote repositories", for format, mode and key. An upstream is not among
    what "Update repository settings" can change.
    """
    fixed = {
        "mode": (current.mode, REMOTE),
        "format": (current.format, desired.format),
        "upstream": (current.upstream, desired.upstream),
        "kms_key_name": (current.kms_key_name, desired.kms_key_name),
    }
    differences = [
        f"{name} {is_now or 'none'} to {to_be}"
        for name, (is_now, to_be) in fixed.items()
        if to_be is not None and not _same(is_now, to_be)
    ]
    if differences:
        raise ImmutableDifference(
            f"{current.name} cannot change from {', nor from '.join(differences)}: that is fixed when a repository is created. "
            "Nothing was changed; make a repository of another name."
        )


def _plain(value: str | Upstream | None) -> str | Upstream | None:
    """The value; of an upstream, without the slashes that make no difference."""
    if not isinstance(value, Upstream):
        return value
    return Upstream(value.preset, value.path and value.path.strip("/"), value.uri and value.uri.rstrip("/"))


def _same(is_now: str | Upstream | None, to_be: str | Upstream) -> bool:
    """Whether two values mean the same: also two names of one repository, which Google may answer with the project's number."""
    one, other = _plain(is_now), _plain(to_be)
    if not (isinstance(one, Upstream) and isinstance(other, Upstream) and one.uri and other.uri):
        return one == other
    both_named = _REPOSITORY.fullmatch(one.uri) and _REPOSITORY.fullmatch(other.uri)
    return one == other or bool(both_named and same_resource(one.uri, other.uri))


class RemoteRepositories(ArtifactRegistryResource[DesiredRepository, "Repository | None"]):
    """The resource of gcp_remote_repository. Its state is the repository, or None."""

    def read(self, desired: DesiredRepository) -> Repository | None:
        """One call, and one more for packages. Raises Refused when another kind of repository or packages would be deleted."""
        try:
            repository = self.api.get_repository(desired.name)
            if desired.absent:
                self._check_deletion(repository, desired)
            return repository
        except NotFound:
            return None

    def _check_deletion(self, repository: Repository, desired: DesiredRepository) -> None:
        if repository.mode != REMOTE:
            raise Refused(
                f"{desired.name} is not deleted because it is a {kind(repository)} repository, not a remote one."
            )
        if not desired.force and self.api.has_packages(desired.name):
            raise Refused(
                f"{desired.name} is not deleted because it has packages. With force it is deleted, packages and all."
            )

    def read_listed(self, entries: t.Sequence[DesiredRepository]) -> dict[str, Repository | None]:
        """One list for all repositories of a location. What a list does not have yet is found when it is created."""
        kept = [one for one in entries if not one.absent]
        return {one.unit: repository for one, repository in from_lists(kept, self.api.list_repositories)}

    def wanted(self, current: Repository | None, desired: DesiredRepository) -> Repository | None:
        """Raises ImmutableDifference, and InvalidInput when it does not exist and what it is to be created from is not given."""
        if desired.absent:
            return None
        if current is None:
            current = _new(desired)
        else:
            _refuse_another(current, desired)
        given = {
            name: value
            for name in ("description", "cleanup_policies", "cleanup_policy_dry_run")
            if (value := getattr(desired, name)) is not None
        }
        scanning = desired.vulnerability_scanning
        if scanning is not None and scanning != _scanning(current):
            given["vulnerability_scanning"] = scanning
        return replace(current, **given, labels=merged(current.labels, desired.labels, desired.purge_labels))

    def apply(self, change: Change[Repository | None], desired: DesiredRepository) -> Repository | None:
        """Write what differs. A repository has no etag: the narrow mask is what protects other writers."""
        before, after = change.before, change.after
        if after is None:
            # Somebody else may be faster, and it is gone all the same.
            with suppress(NotFound):
                self.api.delete_repository(desired.name)
            return None
        if before is None:
            return self.api.create_repository(desired.name, after, validate=not desired.disable_upstream_validation)
        fields = [name for name in UPDATABLE if getattr(before, name) != getattr(after, name)]
        return self.api.update_repository(desired.name, after, fields)

    def result(self, state: Repository | None, desired: DesiredRepository) -> dict[str, t.Any]:
        return {"remote_repository": None if state is None else shown(state)}

    def diff(self, state: Repository | None, desired: DesiredRepository) -> dict[str, t.Any]:
        if state is None:
            return {}
        values = shown(state)
        options = ("format", "upstream", "kms_key_name", *UPDATABLE)
        return {"state": "present", **{name: values[name] for name in options}}


def require_remote(repository: Repository) -> Repository:
    """The repository. Raises Refused, saying what it is, when it is not a remote one."""
    if repository.mode != REMOTE:
        raise Refused(
            f"{repository.name} is a {kind(repository)} repository: only a remote repository has an upstream to log in to."
        )
    return repository


def kind(repository: Repository) -> str:
    """What people call the mode of a repository."""
    return repository.mode.partition("_REPOSITORY")[0].lower().replace("mode_unspecified", "standard")


def shown(repository: Repository) -> dict[str, t.Any]:
    """A remote repository as tasks return it. Of the credentials it has names only."""
    _projects, _project, _locations, location, _repositories, identifier = repository.name.split("/")
    values = asdict(repository)
    credentials = values.pop("credentials") or {}
    return {
        **values,
        "repository": identifier,
        "location": location,
        "username": credentials.get("username") or None,
        "password_secret_version": credentials.get("password_secret_version") or None,
        "description": repository.description or None,
        "cleanup_policies": cleanup_policies.shown(repository.cleanup_policies),
    }


@dataclass(frozen=True)
class WantedRepositories(DesiredState):
    """A remote repository, or all of a project or of one of its locations, that are to be read."""

    project: str
    location: str | None = None
    repository: RepositoryName | None = None

    @classmethod
    def from_options(cls, options: Options) -> WantedRepositories:
        if options.get("repository"):
            name = repository_name(options)
            return cls(name.project, name.location, name)
        # All locations are read but for a task that says one: who stands on all would not see that some are missing.
        location = None if isinstance(options.get("location"), FromEnvironment) else optional_location(options)
        return cls(project_of(options), location)

    @property
    def target(self) -> str:
        return str(
            self.repository
            or f"all remote repositories of projects/{self.project} in {self.location or 'all locations'}"
        )


@dataclass(frozen=True)
class RemoteRepositoryReadings(ArtifactRegistryResource[WantedRepositories, tuple[Repository, ...]]):
    """The resource of gcp_remote_repository_info."""

    #: Shared by all entries, so that they together read no more at once than the engine would.
    pool: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(max_workers=CONCURRENCY))

    def read(self, desired: WantedRepositories) -> tuple[Repository, ...]:
        """A call for the repository, or for each location. Raises Refused when the repository is not a remote one."""
        if desired.repository:
            repository = or_none(self.api.get_repository, desired.repository)
            return (require_remote(repository),) if repository else ()
        project = desired.project
        locations = [desired.location] if desired.location else self.api.list_locations(project)
        found = self.pool.map(lambda one: self.api.list_repositories(project, one).items, locations)
        return tuple(one for repositories in found for one in repositories if one.mode == REMOTE)

    def assume(self, desired: WantedRepositories) -> tuple[Repository, ...]:
        """A new project has none."""
        return ()

    def result(self, state: tuple[Repository, ...], desired: WantedRepositories) -> dict[str, t.Any]:
        return {"remote_repositories": [shown(repository) for repository in state]}

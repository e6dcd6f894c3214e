# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The remote repository itself: what it holds, where it fetches from, what is written on it and how it is cleaned up."""

from __future__ import annotations

import re
import typing as t
from contextlib import suppress
from dataclasses import asdict, dataclass, replace

from .._base.errors import ImmutableDifference, InvalidInput, NotFound, Refused
from .._base.values import parse_url
from .._clients.gcp.repositories import PRESETS, UPDATABLE, WITH_PATH, CleanupPolicy, Repository, Upstream
from .._domain.gcp.names import RepositoryName, repository_name
from .._engine.resource import Change, NamedState, Options, change_between
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
        """Raises InvalidInput."""
        name = repository_name(options)
        if options.get("state") == "absent":
            return cls(name, absent=True, force=bool(options.get("force")))
        key = options.get("kms_key_name")
        if key is not None and not _KEY.fullmatch(key):
            raise InvalidInput(
                f"kms_key_name {key!r} is not a key's name: give projects/PROJECT/locations/LOCATION/keyRings/RING/cryptoKeys/KEY."
            )
        return cls(
            name,
            format=options.get("format"),
            upstream=_upstream(options.get("upstream"), options.get("format")),
            description=options.get("description"),
            labels=read_labels(options.get("labels")),
            purge_labels=bool(options.get("purge_labels")),
            cleanup_policies=cleanup_policies.read_cleanup_policies(options.get("cleanup_policies")),
            cleanup_policy_dry_run=options.get("cleanup_policy_dry_run"),
            vulnerability_scanning=options.get("vulnerability_scanning"),
            kms_key_name=key,
            disable_upstream_validation=bool(options.get("disable_upstream_validation")),
        )


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


@dataclass(frozen=True)
class RepositoryState:
    """A repository, and whether anything is in it, which is asked only where it is to be deleted."""

    repository: Repository
    has_packages: bool = False


def wanted(current: Repository | None, desired: DesiredRepository) -> Repository:
    """The repository as it should be. Pure.

    :raises ImmutableDifference: it would have to be another one
    :raises InvalidInput: it does not exist, and what it is to be created from is not given
    """
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


def _same(is_now: str | Upstream | None, to_be: str | Upstream) -> bool:
    if isinstance(is_now, Upstream) and isinstance(to_be, Upstream):
        return _plain(is_now) == _plain(to_be)
    return is_now == to_be


def _plain(upstream: Upstream) -> Upstream:
    """The upstream without the slashes that make no difference."""
    return Upstream(
        upstream.preset, upstream.path and upstream.path.strip("/"), upstream.uri and upstream.uri.rstrip("/")
    )


class RemoteRepositories(ArtifactRegistryResource[DesiredRepository, RepositoryState | None]):
    """The resource of gcp_remote_repository. Its state is the repository, or None."""

    def read(self, desired: DesiredRepository) -> RepositoryState | None:
        """One call, and one more for packages."""
        try:
            repository = self.api.get_repository(desired.name)
            asked = desired.absent and not desired.force and repository.mode == REMOTE
            return RepositoryState(repository, has_packages=asked and self.api.has_packages(desired.name))
        except NotFound:
            return None

    def read_listed(self, entries: t.Sequence[DesiredRepository]) -> dict[str, RepositoryState | None]:
        """One list for all repositories of a location. What a list does not have yet is found when it is created."""
        kept = [one for one in entries if not one.absent]
        found = from_lists(kept, lambda name, most: self.api.list_repositories(name.project, name.location, pages=most))
        return {one.unit: RepositoryState(repository) if repository else None for one, repository in found}

    def plan(
        self, current: RepositoryState | None, desired: DesiredRepository
    ) -> Change[RepositoryState | None] | None:
        """Create, update or delete. Raises Refused when another kind of repository or packages would be deleted."""
        repository = current.repository if current else None
        if not desired.absent:
            return change_between(current, RepositoryState(wanted(repository, desired)))
        if repository and repository.mode != REMOTE:
            raise Refused(
                f"{desired.name} is not deleted because it is a {kind(repository)} repository, not a remote one."
            )
        if current and current.has_packages:
            raise Refused(
                f"{desired.name} is not deleted because it has packages. With force it is deleted, packages and all."
            )
        return change_between(current, None)

    def apply(self, change: Change[RepositoryState | None], desired: DesiredRepository) -> RepositoryState | None:
        """Write what differs. A repository has no etag: the narrow mask is what protects other writers."""
        if change.after is None:
            # Somebody else may be faster, and it is gone all the same.
            with suppress(NotFound):
                self.api.delete_repository(desired.name)
            return None
        after = change.after.repository
        if change.before is None:
            validate = not desired.disable_upstream_validation
            return RepositoryState(self.api.create_repository(desired.name, after, validate=validate))
        before = change.before.repository
        fields = [name for name in UPDATABLE if getattr(before, name) != getattr(after, name)]
        return RepositoryState(self.api.update_repository(desired.name, after, fields))

    def result(self, state: RepositoryState | None, desired: DesiredRepository) -> dict[str, t.Any]:
        """C(remote_repository), as gcp_remote_repository_info shows it, or None when it is absent."""
        return {"remote_repository": None if state is None else shown(state.repository)}

    def diff(self, state: RepositoryState | None, desired: DesiredRepository) -> dict[str, t.Any]:
        """The repository in the shape of the options; empty when it is absent."""
        if state is None:
            return {}
        values = shown(state.repository)
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
    credentials = repository.credentials
    return {
        "name": repository.name,
        "repository": identifier,
        "location": location,
        "format": repository.format,
        "mode": repository.mode,
        "username": credentials and (credentials.username or None),
        "password_secret_version": credentials and (credentials.password_secret_version or None),
        "upstream": repository.upstream and asdict(repository.upstream),
        "description": repository.description or None,
        "labels": dict(repository.labels),
        "cleanup_policies": cleanup_policies.shown(repository.cleanup_policies),
        "cleanup_policy_dry_run": repository.cleanup_policy_dry_run,
        "vulnerability_scanning": repository.vulnerability_scanning,
        "kms_key_name": repository.kms_key_name,
        "registry_uri": repository.registry_uri,
        "create_time": repository.create_time,
    }

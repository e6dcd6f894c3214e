# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Artifact Registry repositories as modules manage them: what they are to be, what is fixed, and what is written."""

from __future__ import annotations

import re
import typing as t
from contextlib import suppress
from dataclasses import asdict, dataclass, replace

from ..._base.errors import ImmutableDifference, InvalidInput, LostRace, NotFound, Refused, Unconfirmed
from ..._clients.gcp.artifactregistry import SERVICE
from ..._clients.gcp.calls import same_resource
from ..._clients.gcp.repositories import (
    MODES,
    NONE,
    OF_FORMAT,
    OF_MODE,
    REMOTE,
    UPDATABLE,
    VIRTUAL,
    CleanupPolicy,
    Repository,
    Upstream,
    UpstreamPolicy,
    has_field,
)
from ..._domain.gcp.names import RepositoryName, repository_name
from ..._engine.resource import Change, NamedState, Options
from . import cleanup_policies, upstream_policies
from .gcp import ArtifactRegistryResource, from_lists
from .labels import merged, read_labels
from .remote_upstreams import read_upstream, same_upstream
from .steps import only_reading

_KEY = re.compile(r"projects/[^/\s]+/locations/[^/\s]+/keyRings/[^/\s]+/cryptoKeys/[^/\s]+")


@dataclass(frozen=True)
class DesiredRepository(NamedState[RepositoryName]):
    """A repository as it is to be. None is: leave it as it is."""

    absent: bool = False
    #: Delete it with its packages.
    force: bool = False
    mode: str | None = None
    format: str | None = None
    upstream: Upstream | None = None
    upstream_policies: t.Mapping[str, UpstreamPolicy] | None = None
    purge_upstream_policies: bool = False
    docker_immutable_tags: bool | None = None
    maven_version_policy: str | None = None
    maven_allow_snapshot_overwrites: bool | None = None
    description: str | None = None
    labels: t.Mapping[str, str] | None = None
    purge_labels: bool = False
    cleanup_policies: t.Mapping[str, CleanupPolicy] | None = None
    cleanup_policy_dry_run: bool | None = None
    vulnerability_scanning: str | None = None
    kms_key_name: str | None = None
    disable_upstream_validation: bool = False

    @classmethod
    def from_options(cls, options: Options) -> t.Self:
        name, mode = repository_name(options), options.get("mode")
        if options.get("state") == "absent":
            return cls(name=name, absent=True, force=bool(options.get("force")), mode=mode)
        key = options.get("kms_key_name")
        if key is not None and not _KEY.fullmatch(key):
            raise InvalidInput(
                f"kms_key_name {key!r} is not a key's name: give projects/PROJECT/locations/LOCATION/keyRings/RING/cryptoKeys/KEY."
            )
        desired = cls(
            name,
            mode=mode,
            format=options.get("format"),
            upstream=read_upstream(options.get("upstream"), options.get("format")),
            upstream_policies=upstream_policies.read_upstream_policies(options.get("upstream_policies"), name),
            purge_upstream_policies=bool(options.get("purge_upstream_policies")),
            docker_immutable_tags=options.get("docker_immutable_tags"),
            maven_version_policy=options.get("maven_version_policy"),
            maven_allow_snapshot_overwrites=options.get("maven_allow_snapshot_overwrites"),
            description=_text(options.get("description")),
            labels=read_labels(options.get("labels")),
            purge_labels=bool(options.get("purge_labels")),
            cleanup_policies=cleanup_policies.read_cleanup_policies(options.get("cleanup_policies")),
            cleanup_policy_dry_run=options.get("cleanup_policy_dry_run"),
            vulnerability_scanning=options.get("vulnerability_scanning"),
            kms_key_name=key,
            disable_upstream_validation=bool(options.get("disable_upstream_validation")),
        )
        _refuse_misplaced(desired, desired.mode, desired.format)
        return desired

    @property
    def after(self) -> tuple[str, ...]:
        """A virtual repository is created after its upstreams."""
        return tuple(policy.repository for policy in (self.upstream_policies or {}).values())


def _text(given: str | None) -> str | None:
    """The text without the line's end that YAML's C(|) leaves at it."""
    return None if given is None else given.strip()


def _refuse_misplaced(desired: DesiredRepository, mode: str | None, package_format: str | None) -> None:
    """Refuse what a repository of this mode and format does not have. What is not known of it is None."""
    for name, home in OF_MODE.items():
        if mode is not None and mode != home and getattr(desired, name) is not None:
            raise InvalidInput(f"{name} is for {kind(home)} repositories, and {desired.name} is a {kind(mode)} one.")
    for name, home in OF_FORMAT.items():
        if package_format is not None and package_format != home and getattr(desired, name) is not None:
            raise InvalidInput(f"{name} is for the format {home}, and {desired.name} has the format {package_format}.")


class Repositories(ArtifactRegistryResource[DesiredRepository, "Repository | None"]):
    """Repositories of one mode or of any. Its state is the repository, or None."""

    def read(self, desired: DesiredRepository) -> Repository | None:
        """One call, and one more for packages. Raises Refused when another kind of repository or packages would be deleted."""
        try:
            repository = self.api.get_repository(desired.name)
            if desired.absent:
                self._check_deletion(repository, desired)
            return self._as_spelled(repository, desired)
        except NotFound:
            return None

    def _as_spelled(self, repository: Repository, desired: DesiredRepository) -> Repository:
        """The repository with what it refers to in the words of the task, where these mean the same."""
        return repository

    def _check_deletion(self, repository: Repository, desired: DesiredRepository) -> None:
        if desired.mode not in (None, _mode(repository)):
            raise Refused(
                f"{desired.name} is not deleted because it is a {kind(repository.mode)} repository, not a {kind(str(desired.mode))} one."
            )
        # What a virtual repository shows is its upstreams', and stays there.
        if not desired.force and repository.mode != VIRTUAL and self.api.has_packages(desired.name):
            raise Refused(
                f"{desired.name} is not deleted because it has packages. With force it is deleted, packages and all."
            )

    def read_listed(self, entries: t.Sequence[DesiredRepository]) -> dict[str, Repository | None]:
        """One list for all repositories of a location. What a list does not have yet is found when it is created."""
        kept = [one for one in entries if not one.absent]
        return {
            one.unit: repository and self._as_spelled(repository, one)
            for one, repository in from_lists(kept, self.api.list_repositories)
        }

    def _needed(self, desired: DesiredRepository) -> tuple[str, ...]:
        """The options that say what a new repository is created from."""
        return ("mode", "format", *(("upstream",) if desired.mode == REMOTE else ()))

    def wanted(self, current: Repository | None, desired: DesiredRepository) -> Repository | None:
        """Raises ImmutableDifference, and InvalidInput when it does not exist and what it is to be created from is not given."""
        if desired.absent:
            return None
        if current is None:
            current = self._new(desired)
        else:
            _refuse_another(current, desired)
        given = {
            name: value
            for name in ("description", "cleanup_policies", "cleanup_policy_dry_run", "docker_immutable_tags")
            if (value := getattr(desired, name)) is not None
        }
        scanning = desired.vulnerability_scanning
        if scanning is not None and scanning != _scanning(current):
            given["vulnerability_scanning"] = scanning
        return replace(
            current,
            **given,
            labels=merged(current.labels, desired.labels, desired.purge_labels),
            upstream_policies=upstream_policies.merged(
                current.upstream_policies, desired.upstream_policies, desired.purge_upstream_policies
            ),
        )

    def _new(self, desired: DesiredRepository) -> Repository:
        needed = self._needed(desired)
        if any(getattr(desired, name) is None for name in needed):
            *most, last = needed
            raise InvalidInput(f"{desired.name} does not exist: give {', '.join(most)} and {last} to have it created.")
        return Repository(
            str(desired.name),
            str(desired.format),
            str(desired.mode),
            desired.upstream,
            maven_version_policy=desired.maven_version_policy or NONE,
            maven_allow_snapshot_overwrites=bool(desired.maven_allow_snapshot_overwrites),
            vulnerability_scanning=desired.vulnerability_scanning,
            kms_key_name=desired.kms_key_name,
        )

    def apply(self, change: Change[Repository | None], desired: DesiredRepository) -> Repository | None:
        """Write what differs. A repository has no etag: the narrow mask is what protects other writers. Raises Unconfirmed."""
        before, after = change.before, change.after
        if after is None:
            # Somebody else may be faster, and it is gone all the same.
            with suppress(NotFound):
                self.api.delete_repository(desired.name)
            return None
        if before is None:
            created = self.api.create_repository(desired.name, after, validate=not desired.disable_upstream_validation)
            _confirm(desired, after, created, [name for name in _SAME if getattr(desired, name) is not None])
            return created
        fields = [name for name in UPDATABLE if getattr(before, name) != getattr(after, name)]
        self._refuse_stale(before, desired, fields)
        updated = self.api.update_repository(desired.name, after, fields)
        _confirm(desired, after, updated, fields)
        return updated

    def _refuse_stale(self, before: Repository, desired: DesiredRepository, fields: t.Collection[str]) -> None:
        """Read again right before a write: a list may be old, and labels or upstreams of another writer would be undone.

        Raises LostRace, for a new plan.
        """
        try:
            with only_reading():
                now = self._as_spelled(self.api.get_repository(desired.name), desired)
        except NotFound:
            raise LostRace(f"{desired.name} was deleted by another writer.") from None
        if any(getattr(now, name) != getattr(before, name) for name in fields):
            raise LostRace(f"{desired.name} was changed by another writer.")


def _mode(repository: Repository) -> str:
    """The mode; a repository that does not say is a standard one. Source: the Artifact Registry v1 API's reference."""
    return repository.mode if repository.mode in MODES else MODES[0]


def kind(mode: str) -> str:
    """What people call a mode."""
    return mode.partition("_REPOSITORY")[0].lower().replace("mode_unspecified", "standard")


def _scanning(repository: Repository) -> str:
    """Whether images are scanned where the repository does not say. Source: the Artifact Registry v1 API's reference."""
    return repository.vulnerability_scanning or ("INHERITED" if repository.format == "DOCKER" else "DISABLED")


def _refuse_another(current: Repository, desired: DesiredRepository) -> None:
    """Refuse what is fixed when a repository is created, and what such a repository does not have.

    Source: Artifact Registry's documentation, "Create remote repositories", for format, mode and key; the provider for Terraform
    creates a repository anew for another Maven configuration. An upstream is not among what "Update repository settings" can change.
    """
    fixed = {
        "mode": (_mode(current), desired.mode),
        "format": (current.format, desired.format),
        "upstream": (current.upstream, desired.upstream),
        "kms_key_name": (current.kms_key_name, desired.kms_key_name),
        "maven_version_policy": (current.maven_version_policy, desired.maven_version_policy),
        "maven_allow_snapshot_overwrites": (
            current.maven_allow_snapshot_overwrites,
            desired.maven_allow_snapshot_overwrites,
        ),
    }
    differences = [
        f"{name} {_said(is_now)} to {_said(to_be)}"
        for name, (is_now, to_be) in fixed.items()
        if to_be is not None and not _same(is_now, to_be) and has_field(current, name)
    ]
    if differences:
        raise ImmutableDifference(
            f"{current.name} cannot change from {', nor from '.join(differences)}: that is fixed when a repository is created. "
            "Nothing was changed; make a repository of another name."
        )
    _refuse_misplaced(desired, _mode(current), current.format)


def _said(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value or "none")


def _same(is_now: object, to_be: object) -> bool:
    return (
        same_upstream(is_now, to_be)
        if isinstance(is_now, Upstream) and isinstance(to_be, Upstream)
        else is_now == to_be
    )


def _confirm(desired: DesiredRepository, wanted: Repository, answered: Repository, fields: t.Iterable[str]) -> None:
    """Raises Unconfirmed when a write is answered with another value in one of the fields that were sent."""
    others = [name for name in fields if not _SAME[name](answered, wanted)]
    if others:
        raise Unconfirmed.of(SERVICE, desired.name, " and ".join(others))


def _same_field(name: str) -> t.Callable[[Repository, Repository], bool]:
    return lambda answered, sent: bool(getattr(answered, name) == getattr(sent, name))


def _same_upstreams(answered: Repository, sent: Repository) -> bool:
    """Whether the number of a project is that of the one that was sent is not looked up."""
    found, wanted = answered.upstream_policies, sent.upstream_policies
    return found.keys() == wanted.keys() and all(
        found[key].priority == policy.priority and same_resource(found[key].repository, policy.repository)
        for key, policy in wanted.items()
    )


def _same_keys(answered: Repository, sent: Repository) -> bool:
    return same_resource(answered.kms_key_name or "", sent.kms_key_name or "")


#: Whether the answer to a write has in a field what was sent, in whatever words.
_SAME: dict[str, t.Callable[[Repository, Repository], bool]] = {
    **{name: _same_field(name) for name in (*UPDATABLE, *OF_FORMAT, "format")},
    "mode": lambda answered, sent: _mode(answered) == _mode(sent),
    "upstream": lambda answered, sent: _same(answered.upstream, sent.upstream),
    "upstream_policies": _same_upstreams,
    "vulnerability_scanning": lambda answered, sent: _scanning(answered) == _scanning(sent),
    "kms_key_name": _same_keys,
}


def shown(repository: Repository) -> dict[str, t.Any]:
    """A repository as tasks return it. Of the credentials it has names only."""
    _projects, _project, _locations, location, _repositories, identifier = repository.name.split("/")
    values = asdict(repository)
    credentials = values.pop("credentials") or {}
    of_others = [name for name, home in OF_FORMAT.items() if home != repository.format]
    return {
        **values,
        **dict.fromkeys(of_others),
        "repository": identifier,
        "location": location,
        "username": credentials.get("username") or None,
        "password_secret_version": credentials.get("password_secret_version") or None,
        "description": repository.description or None,
        "cleanup_policies": cleanup_policies.shown(repository.cleanup_policies),
        "upstream_policies": upstream_policies.shown(repository.upstream_policies),
    }

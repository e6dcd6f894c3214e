# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Artifact Registry's repositories as plain values: out of the API's messages, and into them."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass, field

Message = dict[str, t.Any]

#: The public repositories that each format has by name. Source: the types of the Artifact Registry v1 API.
PRESETS: dict[str, tuple[str, ...]] = {
    "APT": ("DEBIAN", "DEBIAN_SNAPSHOT", "UBUNTU"),
    "DOCKER": ("DOCKER_HUB",),
    "MAVEN": ("MAVEN_CENTRAL",),
    "NPM": ("NPMJS",),
    "PYTHON": ("PYPI",),
    "YUM": ("CENTOS", "CENTOS_DEBUG", "CENTOS_STREAM", "CENTOS_VAULT", "EPEL", "ROCKY"),
}
#: The formats whose public repositories are many by one name, told apart by a path.
WITH_PATH = ("APT", "YUM")


@dataclass(frozen=True)
class Upstream:
    """Where a remote repository fetches from: a preset such as V(PYPI), with a path for apt and yum, or a URI."""

    preset: str | None = None
    path: str | None = None
    uri: str | None = None

    def __str__(self) -> str:
        return self.uri or " ".join(filter(None, (self.preset, self.path))) or "nothing"


@dataclass(frozen=True)
class Credentials:
    """How a remote repository logs in upstream; names only."""

    username: str = ""
    password_secret_version: str = ""


@dataclass(frozen=True)
class Condition:
    """Which versions a cleanup policy is about: those that all of this holds for. Ages are in seconds."""

    tag_state: str = "ANY"
    tag_prefixes: tuple[str, ...] = ()
    version_name_prefixes: tuple[str, ...] = ()
    package_name_prefixes: tuple[str, ...] = ()
    older_than: int | None = None
    newer_than: int | None = None


@dataclass(frozen=True)
class MostRecentVersions:
    """The newest versions of each package, as many as C(keep_count)."""

    keep_count: int | None = None
    package_name_prefixes: tuple[str, ...] = ()


@dataclass(frozen=True)
class CleanupPolicy:
    """What becomes of versions in time, V(DELETE) or V(KEEP). Either C(condition) or C(most_recent_versions) is set."""

    id: str
    action: str
    condition: Condition | None = None
    most_recent_versions: MostRecentVersions | None = None


@dataclass(frozen=True)
class Repository:
    """A repository. C(upstream) and C(credentials) are of remote ones only; None is what it does not have or say."""

    name: str
    format: str
    mode: str
    upstream: Upstream | None = None
    credentials: Credentials | None = None
    description: str = ""
    labels: t.Mapping[str, str] = field(default_factory=dict)
    #: By id.
    cleanup_policies: t.Mapping[str, CleanupPolicy] = field(default_factory=dict)
    cleanup_policy_dry_run: bool = False
    vulnerability_scanning: str | None = None
    kms_key_name: str | None = None
    registry_uri: str | None = None
    create_time: str | None = None


def read_repository(answer: t.Any) -> Repository:
    """The repository of an answer."""
    # Plain protobuf knows which member of a oneof is set.
    message = type(answer).pb(answer)
    remote = message.remote_repository_config
    created = message.HasField("create_time")
    return Repository(
        name=answer.name,
        format=_enum_name(message, "format_"),
        mode=_enum_name(message, "mode"),
        upstream=_read_upstream(remote),
        credentials=_read_credentials(remote.upstream_credentials.username_password_credentials),
        description=message.description,
        labels=dict(message.labels),
        cleanup_policies={key: _read_policy(key, policy) for key, policy in message.cleanup_policies.items()},
        cleanup_policy_dry_run=message.cleanup_policy_dry_run,
        vulnerability_scanning=_known(message.vulnerability_scanning_config, "enablement_config"),
        kms_key_name=message.kms_key_name or None,
        registry_uri=message.registry_uri or None,
        create_time=message.create_time.ToJsonString() if created else None,
    )


def _read_upstream(remote: t.Any) -> Upstream | None:
    kind = remote.WhichOneof("remote_source")
    if kind is None:
        return None
    source = getattr(remote, kind)
    if kind == "common_repository":
        return Upstream(uri=source.uri)
    which = source.WhichOneof("upstream")
    if which == "custom_repository":
        return Upstream(uri=source.custom_repository.uri)
    if which is None:
        return Upstream()
    if source.DESCRIPTOR.fields_by_name[which].message_type is None:
        return Upstream(preset=_enum_name(source, which))
    public = source.public_repository
    return Upstream(preset=_enum_name(public, "repository_base"), path=public.repository_path or None)


def _read_credentials(credentials: t.Any) -> Credentials | None:
    # The service may answer empty fields in place of none.
    if not credentials.username and not credentials.password_secret_version:
        return None
    return Credentials(credentials.username, credentials.password_secret_version)


def _read_policy(key: str, policy: t.Any) -> CleanupPolicy:
    kind = policy.WhichOneof("condition_type")
    condition, recent = policy.condition, policy.most_recent_versions
    return CleanupPolicy(
        id=key,
        action=_enum_name(policy, "action"),
        condition=_read_condition(condition) if kind == "condition" else None,
        most_recent_versions=(
            MostRecentVersions(recent.keep_count or None, tuple(sorted(recent.package_name_prefixes)))
            if kind == "most_recent_versions"
            else None
        ),
    )


def _read_condition(condition: t.Any) -> Condition:
    ages = {
        name: getattr(condition, name).ToSeconds() if condition.HasField(name) else None
        for name in ("older_than", "newer_than")
    }
    return Condition(
        # What is not said holds for all.
        tag_state=_known(condition, "tag_state") or "ANY",
        tag_prefixes=tuple(sorted(condition.tag_prefixes)),
        version_name_prefixes=tuple(sorted(condition.version_name_prefixes)),
        package_name_prefixes=tuple(sorted(condition.package_name_prefixes)),
        **ages,
    )


def _known(message: t.Any, field_name: str) -> str | None:
    """Name of an enum's value; None for the first one, which says nothing."""
    return _enum_name(message, field_name) if getattr(message, field_name) else None


def _enum_name(message: t.Any, field_name: str) -> str:
    """Name of an enum's value, or its number when the installed library is older than the value."""
    value = getattr(message, field_name)
    known = message.DESCRIPTOR.fields_by_name[field_name].enum_type.values_by_number.get(value)
    return known.name if known else str(value)


def creation_message(repository: Repository, *, validate: bool) -> Message:
    """What a new remote repository is created from. Credentials are no part of it."""
    remote = _write_upstream(repository.format, repository.upstream or Upstream())
    if not validate:
        remote["disable_upstream_validation"] = True
    message = {"format_": repository.format, "mode": repository.mode, "remote_repository_config": remote}
    if repository.kms_key_name:
        message["kms_key_name"] = repository.kms_key_name
    return {**message, **update_message(repository, UPDATABLE)}


#: Fields of Repository that can change once it is there, with their paths in update masks.
UPDATABLE = {
    "description": "description",
    "labels": "labels",
    "cleanup_policies": "cleanup_policies",
    "cleanup_policy_dry_run": "cleanup_policy_dry_run",
    "vulnerability_scanning": "vulnerability_scanning_config.enablement_config",
}


def update_message(repository: Repository, fields: t.Collection[str]) -> Message:
    """These fields of UPDATABLE alone, as they are to be."""
    scanning = repository.vulnerability_scanning
    message = {
        "description": repository.description,
        "labels": dict(repository.labels),
        "cleanup_policies": {key: _write_policy(policy) for key, policy in repository.cleanup_policies.items()},
        "cleanup_policy_dry_run": repository.cleanup_policy_dry_run,
        "vulnerability_scanning": scanning and {"enablement_config": scanning},
    }
    sent = {key: value for key, value in message.items() if key in fields}
    scanned = sent.pop("vulnerability_scanning", None)
    return {**sent, "vulnerability_scanning_config": scanned} if scanned else sent


def _write_upstream(package_format: str, upstream: Upstream) -> Message:
    if upstream.uri:
        return {"common_repository": {"uri": upstream.uri}}
    public: str | Message | None = upstream.preset
    if package_format in WITH_PATH:
        public = {"repository_base": upstream.preset, "repository_path": upstream.path or ""}
    return {f"{package_format.lower()}_repository": {"public_repository": public}}


def _write_policy(policy: CleanupPolicy) -> Message:
    message: Message = {"id": policy.id, "action": policy.action}
    condition, recent = policy.condition, policy.most_recent_versions
    if condition:
        ages = {"older_than": condition.older_than, "newer_than": condition.newer_than}
        message["condition"] = {
            "tag_state": condition.tag_state,
            "tag_prefixes": list(condition.tag_prefixes),
            "version_name_prefixes": list(condition.version_name_prefixes),
            "package_name_prefixes": list(condition.package_name_prefixes),
            **{name: {"seconds": seconds} for name, seconds in ages.items() if seconds is not None},
        }
    if recent:
        kept = {} if recent.keep_count is None else {"keep_count": recent.keep_count}
        message["most_recent_versions"] = {**kept, "package_name_prefixes": list(recent.package_name_prefixes)}
    return message

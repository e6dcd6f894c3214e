# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Artifact Registry's repositories as plain values: out of the API's messages, and into them."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass, field

Message = dict[str, t.Any]
Plain = t.TypeVar("Plain")

#: The public repositories that each format has by name. Source: the types of the Artifact Registry v1 API.
PRESETS: dict[str, tuple[str, ...]] = {
    "APT": ("DEBIAN", "DEBIAN_SNAPSHOT", "UBUNTU"),
    "DOCKER": ("DOCKER_HUB",),
    "MAVEN": ("MAVEN_CENTRAL",),
    "NPM": ("NPMJS",),
    "PYTHON": ("PYPI",),
    "YUM": ("CENTOS", "CENTOS_DEBUG", "CENTOS_STREAM", "CENTOS_VAULT", "EPEL", "ROCKY"),
}
#: The fields of conditions that are durations.
AGES = ("older_than", "newer_than")
#: A condition without a tag.
NO_TAG_STATE = "TAG_STATE_UNSPECIFIED"
#: The formats whose public repositories are many by one name, told apart by a path.
WITH_PATH = ("APT", "YUM")

STANDARD, VIRTUAL, REMOTE = MODES = ("STANDARD_REPOSITORY", "VIRTUAL_REPOSITORY", "REMOTE_REPOSITORY")
#: What the API calls a Maven repository that takes releases and snapshots, and what gcloud's users call it.
NO_VERSION_POLICY, NONE = "VERSION_POLICY_UNSPECIFIED", "NONE"


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
class UpstreamPolicy:
    """A repository that a virtual one looks into. Of a version in several of them, the greatest priority serves it."""

    id: str
    repository: str
    priority: int


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
    """A repository; None is what it does not have or say.

    C(upstream) and C(credentials) are of remote ones only, C(upstream_policies) of virtual ones, and what is named after a format is
    of repositories of that format.
    """

    name: str
    format: str
    mode: str
    upstream: Upstream | None = None
    credentials: Credentials | None = None
    #: By id: the order of answers is not stable.
    upstream_policies: t.Mapping[str, UpstreamPolicy] = field(default_factory=dict)
    docker_immutable_tags: bool = False
    maven_version_policy: str = NONE
    maven_allow_snapshot_overwrites: bool = False
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
    from google.protobuf.json_format import MessageToDict

    # Enums by name, or by number when the installed library is older than the value, and without what is not said.
    said: Message = MessageToDict(type(answer).pb(answer), preserving_proto_field_name=True)
    remote = said.get("remote_repository_config", {})
    login = remote.get("upstream_credentials", {}).get("username_password_credentials")
    scanning = said.get("vulnerability_scanning_config", {}).get("enablement_config")
    maven = said.get("maven_config", {})
    version_policy = str(maven.get("version_policy", NO_VERSION_POLICY))
    return Repository(
        name=said.get("name", ""),
        format=str(said.get("format_", "FORMAT_UNSPECIFIED")),
        mode=str(said.get("mode", "MODE_UNSPECIFIED")),
        upstream_policies=_read_upstream_policies(said.get("virtual_repository_config", {})),
        docker_immutable_tags=said.get("docker_config", {}).get("immutable_tags", False),
        maven_version_policy=NONE if version_policy == NO_VERSION_POLICY else version_policy,
        maven_allow_snapshot_overwrites=maven.get("allow_snapshot_overwrites", False),
        upstream=_read_upstream(remote),
        # The service may answer empty fields in place of none.
        credentials=_read(Credentials, login) if login else None,
        description=said.get("description", ""),
        labels=said.get("labels", {}),
        cleanup_policies={key: _read_policy(key, policy) for key, policy in said.get("cleanup_policies", {}).items()},
        cleanup_policy_dry_run=said.get("cleanup_policy_dry_run", False),
        vulnerability_scanning=scanning and str(scanning),
        **{name: said.get(name) for name in ("kms_key_name", "registry_uri", "create_time")},
    )


def _read_upstream(remote: Message) -> Upstream | None:
    source = next((value for name, value in remote.items() if name.endswith("_repository")), None)
    if source is None:
        return None
    public = source.get("public_repository")
    if isinstance(public, dict):
        return Upstream(
            str(public.get("repository_base", "REPOSITORY_BASE_UNSPECIFIED")), public.get("repository_path")
        )
    return Upstream(public and str(public), uri=source.get("custom_repository", source).get("uri"))


def _read_upstream_policies(virtual: Message) -> dict[str, UpstreamPolicy]:
    """The policies by id. What is not said is what the API leaves out: an empty text or a zero."""
    policies = [
        UpstreamPolicy(said.get("id", ""), said.get("repository", ""), said.get("priority", 0))
        for said in virtual.get("upstream_policies", [])
    ]
    return {policy.id: policy for policy in policies}


def _read_policy(key: str, policy: Message) -> CleanupPolicy:
    condition, recent = policy.get("condition"), policy.get("most_recent_versions")
    return CleanupPolicy(
        key,
        str(policy.get("action", "ACTION_UNSPECIFIED")),
        None if condition is None else _read(Condition, condition),
        None if recent is None else _read(MostRecentVersions, recent),
    )


def _read(kind: type[Plain], said: Message) -> Plain:
    """What a message says of the fields of C(kind): lists as sorted tuples, durations as seconds."""
    values = {name: value for name in kind.__annotations__ if (value := said.get(name)) and value != NO_TAG_STATE}
    for name, value in values.items():
        if isinstance(value, list):
            values[name] = tuple(sorted(value))
        elif name in AGES:
            values[name] = int(float(value.rstrip("s")))
        elif name == "tag_state":
            values[name] = str(value)
    return kind(**values)


#: Fields of Repository that can change once it is there, with their paths in update masks.
UPDATABLE = {
    "description": "description",
    "labels": "labels",
    "cleanup_policies": "cleanup_policies",
    "cleanup_policy_dry_run": "cleanup_policy_dry_run",
    "vulnerability_scanning": "vulnerability_scanning_config.enablement_config",
    "upstream_policies": "virtual_repository_config.upstream_policies",
    "docker_immutable_tags": "docker_config.immutable_tags",
}
#: Those that only repositories of one mode have, and those of one format.
OF_MODE = {"upstream": REMOTE, "upstream_policies": VIRTUAL}
OF_FORMAT = {
    "docker_immutable_tags": "DOCKER",
    "maven_version_policy": "MAVEN",
    "maven_allow_snapshot_overwrites": "MAVEN",
}


def has_field(repository: Repository, name: str) -> bool:
    """Whether a repository of this mode and format has such a field."""
    return (
        OF_MODE.get(name, repository.mode) == repository.mode
        and OF_FORMAT.get(name, repository.format) == repository.format
    )


def creation_message(repository: Repository, *, validate: bool) -> Message:
    """What a new repository is created from. Credentials are no part of it.

    :param validate: have the service ask the upstream of a remote one first
    """
    message: Message = {"format_": repository.format, "mode": repository.mode}
    if repository.mode == REMOTE:
        remote = _write_upstream(repository.format, repository.upstream or Upstream())
        message["remote_repository_config"] = {**remote, **({} if validate else {"disable_upstream_validation": True})}
    if repository.kms_key_name:
        message["kms_key_name"] = repository.kms_key_name
    if has_field(repository, "maven_version_policy"):
        policy = repository.maven_version_policy
        message["maven_config"] = {
            "version_policy": NO_VERSION_POLICY if policy == NONE else policy,
            "allow_snapshot_overwrites": repository.maven_allow_snapshot_overwrites,
        }
    return {**message, **update_message(repository, [name for name in UPDATABLE if has_field(repository, name)])}


def update_message(repository: Repository, fields: t.Collection[str]) -> Message:
    """These fields of UPDATABLE alone, as they are to be."""
    scanning = repository.vulnerability_scanning
    message: dict[str, Message] = {
        "description": {"description": repository.description},
        "labels": {"labels": dict(repository.labels)},
        "cleanup_policies": {
            "cleanup_policies": {key: _write_policy(policy) for key, policy in repository.cleanup_policies.items()}
        },
        "cleanup_policy_dry_run": {"cleanup_policy_dry_run": repository.cleanup_policy_dry_run},
        "vulnerability_scanning": {"vulnerability_scanning_config": {"enablement_config": scanning}}
        if scanning
        else {},
        # Without the key the service refuses to create a virtual repository, so it is sent without policies, too.
        "upstream_policies": {
            "virtual_repository_config": {
                "upstream_policies": [dict(vars(policy)) for policy in repository.upstream_policies.values()]
            }
        },
        "docker_immutable_tags": {"docker_config": {"immutable_tags": repository.docker_immutable_tags}},
    }
    return {key: value for name in fields for key, value in message[name].items()}


def _write_upstream(package_format: str, upstream: Upstream) -> Message:
    if upstream.uri:
        return {"common_repository": {"uri": upstream.uri}}
    public: str | Message | None = upstream.preset
    if package_format in WITH_PATH:
        public = {"repository_base": upstream.preset, "repository_path": upstream.path or ""}
    return {f"{package_format.lower()}_repository": {"public_repository": public}}


def _write_policy(policy: CleanupPolicy) -> Message:
    message: Message = {"id": policy.id, "action": policy.action}
    for kind in ("condition", "most_recent_versions"):
        held = getattr(policy, kind)
        if held:
            given = {name: value for name, value in vars(held).items() if value is not None}
            message[kind] = given | {name: {"seconds": given[name]} for name in AGES if name in given}
    return message

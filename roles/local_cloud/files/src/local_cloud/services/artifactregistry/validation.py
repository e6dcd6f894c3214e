# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What Artifact Registry accepts in a repository. All functions raise ApiError INVALID_ARGUMENT."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from google.cloud.artifactregistry_v1.types import repository as types
from google.protobuf.message import Message

from local_cloud.platform.errors import invalid_argument, not_found
from local_cloud.services.locations import MULTI_REGIONS, REGIONS

Format = types.Repository.Format
Mode = types.Repository.Mode
Action = types.CleanupPolicy.Action

_REPOSITORY_ID = re.compile(r"[a-z](?:[a-z0-9-]{0,61}[a-z0-9])?")
_LABEL_KEY = re.compile(r"[a-z][a-z0-9_-]{0,62}")
_LABEL_VALUE = re.compile(r"[a-z0-9_-]{0,63}")
_SECRET_VERSION = re.compile(
    r"projects/[^/]+/secrets/[A-Za-z0-9_-]{1,255}/versions/(?:[1-9][0-9]*|[A-Za-z][A-Za-z0-9_-]{0,62})"
)
_REPOSITORY = re.compile(r"projects/([^/]+)/locations/([^/]+)/repositories/([a-z](?:[a-z0-9-]{0,61}[a-z0-9])?)")
_MAX_LABELS = 64
# "Quotas and limits" of Artifact Registry.
_MAX_UPSTREAMS = 30
_LONGEST_POLICY_ID = 127
# The formats whose presets and custom URIs have a field of their own; every format takes commonRepository.
_SOURCE_FORMAT = {
    "apt_repository": Format.APT,
    "docker_repository": Format.DOCKER,
    "maven_repository": Format.MAVEN,
    "npm_repository": Format.NPM,
    "python_repository": Format.PYTHON,
    "yum_repository": Format.YUM,
}
# "Go: only this one" (Google's documentation of remote repositories; gcloud also lets GitHub through).
_GO_UPSTREAMS = ("proxy.golang.org", "github.com")


def check_repository_id(repository_id: str) -> None:
    if not _REPOSITORY_ID.fullmatch(repository_id):
        raise invalid_argument(
            "The repository id must have 1 to 63 lowercase letters, digits and hyphens and start with a letter."
        )


def check_location(location: str) -> None:
    """Raises ApiError NOT_FOUND for a place that does not exist."""
    if location not in {*REGIONS, *MULTI_REGIONS}:
        raise not_found(f"Location {location} is not found or access is unauthorized.")


def check_repository(repository: Message) -> None:
    """A repository as a whole: format, mode and what belongs to the mode."""
    if repository.format_ not in set(Format) - {Format.FORMAT_UNSPECIFIED}:
        raise invalid_argument("The format of the repository must be given.")
    if repository.mode not in set(Mode):
        raise invalid_argument("The mode of the repository is none that exists.")
    if len(repository.labels) > _MAX_LABELS:
        raise invalid_argument(f"A repository can have at most {_MAX_LABELS} labels.")
    for key, value in repository.labels.items():
        if not _LABEL_KEY.fullmatch(key) or not _LABEL_VALUE.fullmatch(value):
            raise invalid_argument(f"Invalid label '{key}'.")
    for key, policy in repository.cleanup_policies.items():
        _check_cleanup_policy(key, policy)
    for config, home in (("maven_config", Format.MAVEN), ("docker_config", Format.DOCKER)):
        if repository.HasField(config) and repository.format_ != home:
            raise invalid_argument(f"{config} can be given for repositories of the format {home.name} only.")
    _check_mode(repository)


def _check_mode(repository: Message) -> None:
    is_remote, is_virtual = repository.mode == Mode.REMOTE_REPOSITORY, repository.mode == Mode.VIRTUAL_REPOSITORY
    if repository.HasField("remote_repository_config") != is_remote:
        raise invalid_argument("remoteRepositoryConfig must be given for remote repositories, and only for them.")
    if repository.HasField("virtual_repository_config") and not is_virtual:
        raise invalid_argument("virtualRepositoryConfig can be given for virtual repositories only.")
    if is_remote:
        _check_remote(repository)
    if is_virtual:
        _check_virtual(repository)


def _check_virtual(repository: Message) -> None:
    if not repository.HasField("virtual_repository_config"):
        # In the words that users report.
        raise invalid_argument("Virtual repository config is not specified")
    policies = repository.virtual_repository_config.upstream_policies
    if len(policies) > _MAX_UPSTREAMS:
        raise invalid_argument(f"A virtual repository can have at most {_MAX_UPSTREAMS} upstream policies.")
    if "" in {policy.id for policy in policies} or len({policy.id for policy in policies}) < len(policies):
        raise invalid_argument("Each upstream policy must have an id of its own.")
    for policy in policies:
        parse_repository_name(policy.repository)


def parse_repository_name(name: str) -> tuple[str, str, str]:
    """Project, location and id of a repository's name."""
    found = _REPOSITORY.fullmatch(name)
    if not found:
        raise invalid_argument("The resource name is not that of a repository.")
    return found[1], found[2], found[3]


def _check_cleanup_policy(key: str, policy: Message) -> None:
    if policy.id != key or not 0 < len(key) <= _LONGEST_POLICY_ID:
        raise invalid_argument("The id of a cleanup policy must be its key, with less than 128 characters.")
    if policy.action not in {Action.DELETE, Action.KEEP}:
        raise invalid_argument(f"The cleanup policy '{key}' must have the action DELETE or KEEP.")
    kind = policy.WhichOneof("condition_type")
    if kind is None:
        raise invalid_argument(f"The cleanup policy '{key}' must have a condition or mostRecentVersions.")
    if kind == "most_recent_versions" and policy.action != Action.KEEP:
        raise invalid_argument(f"The cleanup policy '{key}' can have mostRecentVersions with the action KEEP only.")


def check_unchanged(current: Message, changed: Message) -> None:
    """Format, mode, key, upstream and Maven's settings are for life (the last is what the provider for Terraform says)."""
    for field, label in (("format_", "format"), ("mode", "mode"), ("kms_key_name", "kmsKeyName")):
        if getattr(current, field) != getattr(changed, field):
            raise invalid_argument(f"The {label} of a repository cannot be changed.")
    if current.maven_config != changed.maven_config:
        raise invalid_argument("The mavenConfig of a repository cannot be changed.")
    if _source(current) != _source(changed):
        raise invalid_argument("The upstream of a remote repository cannot be changed.")


def check_credentials(remote: Message) -> bool:
    """Whether credentials are set. They have a user name and the name of a global secret's version, or neither."""
    login = remote.upstream_credentials.username_password_credentials
    if not login.username and not login.password_secret_version:
        return False
    if not login.username or not login.password_secret_version:
        raise invalid_argument("The upstream credentials must have both username and passwordSecretVersion.")
    if not _SECRET_VERSION.fullmatch(login.password_secret_version):
        raise invalid_argument(
            "passwordSecretVersion must have the form projects/{project}/secrets/{secret}/versions/{version}."
        )
    return True


def _check_remote(repository: Message) -> None:
    remote = repository.remote_repository_config
    source = remote.WhichOneof("remote_source")
    if source is None:
        raise invalid_argument("A remote repository must have an upstream.")
    if source != "common_repository":
        if _SOURCE_FORMAT[source] != repository.format_:
            raise invalid_argument(f"The upstream {source} does not fit the format of the repository.")
        if getattr(remote, source).WhichOneof("upstream") is None:
            raise invalid_argument(f"The upstream {source} must name a public or a custom repository.")
    uri = upstream_uri(remote)
    if uri is None:
        return
    if upstream_repository(remote):
        if uri == repository.name:
            raise invalid_argument("A repository cannot be its own upstream.")
        return
    parts = urlsplit(uri)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise invalid_argument("The upstream must be an http or https URI, or the name of a repository.")
    if repository.format_ == Format.GO and parts.hostname not in _GO_UPSTREAMS:
        raise invalid_argument(f"The upstream of a Go repository must be https://{_GO_UPSTREAMS[0]}.")


def upstream_repository(remote: Message) -> tuple[str, str, str] | None:
    """Project, location and id of the repository of Artifact Registry that is the upstream, if one is."""
    found = _REPOSITORY.fullmatch(upstream_uri(remote) or "")
    return (found[1], found[2], found[3]) if found else None


def upstream_uri(remote: Message) -> str | None:
    """The upstream's URI, or None for a preset (which Google knows the address of)."""
    source = remote.WhichOneof("remote_source")
    if source == "common_repository":
        return str(remote.common_repository.uri)
    preset = getattr(remote, source)
    if preset.WhichOneof("upstream") == "custom_repository" and hasattr(preset.custom_repository, "uri"):
        return str(preset.custom_repository.uri)
    return None


def _source(repository: Message) -> bytes | None:
    remote = repository.remote_repository_config
    source = remote.WhichOneof("remote_source")
    return None if source is None else bytes(getattr(remote, source).SerializeToString(deterministic=True))

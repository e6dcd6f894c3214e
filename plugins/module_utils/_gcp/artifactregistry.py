# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Artifact Registry v1: one method per call, plain values out."""

from __future__ import annotations

import re
import typing as t
from dataclasses import dataclass
from functools import partial

from ansible_collections.pkgops.registry_auth.plugins.module_utils._errors import (
    MissingLibrary,
    NotPropagated,
    Refused,
    RegistryAuthError,
)
from ansible_collections.pkgops.registry_auth.plugins.module_utils._gcp.auth import Connection
from ansible_collections.pkgops.registry_auth.plugins.module_utils._gcp.calls import (
    Call,
    Failure,
    Listed,
    read_pages,
)
from ansible_collections.pkgops.registry_auth.plugins.module_utils._gcp.names import RepositoryName

SERVICE = "Artifact Registry"
#: The greatest page that the service gives.
PAGE_SIZE = 1000

#: Seconds to wait for the answer to an update: the service logs in upstream before it answers.
UPDATE_TIMEOUT = 60

#: What update masks call the credentials and their leaves.
UPSTREAM_CREDENTIALS = "remote_repository_config.upstream_credentials"
USERNAME_PASSWORD = f"{UPSTREAM_CREDENTIALS}.username_password_credentials"


@dataclass(frozen=True)
class Upstream:
    """Where a remote repository fetches from: a preset such as V(PYPI), with a path for apt and yum, or a URI."""

    preset: str | None = None
    path: str | None = None
    uri: str | None = None


@dataclass(frozen=True)
class Credentials:
    """How a remote repository logs in upstream; names only."""

    username: str = ""
    password_secret_version: str = ""


@dataclass(frozen=True)
class Repository:
    """A repository. C(upstream) and C(credentials) are of remote ones only."""

    name: str
    format: str
    mode: str
    upstream: Upstream | None = None
    credentials: Credentials | None = None


class ArtifactRegistry:
    """The calls. All raise our errors; C(Raises NotFound) is said where it is an answer to expect."""

    def __init__(self, connection: Connection) -> None:
        try:
            from google.cloud import artifactregistry_v1
        except ImportError as error:
            raise MissingLibrary("google-cloud-artifact-registry", error) from error
        self._api = artifactregistry_v1
        self._identity = connection.identity
        client = artifactregistry_v1.ArtifactRegistryClient
        self._client = connection.client(client)
        self._updating_client = connection.client(client, answer_timeout=UPDATE_TIMEOUT)

    def _call(self, permission: str, resource: str, **call: t.Any) -> Call:
        return Call(SERVICE, f"artifactregistry.repositories.{permission}", resource, self._identity, **call)

    def get_repository(self, name: RepositoryName) -> Repository:
        """Raises NotFound."""
        request = {"name": str(name)}
        # The engine decides about trying again: the library would replay a call with an old plan behind it.
        answer = self._call("get", str(name)).run(self._client.get_repository, request=request, retry=None)
        return _read_repository(answer)

    def list_repositories(self, project: str, location: str, *, pages: int | None = None) -> Listed[Repository]:
        """The repositories of a location, of any mode; with C(pages), those of so many pages at most."""
        parent = f"projects/{project}/locations/{location}"
        call = self._call("list", parent)

        def page(token: str) -> t.Any:
            request = {"parent": parent, "page_size": PAGE_SIZE, "page_token": token}
            return call.run(self._client.list_repositories, request=request, retry=None)

        return read_pages(page, "repositories", _read_repository, pages)

    def list_locations(self, project: str) -> list[str]:
        """Ids of all locations in which a project can have repositories."""
        parent = f"projects/{project}"
        call = Call(SERVICE, "artifactregistry.locations.list", parent, self._identity)
        # One page holds far more than there are.
        answer = call.run(self._client.list_locations, request={"name": parent, "page_size": PAGE_SIZE}, retry=None)
        return [location.location_id for location in answer.locations]

    def set_credentials(
        self, name: RepositoryName, changed: t.Mapping[str, str], password: str, *, validate: bool
    ) -> Repository:
        """Write fields of the credentials, and nothing else of the repository.

        :param changed: value of each field of Credentials to write
        :param password: name of the secret version that the repository will have, for messages
        :param validate: have the service log in upstream first
        :raises NotPropagated: the service agent cannot read the secret version
        :raises Refused: upstream refuses the login, or the secret version cannot be used
        """
        config = {"upstream_credentials": {"username_password_credentials": dict(changed)}}
        paths = [f"{USERNAME_PASSWORD}.{field}" for field in sorted(changed)]
        return self._update(name, config, paths, validate, password)

    def clear_credentials(self, name: RepositoryName, *, validate: bool) -> Repository:
        """Ask for the removal of the credentials; whether the service did it is in the repository that it answers.

        A field that is in the mask and not in the request is to be cleared. Source: AIP-134. That Artifact Registry does
        so for this field is not documented.
        """
        return self._update(name, {}, [UPSTREAM_CREDENTIALS], validate, "")

    def _update(
        self, name: RepositoryName, config: dict[str, t.Any], paths: list[str], validate: bool, password: str
    ) -> Repository:
        if not validate:
            # Input only, so it takes part in the request and not in the mask.
            config = {**config, "disable_upstream_validation": True}
        repository = self._api.Repository(name=str(name), remote_repository_config=config)
        classify = partial(classify_refusal, repository=str(name), password=password)
        request = {"repository": repository, "update_mask": {"paths": paths}}
        call = self._call("update", str(name), classify=classify)
        return _read_repository(call.run(self._updating_client.update_repository, request=request, retry=None))


# What a refused update says. Google does not document the texts: user reports give the one for a bad login, and the
# others are recognized by the permissions, names and states that any wording of them must mention.
_OWN_PERMISSION = re.compile(r"artifactregistry\.repositories\.\w+")
_SECRET_PERMISSION = re.compile(r"secretmanager\.(?:versions|secrets)\.\w+")
_SECRET = re.compile(r"/secrets/|\bsecret (?:manager|version|\[)|secretmanager", re.IGNORECASE)
_AGENT = re.compile(r"gcp-sa-artifactregistry|service agent", re.IGNORECASE)
_UPSTREAM = re.compile(r"external repository|upstream credentials", re.IGNORECASE)
_DENIED = re.compile(r"permission|denied|forbidden|not authorized|\b403\b", re.IGNORECASE)
_BAD_LOGIN = re.compile(r"unauthenticated|unauthorized|\b401\b", re.IGNORECASE)
_MISSING = re.compile(r"not[_ ]found|does not exist", re.IGNORECASE)
_UNUSABLE = re.compile(r"\b(?:disabled|destroyed)\b", re.IGNORECASE)


def classify_refusal(failure: Failure, *, repository: str, password: str) -> RegistryAuthError | None:
    """What a refused update of a repository's credentials means; None leaves it to the common rules. Pure.

    :param repository: name of the repository
    :param password: name of the secret version that it was to get
    """
    said = failure.message
    if failure.http_status not in (400, 403, 404, 412) or failure.reason == "SERVICE_DISABLED":
        return None
    permission = failure.metadata.get("permission", "")
    if _OWN_PERMISSION.search(permission or said):
        return None
    if _SECRET_PERMISSION.search(permission or said):
        return _unreadable(repository, password)
    if _BAD_LOGIN.search(said) or (_UPSTREAM.search(said) and _DENIED.search(said)):
        return Refused(
            f"The upstream of {repository} refuses the login: the user name, or the password in {password}, is not valid there. "
            "Nothing was changed."
        )
    if _SECRET.search(said) and _UNUSABLE.search(said):
        return Refused(f"{password} is disabled or destroyed: {repository} needs an enabled version.")
    if _SECRET.search(said) and _MISSING.search(said):
        return Refused(f"{password} does not exist: store the password with gcp_secret_version first.")
    if _AGENT.search(said) or (_SECRET.search(said) and _DENIED.search(said)):
        return _unreadable(repository, password)
    return None


def _unreadable(repository: str, password: str) -> NotPropagated:
    project = repository.partition("/locations/")[0]
    return NotPropagated(
        f"{repository} was not changed: the {SERVICE} service agent of {project} cannot read {password} (yet). It needs the "
        "role roles/secretmanager.secretAccessor on the secret, and a new grant takes some minutes to be in effect."
    )


def _read_repository(answer: t.Any) -> Repository:
    # Plain protobuf knows which member of a oneof is set.
    message = type(answer).pb(answer)
    remote = message.remote_repository_config
    return Repository(
        name=answer.name,
        format=_enum_name(message, "format_"),
        mode=_enum_name(message, "mode"),
        upstream=_read_upstream(remote),
        credentials=_read_credentials(remote.upstream_credentials.username_password_credentials),
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


def _enum_name(message: t.Any, field: str) -> str:
    """Name of an enum's value, or its number when the installed library is older than the value."""
    value = getattr(message, field)
    known = message.DESCRIPTOR.fields_by_name[field].enum_type.values_by_number.get(value)
    return known.name if known else str(value)

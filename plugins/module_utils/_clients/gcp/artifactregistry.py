# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Artifact Registry v1: one method per call, plain values out."""

from __future__ import annotations

import re
import typing as t
from dataclasses import replace
from functools import partial

from ..._base.errors import NotPropagated, Refused, RegistryAuthError, importing
from ..._domain.gcp.bindings import Policy
from ..._domain.gcp.names import RepositoryName
from ..http.bounds import Bounds
from .auth import Connection
from .calls import PAGE_SIZE, Call, Failure, Listed, read_pages
from .keys import blames_key, undecryptable
from .operations import begun, operation_failure, wait_until_done
from .policies import asking, held, read_policy, reading, unknown_member, writing, written
from .repositories import UPDATABLE, Repository, creation_message, read_repository, update_message

Read = t.TypeVar("Read")

SERVICE = "Artifact Registry"

#: Of the answer to an update: the service logs in upstream before it answers.
UPDATE = Bounds(silence=60, whole=65)
#: Seconds until a creation or a deletion, which the service goes on with after it has answered, must be done.
OPERATION_TIMEOUT = 300

#: What update masks call the credentials and their leaves.
UPSTREAM_CREDENTIALS = "remote_repository_config.upstream_credentials"
USERNAME_PASSWORD = f"{UPSTREAM_CREDENTIALS}.username_password_credentials"


class ArtifactRegistry:
    """The calls. All raise our errors; C(Raises NotFound) is said where it is an answer to expect."""

    def __init__(self, connection: Connection, *, wait: t.Callable[..., t.Any] = wait_until_done) -> None:
        with importing("google-cloud-artifact-registry"):
            from google.cloud import artifactregistry_v1
        self._wait_until_done = wait
        self._api = artifactregistry_v1
        self._identity = connection.identity
        client = artifactregistry_v1.ArtifactRegistryClient
        self._client = connection.client(client)
        self._updating_client = connection.client(client, bounds=UPDATE)

    @classmethod
    def from_options(cls, options: t.Mapping[str, t.Any]) -> ArtifactRegistry:
        """The API as a task's options want it. Raises as Connection.from_options, before any call but that for a token."""
        return cls(Connection.from_options(options))

    def _call(self, permission: str, resource: str, **call: t.Any) -> Call:
        return Call(SERVICE, f"artifactregistry.repositories.{permission}", resource, self._identity, **call)

    def get_repository(self, name: RepositoryName) -> Repository:
        """Raises NotFound."""
        request = {"name": str(name)}
        # The engine decides about trying again: the library would replay a call with an old plan behind it.
        return _run(self._call("get", str(name)), self._client.get_repository, request)

    def list_repositories(self, project: str, location: str, *, pages: int | None = None) -> Listed[Repository]:
        """The repositories of a location, of any mode; with C(pages), those of so many pages at most."""
        parent = f"projects/{project}/locations/{location}"
        call = self._call("list", parent)

        def ask(request: dict[str, t.Any], read: t.Callable[[t.Any], Read]) -> Read:
            return call.run(self._client.list_repositories, read=read, request=request, retry=None)

        return read_pages(ask, parent, "repositories", read_repository, pages)

    def list_locations(self, project: str) -> list[str]:
        """Ids of all locations in which a project can have repositories."""
        parent = f"projects/{project}"
        call = Call(SERVICE, "artifactregistry.locations.list", parent, self._identity)
        # One page holds far more than there are.
        request = {"name": parent, "page_size": PAGE_SIZE}

        def read(answer: t.Any) -> list[str]:
            return [location.location_id for location in answer.locations]

        return call.run(self._client.list_locations, read=read, request=request, retry=None)

    def create_repository(self, name: RepositoryName, repository: Repository, *, validate: bool) -> Repository:
        """Create a repository, a remote one without credentials, and wait until it is there.

        :param validate: have the service ask the upstream of a remote one first
        :raises AlreadyExists: somebody was faster
        :raises Unavailable: it is not there in time
        """
        message = self._api.Repository(**creation_message(repository, validate=validate))
        request = {"parent": name.parent, "repository_id": name.repository, "repository": message}
        call = self._call("create", str(name), creates=True)
        self._wait(call, self._updating_client.create_repository, request, f"{SERVICE} is still creating {name}")
        with begun():
            return self.get_repository(name)

    def update_repository(self, name: RepositoryName, repository: Repository, fields: t.Collection[str]) -> Repository:
        """Write these fields of the repository, named as in UPDATABLE, and nothing else of it."""
        message = self._api.Repository(name=str(name), **update_message(repository, fields))
        request = {"repository": message, "update_mask": {"paths": sorted(UPDATABLE[field] for field in fields)}}
        return _run(self._call("update", str(name)), self._client.update_repository, request)

    def delete_repository(self, name: RepositoryName) -> None:
        """Delete the repository with all that is in it, and wait until it is gone. Raises NotFound, and Unavailable when that takes too long."""
        call = self._call("delete", str(name))
        self._wait(call, self._client.delete_repository, {"name": str(name)}, f"{SERVICE} is still deleting {name}")

    def get_policy(self, name: RepositoryName) -> Policy:
        """The repository's policy with its conditions. Raises NotFound."""
        call = self._call("getIamPolicy", str(name))
        return call.run(self._client.get_iam_policy, read=read_policy, request=reading(str(name)), retry=None)

    def set_policy(self, name: RepositoryName, policy: Policy, *, own: t.Collection[str] = ()) -> Policy:
        """Replace the policy.

        :param own: the members whom the caller asks for. All others of the policy were there when it was read
        :raises LostRace: the policy no longer has its etag, or one of the others was deleted meanwhile
        :raises Refused: there is no account of one of its own
        """
        call = self._call("setIamPolicy", str(name), classify=unknown_member(str(name), policy, own))
        request = writing(str(name), policy)
        return call.run(self._client.set_iam_policy, read=written(policy), request=request, retry=None)

    def held_permissions(self, name: RepositoryName, permissions: t.Iterable[str]) -> frozenset[str]:
        """Those of the permissions that the caller has on the repository; none where there is no repository."""
        call = self._call("testIamPermissions", str(name))
        request = asking(str(name), permissions)
        return call.run(self._client.test_iam_permissions, read=held, request=request, retry=None)

    def has_packages(self, name: RepositoryName) -> bool:
        """Whether the repository holds any package. Raises NotFound."""
        call = Call(SERVICE, "artifactregistry.packages.list", str(name), self._identity)
        request = {"parent": str(name), "page_size": 1}

        def read(answer: t.Any) -> bool:
            # A page may be empty before the last one. Source: AIP-158.
            return bool(answer.packages or answer.next_page_token)

        return call.run(self._client.list_packages, read=read, request=request, retry=None)

    def _wait(self, call: Call, begin: t.Callable[..., t.Any], request: dict[str, t.Any], what: str) -> None:
        """Begin an operation and wait for it. Raises what it ended with, if that is an error."""

        # What may be missing then is the operation.
        looking = replace(call, creates=False)

        def look(operation: t.Any) -> t.Any:
            return looking.run(self._client.get_operation, read=_same, request={"name": operation.name}, retry=None)

        ended = self._wait_until_done(
            call.run(begin, read=lambda begun: begun.operation, request=request, retry=None),
            look,
            done=lambda operation: operation.done,
            seconds=OPERATION_TIMEOUT,
            what=what,
        )
        if ended.HasField("error"):
            raise call.error(operation_failure(_as_json(ended.error)))

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
        return _run(call, self._updating_client.update_repository, request)


def _run(call: Call, method: t.Callable[..., t.Any], request: dict[str, t.Any]) -> Repository:
    """Make a call that the repository itself is the answer to."""
    return call.run(method, read=lambda answer: read_repository(call.checked(answer)), request=request, retry=None)


def _same(answer: t.Any) -> t.Any:
    return answer


def _as_json(status: t.Any) -> dict[str, t.Any]:
    """A google.rpc.Status with the cause that it names, in ErrorInfo alone: of other details nothing is used."""
    from google.rpc.error_details_pb2 import ErrorInfo

    details: list[dict[str, t.Any]] = []
    for one in status.details:
        info = ErrorInfo()
        if one.Unpack(info):
            details.append({"@type": one.type_url, "reason": info.reason, "metadata": dict(info.metadata)})
    return {"code": status.code, "message": status.message, "details": details}


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
            "The repository was not changed."
        )
    if blames_key(said):
        return Refused(f"{repository} was not changed. {undecryptable(password)}")
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
        "role roles/secretmanager.secretAccessor on the secret, which must exist, and a new grant takes some minutes to be in effect."
    )

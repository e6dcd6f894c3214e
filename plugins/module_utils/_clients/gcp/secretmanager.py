# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Secret Manager v1: one method per call, plain values out."""

from __future__ import annotations

import re
import threading
import typing as t
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial, partialmethod

from ..._base.errors import (
    IntegrityError,
    LostRace,
    NotFound,
    PermissionDenied,
    RegistryAuthError,
    Unconfirmed,
    Unreachable,
    importing,
)
from ..._base.quota import SECRET_MANAGER, Quotas
from ..._base.values import format_time, read_time
from ..._domain.gcp.bindings import Policy
from ..._domain.gcp.names import SecretName, VersionName
from .auth import Connection
from .calls import Call, FailedPrecondition, Failure, Listed, read_pages, same_resource
from .keys import blames_key, undecryptable
from .policies import asking, held, read_policy, reading, unknown_member, writing, written

SERVICE = "Secret Manager"
#: The state in which each method leaves a version.
_STATES = {"enable": "ENABLED", "disable": "DISABLED", "destroy": "DESTROYED"}

Read = t.TypeVar("Read")


@dataclass(frozen=True)
class UserManaged:
    """Replication to named locations: location to the name of its KMS key, or None."""

    locations: t.Mapping[str, str | None]


@dataclass(frozen=True)
class Automatic:
    """Replication that Google chooses."""

    kms_key_name: str | None = None


@dataclass(frozen=True)
class Secret:
    """A secret without its payloads. Durations are in seconds, times as the API writes them."""

    name: str
    #: None for a regional secret, which has no replication.
    replication: Automatic | UserManaged | None = None
    #: The key of a regional secret.
    kms_key_name: str | None = None
    labels: t.Mapping[str, str] = field(default_factory=dict)
    annotations: t.Mapping[str, str] = field(default_factory=dict)
    topics: tuple[str, ...] = ()
    next_rotation_time: str | None = None
    rotation_period: int | None = None
    expire_time: str | None = None
    #: Seconds from creation until the secret expires; only ever sent, the service answers expire_time.
    ttl: int | None = field(default=None, compare=False)
    version_destroy_ttl: int | None = None
    version_aliases: t.Mapping[str, int] = field(default_factory=dict)
    create_time: str | None = field(default=None, compare=False)
    etag: str = field(default="", compare=False)


#: Fields of Secret that are written by an update, with their name in the API's update mask.
MASKS = {
    "labels": "labels",
    "annotations": "annotations",
    "topics": "topics",
    "next_rotation_time": "rotation.next_rotation_time",
    "rotation_period": "rotation.rotation_period",
    "expire_time": "expire_time",
    "version_destroy_ttl": "version_destroy_ttl",
    "version_aliases": "version_aliases",
    "replication": "replication",
    "kms_key_name": "customer_managed_encryption",
}


@dataclass(frozen=True)
class Version:
    """A version of a secret without its payload."""

    name: str
    number: int
    state: str
    create_time: str | None = None
    destroy_time: str | None = None
    scheduled_destroy_time: str | None = None
    etag: str = field(default="", compare=False)
    #: Whether who added it sent a checksum of its payload, which the service has confirmed.
    checksum_confirmed: bool = field(default=False, compare=False)


@dataclass(frozen=True)
class Payload:
    """The bytes of one version."""

    name: str
    number: int
    data: bytes = field(repr=False)


class SecretManager:
    """The calls. All raise our errors; C(Raises NotFound) is said where it is an answer to expect."""

    def __init__(self, connection: Connection, quotas: Quotas) -> None:
        with importing("google-cloud-secret-manager"):
            import google_crc32c
            from google.cloud import secretmanager_v1
        self._api = secretmanager_v1
        self._checksum: t.Callable[[bytes], int] = google_crc32c.value
        self._connection = connection
        self._quotas = quotas
        self._clients: dict[str | None, t.Any] = {}
        self._lock = threading.Lock()

    @classmethod
    def from_options(cls, options: t.Mapping[str, t.Any]) -> SecretManager:
        """The API as a task's options want it. Raises as Connection.from_options, before any call but that for a token."""
        quotas = Quotas.from_options(SECRET_MANAGER, options)
        return cls(Connection.from_options(options), quotas)

    @classmethod
    def connected(cls, connection: Connection, options: t.Mapping[str, t.Any]) -> SecretManager:
        """The API by a connection that is there. Raises MissingLibrary, or InvalidInput for quotas."""
        return cls(connection, Quotas.from_options(SECRET_MANAGER, options))

    def _client(self, location: str | None) -> t.Any:
        """Regional secrets exist on the host of their location only."""
        # Otherwise each of many threads would make one.
        with self._lock:
            if location not in self._clients:
                regional = f"https://secretmanager.{location}.rep.googleapis.com" if location else None
                self._clients[location] = self._connection.client(
                    self._api.SecretManagerServiceClient, default_endpoint=regional
                )
            return self._clients[location]

    def _call(
        self,
        method: str,
        secret: SecretName,
        permission: str,
        request: dict[str, t.Any],
        read: t.Callable[[t.Any], Read],
        *,
        about: str | None = None,
        name: str | None = "",
        **call: t.Any,
    ) -> Read:
        """Make a call.

        :param about: what it is asked about, if that is neither the secret nor what C(request) names
        :param name: what the answer must be; if not given, what it is asked about, and with None, the answer has no name
        """
        resource = about or str(request.get("name") or secret)
        context = Call(SERVICE, f"secretmanager.{permission}", resource, self._connection.identity, **call)
        client = self._client(secret.location)

        def checked(answer: t.Any) -> Read:
            return read(answer if name is None else context.checked(answer, name))

        with self._quotas.call(_kind(permission), secret.project, resource), self._regional_host(secret.location):
            # The engine decides about trying again: the library would replay a call with an old plan behind it.
            return context.run(getattr(client, method), read=checked, request=request, retry=None)

    @contextmanager
    def _regional_host(self, location: str | None) -> t.Iterator[None]:
        """Raises Unreachable, which names the location that a host is of: where the location is misspelled, there is no such host."""
        try:
            yield
        except Unreachable as error:
            if location is None or self._connection.endpoint:
                raise
            raise Unreachable(
                f"{error} Check the location {location}, too: regional secrets have a host of their own in each location."
            ) from None

    # Secrets

    def get_secret(self, secret: SecretName) -> Secret:
        """Raises NotFound."""
        return self._call("get_secret", secret, "secrets.get", {"name": str(secret)}, _read_secret)

    def list_secrets(self, project: str, location: str | None = None, *, pages: int | None = None) -> Listed[Secret]:
        """The secrets of a project, or of one of its locations; with C(pages), those of so many pages at most."""
        anywhere = SecretName(project, "-", location)

        def ask(request: dict[str, t.Any], read: t.Callable[[t.Any], Read]) -> Read:
            return self._call("list_secrets", anywhere, "secrets.list", request, read, about=anywhere.parent, name=None)

        return read_pages(ask, anywhere.parent, "secrets", _read_secret, pages)

    def create_secret(self, secret: SecretName, wanted: Secret) -> Secret:
        """Raises AlreadyExists, which is a lost race."""
        request = {"parent": secret.parent, "secret_id": secret.secret, "secret": self._message(wanted)}
        return self._call("create_secret", secret, "secrets.create", request, _written(secret, wanted), creates=True)

    def update_secret(self, secret: SecretName, wanted: Secret, mask: t.Sequence[str], etag: str) -> Secret:
        """Write the fields of C(mask). Raises LostRace when the secret no longer has C(etag)."""
        message = self._message(wanted)
        message.name, message.etag = str(secret), etag
        request = {"secret": message, "update_mask": {"paths": list(mask)}}
        with self._locked(secret, etag, lambda: self.get_secret(secret).etag):
            return self._call("update_secret", secret, "secrets.update", request, _written(secret, wanted, mask))

    def delete_secret(self, secret: SecretName, etag: str) -> None:
        """Raises LostRace when the secret no longer has C(etag)."""
        with self._locked(secret, etag, lambda: self.get_secret(secret).etag):
            request = {"name": str(secret), "etag": etag}
            self._call("delete_secret", secret, "secrets.delete", request, lambda _answer: None, name=None)

    # Versions

    def access(self, version: VersionName) -> Payload:
        """The payload of a version, checked against its checksum.

        :raises NotFound: there is no such version, or no such secret
        :raises FailedPrecondition: the version is disabled or destroyed
        :raises IntegrityError: the bytes do not match their checksum
        """

        def read(answer: t.Any) -> Payload:
            if "data_crc32c" in answer.payload and answer.payload.data_crc32c != self._checksum(answer.payload.data):
                raise IntegrityError(f"The payload of {answer.name} does not match its checksum.")
            return Payload(answer.name, _number(answer.name), answer.payload.data)

        request = {"name": str(version)}
        return self._call(
            "access_secret_version",
            version.secret,
            "versions.access",
            request,
            read,
            # Whatever answers here may have the payload in its words.
            quiet=True,
            classify=partial(_unreadable, version),
        )

    def access_enabled(self, version: VersionName) -> Payload:
        """As access(), of a version that a list has as enabled.

        :raises LostRace: it no longer is
        :raises FailedPrecondition: it is, and cannot be read for another reason, such as a customer's key that is disabled
        """
        try:
            return self.access(version)
        except FailedPrecondition:
            with suppress(PermissionDenied):
                if self.get_version(version).state != "ENABLED":
                    raise LostRace(f"{version} was disabled by another writer meanwhile.") from None
            raise

    def get_version(self, version: VersionName) -> Version:
        """Raises NotFound."""
        request = {"name": str(version)}
        return self._call("get_secret_version", version.secret, "versions.get", request, _read_version)

    def list_versions(self, secret: SecretName) -> list[Version]:
        """All versions, the newest first. Raises NotFound when the secret does not exist."""

        def ask(request: dict[str, t.Any], read: t.Callable[[t.Any], Read]) -> Read:
            return self._call("list_secret_versions", secret, "versions.list", request, read, name=None)

        versions = read_pages(ask, str(secret), "versions", _read_version).items
        return sorted(versions, key=lambda version: -version.number)

    def add_version(self, secret: SecretName, data: bytes) -> Version:
        """Store C(data) as a new version.

        :raises IntegrityError: the service did not confirm the checksum that was sent; the version exists
        """
        payload = {"data": data, "data_crc32c": self._checksum(data)}
        request = {"parent": str(secret), "payload": payload}

        def read(answer: t.Any) -> Version:
            if not answer.client_specified_payload_checksum:
                error = IntegrityError(
                    f"{SERVICE} stored {answer.name} without confirming its checksum: its bytes may be damaged; destroy it."
                )
                error.partially_applied = True
                raise error
            return _read_version(answer)

        new = str(VersionName(secret, "latest"))
        return self._call("add_secret_version", secret, "versions.add", request, read, name=new, quiet=True)

    def _set_state(self, verb: str, version: Version, secret: SecretName) -> Version:
        """Raises LostRace when the version no longer has its etag, and Unconfirmed when it is answered in another state."""
        name = VersionName(secret, str(version.number))
        request = {"name": str(name), "etag": version.etag}

        def read(answer: t.Any) -> Version:
            found = _read_version(answer)
            # A destruction that is postponed disables. Source: Secret Manager's documentation, "Delay destruction of secret versions".
            postponed = verb == "destroy" and found.scheduled_destroy_time and found.state == "DISABLED"
            if found.state != _STATES[verb] and not postponed:
                raise Unconfirmed.of(SERVICE, name, "state")
            return found

        with self._locked(name, version.etag, lambda: self.get_version(name).etag):
            return self._call(f"{verb}_secret_version", secret, f"versions.{verb}", request, read)

    enable_version = partialmethod(_set_state, "enable")
    disable_version = partialmethod(_set_state, "disable")
    destroy_version = partialmethod(_set_state, "destroy")

    # IAM

    def get_policy(self, secret: SecretName) -> Policy:
        """The secret's policy with its conditions. Raises NotFound."""
        return self._call(
            "get_iam_policy", secret, "secrets.getIamPolicy", reading(str(secret)), read_policy, name=None
        )

    def set_policy(self, secret: SecretName, policy: Policy, *, own: t.Collection[str] = ()) -> Policy:
        """Replace the policy.

        :param own: the members whom the caller asks for. All others of the policy were there when it was read
        :raises LostRace: the policy no longer has its etag, or one of the others was deleted meanwhile
        :raises Refused: there is no account of one of its own
        """
        return self._call(
            "set_iam_policy",
            secret,
            "secrets.setIamPolicy",
            writing(str(secret), policy),
            written(policy),
            name=None,
            classify=unknown_member(str(secret), policy, own),
        )

    def held_permissions(self, secret: SecretName, permissions: t.Iterable[str]) -> frozenset[str]:
        """Those of the permissions that the caller has on the secret; none where there is no secret."""
        request = asking(str(secret), permissions)
        return self._call("test_iam_permissions", secret, "secrets.testIamPermissions", request, held, name=None)

    # Helpers

    @contextmanager
    def _locked(self, name: t.Any, etag: str, current_etag: t.Callable[[], str]) -> t.Iterator[None]:
        """Tell a stale etag, which is a lost race, from other unmet preconditions.

        The service answers both with FAILED_PRECONDITION, and its words for either are not documented.
        """
        try:
            yield
        except NotFound:
            raise LostRace(f"{name} was deleted by another writer.") from None
        except FailedPrecondition:
            # Nothing was written. What became of it if it cannot be read now, the engine's next read says.
            current = None
            with suppress(RegistryAuthError):
                current = current_etag()
            if current == etag:
                raise
            raise LostRace(f"{name} was changed by other writers again and again while it was being updated.") from None

    def _message(self, secret: Secret) -> t.Any:
        """The API's message of a secret's fields that are set."""
        rotation = {
            "next_rotation_time": secret.next_rotation_time and read_time(secret.next_rotation_time),
            "rotation_period": _duration(secret.rotation_period),
        }
        fields = {
            "labels": dict(secret.labels),
            "annotations": dict(secret.annotations),
            "topics": [{"name": topic} for topic in secret.topics],
            "version_aliases": dict(secret.version_aliases),
            "rotation": _given(rotation),
            "expire_time": secret.expire_time and read_time(secret.expire_time),
            "ttl": None if secret.expire_time else _duration(secret.ttl),
            "version_destroy_ttl": _duration(secret.version_destroy_ttl),
            **_placement(secret),
        }
        return self._api.Secret(_given(fields))


def _given(fields: t.Mapping[str, t.Any]) -> dict[str, t.Any]:
    return {name: value for name, value in fields.items() if value not in (None, "", {}, [])}


def _duration(seconds: int | None) -> timedelta | None:
    return None if seconds is None else timedelta(seconds=seconds)


def _placement(secret: Secret) -> dict[str, t.Any]:
    """Where a secret is kept, and under which keys."""
    replication = secret.replication
    if isinstance(replication, Automatic):
        return {"replication": {"automatic": _encryption(replication.kms_key_name)}}
    if isinstance(replication, UserManaged):
        replicas = [{"location": location, **_encryption(key)} for location, key in replication.locations.items()]
        return {"replication": {"user_managed": {"replicas": replicas}}}
    return _encryption(secret.kms_key_name)


def _kind(permission: str) -> str:
    """The quota that a method counts for, by the permission that it needs."""
    if permission == "versions.access":
        return "access"
    return "read" if permission.rpartition(".")[2].startswith(("get", "list", "test")) else "write"


def _encryption(kms_key_name: str | None) -> dict[str, t.Any]:
    return {"customer_managed_encryption": {"kms_key_name": kms_key_name}} if kms_key_name else {}


def _unreadable(version: VersionName, failure: Failure) -> FailedPrecondition | None:
    """Why an existing version cannot be read, in words of ours. Source: Secret Manager's documentation, of states and of customers' keys."""
    if failure.status != "FAILED_PRECONDITION":
        return None
    if blames_key(failure.message):
        return FailedPrecondition(undecryptable(version))
    if state := re.search(r"\b(DISABLED|DESTROYED)\b", failure.message):
        return FailedPrecondition(f"{version} is {state[1].lower()}: its payload cannot be read.")
    return None


def _number(version_name: str) -> int:
    return int(version_name.rpartition("/")[2])


def _time(message: t.Any, name: str) -> str | None:
    return format_time(getattr(message, name)) if name in message else None


def _seconds(message: t.Any, name: str) -> int | None:
    return int(getattr(message, name).total_seconds()) if name in message else None


def _written(name: SecretName, wanted: Secret, mask: t.Collection[str] | None = None) -> t.Callable[[t.Any], Secret]:
    """Reads a secret that was written, if the answer has what was sent: the fields of C(mask), or of a new one those that are set."""

    def read(answer: t.Any) -> Secret:
        secret = _read_secret(answer)
        others = [
            path
            for field_name, path in MASKS.items()
            if _is_sent(getattr(wanted, field_name), path, mask) and not _is_same(field_name, secret, wanted)
        ]
        if mask is None and wanted.ttl is not None and secret.expire_time is None:
            others.append("ttl")
        if others:
            raise Unconfirmed.of(SERVICE, name, " and ".join(others))
        return secret

    return read


def _is_sent(value: t.Any, path: str, mask: t.Collection[str] | None) -> bool:
    return bool(value) if mask is None else path in mask


def _is_same(field_name: str, answered: Secret, sent: Secret) -> bool:
    """Whether an answered value is the one that was sent, in whatever words."""
    one, other = getattr(answered, field_name), getattr(sent, field_name)
    same = _SAME.get(field_name)
    return bool(one == other if same is None else same(one, other))


def _same_time(answered: str | None, sent: str | None) -> bool:
    """How exactly a service keeps moments is its own."""
    if answered is None or sent is None:
        return answered == sent
    return abs((read_time(answered) - read_time(sent)).total_seconds()) < 1


def _same_topics(answered: t.Sequence[str], sent: t.Sequence[str]) -> bool:
    return len(answered) == len(sent) and all(any(same_resource(one, topic) for one in answered) for topic in sent)


def _same_key(answered: str | None, sent: str | None) -> bool:
    """A key that is not asked for may be the one of some default."""
    return not sent or (answered is not None and same_resource(answered, sent))


def _same_replication(answered: Automatic | UserManaged | None, sent: Automatic | UserManaged | None) -> bool:
    if isinstance(answered, UserManaged) and isinstance(sent, UserManaged):
        return answered.locations.keys() == sent.locations.keys() and all(
            _same_key(answered.locations[place], key) for place, key in sent.locations.items()
        )
    if isinstance(answered, Automatic) and isinstance(sent, Automatic):
        return _same_key(answered.kms_key_name, sent.kms_key_name)
    return answered == sent


#: For fields of which equal values may be written differently.
_SAME: dict[str, t.Callable[[t.Any, t.Any], bool]] = {
    "topics": _same_topics,
    "next_rotation_time": _same_time,
    "expire_time": _same_time,
    "kms_key_name": _same_key,
    "replication": _same_replication,
}


def _read_secret(answer: t.Any) -> Secret:
    replication: Automatic | UserManaged | None = None
    if "user_managed" in answer.replication:
        replication = UserManaged(
            {
                replica.location: replica.customer_managed_encryption.kms_key_name or None
                for replica in answer.replication.user_managed.replicas
            }
        )
    elif "automatic" in answer.replication:
        replication = Automatic(answer.replication.automatic.customer_managed_encryption.kms_key_name or None)
    return Secret(
        name=answer.name,
        replication=replication,
        kms_key_name=answer.customer_managed_encryption.kms_key_name or None,
        labels=dict(answer.labels),
        annotations=dict(answer.annotations),
        topics=tuple(sorted(topic.name for topic in answer.topics)),
        next_rotation_time=_time(answer.rotation, "next_rotation_time"),
        rotation_period=_seconds(answer.rotation, "rotation_period"),
        expire_time=_time(answer, "expire_time"),
        version_destroy_ttl=_seconds(answer, "version_destroy_ttl"),
        version_aliases=dict(answer.version_aliases),
        create_time=_time(answer, "create_time"),
        etag=answer.etag,
    )


def _read_version(answer: t.Any) -> Version:
    return Version(
        name=answer.name,
        number=_number(answer.name),
        state=answer.state.name,
        create_time=_time(answer, "create_time"),
        destroy_time=_time(answer, "destroy_time"),
        scheduled_destroy_time=_time(answer, "scheduled_destroy_time"),
        etag=answer.etag,
        checksum_confirmed=answer.client_specified_payload_checksum,
    )

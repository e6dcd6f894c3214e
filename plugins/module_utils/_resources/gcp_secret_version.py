# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""A payload as the newest enabled version of a secret, and the state of a version."""

from __future__ import annotations

import base64
import binascii
import typing as t
from dataclasses import dataclass, field, replace

from .._base.errors import ImmutableDifference, InvalidInput, LostRace, NotFound
from .._clients.gcp.calls import FailedPrecondition
from .._clients.gcp.secretmanager import Version
from .._domain.gcp.names import SecretName, VersionName, secret_name
from .._engine.resource import Change, DesiredState, Options
from .parts.gcp import SecretManagerResource

#: Greatest size of a payload in bytes. Source: Secret Manager's quotas.
MAX_PAYLOAD = 64 * 1024

STATES = {"enabled": "ENABLED", "disabled": "DISABLED", "destroyed": "DESTROYED"}


@dataclass(frozen=True)
class DesiredVersion(DesiredState):
    """Either C(payload), to be the newest enabled version, or C(version) and the C(state) that it is to have."""

    secret: SecretName
    payload: bytes | None = field(default=None, repr=False)
    version: int | None = None
    state: str = "ENABLED"
    #: Whether the read must tell that there is no secret. Where a version will be added in that case, the write tells it for less.
    certain: bool = True

    @property
    def target(self) -> str:
        return str(self.secret if self.version is None else VersionName(self.secret, str(self.version)))

    @classmethod
    def from_options(cls, options: Options, *, certain: bool = True) -> DesiredVersion:
        """Raises InvalidInput, which never quotes a payload."""
        secret = secret_name(options)
        state = options.get("state") or "present"
        version = options.get("version")
        if state == "present":
            if version is not None:
                raise InvalidInput("version cannot be chosen for a new payload: the service numbers versions itself.")
            payload = _payload(options)
            # Ansible hides what was given wherever it appears in a result, also within names that other tasks use.
            if str(options.get("payload") or options.get("payload_base64")) in f"{secret}/versions/":
                raise InvalidInput(
                    "The payload is a part of the secret's own name, and could not be kept out of results."
                )
            return cls(secret, payload=payload, certain=certain)
        if version is None:
            raise InvalidInput(f"version is missing: state {state} needs the number of the version.")
        if options.get("payload") is not None or options.get("payload_base64") is not None:
            raise InvalidInput(f"state {state} takes no payload.")
        if version < 1:
            raise InvalidInput(f"version {version} is not a version: versions are numbered from 1.")
        return cls(secret, version=version, state=STATES[state])


def _payload(options: Options) -> bytes:
    text, encoded = options.get("payload"), options.get("payload_base64")
    if (text is None) == (encoded is None):
        raise InvalidInput("Give the payload either as payload or as payload_base64.")
    if text is not None:
        try:
            data: bytes = text.encode()
        except UnicodeEncodeError:
            raise InvalidInput("payload is not text in UTF-8: give bytes as payload_base64.") from None
    else:
        try:
            data = base64.b64decode("".join(str(encoded).split()), validate=True)
        except (binascii.Error, ValueError):
            raise InvalidInput("payload_base64 is not base64.") from None
    if not data:
        raise InvalidInput("The payload is empty: an empty token or password is never meant.")
    if len(data) > MAX_PAYLOAD:
        raise InvalidInput(f"The payload has {len(data)} bytes: Secret Manager takes up to {MAX_PAYLOAD}.")
    return data


@dataclass(frozen=True)
class VersionState:
    """One version, and for payloads how many versions were ever made.

    C(name) is the secret's name as the service writes it, with the project's number once an answer has shown it.
    """

    name: str
    #: None when the secret has no enabled version.
    version: int | None
    state: str | None
    payload: bytes | None = field(default=None, repr=False)
    newest: int = 0
    scheduled_destroy_time: str | None = field(default=None, compare=False)
    etag: str = field(default="", compare=False)


class SecretVersions(SecretManagerResource[DesiredVersion, VersionState]):
    """The resource of gcp_secret_version."""

    def read(self, desired: DesiredVersion) -> VersionState:
        """One call when the newest version is enabled and has the bytes; more only otherwise."""
        if desired.version is not None:
            return _state(self.api.get_version(VersionName(desired.secret, str(desired.version))))
        state = self._latest(desired)
        # "latest" and lists may lag behind for minutes, numbers do not. Before a version is added for want of the bytes,
        # the numbers that would come next say whether one was added that is not yet seen.
        while state.payload != desired.payload:
            number = state.newest + 1
            try:
                added = self.api.access(VersionName(desired.secret, str(number)))
                state = VersionState(_secret_of(added.name), number, "ENABLED", added.data, number)
            except FailedPrecondition:
                state = replace(state, newest=number)
            except NotFound:
                break
        return state

    def _latest(self, desired: DesiredVersion) -> VersionState:
        secret = desired.secret
        try:
            # The version created last, whatever its state; accesses have by far the widest quota.
            latest = self.api.access(VersionName(secret, "latest"))
            return VersionState(_secret_of(latest.name), latest.number, "ENABLED", latest.data, latest.number)
        except NotFound:
            return self._newest_enabled(secret) if desired.certain else VersionState(str(secret), None, None)
        except FailedPrecondition:
            return self._newest_enabled(secret)

    def _newest_enabled(self, secret: SecretName) -> VersionState:
        try:
            versions = self.api.list_versions(secret)
        except NotFound:
            raise _no_secret(secret) from None
        if not versions:
            return VersionState(str(secret), None, None)
        name, newest = _secret_of(versions[0].name), versions[0].number
        number = next((version.number for version in versions if version.state == "ENABLED"), None)
        if number is None:
            return VersionState(name, None, None, newest=newest)
        return VersionState(name, number, "ENABLED", self._payload(secret, number), newest)

    def _payload(self, secret: SecretName, number: int) -> bytes:
        try:
            return self.api.access(VersionName(secret, str(number))).data
        except FailedPrecondition:
            raise LostRace(f"Version {number} of {secret} was disabled by another writer meanwhile.") from None

    def assume(self, desired: DesiredVersion) -> VersionState:
        """A new secret without versions, or the version in question, enabled."""
        if desired.version is None:
            return VersionState(str(desired.secret), None, None)
        return VersionState(str(desired.secret), desired.version, "ENABLED")

    def wanted(self, current: VersionState, desired: DesiredVersion) -> VersionState:
        """A new version when the newest enabled one has other bytes; or another state for a version."""
        if desired.version is None:
            if current.payload == desired.payload:
                return current
            number = current.newest + 1
            return replace(current, version=number, state="ENABLED", payload=desired.payload, newest=number)
        if current.state == "DESTROYED" and desired.state != "DESTROYED":
            raise ImmutableDifference(
                f"{current.name}/versions/{current.version} is destroyed and cannot become {desired.state}: "
                "store the payload again as a new version."
            )
        if desired.state == "DESTROYED" and current.scheduled_destroy_time:
            return current
        return replace(current, state=desired.state)

    def apply(self, change: Change[VersionState], desired: DesiredVersion) -> VersionState:
        """Add the version, or set its state under its etag."""
        after = change.after
        if desired.payload is not None:
            # There is no etag to send here: two runs at once may both add, and the newest is right all the same. To disable one of them
            # would take "latest" from those who read it, or the older version from the run that has pinned it.
            try:
                added = self.api.add_version(desired.secret, desired.payload)
            except NotFound:
                raise _no_secret(desired.secret) from None
            return replace(after, name=_secret_of(added.name), version=added.number, newest=added.number)
        version = Version(
            change.before.name, t.cast(int, after.version), str(change.before.state), etag=change.before.etag
        )
        verbs = {
            "ENABLED": self.api.enable_version,
            "DISABLED": self.api.disable_version,
            "DESTROYED": self.api.destroy_version,
        }
        return _state(verbs[desired.state](version, desired.secret))

    def result(self, state: VersionState, desired: DesiredVersion) -> dict[str, t.Any]:
        return {
            "secret_version": {
                "name": f"{state.name}/versions/{state.version}",
                "secret": desired.secret.secret,
                "version": state.version,
                "state": state.state,
                "scheduled_destroy_time": state.scheduled_destroy_time,
            }
        }

    def diff(self, state: VersionState, desired: DesiredVersion) -> dict[str, t.Any]:
        """Number and state, and in place of the payload only whether it is the wanted one."""
        shown: dict[str, t.Any] = {"secret": str(desired.secret), "version": state.version, "state": state.state}
        if desired.payload is not None and state.payload is not None:
            same = state.payload == desired.payload
            shown["payload"] = "(hidden, as wanted)" if same else "(hidden, differs)"
        return shown


def _no_secret(secret: SecretName) -> NotFound:
    return NotFound(f"{secret} does not exist: create it with gcp_secret first.")


def _secret_of(version_name: str) -> str:
    return version_name.rpartition("/versions/")[0]


def _state(version: Version) -> VersionState:
    return VersionState(
        name=_secret_of(version.name),
        version=version.number,
        state=version.state,
        scheduled_destroy_time=version.scheduled_destroy_time,
        etag=version.etag,
    )

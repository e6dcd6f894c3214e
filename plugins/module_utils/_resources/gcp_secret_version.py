# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""A payload as the newest enabled version of a secret, and the state of a version."""

from __future__ import annotations

import time
import typing as t
from dataclasses import dataclass, field, replace

from .._base.errors import ImmutableDifference, NotFound, RegistryAuthError
from .._clients.gcp.calls import FailedPrecondition
from .._clients.gcp.secretmanager import Version
from .._domain.gcp.names import SecretName, VersionName
from .._engine.resource import Change
from .parts.fingerprinted_versions import FingerprintedVersions, with_fingerprint
from .parts.gcp import SecretManagerResource
from .parts.secret_versions import (
    DesiredVersion,
    VersionState,
    hidden_name,
    keeps_fingerprints,
    no_secret,
    secret_of,
    state_of,
)


@dataclass(frozen=True)
class SecretVersions(SecretManagerResource[DesiredVersion, VersionState]):
    """The resource of gcp_secret_version."""

    #: The numbers under which this run has added payloads that are compared by fingerprints, by secret.
    added: dict[str, int] = field(default_factory=dict)
    #: Seconds since 1970.
    clock: t.Callable[[], float] = time.time

    @property
    def _fingerprinted(self) -> FingerprintedVersions:
        return FingerprintedVersions(self.api, self.added, self.clock)

    def read(self, desired: DesiredVersion) -> VersionState:
        """One call when the newest version is enabled and has the bytes; more only otherwise."""
        if keeps_fingerprints(desired):
            return self._fingerprinted.read(desired)
        if desired.version is not None:
            return state_of(self.api.get_version(VersionName(desired.secret, str(desired.version))))
        state = self._latest(desired)
        # "latest" and lists may lag behind for minutes, numbers do not. Before a version is added for want of the bytes,
        # the numbers that would come next say whether one was added that is not yet seen.
        while state.payload != desired.payload:
            number = state.newest + 1
            try:
                added = self.api.access(VersionName(desired.secret, str(number)))
                state = VersionState(secret_of(added.name), number, "ENABLED", added.data, number)
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
            return VersionState(secret_of(latest.name), latest.number, "ENABLED", latest.data, latest.number)
        except NotFound:
            return self._newest_enabled(secret) if desired.certain else VersionState(str(secret), None, None)
        except FailedPrecondition:
            return self._newest_enabled(secret)

    def _newest_enabled(self, secret: SecretName) -> VersionState:
        try:
            versions = self.api.list_versions(secret)
        except NotFound:
            raise no_secret(secret) from None
        if not versions:
            return VersionState(str(secret), None, None)
        name, newest = secret_of(versions[0].name), versions[0].number
        number = next((version.number for version in versions if version.state == "ENABLED"), None)
        if number is None:
            return VersionState(name, None, None, newest=newest)
        return VersionState(name, number, "ENABLED", self._payload(secret, number), newest)

    def _payload(self, secret: SecretName, number: int) -> bytes:
        return self.api.access_enabled(VersionName(secret, str(number))).data

    def assume(self, desired: DesiredVersion) -> VersionState:
        """A new secret without versions, or the version in question, enabled."""
        if desired.version is None:
            return VersionState(str(desired.secret), None, None)
        return VersionState(str(desired.secret), desired.version, "ENABLED")

    def wanted(self, current: VersionState, desired: DesiredVersion) -> VersionState:
        """A new version when the newest enabled one has other bytes; or another state for a version. Raises InvalidInput."""
        if desired.version is None:
            after = self._with_payload(current, desired)
            if refusal := hidden_name(after, desired):
                raise refusal
            return after
        if current.state == "DESTROYED" and desired.state != "DESTROYED":
            raise ImmutableDifference(
                f"{current.name}/versions/{current.version} is destroyed and cannot become {desired.state}: "
                "store the payload again as a new version."
            )
        if desired.state == "DESTROYED" and current.scheduled_destroy_time:
            return current
        return replace(current, state=desired.state)

    def _with_payload(self, current: VersionState, desired: DesiredVersion) -> VersionState:
        if keeps_fingerprints(desired) and desired.payload is not None:
            return with_fingerprint(current, desired, desired.payload)
        if current.payload == desired.payload:
            return current
        number = current.newest + 1
        return replace(current, version=number, state="ENABLED", payload=desired.payload, newest=number)

    def apply(self, change: Change[VersionState], desired: DesiredVersion) -> VersionState:
        """Add the version, or set its state under its etag."""
        after = change.after
        if desired.payload is not None and keeps_fingerprints(desired):
            return self._fingerprinted.apply(change.before, after, desired, desired.payload)
        if desired.payload is not None:
            # There is no etag to send here: two runs at once may both add, and the newest is right all the same. To disable one of them
            # would take "latest" from those who read it, or the older version from the run that has pinned it.
            try:
                added = self.api.add_version(desired.secret, desired.payload)
            except NotFound:
                raise no_secret(desired.secret) from None
            return replace(after, name=secret_of(added.name), version=added.number, newest=added.number)
        version = Version(
            change.before.name, t.cast(int, after.version), str(change.before.state), etag=change.before.etag
        )
        verbs = {
            "ENABLED": self.api.enable_version,
            "DISABLED": self.api.disable_version,
            "DESTROYED": self.api.destroy_version,
        }
        return state_of(verbs[desired.state](version, desired.secret))

    def result(self, state: VersionState, desired: DesiredVersion) -> dict[str, t.Any]:
        return {
            "secret_version": {
                "name": state.version_name,
                "secret": desired.secret.secret,
                "version": state.version,
                "state": state.state,
                "scheduled_destroy_time": state.scheduled_destroy_time,
            }
        }

    def shortfall(self, state: VersionState, desired: DesiredVersion) -> RegistryAuthError | None:
        """Of a secret without versions, and of a version that got another number than planned, only the write tells the name."""
        return hidden_name(state, desired)

    def diff(self, state: VersionState, desired: DesiredVersion) -> dict[str, t.Any]:
        """Number and state; of the payload only whether it is the wanted one, and of fingerprints only which versions have one."""
        shown: dict[str, t.Any] = {"secret": str(desired.secret), "version": state.version, "state": state.state}
        holds = state.holds(desired)
        if desired.payload is not None and state.version is not None and holds is not None:
            shown["payload"] = "(hidden, the one given)" if holds else "(hidden, another one)"
        if keeps_fingerprints(desired):
            shown["versions_with_fingerprints"] = sorted(state.fingerprints)
        return shown

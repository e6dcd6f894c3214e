# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Versions of secrets whose payloads are compared by fingerprints.

A version gets its fingerprint under the secret's etag, first, as an announcement of the number that it will have, and is added then. So
of several runs one adds it, and the others wait for it and find it. Each end in between leaves something that can be told apart:

- announced and not added: the number is free, and whoever runs next announces it anew, and adds it;
- announced and added: that is all there is to do;
- announced, and somebody else added a version of that number: it gets no fingerprint unless it was added in the same minutes, with a checksum;
- added under another number than announced, because somebody else was faster: the fingerprint is written to that number.
"""

from __future__ import annotations

import typing as t
from contextlib import suppress
from dataclasses import dataclass, replace

from ..._base.errors import LostRace, NoFingerprint, NotFound, RegistryAuthError, Unavailable, or_none
from ..._base.values import read_time
from ..._clients.gcp.secretmanager import Secret, SecretManager, Version
from ..._domain.gcp.fingerprints import Fingerprint, annotated, fingerprints_in, fitting, other_annotations
from ..._domain.gcp.names import SecretName, VersionName
from .secret_versions import ADD, BOTH, DesiredVersion, VersionState, no_secret, secret_of
from .steps import only_reading

Fingerprints = t.Mapping[int, Fingerprint]


@dataclass(frozen=True)
class FingerprintedVersions:
    """Reads and writes them. C(clock): seconds since 1970."""

    api: SecretManager
    #: The numbers under which this run has added the wanted payloads, by secret.
    added: dict[str, int]
    clock: t.Callable[[], float]

    def read(self, desired: DesiredVersion) -> VersionState:
        """Two calls when the newest enabled version has the payload by its fingerprint; more only otherwise.

        :raises NoFingerprint: whether it has the payload cannot be told
        :raises LostRace: another run is about to add a version
        """
        try:
            # In this order: who adds a version announces it first.
            versions = self.api.list_versions(desired.secret)
            secret = self.api.get_secret(desired.secret)
        except NotFound:
            raise no_secret(desired.secret) from None
        state = self._state(secret, versions, desired)
        # Lists may lag behind for minutes, numbers do not.
        while not state.holds(desired):
            added = or_none(self.api.get_version, VersionName(desired.secret, str(state.newest + 1)))
            if added is None:
                break
            versions.insert(0, added)
            secret = self.api.get_secret(desired.secret)
            state = self._state(secret, versions, desired)
        if not state.holds(desired):
            self._refuse(state, desired)
        return state

    def _state(self, secret: Secret, versions: t.Sequence[Version], desired: DesiredVersion) -> VersionState:
        """C(versions): the newest first."""
        recorded = fingerprints_in(secret.annotations)
        known = {
            version.number: found
            for version in versions
            if version.state != "DESTROYED"
            and (found := recorded.get(version.number)) is not None
            and _stands(found, version)
            and not self._was_given_another_number(desired, found, version)
        }
        newest = versions[0].number if versions else 0
        number = next((version.number for version in versions if version.state == "ENABLED"), None)
        state = VersionState(secret.name, None, None, newest=newest, fingerprints=known, secret=secret)
        if number is None:
            return state
        return replace(state, version=number, state="ENABLED", payload=self._payload(desired, number))

    def _was_given_another_number(self, desired: DesiredVersion, found: Fingerprint, version: Version) -> bool:
        """Whether this run has announced a version, and then somebody else's got that number."""
        return found.salt == desired.salt and self.added.get(desired.target, version.number) != version.number

    def _payload(self, desired: DesiredVersion, number: int) -> bytes | None:
        """The payload of a version, if it is known or may be read."""
        if self.added.get(desired.target) == number:
            return desired.payload
        if desired.compare != BOTH:
            return None
        return self.api.access_enabled(VersionName(desired.secret, str(number))).data

    def _refuse(self, state: VersionState, desired: DesiredVersion) -> None:
        """Refuse to add a version where one may be wanted no more, or is being added."""
        if state.holds(desired) is None and desired.without_fingerprint != ADD:
            raise NoFingerprint(
                f"{state.version_name} has no fingerprint, so that nobody can tell without reading it whether it holds the payload: run "
                "this once with compare=both (secret_version_compare in an inventory) as somebody who may read payloads, or, to add the "
                "payload as a new version in any case, with without_fingerprint=add (secret_version_without_fingerprint)."
            )
        self._await_turn(state, desired)

    def _await_turn(self, state: VersionState, desired: DesiredVersion) -> None:
        """Raise LostRace while another run is adding a version."""
        announced = fingerprints_in(state.secret.annotations if state.secret else {}).get(state.newest + 1)
        if announced is not None and announced.is_under_way(self.clock(), salt=desired.salt):
            raise LostRace(
                f"Another run is adding a version to {desired.secret}, or has ended while it did: run this again in a minute."
            )

    def apply(self, before: VersionState, after: VersionState, desired: DesiredVersion, payload: bytes) -> VersionState:
        """Write fingerprints, and add the version, if that is new."""
        # A secret that this run has made is known from then.
        with only_reading():
            secret = before.secret or self.api.get_secret(desired.secret)
        if after.version is None or after.version == before.version:
            # To write would drop what it has announced.
            self._await_turn(before, desired)
            return replace(after, secret=self._write(desired.secret, secret, after.fingerprints))
        number = after.version
        announced = replace(after.fingerprints[number], announced=int(self.clock()))
        fingerprints = {**after.fingerprints, number: announced}
        written = self._write(desired.secret, secret, fingerprints)
        added = self._add(desired, payload, written, before.fingerprints)
        self.added[desired.target] = added.number
        name = secret_of(added.name)
        if added.number != number or not _stands(announced, added):
            # Somebody else was faster, or one of the clocks is wrong.
            del fingerprints[number]
            fingerprints[added.number] = Fingerprint.of(payload, added.name, desired.salt)
            try:
                written = self._write(desired.secret, written, fingerprints)
            except RegistryAuthError as error:
                error.partially_applied = True
                raise
        return replace(
            after, name=name, version=added.number, newest=added.number, fingerprints=fingerprints, secret=written
        )

    def _add(self, desired: DesiredVersion, payload: bytes, secret: Secret, fingerprints: Fingerprints) -> Version:
        """Add the version that is announced. C(fingerprints): without it."""
        try:
            return self.api.add_version(desired.secret, payload)
        except NotFound:
            raise no_secret(desired.secret) from None
        except RegistryAuthError as error:
            withdrawn = False
            if not error.unclear and not isinstance(error, Unavailable):
                # That the version cannot be added is what there is to say. An announcement that stays does no harm.
                with suppress(RegistryAuthError):
                    self._write(desired.secret, secret, fingerprints)
                    withdrawn = True
            error.partially_applied = error.partially_applied or not withdrawn
            raise

    def _write(self, name: SecretName, secret: Secret, fingerprints: Fingerprints) -> Secret:
        """Replace the fingerprints, under the secret's etag. Raises LostRace."""
        annotations = annotated(other_annotations(secret.annotations), fingerprints)
        return self.api.update_secret(name, Secret(secret.name, annotations=annotations), ["annotations"], secret.etag)


def with_fingerprint(current: VersionState, desired: DesiredVersion, payload: bytes) -> VersionState:
    """The version with its fingerprint: the one that is there, if it has the payload, or a new one. Raises Refused for want of room."""
    if current.holds(desired):
        found = current.fingerprint
        if current.version is None or (found is not None and found.matches(payload, current.version_name)):
            return current
        after = current
    else:
        number = current.newest + 1
        after = replace(current, version=number, state="ENABLED", payload=payload, newest=number)
    own = {t.cast(int, after.version): Fingerprint.of(payload, after.version_name, desired.salt)}
    others = other_annotations(current.secret.annotations if current.secret else {})
    return replace(after, fingerprints=fitting(others, {**current.fingerprints, **own}, secret=str(desired.secret)))


def _stands(fingerprint: Fingerprint, version: Version) -> bool:
    created = None if version.create_time is None else read_time(version.create_time)
    return fingerprint.stands(created, confirmed=version.checksum_confirmed)

# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is wanted of a secret's versions, and what there is."""

from __future__ import annotations

import base64
import binascii
import secrets
import typing as t
from dataclasses import dataclass, field

from ..._base.errors import InvalidInput, NotFound
from ..._clients.gcp.secretmanager import Secret, Version
from ..._domain.gcp.fingerprints import Fingerprint
from ..._domain.gcp.names import SecretName, VersionName, secret_name
from ..._engine.resource import DesiredState, Options

#: Greatest size of a payload in bytes. Source: Secret Manager's quotas.
MAX_PAYLOAD = 64 * 1024
#: Bytes below which a payload may be guessed: a token of 16 random bytes is longer in any form that can be typed.
GUESSABLE = 16

STATES = {"enabled": "ENABLED", "disabled": "DISABLED", "destroyed": "DESTROYED"}

#: How payloads are compared: by their bytes, by fingerprints, or by their bytes while fingerprints are kept for others.
PAYLOAD, FINGERPRINT, BOTH = COMPARE = ("payload", "fingerprint", "both")
#: What to do where the newest enabled version has no fingerprint.
FAIL, ADD = WITHOUT_FINGERPRINT = ("fail", "add")


@dataclass(frozen=True)
class DesiredVersion(DesiredState):
    """Either C(payload), to be the newest enabled version, or C(version) and the C(state) that it is to have."""

    secret: SecretName
    payload: bytes | None = field(default=None, repr=False)
    #: The payload as it was given. Ansible hides it wherever it is in a result, also within names that other tasks use.
    given: str = field(default="", repr=False, compare=False)
    version: int | None = None
    state: str = "ENABLED"
    #: Whether the read must tell that there is no secret. Where a version will be added in that case, the write tells it for less.
    certain: bool = True
    compare: str = PAYLOAD
    without_fingerprint: str = FAIL
    #: Of the fingerprint that this task would write, by which it also knows its own.
    salt: str = field(default_factory=lambda: secrets.token_hex(16), compare=False)

    @property
    def target(self) -> str:
        return str(self.secret if self.version is None else VersionName(self.secret, str(self.version)))

    @property
    def warnings(self) -> tuple[str, ...]:
        if self.payload is not None and keeps_fingerprints(self) and len(self.payload) < GUESSABLE:
            return (
                f"The payload for {self.secret} is shorter than {GUESSABLE} bytes. Whoever may see the secret's annotations can try "
                f"guesses on its fingerprint: use compare={PAYLOAD} for what is not random.",
            )
        return ()

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
            given = str(options.get("payload") or options.get("payload_base64"))
            if given in f"{secret}/versions/":
                raise InvalidInput(
                    "The payload is a part of the secret's own name, and could not be kept out of results."
                )
            compare = options.get("compare") or PAYLOAD
            without = options.get("without_fingerprint")
            if without and compare != FINGERPRINT:
                raise InvalidInput(f"without_fingerprint is for compare={FINGERPRINT} only: set that, or leave it out.")
            return cls(secret, payload, given, certain=certain, compare=compare, without_fingerprint=without or FAIL)
        if version is None:
            raise InvalidInput(f"version is missing: state {state} needs the number of the version.")
        if options.get("payload") is not None or options.get("payload_base64") is not None:
            raise InvalidInput(f"state {state} takes no payload.")
        if version < 1:
            raise InvalidInput(f"version {version} is not a version: versions are numbered from 1.")
        return cls(secret, version=version, state=STATES[state])


def keeps_fingerprints(desired: DesiredVersion) -> bool:
    """Whether fingerprints are read and kept for what is wanted."""
    return desired.payload is not None and desired.compare != PAYLOAD


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
        raise InvalidInput(
            "The payload is empty, which is never meant: an environment variable that is not set gives an empty text."
        )
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
    #: None when it was not read.
    payload: bytes | None = field(default=None, repr=False)
    newest: int = 0
    scheduled_destroy_time: str | None = field(default=None, compare=False)
    etag: str = field(default="", compare=False)
    #: Of the versions that are there, by their numbers, where fingerprints are kept.
    fingerprints: t.Mapping[int, Fingerprint] = field(default_factory=dict)
    #: The secret, whose annotations have the fingerprints.
    secret: Secret | None = field(default=None, compare=False, repr=False)

    @property
    def version_name(self) -> str:
        """The name of the version."""
        return f"{self.name}/versions/{self.version}"

    @property
    def fingerprint(self) -> Fingerprint | None:
        """The fingerprint of the version."""
        return None if self.version is None else self.fingerprints.get(self.version)

    def holds(self, desired: DesiredVersion) -> bool | None:
        """Whether the version has the wanted payload; None when that cannot be told."""
        if self.version is None or desired.payload is None:
            return False
        if self.payload is not None:
            return self.payload == desired.payload
        found = self.fingerprint
        return None if found is None else found.matches(desired.payload, self.version_name)


def hidden_name(state: VersionState, desired: DesiredVersion) -> InvalidInput | None:
    """The error where the name of a version has its payload in it. Answers have the number of a project whose id was given."""
    if not desired.given or desired.given not in state.version_name:
        return None
    return InvalidInput(
        "The payload is a part of the name of its version, in which Google writes the number of the project and that of the version. It "
        "could not be kept out of results, and other tasks could not use the name: store another payload."
    )


def no_secret(secret: SecretName) -> NotFound:
    """The error where there is no secret that could have versions."""
    return NotFound(f"{secret} does not exist: create it with gcp_secret first.")


def secret_of(version_name: str) -> str:
    """The name of the secret that a version is of."""
    return version_name.rpartition("/versions/")[0]


def state_of(version: Version) -> VersionState:
    """A version on its own."""
    return VersionState(
        name=secret_of(version.name),
        version=version.number,
        state=version.state,
        scheduled_destroy_time=version.scheduled_destroy_time,
        etag=version.etag,
    )

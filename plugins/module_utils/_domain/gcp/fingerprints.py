# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Fingerprints of payloads: what annotations of a secret say of its versions, so that nobody needs to read these to compare them.

A fingerprint is the SHA-256 of a random salt, of the version's name and of the payload. Because the name is in it, one that is copied to
another secret matches nothing there. It is written before its version is added, so that a run that ends in between can be completed;
such an announcement counts for what was added right then, and for nothing else.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import typing as t
from dataclasses import dataclass, replace
from datetime import datetime

from ..._base.errors import Refused

#: Bytes that all annotations of a secret must stay below, keys and values. Source: the Secret resource of the Secret Manager v1 API.
MAX_ANNOTATIONS_SIZE = 16 * 1024

#: How the keys begin; the number of the version follows. The API takes letters, digits, hyphens, underscores and dots, up to 63.
PREFIX = "registry-auth-sha256."
_KEY = re.compile(rf"{re.escape(PREFIX)}([1-9][0-9]{{0,18}})")
_VALUE = re.compile(r"([0-9a-f]{32}):([0-9a-f]{64})(?::([0-9]{1,12}))?")

#: Seconds between an announcement and the creation of its version, by two clocks, within which both are one run's.
WINDOW = 600
#: Seconds for which whoever announced a version is given the time to add it.
TURN = 10

Annotations = t.Mapping[str, str]


@dataclass(frozen=True)
class Fingerprint:
    """What is known of one version's payload."""

    salt: str
    digest: str
    #: When the version was announced, in seconds since 1970. None when it is known that the version has this payload.
    announced: int | None = None

    @classmethod
    def of(cls, payload: bytes, version: str, salt: str) -> Fingerprint:
        """The fingerprint of a payload in a version of that name, which is as the service writes it."""
        return cls(salt, hashlib.sha256(f"{salt}:{version}:".encode() + payload).hexdigest())

    def matches(self, payload: bytes, version: str) -> bool:
        """Whether it is of this payload in the version of that name."""
        return hmac.compare_digest(self.digest, Fingerprint.of(payload, version, self.salt).digest)

    def stands(self, created: datetime | None, *, confirmed: bool) -> bool:
        """Whether it is of a version: one that was only announced must have been added right then, as we add versions.

        :param created: when the version was made
        :param confirmed: whether the service has checked the payload against the checksum of whoever added it
        """
        if self.announced is None:
            return True
        return confirmed and created is not None and abs(created.timestamp() - self.announced) <= WINDOW

    def is_under_way(self, now: float, *, salt: str) -> bool:
        """Whether another run may be adding the version at this moment. C(salt): of the run that asks."""
        return self.announced is not None and self.salt != salt and abs(now - self.announced) <= TURN

    def __str__(self) -> str:
        announced = "" if self.announced is None else f":{self.announced}"
        return f"{self.salt}:{self.digest}{announced}"


def is_fingerprint_key(key: str) -> bool:
    """Whether an annotation of this key is a fingerprint."""
    return _KEY.fullmatch(key) is not None


def other_annotations(annotations: Annotations) -> dict[str, str]:
    """The annotations that are no fingerprints."""
    return {key: value for key, value in annotations.items() if not is_fingerprint_key(key)}


def fingerprints_in(annotations: Annotations) -> dict[int, Fingerprint]:
    """The fingerprints, by the numbers of versions. One that cannot be read says nothing."""
    found = {}
    for key, value in annotations.items():
        number, parts = _KEY.fullmatch(key), _VALUE.fullmatch(value)
        if number and parts:
            found[int(number[1])] = Fingerprint(parts[1], parts[2], None if parts[3] is None else int(parts[3]))
    return found


def annotated(others: Annotations, fingerprints: t.Mapping[int, Fingerprint]) -> dict[str, str]:
    """All annotations of a secret, from those that are no fingerprints and those that are."""
    return {**others, **{f"{PREFIX}{number}": str(one) for number, one in sorted(fingerprints.items())}}


def fitting(others: Annotations, fingerprints: t.Mapping[int, Fingerprint], *, secret: str) -> dict[int, Fingerprint]:
    """The fingerprints of as many of the newest versions as annotations have room for.

    :raises Refused: there is no room for a single one; names the secret
    """
    kept = dict(sorted(fingerprints.items()))
    # Each is measured as long as it gets, so that to announce a version changes nothing about the others.
    longest = {number: replace(one, announced=10**10) for number, one in kept.items()}
    while size_of(annotated(others, longest)) >= MAX_ANNOTATIONS_SIZE:
        if len(longest) <= 1:
            raise Refused(
                f"The annotations of {secret} have no room for a fingerprint: together they must stay below {MAX_ANNOTATIONS_SIZE} bytes."
            )
        del longest[min(longest)]
    return {number: kept[number] for number in longest}


def size_of(annotations: Annotations) -> int:
    """Bytes of annotations, as the service counts them."""
    return sum(len(key.encode()) + len(value.encode()) for key, value in annotations.items())

# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What Secret Manager accepts in a secret.

The limits are those of the comments in Google's resources.proto; the texts are our own where no report quotes Google's.
All functions raise ApiError INVALID_ARGUMENT.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Mapping
from datetime import datetime, timedelta

from google.protobuf.message import Message

from local_cloud.platform.errors import ApiError, invalid_argument
from local_cloud.services.locations import REGIONS

_SECRET_ID = re.compile(r"[A-Za-z0-9_-]{1,255}")
_ANNOTATION_KEY = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9_.-]{0,61}[A-Za-z0-9])?")
_ALIAS = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,62}")
_TOPIC = re.compile(r"projects/[^/]+/topics/[^/]+")
_KMS_KEY = re.compile(r"projects/[^/]+/locations/([^/]+)/keyRings/[^/]+/cryptoKeys/[^/]+")
_HUNDRED_YEARS = timedelta(seconds=3_153_600_000)
_MAX_LABELS = 64
_MAX_TOPICS = 10
_MAX_ALIASES = 50
_MAX_ANNOTATIONS_SIZE = 16 * 1024


def check_secret_id(secret_id: str) -> None:
    if not _SECRET_ID.fullmatch(secret_id):
        raise invalid_argument("The secret id must have 1 to 255 letters, digits, hyphens and underscores.")


def check_location(location: str) -> None:
    if location and location not in REGIONS:
        raise invalid_argument(f"Location '{location}' is not supported.")


def check_metadata(secret: Message) -> None:
    """Labels, annotations and topics."""
    _check_labels(secret.labels)
    _check_annotations(secret.annotations)
    topics = [topic.name for topic in secret.topics]
    if len(topics) > _MAX_TOPICS:
        raise invalid_argument(f"A secret can have at most {_MAX_TOPICS} topics.")
    if len(set(topics)) != len(topics):
        raise invalid_argument("The topics of a secret must differ.")
    for topic in topics:
        if not _TOPIC.fullmatch(topic):
            raise invalid_argument("A topic must be named projects/PROJECT/topics/TOPIC.")


def check_replication(secret: Message, location: str) -> None:
    """A global secret says how it is replicated; a regional one has no replication but may have a key of its own."""
    if location:
        if secret.HasField("replication"):
            raise invalid_argument("A regional secret has no replication policy.")
        if secret.HasField("customer_managed_encryption"):
            _check_key(secret.customer_managed_encryption.kms_key_name, location)
        return
    if secret.HasField("customer_managed_encryption"):
        raise invalid_argument("Field customer_managed_encryption is only for regional secrets: use replication.")
    policy = secret.replication.WhichOneof("replication")
    if policy is None:
        raise invalid_argument("The replication policy of the secret must be set.")
    if policy == "automatic":
        if secret.replication.automatic.HasField("customer_managed_encryption"):
            _check_key(secret.replication.automatic.customer_managed_encryption.kms_key_name, "global")
        return
    _check_replicas(secret.replication.user_managed.replicas)


def check_same_replication(current: Message, wanted: Message) -> None:
    """Only the keys of a replication policy can change."""
    if _replication_shape(current) != _replication_shape(wanted):
        raise invalid_argument("The replication policy of a secret cannot be changed, except for its keys.")


def check_expiration(expire_time: datetime, now: datetime) -> None:
    if not timedelta(seconds=60) <= expire_time - now <= _HUNDRED_YEARS:
        raise invalid_argument("The expiration must be at least 60 seconds and at most 100 years in the future.")


def check_rotation(secret: Message, now: datetime, *, new_time: bool) -> None:
    """``new_time``: next_rotation_time is being set now (a stored one may lie in the past)."""
    if not secret.HasField("rotation"):
        return
    if not secret.topics:
        raise invalid_argument("A secret with a rotation policy must have topics.")
    if not secret.rotation.HasField("next_rotation_time"):
        raise invalid_argument("rotation.next_rotation_time must be set when rotation.rotation_period is.")
    if secret.rotation.HasField("rotation_period"):
        period = secret.rotation.rotation_period.ToTimedelta()
        if not timedelta(hours=1) <= period <= _HUNDRED_YEARS:
            raise invalid_argument("rotation.rotation_period must be at least 3600s and at most 3153600000s.")
    if new_time:
        ahead = _datetime(secret.rotation.next_rotation_time, now) - now
        if not timedelta(seconds=300) <= ahead <= _HUNDRED_YEARS:
            raise invalid_argument("rotation.next_rotation_time must be 300s to 3153600000s in the future.")


def check_version_destroy_ttl(secret: Message) -> None:
    if not secret.HasField("version_destroy_ttl"):
        return
    if not timedelta(days=1) <= secret.version_destroy_ttl.ToTimedelta() <= timedelta(days=1000):
        raise invalid_argument("version_destroy_ttl must be at least 24 hours and at most 1000 days.")


def check_aliases(aliases: Mapping[str, int], versions: Collection[str]) -> None:
    """``versions``: the numbers that exist."""
    if len(aliases) > _MAX_ALIASES:
        raise invalid_argument(f"A secret can have at most {_MAX_ALIASES} version aliases.")
    for alias, number in aliases.items():
        if not _ALIAS.fullmatch(alias) or alias in {"latest", "NEW"}:
            raise invalid_argument(f"'{alias}' is not a valid version alias.")
        if str(number) not in versions:
            raise invalid_argument(f"The version {number} of the alias '{alias}' does not exist.")


def _check_labels(labels: Mapping[str, str]) -> None:
    if len(labels) > _MAX_LABELS:
        raise invalid_argument(f"A secret can have at most {_MAX_LABELS} labels.")
    for key, value in labels.items():
        starts_well = unicodedata.category(key[:1] or " ") in {"Ll", "Lo"}
        if not (starts_well and _is_label_text(key)):
            raise invalid_argument(f"Invalid label key '{key}'.")
        if not _is_label_text(value):
            raise invalid_argument(f"Invalid value of the label '{key}'.")


def _is_label_text(text: str) -> bool:
    """``[\\p{Ll}\\p{Lo}\\p{N}_-]{0,63}`` and at most 128 bytes."""
    characters = all(
        character in "_-" or unicodedata.category(character) in {"Ll", "Lo", "Nd", "Nl", "No"} for character in text
    )
    return characters and len(text) <= 63 and len(text.encode()) <= 128


def _check_annotations(annotations: Mapping[str, str]) -> None:
    for key in annotations:
        if not _ANNOTATION_KEY.fullmatch(key):
            raise invalid_argument(f"Invalid annotation key '{key}'.")
    size = sum(len(key.encode()) + len(value.encode()) for key, value in annotations.items())
    if size >= _MAX_ANNOTATIONS_SIZE:
        raise invalid_argument("The annotations of a secret must be smaller than 16 KiB in all.")


def _check_replicas(replicas: Collection[Message]) -> None:
    locations = [replica.location for replica in replicas]
    if not locations:
        raise invalid_argument("A user-managed replication policy must have at least one replica.")
    if len(set(locations)) != len(locations):
        raise invalid_argument("The replicas of a secret must be in different locations.")
    for location in locations:
        if location not in REGIONS:
            raise invalid_argument(f"Location '{location}' is not supported.")
    keyed = [replica for replica in replicas if replica.HasField("customer_managed_encryption")]
    if keyed and len(keyed) != len(locations):
        raise invalid_argument("Either all replicas have a customer-managed encryption key or none has.")
    for replica in keyed:
        _check_key(replica.customer_managed_encryption.kms_key_name, replica.location)


def _check_key(key: str, location: str) -> None:
    found = _KMS_KEY.fullmatch(key)
    if not found:
        raise invalid_argument("A key must be named projects/P/locations/L/keyRings/R/cryptoKeys/K.")
    if found[1] != location:
        raise invalid_argument(f"The key must be in the location '{location}', not in '{found[1]}'.")


def _replication_shape(secret: Message) -> tuple[str | None, frozenset[str]]:
    replicas = secret.replication.user_managed.replicas
    return secret.replication.WhichOneof("replication"), frozenset(replica.location for replica in replicas)


def _datetime(timestamp: Message, now: datetime) -> datetime:
    return timestamp.ToDatetime(tzinfo=now.tzinfo)


def bad_etag() -> ApiError:
    """The etag of a stale read. Google answers FAILED_PRECONDITION here, not ABORTED."""
    return ApiError(
        "FAILED_PRECONDITION", "The provided etag is out of date. Please read the resource again and retry."
    )

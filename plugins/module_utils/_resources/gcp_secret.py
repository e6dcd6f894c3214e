# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Secrets themselves: where they are kept, what is written on them, when they rotate and expire; and, read only, their versions."""

from __future__ import annotations

import re
import typing as t
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from .._base.errors import ImmutableDifference, InvalidInput, NotFound, or_none
from .._base.values import parse_duration, parse_time, read_time
from .._clients.gcp.secretmanager import MASKS, Automatic, Secret, UserManaged, Version
from .._domain.gcp.fingerprints import MAX_ANNOTATIONS_SIZE, is_fingerprint_key, other_annotations, size_of
from .._domain.gcp.names import SecretName, optional_location, parse_secret_name, project_of, secret_name
from .._engine.reconcile import CONCURRENCY
from .._engine.resource import Change, DesiredState, NamedState, Options
from .parts.gcp import SecretManagerResource, from_lists
from .parts.labels import merged, read_labels, texts

# Limits of the Secret resource. Source: the Secret Manager v1 API's reference, and for expiration Secret Manager's documentation.
# Times are in seconds.
_ALIAS = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,62}")
_ANNOTATION = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]{0,61}[A-Za-z0-9])?")
_TOPIC = re.compile(r"projects/[^/\s]+/topics/[^/\s]+")
_KEY = re.compile(r"projects/[^/\s]+/locations/(?P<location>[^/\s]+)/keyRings/[^/\s]+/cryptoKeys/[^/\s]+")
MAX_TOPICS, MAX_ALIASES = 10, 50
HUNDRED_YEARS = 3_153_600_000
SHORTEST_LIFE, SHORTEST_ROTATION = 60, 300

#: Fields of Secret that are as they are wanted, once that is said.
AS_GIVEN = ("kms_key_name", "topics", "next_rotation_time", "rotation_period", "expire_time", "version_destroy_ttl")


@dataclass(frozen=True)
class DesiredSecret(NamedState[SecretName]):
    """What is wanted of a secret. None leaves what is there alone."""

    absent: bool = False
    replication: Automatic | UserManaged | None = None
    kms_key_name: str | None = None
    labels: t.Mapping[str, str] | None = None
    purge_labels: bool = False
    annotations: t.Mapping[str, str] | None = None
    purge_annotations: bool = False
    topics: tuple[str, ...] | None = None
    next_rotation_time: str | None = None
    rotation_period: int | None = None
    expire_time: str | None = None
    ttl: int | None = None
    version_destroy_ttl: int | None = None
    version_aliases: t.Mapping[str, int] | None = None
    purge_version_aliases: bool = False
    now: datetime = field(default_factory=lambda: datetime.now(UTC), compare=False)

    @classmethod
    def from_options(cls, options: Options) -> DesiredSecret:
        secret = secret_name(options)
        rotation = options.get("rotation") or {}
        desired = cls(
            name=secret,
            absent=options.get("state") == "absent",
            replication=_replication(options.get("replication")),
            kms_key_name=(options.get("customer_managed_encryption") or {}).get("kms_key_name"),
            labels=read_labels(options.get("labels")),
            purge_labels=bool(options.get("purge_labels")),
            annotations=texts(options.get("annotations"), "annotations"),
            purge_annotations=bool(options.get("purge_annotations")),
            topics=None if options.get("topics") is None else tuple(sorted(set(options["topics"]))),
            next_rotation_time=_time(rotation.get("next_rotation_time"), "rotation.next_rotation_time"),
            rotation_period=_seconds(rotation.get("rotation_period"), "rotation.rotation_period"),
            expire_time=_time(options.get("expire_time"), "expire_time"),
            ttl=_seconds(options.get("ttl"), "ttl"),
            version_destroy_ttl=_seconds(options.get("version_destroy_ttl"), "version_destroy_ttl"),
            version_aliases=_aliases(options.get("version_aliases")),
            purge_version_aliases=bool(options.get("purge_version_aliases")),
        )
        _check_place(desired)
        _check_keys(desired)
        _check_maps(desired)
        _check_times(desired)
        return desired


def _replication(given: Options | None) -> Automatic | UserManaged | None:
    if given is None:
        return None
    automatic, user_managed = given.get("automatic"), given.get("user_managed")
    if (automatic is None) == (user_managed is None):
        raise InvalidInput("replication takes one of automatic and user_managed.")
    if automatic is not None:
        return Automatic(automatic.get("kms_key_name"))
    if not user_managed:
        raise InvalidInput("replication.user_managed is empty: name at least one location.")
    locations = {replica["location"]: replica.get("kms_key_name") for replica in user_managed}
    if len(locations) < len(user_managed):
        raise InvalidInput("replication.user_managed names a location twice.")
    return UserManaged(locations)


def _aliases(given: t.Mapping[str, t.Any] | None) -> dict[str, int] | None:
    if given is None:
        return None
    for alias, number in given.items():
        if not _ALIAS.fullmatch(alias) or alias in ("latest", "NEW"):
            raise InvalidInput(
                f"version_aliases has {alias!r}: an alias starts with a letter, has up to 63 letters, digits, hyphens and "
                "underscores, and is neither latest nor NEW."
            )
        if not re.fullmatch("[1-9][0-9]{0,17}", str(number)):
            raise InvalidInput(f"version_aliases.{alias} is {number!r}: give the number of a version.")
    return {alias: int(number) for alias, number in given.items()}


def _time(given: str | None, option: str) -> str | None:
    return None if given is None else parse_time(given, option=option)


def _seconds(given: str | None, option: str) -> int | None:
    return None if given is None else parse_duration(given, option=option)


def _check_place(desired: DesiredSecret) -> None:
    if desired.name.location and desired.replication:
        raise InvalidInput(f"replication does not go with a regional secret: {desired.name} stays in its location.")
    if desired.kms_key_name and not desired.name.location:
        raise InvalidInput(
            "customer_managed_encryption is for regional secrets: for a global one give kms_key_name in replication."
        )
    if isinstance(desired.replication, UserManaged):
        keyed = [location for location, key in desired.replication.locations.items() if key]
        if keyed and len(keyed) < len(desired.replication.locations):
            raise InvalidInput(
                "replication.user_managed has kms_key_name for some locations only: give it for all or none."
            )


def _check_keys(desired: DesiredSecret) -> None:
    """Each key must be named in full, and be where what it encrypts is."""
    keys: list[tuple[str | None, str]] = [(desired.kms_key_name, desired.name.location or "")]
    if isinstance(desired.replication, Automatic):
        keys.append((desired.replication.kms_key_name, "global"))
    if isinstance(desired.replication, UserManaged):
        keys += [(key, location) for location, key in desired.replication.locations.items()]
    for key, location in keys:
        if not key:
            continue
        match = _KEY.fullmatch(key)
        if not match:
            raise InvalidInput(
                f"kms_key_name {key!r} is not a key's name: give projects/PROJECT/locations/LOCATION/keyRings/RING/cryptoKeys/KEY."
            )
        if match["location"] != location:
            raise InvalidInput(f"kms_key_name {key!r} is in {match['location']}: a key in {location} is needed here.")


def _check_maps(desired: DesiredSecret) -> None:
    for key in desired.annotations or ():
        if not _ANNOTATION.fullmatch(key):
            raise InvalidInput(
                f"annotations has the key {key!r}: a key has up to 63 letters, digits, hyphens, underscores and dots, and begins "
                "and ends with a letter or digit."
            )
        if is_fingerprint_key(key):
            raise InvalidInput(
                f"annotations has the key {key!r}, under which gcp_secret_version keeps the fingerprint of a version: leave it out."
            )
    for option, items, most in (
        ("topics", desired.topics, MAX_TOPICS),
        ("version_aliases", desired.version_aliases, MAX_ALIASES),
    ):
        if items is not None and len(items) > most:
            raise InvalidInput(f"{option} has {len(items)} entries: up to {most} are accepted.")
    size = size_of(desired.annotations or {})
    if size >= MAX_ANNOTATIONS_SIZE:
        raise InvalidInput(f"annotations have {size} bytes: less than {MAX_ANNOTATIONS_SIZE} are accepted.")
    for topic in desired.topics or ():
        if not _TOPIC.fullmatch(topic):
            raise InvalidInput(f"topics has {topic!r}: give projects/PROJECT/topics/TOPIC.")


def _check_times(desired: DesiredSecret) -> None:
    if desired.expire_time and desired.ttl is not None:
        raise InvalidInput("Give only one of expire_time and ttl.")
    if desired.ttl is not None and not SHORTEST_LIFE <= desired.ttl <= HUNDRED_YEARS:
        raise InvalidInput("ttl must be from 60s to 100 years.")
    if desired.rotation_period is not None and not 3600 <= desired.rotation_period <= HUNDRED_YEARS:
        raise InvalidInput("rotation.rotation_period must be from 1h to 100 years.")
    if desired.version_destroy_ttl is not None and not 86400 <= desired.version_destroy_ttl <= 1000 * 86400:
        raise InvalidInput("version_destroy_ttl must be from 1d to 1000d.")


def _check_new_times(current: Secret, after: Secret, now: datetime) -> None:
    """Refuse times that are set now and are too near. Those that are there already may be past."""
    for option, before, to_be, least in (
        ("expire_time", current.expire_time, after.expire_time, SHORTEST_LIFE),
        ("rotation.next_rotation_time", current.next_rotation_time, after.next_rotation_time, SHORTEST_ROTATION),
    ):
        if to_be and to_be != before and not least <= (read_time(to_be) - now).total_seconds() <= HUNDRED_YEARS:
            raise InvalidInput(f"{option} {to_be} must be from {least} seconds to 100 years from now.")


def _rotated_meanwhile(current: Secret, desired: DesiredSecret) -> bool:
    """Whether the wanted rotation is past and the service has set the next one by itself."""
    if not desired.next_rotation_time or not current.next_rotation_time:
        return False
    return read_time(desired.next_rotation_time) <= desired.now


def _refuse_other_places(current: Secret, replication: Automatic | UserManaged) -> None:
    is_now, to_be = _places(current.replication), _places(replication)
    if is_now != to_be:
        raise ImmutableDifference(
            f"{current.name} has replication {is_now} and cannot change to {to_be}: where a secret is kept is fixed when it "
            "is created. Nothing was changed; make a secret of another name."
        )


def _places(replication: Automatic | UserManaged | None) -> str:
    if isinstance(replication, UserManaged):
        return f"user_managed in {', '.join(sorted(replication.locations))}"
    return "automatic" if replication else "regional"


def _with_keys(
    current: Automatic | UserManaged | None, given: Automatic | UserManaged | None
) -> Automatic | UserManaged | None:
    """Same places, with the keys that are given; a key that is not given stays."""
    if isinstance(current, UserManaged) and isinstance(given, UserManaged):
        return UserManaged({place: given.locations[place] or key for place, key in current.locations.items()})
    if isinstance(current, Automatic) and isinstance(given, Automatic):
        return Automatic(given.kms_key_name or current.kms_key_name)
    return current


def _annotations(current: t.Mapping[str, str], desired: DesiredSecret) -> t.Mapping[str, str]:
    """The annotations as they are to be. Fingerprints of versions stay, also when others are purged."""
    others = other_annotations(current)
    fingerprints = {key: value for key, value in current.items() if key not in others}
    return {**fingerprints, **merged(others, desired.annotations, desired.purge_annotations)}


def changed_masks(before: Secret, after: Secret) -> list[str]:
    """The API's names of the fields that differ."""
    return [mask for name, mask in MASKS.items() if getattr(before, name) != getattr(after, name)]


class Secrets(SecretManagerResource[DesiredSecret, "Secret | None"]):
    """The resource of gcp_secret. Its state is the secret, or None."""

    def read(self, desired: DesiredSecret) -> Secret | None:
        return or_none(self.api.get_secret, desired.name)

    def read_listed(self, entries: t.Sequence[DesiredSecret]) -> dict[str, Secret | None]:
        """One list for all secrets of a project or location. What a list does not have yet is found when it is created."""
        return {one.unit: secret for one, secret in from_lists(entries, self.api.list_secrets)}

    def wanted(self, current: Secret | None, desired: DesiredSecret) -> Secret | None:
        """Raises ImmutableDifference when it would have to be kept elsewhere, InvalidInput when rotation lacks what it needs."""
        if desired.absent:
            return None
        if current is None:
            replication = desired.replication
            if replication is None and not desired.name.location:
                replication = Automatic()
            current = Secret(name=str(desired.name), replication=replication)
        elif desired.replication is not None:
            _refuse_other_places(current, desired.replication)
        given = {name: value for name in AS_GIVEN if (value := getattr(desired, name)) is not None}
        if _rotated_meanwhile(current, desired):
            del given["next_rotation_time"]
        after = replace(
            current,
            **given,
            ttl=desired.ttl,
            replication=_with_keys(current.replication, desired.replication),
            labels=merged(current.labels, desired.labels, desired.purge_labels),
            annotations=_annotations(current.annotations, desired),
            version_aliases=merged(current.version_aliases, desired.version_aliases, desired.purge_version_aliases),
        )
        if after.rotation_period is not None and not (after.next_rotation_time and after.topics):
            raise InvalidInput(
                f"{after.name} cannot rotate by itself without rotation.next_rotation_time and topics: give both."
            )
        _check_new_times(current, after, desired.now)
        return after

    def apply(self, change: Change[Secret | None], desired: DesiredSecret) -> Secret | None:
        """Write what differs, under the etag that was read."""
        before, after = change.before, change.after
        if before is None:
            return self.api.create_secret(desired.name, after) if after else None
        if after is None:
            self.api.delete_secret(desired.name, before.etag)
            return None
        return self.api.update_secret(desired.name, after, changed_masks(before, after), before.etag)

    def result(self, state: Secret | None, desired: DesiredSecret) -> dict[str, t.Any]:
        return {"secret": None if state is None else shown(state)}

    def diff(self, state: Secret | None, desired: DesiredSecret) -> dict[str, t.Any]:
        if state is None:
            return {}
        options = shown(state)
        del options["create_time"]
        return {"state": "present", **options}


def shown(secret: Secret) -> dict[str, t.Any]:
    """A secret in the shape of the options of gcp_secret, for its result and for gcp_secret_info."""
    replication: dict[str, t.Any] | None = None
    if isinstance(secret.replication, UserManaged):
        replicas = [{"location": place, "kms_key_name": key} for place, key in secret.replication.locations.items()]
        replication = {"user_managed": replicas}
    elif secret.replication:
        replication = {"automatic": {"kms_key_name": secret.replication.kms_key_name}}
    return {
        "name": secret.name,
        "secret": secret.name.rpartition("/")[2],
        "replication": replication,
        "customer_managed_encryption": {"kms_key_name": secret.kms_key_name} if secret.kms_key_name else None,
        "labels": dict(secret.labels),
        # Fingerprints of versions are no options: who copies what is shown to another secret means the rest.
        "annotations": other_annotations(secret.annotations),
        "topics": list(secret.topics),
        "rotation": {"next_rotation_time": secret.next_rotation_time, "rotation_period": secret.rotation_period},
        "expire_time": secret.expire_time,
        "version_destroy_ttl": secret.version_destroy_ttl,
        "version_aliases": dict(secret.version_aliases),
        "create_time": secret.create_time,
    }


@dataclass(frozen=True)
class WantedSecrets(DesiredState):
    """A secret, or all of a project or of one of its locations, that are to be read."""

    project: str
    location: str | None = None
    secret: SecretName | None = None

    @classmethod
    def from_options(cls, options: Options) -> WantedSecrets:
        name = secret_name(options) if options.get("secret") else None
        return cls(name.project if name else project_of(options), optional_location(options), name)

    @property
    def target(self) -> str:
        return str(self.secret or f"all secrets of {SecretName(self.project, '-', self.location).parent}")


@dataclass(frozen=True)
class SecretReadings(SecretManagerResource[WantedSecrets, tuple[dict[str, t.Any], ...]]):
    """The resource of gcp_secret_info. Its state is what is shown of each secret; no payload is read."""

    #: Shared by all entries, so that they together read no more at once than the engine would.
    pool: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(max_workers=CONCURRENCY))

    def read(self, desired: WantedSecrets) -> tuple[dict[str, t.Any], ...]:
        """One call for the secret, or for a page of all, and one for the versions of each. Empty when there is no such secret."""
        if desired.secret is None:
            return tuple(
                self.pool.map(self._with_versions, self.api.list_secrets(desired.project, desired.location).items)
            )
        try:
            return (self._with_versions(self.api.get_secret(desired.secret)),)
        except NotFound:
            return ()

    def _with_versions(self, secret: Secret) -> dict[str, t.Any]:
        versions = self.api.list_versions(parse_secret_name(secret.name))
        return {**shown(secret), "versions": [_shown_version(version) for version in versions]}

    def assume(self, desired: WantedSecrets) -> tuple[dict[str, t.Any], ...]:
        """A new project has none."""
        return ()

    def result(self, state: tuple[dict[str, t.Any], ...], desired: WantedSecrets) -> dict[str, t.Any]:
        return {"secrets": list(state)}


def _shown_version(version: Version) -> dict[str, t.Any]:
    return {
        "name": version.name,
        "version": version.number,
        "state": version.state,
        "create_time": version.create_time,
        "destroy_time": version.destroy_time,
        "scheduled_destroy_time": version.scheduled_destroy_time,
    }

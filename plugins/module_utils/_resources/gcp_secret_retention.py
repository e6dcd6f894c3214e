# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which versions of a secret are still wanted, and the retirement of the rest."""

from __future__ import annotations

import typing as t
from collections import defaultdict
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import lru_cache

from .._base.errors import InvalidInput, NotFound, RegistryAuthError, Unavailable, as_ours
from .._base.values import parse_duration, read_time
from .._clients.gcp.secretmanager import Version
from .._domain.gcp.names import SecretName, parse_version_name, secret_name
from .._engine.resource import Change, NamedState, Options
from .parts.gcp import SecretManagerResource

Versions = tuple[Version, ...]

DEFAULT_KEEP = 2


@dataclass(frozen=True)
class DesiredRetention(NamedState[SecretName]):
    """How many versions to keep, and what becomes of the others."""

    keep: int
    #: Numbers of versions that somebody uses.
    in_use: frozenset[int]
    destroy: bool
    min_age: timedelta
    now: datetime = field(default_factory=lambda: datetime.now(UTC), compare=False)

    @classmethod
    def from_options(cls, options: Options) -> DesiredRetention:
        secret = secret_name(options)
        keep = options.get("keep")
        if keep is None:
            keep = DEFAULT_KEEP
        if keep < 1:
            raise InvalidInput(f"keep is {keep}: at least 1 is accepted, for the newest enabled version always stays.")
        return cls(
            name=secret,
            keep=keep,
            in_use=_numbers_in_use(tuple(options.get("in_use") or ()), secret),
            destroy=options.get("action") == "destroy",
            min_age=timedelta(seconds=parse_duration(options.get("min_age") or 0, option="min_age")),
        )


# All entries of a batch are mostly given the same list, of the versions that all of a project's repositories use.
@lru_cache(maxsize=8)
def _by_secret(names: tuple[t.Any, ...]) -> t.Mapping[tuple[str, str | None] | None, dict[str, str]]:
    """What O(in_use) names: each version with its name as given, by secret and location; below None what has no secret.

    Projects are not compared: their id and number are the same thing, and keeping a version too many harms nobody.
    """
    found: dict[tuple[str, str | None] | None, dict[str, str]] = defaultdict(dict)
    for given in names:
        name = str(given).strip()
        if "/" in name:
            parsed = parse_version_name(name, option="in_use")
            found[parsed.secret.secret, parsed.secret.location][parsed.version] = name
        else:
            found[None][name] = name
    return found


def _numbers_in_use(names: tuple[t.Any, ...], secret: SecretName) -> frozenset[int]:
    """The numbers of a secret's versions that O(in_use) means. V(latest) is always kept."""
    found = _by_secret(names)
    versions = {**found.get(None, {}), **found.get((secret.secret, secret.location), {})}
    versions.pop("latest", None)
    for version, name in versions.items():
        if not (version.isascii() and version.isdigit()):
            raise InvalidInput(
                f"in_use has {name!r}: give a version by its number, as projects/PROJECT/secrets/SECRET/versions/NUMBER or as "
                "latest. Other aliases can move, so they do not say which version is in use."
            )
    return frozenset(map(int, versions))


def _old_enough(version: Version, desired: DesiredRetention) -> bool:
    if not desired.min_age:
        return True
    return version.create_time is not None and desired.now - read_time(version.create_time) >= desired.min_age


class SecretRetention(SecretManagerResource[DesiredRetention, Versions]):
    """The resource of gcp_secret_retention. Its state is all versions of the secret, the newest first."""

    def read(self, desired: DesiredRetention) -> Versions:
        try:
            return tuple(self.api.list_versions(desired.name))
        except NotFound:
            raise NotFound(f"{desired.name} does not exist: there are no versions to retire.") from None

    def assume(self, desired: DesiredRetention) -> Versions:
        return ()

    def wanted(self, current: Versions, desired: DesiredRetention) -> Versions:
        """All but those to keep are disabled, or destroyed.

        Kept are the newest N enabled versions, versions in use, versions younger than the minimum age, and the version created last,
        which is what V(latest) means.
        """
        enabled = sorted((version.number for version in current if version.state == "ENABLED"), reverse=True)
        kept = {*enabled[: desired.keep], *desired.in_use, max((version.number for version in current), default=0)}
        retired = "DESTROYED" if desired.destroy else "DISABLED"
        return tuple(
            replace(version, state=retired)
            if version.number not in kept
            and version.state in (("ENABLED", "DISABLED") if desired.destroy else ("ENABLED",))
            and not version.scheduled_destroy_time
            and _old_enough(version, desired)
            else version
            for version in current
        )

    def apply(self, change: Change[Versions], desired: DesiredRetention) -> Versions:
        """Retire version by version, the oldest first, each locked by its etag.

        One that is refused does not stop the others; a service that cannot serve now does, and the engine tries again.
        """
        done = {version.number: version for version in change.before}
        failures: list[tuple[int, RegistryAuthError]] = []
        changes = [
            (before, after) for before, after in zip(change.before, change.after, strict=True) if before != after
        ]
        for before, after in reversed(changes):
            retire_version = self.api.destroy_version if after.state == "DESTROYED" else self.api.disable_version
            try:
                done[before.number] = retire_version(before, desired.name)
            except Exception as caught:
                error = as_ours(caught)
                failures.append((before.number, error))
                if isinstance(error, Unavailable):
                    break
        if failures:
            failure = _as_one(failures, of=len(changes))
            failure.partially_applied = tuple(done.values()) != change.before
            failure.unclear = any(error.unclear for _number, error in failures)
            raise failure
        return tuple(done.values())

    def result(self, state: Versions, desired: DesiredRetention) -> dict[str, t.Any]:
        kept, disabled, destroyed = (
            [version.name for version in state if version.state == one] for one in ("ENABLED", "DISABLED", "DESTROYED")
        )
        shown = {"secret": str(desired.name), "kept": kept, "disabled": disabled, "destroyed": destroyed}
        return {"secret_retention": shown}

    def diff(self, state: Versions, desired: DesiredRetention) -> dict[str, t.Any]:
        return {"secret": str(desired.name), "versions": {str(version.number): version.state for version in state}}


def _as_one(failures: list[tuple[int, RegistryAuthError]], *, of: int) -> RegistryAuthError:
    """One error of the first failure's kind that names each version."""
    if len(failures) == 1:
        return failures[0][1]
    told = " ".join(f"Version {number}: {failure}" for number, failure in failures)
    return type(failures[0][1])(f"{len(failures)} of {of} versions could not be retired. {told}")

# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Cleanup policies of Artifact Registry repositories, out of a task's options and into its results."""

from __future__ import annotations

import json
import typing as t
from dataclasses import asdict, replace

from ..._base.errors import InvalidInput
from ..._base.values import parse_duration
from ..._clients.gcp.repositories import CleanupPolicy, Condition, MostRecentVersions
from ..._engine.resource import Options

#: Source: the Artifact Registry v1 API's reference, "under 128 characters".
_LONGEST_ID = 127
_PREFIXES = ("tag_prefixes", "version_name_prefixes", "package_name_prefixes")
_AGES = ("older_than", "newer_than")


def read_cleanup_policies(given: t.Sequence[Options] | None) -> dict[str, CleanupPolicy] | None:
    """The policies by id; None when they are not given. Raises InvalidInput."""
    if given is None:
        return None
    policies = {policy["id"]: _policy(policy) for policy in given}
    if len(policies) < len(given):
        raise InvalidInput("cleanup_policies has an id twice.")
    return policies


def _policy(given: Options) -> CleanupPolicy:
    name = f"cleanup_policies {given['id']!r}"
    if not 1 <= len(given["id"]) <= _LONGEST_ID:
        raise InvalidInput(f"{name}: an id has 1 to {_LONGEST_ID} characters.")
    condition, recent = given.get("condition"), given.get("most_recent_versions")
    if (condition is None) == (recent is None):
        raise InvalidInput(f"{name} takes one of condition and most_recent_versions.")
    policy = CleanupPolicy(given["id"], given["action"])
    if recent is None:
        return replace(policy, condition=_condition(condition or {}, name))
    if policy.action != "KEEP":
        raise InvalidInput(f"{name}: most_recent_versions goes with the action KEEP only.")
    if not (recent.get("keep_count") or 0) > 0:
        raise InvalidInput(f"{name}: most_recent_versions.keep_count must be 1 or more.")
    prefixes = tuple(sorted(recent.get("package_name_prefixes") or ()))
    return replace(policy, most_recent_versions=MostRecentVersions(recent["keep_count"], prefixes))


def _condition(given: Options, name: str) -> Condition:
    said = {key: value for key, value in given.items() if value}
    if not said:
        raise InvalidInput(f"{name} has an empty condition: give tag_state ANY when all versions are meant.")
    tags, versions, packages = (tuple(sorted(said.get(key, ()))) for key in _PREFIXES)
    older, newer = (parse_duration(said[key], option=f"{name}: {key}") if key in said else None for key in _AGES)
    return Condition(said.get("tag_state", "ANY"), tags, versions, packages, older, newer)


def shown(policies: t.Mapping[str, CleanupPolicy]) -> list[dict[str, t.Any]]:
    """The policies in the shape of the option, by id. Ages are in seconds."""
    # Tuples as lists, as they come back from JSON.
    values: list[dict[str, t.Any]] = json.loads(json.dumps([asdict(policies[key]) for key in sorted(policies)]))
    return values

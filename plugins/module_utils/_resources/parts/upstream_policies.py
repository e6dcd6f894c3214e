# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The repositories that virtual repositories look into, out of a task's options and into its results."""

from __future__ import annotations

import typing as t
from dataclasses import asdict, replace

from ..._base.errors import InvalidInput
from ..._clients.gcp.repositories import UpstreamPolicy
from ..._domain.gcp.names import RepositoryName, repository_name
from ..._engine.resource import Options

Policies = t.Mapping[str, UpstreamPolicy]

#: Source: Artifact Registry's documentation, "Quotas and limits".
MAX_POLICIES = 30
#: The type of a priority in the Artifact Registry v1 API is int32.
_PRIORITIES = range(-(2**31), 2**31)


def read_upstream_policies(given: t.Sequence[Options] | None, virtual: RepositoryName) -> Policies | None:
    """The policies by id; None when they are not given. Raises InvalidInput.

    :param virtual: the repository that has them; ids of others are of its project and location
    """
    if given is None:
        return None
    policies = {policy["id"]: _policy(policy, virtual) for policy in given}
    if len(policies) < len(given):
        raise InvalidInput("upstream_policies has an id twice.")
    return merged({}, policies, purge=True)


def _policy(given: Options, virtual: RepositoryName) -> UpstreamPolicy:
    name = f"upstream_policies {given['id']!r}"
    if not given["id"]:
        raise InvalidInput("upstream_policies has an empty id.")
    try:
        upstream = repository_name({**asdict(virtual), "repository": given["repository"]})
    except InvalidInput as wrong:
        raise InvalidInput(f"{name}: {wrong}") from None
    if upstream == virtual:
        raise InvalidInput(f"{name} is {virtual} itself: an upstream is another repository.")
    if given["priority"] not in _PRIORITIES:
        raise InvalidInput(f"{name}: priority {given['priority']} is not a number of 32 bits.")
    return UpstreamPolicy(given["id"], str(upstream), given["priority"])


def merged(current: Policies, given: Policies | None, purge: bool) -> Policies:
    """The policies as they are to be: others than those given stay unless C(purge). Raises InvalidInput when they are too many."""
    if given is None:
        return current
    policies = given if purge else {**current, **given}
    if len(policies) > MAX_POLICIES:
        raise InvalidInput(f"There would be {len(policies)} upstream_policies: up to {MAX_POLICIES} are accepted.")
    return policies


def shown(policies: Policies) -> list[dict[str, t.Any]]:
    """The policies in the shape of the option, those that win first."""
    return [asdict(policy) for policy in sorted(policies.values(), key=lambda policy: (-policy.priority, policy.id))]


def _as_spelled(policies: Policies, wanted: Policies, is_same: t.Callable[[str, str], bool]) -> Policies:
    """The policies with their repositories as the task spells them: a project's id and its number are the same project.

    :param is_same: whether two different texts name the same project
    """
    spelled = dict(policies)
    for key, policy in policies.items():
        asked = wanted.get(key)
        if asked is None or asked.repository == policy.repository:
            continue
        (is_now, its_path), (to_be, path) = _parts(policy.repository), _parts(asked.repository)
        if its_path == path and is_same(is_now, to_be):
            spelled[key] = replace(policy, repository=asked.repository)
    return spelled


def _parts(repository: str) -> tuple[str, str]:
    """The project of a repository's name, and its place in the project."""
    project, _slash, path = repository.removeprefix("projects/").partition("/")
    return project, path


def notices(name: str, policies: Policies) -> t.Iterator[str]:
    """What to know about policies that the service accepts."""
    by_priority: dict[int, list[str]] = {}
    by_repository: dict[str, list[str]] = {}
    for policy in sorted(policies.values(), key=lambda policy: policy.id):
        by_priority.setdefault(policy.priority, []).append(policy.id)
        by_repository.setdefault(policy.repository, []).append(policy.id)
    for priority, ids in by_priority.items():
        if len(ids) > 1:
            # Source: Artifact Registry's documentation, "Virtual repositories overview".
            yield (
                f"The upstreams {' and '.join(ids)} of {name} have the same priority {priority}: a version that several of them have "
                "may come from any of them. Give each upstream a priority of its own."
            )
    for repository, ids in by_repository.items():
        if len(ids) > 1:
            yield (
                f"{name} has the upstream {repository} by several ids, {' and '.join(ids)}: which of their priorities counts is not "
                "documented."
            )

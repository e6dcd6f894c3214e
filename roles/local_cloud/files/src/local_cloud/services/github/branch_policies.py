# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which branches and tags may deploy to an environment, by patterns."""

from __future__ import annotations

from typing import Any

from local_cloud.services.github import access, bodies
from local_cloud.services.github.calls import Call, Reply
from local_cloud.services.github.environments import find
from local_cloud.services.github.errors import not_found
from local_cloud.services.github.links import node_id
from local_cloud.services.github.store import BranchPolicy, Environment

_KINDS = ("branch", "tag")


def list_policies(call: Call) -> Reply:
    environment = find(call, call.repository(access.READ_ACTIONS))
    return call.page_of(list(environment.policies.values()), _show, "branch_policies")


def get(call: Call) -> Reply:
    environment = find(call, call.repository(access.READ_ACTIONS))
    return Reply(_show(_policy(call, environment)))


def create(call: Call) -> Reply:
    """A pattern that is there already is answered by where it is."""
    environment = find(call, call.repository(access.ADMINISTER))
    if not environment.takes_patterns:
        raise not_found()
    bodies.check(call.body, {"name": str, "type": str}, required=("name",))
    name, kind = call.body["name"], call.body.get("type") or "branch"
    if kind not in _KINDS:
        raise not_found()
    for policy in environment.policies.values():
        if (policy.name, policy.kind) == (name, kind):
            return Reply(status=303, headers={"Location": f"{call.address}/{policy.id}"})
    policy = BranchPolicy(call.state.new_id(), name, kind)
    environment.policies[policy.id] = policy
    return Reply(_show(policy))


def update(call: Call) -> Reply:
    """The pattern alone: what is for branches stays for branches."""
    environment = find(call, call.repository(access.ADMINISTER))
    policy = _policy(call, environment)
    bodies.check(call.body, {"name": str}, required=("name",))
    policy.name = call.body["name"]
    return Reply(_show(policy))


def delete(call: Call) -> Reply:
    environment = find(call, call.repository(access.ADMINISTER))
    del environment.policies[_policy(call, environment).id]
    return Reply(status=204)


def _policy(call: Call, environment: Environment) -> BranchPolicy:
    number = call.path["branch_policy_id"]
    if not number.isdecimal() or int(number) not in environment.policies:
        raise not_found()
    return environment.policies[int(number)]


def _show(policy: BranchPolicy) -> dict[str, Any]:
    return {"id": policy.id, "node_id": node_id("BranchPolicy", policy.id), "name": policy.name, "type": policy.kind}

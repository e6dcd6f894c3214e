# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The permissions policies of domains and of repositories: put, get, delete."""

from __future__ import annotations

from typing import Any

from local_cloud.services.codeartifact.documents import check_resource_policy
from local_cloud.services.codeartifact.operations import Call
from local_cloud.services.codeartifact.store import Governed, Policy, Repository


def put(call: Call) -> dict[str, Any]:
    """Without a revision whatever is there is overwritten."""
    target = _target(call)
    accounts = [target.arn.owner] + ([target.administrator] if isinstance(target, Repository) else [])
    document = call.values["policyDocument"]
    check_resource_policy(document, target.arn, accounts)
    target.check_revision(call.values.get("policyRevision"))
    target.policy = Policy(document)
    return _shown(target, target.policy)


def get(call: Call) -> dict[str, Any]:
    target = _target(call)
    return _shown(target, target.require_policy())


def delete(call: Call) -> dict[str, Any]:
    target = _target(call)
    policy = target.require_policy()
    target.check_revision(call.values.get("policyRevision"))
    target.policy = None
    return _shown(target, policy)


def _target(call: Call) -> Governed:
    return call.repository() if call.arn.repository else call.domain()


def _shown(target: Governed, policy: Policy) -> dict[str, Any]:
    return {"policy": {"resourceArn": str(target.arn), "revision": policy.revision, "document": policy.document}}

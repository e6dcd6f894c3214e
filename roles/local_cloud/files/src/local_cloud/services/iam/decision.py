# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""May this caller do this? The policies of the resource and of its project together decide."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from google.iam.v1 import policy_pb2

from local_cloud.services.iam.conditions import Subject, holds
from local_cloud.services.iam.members import stands_for
from local_cloud.services.iam.policies import PolicyHolder
from local_cloud.services.iam.roles import permissions_of

#: The permissions of a role, by its name.
Roles = Callable[[str], frozenset[str]]


@dataclass(frozen=True)
class Guarded:
    """A resource with the policies that apply to it, its own and those it inherits."""

    subject: Subject
    policies: Sequence[PolicyHolder]


def allowed(caller: str, permission: str, resource: Guarded, now: datetime, roles: Roles = permissions_of) -> bool:
    """Whether some binding gives the caller a role with the permission, under a condition that holds now."""
    effective = (holder.effective(now.timestamp()) for holder in resource.policies)
    return any(_grants(policy.bindings, caller, permission, resource.subject, now, roles) for policy in effective)


def _grants(
    bindings: Iterable[policy_pb2.Binding],
    caller: str,
    permission: str,
    subject: Subject,
    now: datetime,
    roles: Roles,
) -> bool:
    return any(
        permission in roles(binding.role)
        and any(stands_for(member, caller) for member in binding.members)
        and (not binding.HasField("condition") or holds(binding.condition.expression, subject, now))
        for binding in bindings
    )

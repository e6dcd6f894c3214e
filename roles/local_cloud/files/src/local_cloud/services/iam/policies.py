# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""One resource's IAM policy: etags, policy versions, and the delay until a change counts.

Sources: https://cloud.google.com/iam/docs/policies and the comments in google/iam/v1/policy.proto for versions, conditions and limits,
and for the texts what users report.
"""

from __future__ import annotations

import hashlib
import itertools
from collections.abc import Callable, Collection
from dataclasses import dataclass, field

from google.iam.v1 import iam_policy_pb2, policy_pb2

from local_cloud.platform.errors import ApiError, invalid_argument
from local_cloud.services.iam.conditions import check_expression
from local_cloud.services.iam.members import check_member, spelling
from local_cloud.services.iam.roles import ROLES

# What Google answers as the etag of a policy that nobody has set.
EMPTY_ETAG = b"\x00\x20\x01"
_WITH_CONDITION = "_withcond_"
_etags = itertools.count(1)
# Each occurrence counts.
_MAX_PRINCIPALS = 1500
_MAX_GROUPS = 250


@dataclass
class PolicyHolder:
    """The policy as written, and the versions of it that are or will become effective."""

    current: policy_pb2.Policy = field(default_factory=lambda: policy_pb2.Policy(etag=EMPTY_ETAG))
    # (when it takes effect, policy), as they were written.
    history: list[tuple[float, policy_pb2.Policy]] = field(default_factory=list)

    def effective(self, now: float) -> policy_pb2.Policy:
        """The policy by which permissions are decided at ``now`` (seconds)."""
        for index in range(len(self.history) - 1, -1, -1):
            effective_at, policy = self.history[index]
            if effective_at <= now:
                del self.history[:index]
                return policy
        return policy_pb2.Policy()

    def read(self, requested_version: int) -> policy_pb2.Policy:
        """The policy as getIamPolicy shows it.

        Who does not ask for version 3 sees each conditional binding under a role name with a hash and without its
        condition, so that it cannot be mistaken for an unconditional one.

        Raises:
            ApiError: INVALID_ARGUMENT for a version other than 0, 1 and 3.
        """
        if requested_version not in {0, 1, 3}:
            raise invalid_argument("The requested policy version must be 0, 1 or 3.")
        shown = policy_pb2.Policy()
        shown.CopyFrom(self.current)
        if requested_version < 3 and shown.version == 3:
            shown.version = 1
            for binding in shown.bindings:
                if binding.HasField("condition"):
                    digest = hashlib.sha256(binding.condition.SerializeToString(deterministic=True)).hexdigest()[:20]
                    binding.role += _WITH_CONDITION + digest
                    binding.ClearField("condition")
        return shown

    def write(
        self,
        request: iam_policy_pb2.SetIamPolicyRequest,
        *,
        service_agents: Collection[str],
        grantable: Callable[[str], bool],
        now: float,
        delay: float,
    ) -> policy_pb2.Policy:
        """Replace the policy (setIamPolicy). Without an etag whatever is there is overwritten, conditions and all.

        Raises:
            ApiError: ABORTED when the policy changed since it was read, INVALID_ARGUMENT for a bad binding.
        """
        wanted = request.policy
        if wanted.etag and wanted.etag != self.current.etag:
            raise ApiError(
                "ABORTED",
                "There were concurrent policy changes. Please retry the whole read-modify-write with exponential "
                "backoff.",
            )
        mask = set(request.update_mask.paths) or {"bindings", "etag"}
        if unknown := mask - set(policy_pb2.Policy.DESCRIPTOR.fields_by_name):
            raise invalid_argument(f"Invalid field mask: {', '.join(sorted(unknown))}.")
        replaced = policy_pb2.Policy()
        replaced.CopyFrom(self.current)
        if "bindings" in mask:
            _check(wanted, service_agents, grantable)
            self._refuse_to_lose_conditions(wanted)
            replaced.ClearField("bindings")
            replaced.bindings.extend(_normalised(wanted.bindings))
        if "audit_configs" in mask:
            replaced.ClearField("audit_configs")
            replaced.audit_configs.extend(wanted.audit_configs)
        replaced.version = 3 if any(binding.HasField("condition") for binding in replaced.bindings) else 1
        replaced.etag = b"\x07" + next(_etags).to_bytes(7, "big")
        self.current = replaced
        self.history.append((now + delay, replaced))
        return replaced

    def _refuse_to_lose_conditions(self, wanted: policy_pb2.Policy) -> None:
        if wanted.etag and wanted.version < 3 and self.current.version == 3:
            raise invalid_argument(
                "The policy has conditional role bindings, so the policy that replaces it must have version 3: "
                f"the version given is {wanted.version}."
            )


def _check(policy: policy_pb2.Policy, service_agents: Collection[str], grantable: Callable[[str], bool]) -> None:
    if policy.version not in {0, 1, 3}:
        raise invalid_argument("The policy version must be 0, 1 or 3.")
    for binding in policy.bindings:
        if _WITH_CONDITION in binding.role or not grantable(binding.role):
            raise invalid_argument(f"Role {binding.role} is not supported for this resource.")
        if binding.HasField("condition"):
            if policy.version < 3:
                raise invalid_argument(
                    "A policy with conditional role bindings must have version 3: "
                    f"the version of this policy is {policy.version}."
                )
            if not binding.condition.title or not binding.condition.expression:
                raise invalid_argument("A condition must have a title and an expression.")
            check_expression(binding.condition.expression)
        for member in binding.members:
            check_member(member, service_agents)
    members = [member for binding in policy.bindings for member in binding.members]
    groups = [member for member in members if member.startswith(("group:", "deleted:group:"))]
    for named, most, kind in ((members, _MAX_PRINCIPALS, "members"), (groups, _MAX_GROUPS, "groups")):
        if len(named) > most:
            raise invalid_argument(
                f"The number of {kind} in the policy ({len(named)}) is larger than the maximum ({most})."
            )


def _normalised(bindings: Collection[policy_pb2.Binding]) -> list[policy_pb2.Binding]:
    """Join bindings of one role and condition, drop members named again, in any spelling, and empty bindings."""
    joined: dict[tuple[str, bytes], policy_pb2.Binding] = {}
    for binding in bindings:
        key = (binding.role, binding.condition.SerializeToString(deterministic=True))
        target = joined.setdefault(key, policy_pb2.Binding(role=binding.role))
        if binding.HasField("condition"):
            target.condition.CopyFrom(binding.condition)
        known = {spelling(member) for member in target.members}
        for member in binding.members:
            if spelling(member) not in known:
                known.add(spelling(member))
                target.members.append(member)
    return [binding for binding in joined.values() if binding.members]


def grantable_on_project(role: str) -> bool:
    """A project takes every predefined role of Google's, also those of services that are not served here."""
    return role.startswith(("roles/", "projects/", "organizations/"))


def grantable_on(service: str) -> Callable[[str], bool]:
    """The roles that a resource of one service takes: those that hold one of its permissions, and custom ones."""

    def grantable(role: str) -> bool:
        if role.startswith(("projects/", "organizations/")):
            return True
        return any(permission.startswith(f"{service}.") for permission in ROLES.get(role, ()))

    return grantable

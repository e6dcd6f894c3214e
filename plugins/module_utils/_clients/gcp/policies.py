# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""IAM policies of any of Google's services: out of the messages of google.iam.v1, and into them."""

from __future__ import annotations

import re
import typing as t
from functools import partial

from ..._base.errors import LostRace, NotPropagated, Refused, RegistryAuthError
from ..._domain.gcp.bindings import Binding, Policy
from ..._domain.gcp.conditions import Condition
from ..http.failures import words
from .calls import Failure

Message = dict[str, t.Any]


def reading(resource: str) -> Message:
    """The request for the policy of a resource."""
    # Without version 3 the service hides conditions, and writing back what was read would destroy them.
    return {"resource": resource, "options": {"requested_policy_version": 3}}


def asking(resource: str, permissions: t.Iterable[str]) -> Message:
    """The request that asks which of the permissions the caller has on a resource. It takes none itself."""
    return {"resource": resource, "permissions": list(permissions)}


def held(answer: t.Any) -> frozenset[str]:
    """The permissions of an answer to that."""
    return frozenset(answer.permissions)


def writing(resource: str, policy: Policy) -> Message:
    """The request that replaces the policy of a resource, under the etag that it was read with."""
    bindings = [
        {
            "role": binding.role,
            "members": list(binding.members),
            **({"condition": vars(binding.condition)} if binding.condition else {}),
        }
        for binding in policy.bindings
    ]
    return {"resource": resource, "policy": {"version": 3, "etag": policy.etag, "bindings": bindings}}


def written(policy: Policy) -> t.Callable[[t.Any], Policy]:
    """Reads the answer to writing a policy, if it has in it what was sent."""

    def read(answer: t.Any) -> Policy:
        found = read_policy(answer)
        if _grants(found) != _grants(policy):
            raise ValueError("Another policy than the one that was sent.")
        return found

    return read


def read_policy(answer: t.Any) -> Policy:
    """The policy of an answer."""

    def condition(binding: t.Any) -> Condition | None:
        if not binding.HasField("condition"):
            return None
        expr = binding.condition
        return Condition(expr.expression, expr.title, expr.description, expr.location)

    if not answer.etag:
        raise ValueError("A policy has an etag.")
    return Policy(
        tuple(Binding(binding.role, tuple(binding.members), condition(binding)) for binding in answer.bindings),
        answer.etag,
    )


def unknown_member(
    name: str, policy: Policy, own: t.Collection[str]
) -> t.Callable[[Failure], RegistryAuthError | None]:
    """What classifies a refused policy with a member that does not exist, of which C(own) are those that the caller asks for."""
    members = {member for binding in policy.bindings for member in binding.members}
    return partial(_unknown_member, name=name, own=own, others=members.difference(own))


def _unknown_member(
    failure: Failure, *, name: str, own: t.Collection[str], others: t.Collection[str]
) -> RegistryAuthError | None:
    """A policy with a member that does not exist. A service agent that was just made is not seen everywhere at once."""
    if failure.http_status != 400 or "does not exist" not in failure.message:
        return None
    said = words(failure.message)
    asked_for = _named(failure.message, own)
    if not asked_for and _named(failure.message, others):
        # Google shows a member that was deleted as such, and takes it so: what is read anew can be written.
        return LostRace(
            f"The policy of {name} has a member that was deleted, and cannot be written with it: {said}. Remove that member."
        )
    if "@gcp-sa-" in said:
        return NotPropagated(f"{said}, at least not yet: create it with gcp_service_agent.")
    return Refused(f"{said}: create the account first.") if asked_for else None


def _named(message: str, members: t.Iterable[str]) -> bool:
    """Whether a message names one of the members, by its address or name, which are case-insensitive where it matters."""
    names = {member.partition(":")[2].lower() for member in members if not member.startswith("deleted:")} - {""}
    said = set(re.split(r"[\s'\"`,;()]+", message.lower()))
    return any(word.rstrip(".") in names or word.partition(":")[2].rstrip(".") in names for word in said if word)


def _grants(policy: Policy) -> set[tuple[str, str]]:
    """Roles and members, in the spelling that Google may give back for another: lower case, and alive if deleted by now."""
    return {
        (binding.role, member.removeprefix("deleted:").partition("?uid=")[0].lower())
        for binding in policy.bindings
        for member in binding.members
    }

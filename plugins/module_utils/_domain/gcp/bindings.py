# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Pure functions on Google IAM policies: who holds a role, under which condition.

A binding's identity is its role together with all parts of its condition: the same role with another condition is
another grant. Source: the IAM documentation on policies and conditional bindings.
"""

from __future__ import annotations

import typing as t
from dataclasses import dataclass, field, replace

from ..._base.errors import InvalidInput
from .conditions import Condition, same

#: Anybody on the internet, and anybody who has logged in with a Google account.
PUBLIC = ("allUsers", "allAuthenticatedUsers")
_AUDIENCES = {
    "allUsers": "everybody on the internet",
    "allAuthenticatedUsers": "everybody who has a Google account, in any company",
}
#: Principals that the bindings of one policy may name, and how many of them may be Google groups; each time that one is named
#: counts. Source: the reference of google.iam.v1.Policy.
MAX_PRINCIPALS, MAX_GROUPS = 1500, 250


@dataclass(frozen=True)
class Binding:
    """Members of a role."""

    role: str
    members: tuple[str, ...]
    condition: Condition | None = None

    def grants(self, role: str, condition: Condition | None) -> bool:
        """Whether this is a binding of that role and condition."""
        return self.role == role and same(self.condition, condition)


@dataclass(frozen=True)
class Policy:
    """A policy; two are equal when they hold the same bindings, whatever their etags."""

    bindings: tuple[Binding, ...] = ()
    etag: bytes = field(default=b"", compare=False)


def member_key(member: str) -> str:
    """One key for all spellings of a principal: e-mail addresses and domains are case-insensitive."""
    kind, _colon, _rest = member.partition(":")
    return member.lower() if kind in ("user", "group", "serviceAccount", "domain") else member


def members_of(policy: Policy, role: str, condition: Condition | None) -> tuple[str, ...]:
    """Members that hold the role under exactly that condition, in the policy's order, each once."""
    return _distinct(
        member for binding in policy.bindings if binding.grants(role, condition) for member in binding.members
    )


def with_members(policy: Policy, role: str, condition: Condition | None, members: t.Sequence[str]) -> Policy:
    """The policy in which C(members) hold the role too. Everything else stays as it is."""
    held = {member_key(member) for member in members_of(policy, role, condition)}
    missing = _distinct(member for member in members if member_key(member) not in held)
    if not missing:
        return policy
    for index, binding in enumerate(policy.bindings):
        if binding.grants(role, condition):
            grown = replace(binding, members=binding.members + missing)
            return replace(policy, bindings=(*policy.bindings[:index], grown, *policy.bindings[index + 1 :]))
    return replace(policy, bindings=(*policy.bindings, Binding(role, missing, condition)))


def without_members(policy: Policy, role: str, condition: Condition | None, members: t.Sequence[str]) -> Policy:
    """The policy in which none of C(members) holds the role under that condition. A binding left empty goes."""
    unwanted = {member_key(member) for member in members}
    bindings = (
        replace(one, members=tuple(member for member in one.members if member_key(member) not in unwanted))
        if one.grants(role, condition)
        else one
        for one in policy.bindings
    )
    return replace(policy, bindings=tuple(one for one in bindings if one.members or not one.grants(role, condition)))


def with_only_members(policy: Policy, role: str, condition: Condition | None, members: t.Sequence[str]) -> Policy:
    """The policy in which exactly C(members) hold the role under that condition."""
    wanted = {member_key(member) for member in members}
    others = [member for member in members_of(policy, role, condition) if member_key(member) not in wanted]
    return with_members(without_members(policy, role, condition, others), role, condition, members)


def check_size(policy: Policy, before: Policy, name: str) -> None:
    """Refuse a policy that names more principals than a policy may.

    :param before: the policy as it is. One that does not grow passes: what is too much is there already, or can be removed
    :param name: what the policy is of, for the sentence
    :raises InvalidInput: it has too many principals or groups
    """
    for what, most, kinds in (
        ("principals", MAX_PRINCIPALS, ("",)),
        ("groups", MAX_GROUPS, ("group:", "deleted:group:")),
    ):
        there, to_be = _count(before, kinds), _count(policy, kinds)
        if to_be > max(most, there):
            raise InvalidInput(
                f"The policy of {name} would name {to_be} {what}, and now names {there}: up to {most} are accepted, and each time "
                "that one is named counts. Grant the role to a group that has them as its members."
            )


def _count(policy: Policy, kinds: tuple[str, ...]) -> int:
    return sum(member.startswith(kinds) for binding in policy.bindings for member in binding.members)


def _distinct(members: t.Iterable[str]) -> tuple[str, ...]:
    """Each member once, in the spelling that comes first."""
    first: dict[str, str] = {}
    for member in members:
        first.setdefault(member_key(member), member)
    return tuple(first.values())


def check_everyone(members: t.Collection[str], everyone: bool, option: str) -> None:
    """Refuse a grant to everybody that is said once only, and one that is said of somebody.

    :param option: what the user calls the members
    :raises InvalidInput: names the member
    """
    public = next((member for member in PUBLIC if member in members), None)
    if everyone and not public:
        raise InvalidInput(
            f"everyone is set, and {option} names somebody: give allUsers or allAuthenticatedUsers there, or leave everyone out."
        )
    if public and not everyone:
        raise InvalidInput(
            f"{option} has {public}, which is {_AUDIENCES[public]}: if that is meant, add everyone: true."
        )


def public_grants(name: t.Any, binding: Binding) -> t.Iterator[str]:
    """What is to be said of a binding that is for everybody. C(name): what has the policy."""
    for member in PUBLIC:
        if member in binding.members:
            condition = f" under the condition {binding.condition.title!r}" if binding.condition else ""
            yield f"{binding.role} on {name} is granted{condition} to {member}, which is {_AUDIENCES[member]}."

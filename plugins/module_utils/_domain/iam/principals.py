# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Principals of policy documents: whether they are well formed, whom they stand for. Pure.

Source of the forms: IAM User Guide, "AWS JSON policy elements: Principal".
"""

from __future__ import annotations

import re
import typing as t
from dataclasses import dataclass
from functools import lru_cache

from ..._base.errors import InvalidInput

ANYBODY = "*"
KINDS = ("AWS", "CanonicalUser", "Federated", "Service")

_ACCOUNT = re.compile(r"\d{12}")
_ROOT = "root"
_ARN = re.compile(r"arn:(?P<partition>aws[a-z-]*):(?P<service>iam|sts)::(?P<account>\d{12}):(?P<name>\S+)")
_NAMES = {
    "iam": re.compile(rf"{_ROOT}|(?:user|role)/[^*?\s]+"),
    "sts": re.compile(r"(?:assumed-role/[^*?/\s]+|federated-user)/[^*?\s]+"),
}
# What is left of a user or role in a policy when it is deleted.
_DEAD = re.compile(r"A(?:ID|RO)A[A-Z0-9]{12,}(?::.*)?")


def as_list(value: t.Any) -> list[t.Any]:
    """An element's values, whether written as a list or as one value; none when there is no such element."""
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def by_kind(element: t.Any) -> dict[str, list[t.Any]]:
    """The principals of an element, by their kind. Text alone is short for kind C(AWS)."""
    kinds = element if isinstance(element, dict) else {"AWS": element}
    return {kind: as_list(principals) for kind, principals in kinds.items() if as_list(principals)}


def check_principals(element: t.Any, where: str, *, stored: bool = False) -> None:
    """Raises InvalidInput, naming C(where), for what AWS would refuse or what cannot be meant.

    :param stored: the policy is one that AWS has, where those who are no more have left their ids
    """
    if element == ANYBODY:
        return
    if isinstance(element, str):
        raise InvalidInput(f'{where} is {element!r}: only "*" stands alone, write {{"AWS": "{element}"}}.')
    if not isinstance(element, dict):
        raise InvalidInput(f'{where} must be "*" or a mapping such as {{"AWS": "arn:aws:iam::123456789012:root"}}.')
    for kind, principals in element.items():
        if kind not in KINDS:
            raise InvalidInput(f"{where} has the kind {kind!r}: {', '.join(KINDS)} are accepted.")
        if not as_list(principals):
            raise InvalidInput(f"{where}.{kind} is empty: name a principal.")
        for principal in as_list(principals):
            if not isinstance(principal, str) or not principal.strip():
                raise InvalidInput(f"{where}.{kind} has {principal!r}: text is accepted.")
            if kind == "AWS" and not (stored and is_dead(principal)):
                check_principal(principal, f"{where}.AWS")


def is_dead(principal: str) -> bool:
    """Whether it is what is left of a deleted user or role."""
    return _DEAD.fullmatch(principal) is not None


def check_principal(principal: str, where: str) -> None:
    """The same for one principal of kind C(AWS)."""
    if principal == ANYBODY or _ACCOUNT.fullmatch(principal):
        return
    if is_dead(principal):
        raise InvalidInput(
            f"{where} has {principal}, which is the id of a user or role: in a policy it stands for a deleted one, and AWS refuses "
            "to store it. Name the user or role by its ARN, or leave it out."
        )
    arn = _ARN.fullmatch(principal)
    if arn and arn["name"].startswith("group/"):
        raise InvalidInput(f"{where} has {principal}: a group cannot be a principal; name its users or a role.")
    if arn and any(wildcard in arn["name"] for wildcard in "*?"):
        raise InvalidInput(
            f'{where} has {principal}: a wildcard cannot stand for a part of a principal; use "*" with a condition.'
        )
    if not arn or not _NAMES[arn["service"]].fullmatch(arn["name"]):
        raise InvalidInput(
            f"{where} has {principal!r}, which is not a principal: give an account's id of 12 digits or an ARN such as "
            "arn:aws:iam::123456789012:root, :user/NAME or :role/NAME."
        )


def canonical_principals(element: t.Any) -> t.Hashable:
    """A value that two elements share exactly when they name the same principals."""
    return frozenset(
        (kind, frozenset(_canonical(principal) for principal in principals))
        for kind, principals in by_kind(element).items()
    )


def _canonical(principal: t.Any) -> str:
    """An account's id for its root in any partition, everything else as it is."""
    text = str(principal)
    parts = parse_arn(text)
    return parts.account if parts and parts.name == _ROOT else text


@dataclass(frozen=True)
class PrincipalArn:
    """The parts of a principal's ARN. C(name) is such as V(root), V(role/path/NAME) or V(assumed-role/NAME/SESSION)."""

    partition: str
    service: str
    account: str
    name: str


@lru_cache(maxsize=4096)
def parse_arn(principal: str) -> PrincipalArn | None:
    """None for what is no ARN of a principal: an account's id, anybody, what is left of a deleted user or role."""
    found = _ARN.fullmatch(principal)
    return PrincipalArn(**found.groupdict()) if found else None


@lru_cache(maxsize=4096)
def account_of(principal: str) -> str | None:
    """The account that a principal of kind C(AWS) belongs to; None for anybody."""
    if _ACCOUNT.fullmatch(principal):
        return principal
    parts = parse_arn(principal)
    return parts.account if parts else None


@lru_cache(maxsize=4096)
def is_account(principal: str) -> bool:
    """Whether it stands for an account: by its id, or by its root in any partition."""
    parts = parse_arn(principal)
    return parts.name == _ROOT if parts else _ACCOUNT.fullmatch(principal) is not None

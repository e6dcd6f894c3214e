# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which conditions say who may use a statement. Pure.

Source: IAM User Guide, "AWS global condition context keys", those on properties of the principal and of the network.
"""

from __future__ import annotations

import typing as t

from .principals import as_list
from .wildcards import has_wildcard

#: Keys that name people, roles or machines.
_PERSONS = ("aws:principalarn", "aws:principaltag/", "aws:userid", "aws:username")
#: Keys that keep strangers out, and what of a value does. Tags and names do not: anybody can have them in an account of their own.
_GROUPS: dict[str, t.Callable[[str], str]] = {
    "aws:principalaccount": str,
    "aws:principalarn": lambda value: (value.split(":", 5)[4:5] or ["*"])[0],
    "aws:principalorgid": str,
    "aws:principalorgpaths": lambda value: value.partition("/")[0],
    "aws:sourceip": str,
    "aws:sourcevpc": str,
    "aws:sourcevpce": str,
    "aws:userid": lambda value: value.partition(":")[0],
}
#: Operators that want one of the values, and are not met when there is none.
_WANTS = frozenset(
    {"StringEquals", "StringEqualsIgnoreCase", "StringLike", "ArnEquals", "ArnLike", "IpAddress"}
    | {
        f"ForAnyValue:{name}"
        for name in ("StringEquals", "StringEqualsIgnoreCase", "StringLike", "ArnEquals", "ArnLike")
    }
)
_WITH_WILDCARDS = frozenset({"StringLike", "ArnEquals", "ArnLike"})
_EVERYTHING = frozenset({"*", "0.0.0.0/0", "::/0"})


def names_persons(condition: t.Mapping[str, t.Any]) -> bool:
    """Whether a Condition lets in only some of an account."""
    return any(
        any(key == one or (one.endswith("/") and key.startswith(one)) for one in _PERSONS)
        for _operator, key, _values in _asked_for(condition)
    )


def names_a_group(condition: t.Mapping[str, t.Any]) -> bool:
    """Whether a Condition lets in only some of all that there are, for example those of an organization."""
    return any(
        key in _GROUPS and not any(_is_open(operator, _GROUPS[key](str(value))) for value in values)
        for operator, key, values in _asked_for(condition)
    )


def _is_open(operator: str, part: str) -> bool:
    """Whether the part of a value that is to keep strangers out has wildcards."""
    return has_wildcard(part) and operator.rpartition(":")[2] in _WITH_WILDCARDS


def _asked_for(condition: t.Mapping[str, t.Any]) -> t.Iterator[tuple[str, str, list[t.Any]]]:
    """The tests that want one of some values: operator, key in lower case, values."""
    for operator, tests in condition.items():
        for key, given in tests.items():
            values = as_list(given)
            if operator in _WANTS and not any(value in _EVERYTHING for value in values):
                yield operator, key.lower(), values

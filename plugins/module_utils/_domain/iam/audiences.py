# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which conditions say who may use a statement. Pure.

Source: IAM User Guide, "AWS global condition context keys", those on properties of the principal and of the network.
"""

from __future__ import annotations

import typing as t

from .principals import as_list

#: Keys that name people, roles or machines.
_PERSONS = ("aws:principalarn", "aws:principaltag/", "aws:userid", "aws:username")
_GROUPS = (
    "aws:principalaccount",
    "aws:principalorgid",
    "aws:principalorgpaths",
    "aws:sourceip",
    "aws:sourcevpc",
    "aws:sourcevpce",
)
#: Operators that want one of the values, and are not met when there is none.
_WANTS = frozenset(
    {"StringEquals", "StringEqualsIgnoreCase", "StringLike", "ArnEquals", "ArnLike", "IpAddress"}
    | {
        f"ForAnyValue:{name}"
        for name in ("StringEquals", "StringEqualsIgnoreCase", "StringLike", "ArnEquals", "ArnLike")
    }
)
_EVERYTHING = frozenset({"*", "0.0.0.0/0", "::/0"})


def names_persons(condition: t.Mapping[str, t.Any]) -> bool:
    """Whether a Condition lets in only some of an account."""
    return _asks_for(condition, _PERSONS)


def names_a_group(condition: t.Mapping[str, t.Any]) -> bool:
    """Whether a Condition lets in only some, for example those of an organization."""
    return _asks_for(condition, _PERSONS + _GROUPS)


def _asks_for(condition: t.Mapping[str, t.Any], keys: tuple[str, ...]) -> bool:
    return any(
        operator in _WANTS
        and any(key.lower() == one or (one.endswith("/") and key.lower().startswith(one)) for one in keys)
        and not _EVERYTHING & set(as_list(values))
        for operator, tests in condition.items()
        for key, values in tests.items()
    )

# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The Condition element: True, False, or None for what this cloud cannot tell.

Who asks takes None as it is safe: an Allow does not count, a Deny does. None are an operator or a key that is not known
here, a policy variable, and a value that does not fit its operator.
Source: IAM User Guide, "IAM JSON policy elements: Condition operators".
"""

from __future__ import annotations

import ipaddress
import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from local_cloud.codeartifact.patterns import matches, matches_arn

KNOWN_KEYS = frozenset({
    "aws:currenttime",
    "aws:principalaccount",
    "aws:principalarn",
    "aws:principalorgid",
    "aws:securetransport",
    "aws:sourceip",
    "sts:awsservicename",
})  # fmt: skip
IF_EXISTS = "IfExists"


def holds(condition: Mapping[str, Mapping[str, Any]], context: Mapping[str, str]) -> bool | None:
    """Whether every test of a Condition holds; the keys of ``context`` are in lower case."""
    results = [
        _test(operator, key.lower(), values if isinstance(values, list) else [values], context)
        for operator, tests in condition.items()
        for key, values in tests.items()
    ]
    if any(result is False for result in results):
        return False
    return None if any(result is None for result in results) else True


def _test(operator: str, key: str, values: list[Any], context: Mapping[str, str]) -> bool | None:
    if key not in KNOWN_KEYS:
        return None
    wanted = [value if isinstance(value, str) else json.dumps(value) for value in values]
    actual = context.get(key)
    if operator == "Null":
        return any((value.lower() == "true") == (actual is None) for value in wanted)
    name = operator.removesuffix(IF_EXISTS)
    negated = name in _NEGATED
    compare = _COMPARE.get(_NEGATED.get(name, name))
    if compare is None or any("${" in value for value in wanted):
        return None
    if actual is None:
        return negated or operator.endswith(IF_EXISTS)
    try:
        return any(compare(actual, value) for value in wanted) != negated
    except ValueError:
        return None


def _time(text: str) -> datetime:
    """A date as ISO 8601 or in seconds since 1970."""
    if text.isdecimal():
        return datetime.fromtimestamp(int(text), UTC)
    found = datetime.fromisoformat(text)
    return found if found.tzinfo else found.replace(tzinfo=UTC)


_COMPARE: dict[str, Callable[[str, str], bool]] = {
    "StringEquals": lambda actual, wanted: actual == wanted,
    "StringEqualsIgnoreCase": lambda actual, wanted: actual.lower() == wanted.lower(),
    "StringLike": lambda actual, wanted: matches(wanted, actual),
    # AWS gives both the same meaning.
    "ArnEquals": lambda actual, wanted: matches_arn(wanted, actual),
    "ArnLike": lambda actual, wanted: matches_arn(wanted, actual),
    "Bool": lambda actual, wanted: actual.lower() == wanted.lower(),
    "IpAddress": lambda actual, wanted: ipaddress.ip_address(actual) in ipaddress.ip_network(wanted, strict=False),
    "DateEquals": lambda actual, wanted: _time(actual) == _time(wanted),
    "DateLessThan": lambda actual, wanted: _time(actual) < _time(wanted),
    "DateLessThanEquals": lambda actual, wanted: _time(actual) <= _time(wanted),
    "DateGreaterThan": lambda actual, wanted: _time(actual) > _time(wanted),
    "DateGreaterThanEquals": lambda actual, wanted: _time(actual) >= _time(wanted),
}
_NEGATED = {
    "StringNotEquals": "StringEquals",
    "StringNotEqualsIgnoreCase": "StringEqualsIgnoreCase",
    "StringNotLike": "StringLike",
    "ArnNotEquals": "ArnEquals",
    "ArnNotLike": "ArnLike",
    "NotIpAddress": "IpAddress",
    "DateNotEquals": "DateEquals",
}

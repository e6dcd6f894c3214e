# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Conditions of policies: what cannot be one, and whether one holds.

Source: IAM User Guide, "IAM JSON policy elements: Condition operators" and "Set operators for multivalued context keys".
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from operator import eq, ge, gt, le, lt
from typing import Any

from local_cloud.services.codeartifact.wildcards import arn_matches, matches, plain, with_values

#: Values by key in lower case: None for a key that the request does not have; what is not there is not known here.
Context = Mapping[str, list[str] | None]
_QUANTIFIERS = ("", "ForAllValues", "ForAnyValue")
_KEY = re.compile(r"[\w-]+:\S.*")
_COMPARISONS = {"Equals": eq, "LessThan": lt, "LessThanEquals": le, "GreaterThan": gt, "GreaterThanEquals": ge}


class CannotTellError(Exception):
    """A statement depends on what the local cloud does not know, as a key of a condition; the text says on what."""


def _date(text: str) -> datetime:
    """ISO 8601, or seconds since 1970. Raises ValueError."""
    if re.fullmatch(r"\d+(?:\.\d+)?", text):
        return datetime.fromtimestamp(float(text), UTC)
    parsed = datetime.fromisoformat(text)
    return parsed if parsed.tzinfo else parsed.replace(tzinfo=UTC)


def _network(text: str) -> Any:
    return ipaddress.ip_network(text, strict=False)


def _compared(read: Callable[[str], Any], compare: Callable[[Any, Any], bool]) -> Callable[[str, str], bool]:
    def test(value: str, wanted: str) -> bool:
        try:
            return compare(read(value), read(wanted))
        except ValueError:
            return False

    return test


def _inside(value: Any, wanted: Any) -> bool:
    return value.version == wanted.version and bool(value.subnet_of(wanted))


#: Whether a value is as wanted, by operator without its ``Not``.
_TESTS: dict[str, Callable[[str, str], bool]] = {
    "StringEquals": lambda value, wanted: value == plain(wanted),
    "StringEqualsIgnoreCase": lambda value, wanted: value.lower() == plain(wanted).lower(),
    "StringLike": lambda value, wanted: matches(wanted, value),
    "ArnEquals": lambda value, wanted: arn_matches(wanted, value),
    "ArnLike": lambda value, wanted: arn_matches(wanted, value),
    "Bool": lambda value, wanted: value.lower() == wanted.lower(),
    "IpAddress": _compared(_network, _inside),
    **{f"Numeric{name}": _compared(float, compare) for name, compare in _COMPARISONS.items()},
    **{f"Date{name}": _compared(_date, compare) for name, compare in _COMPARISONS.items()},
}
_NEGATED = {
    "StringNotEquals": "StringEquals",
    "StringNotEqualsIgnoreCase": "StringEqualsIgnoreCase",
    "StringNotLike": "StringLike",
    "ArnNotEquals": "ArnEquals",
    "ArnNotLike": "ArnLike",
    "NotIpAddress": "IpAddress",
    "NumericNotEquals": "NumericEquals",
    "DateNotEquals": "DateEquals",
}
_READERS: dict[str, Callable[[str], Any]] = {"Numeric": float, "Date": _date, "IpAddress": _network, "NotIp": _network}


def _parts(operator: str) -> tuple[str, str, bool]:
    """The quantifier ("" for none), the operator itself, and whether it is content without a value."""
    quantifier, _colon, name = operator.rpartition(":")
    return quantifier, name.removesuffix("IfExists"), name.endswith("IfExists")


def listed(value: Any) -> list[Any]:
    """One value or a list of them, as policies write both."""
    return value if isinstance(value, list) else [value]


def texts(value: Any) -> list[str]:
    """One value or a list of them as texts, as they are compared."""
    return [str(item).lower() if isinstance(item, bool) else str(item) for item in listed(value)]


def problem(condition: Any) -> str:
    """Why a condition is refused when its policy is put; "" for none. What cannot be judged here is refused, too."""
    if not isinstance(condition, dict):
        return "Condition must be an object."
    for operator, tests in condition.items():
        quantifier, name, if_exists = _parts(operator)
        if name == "BinaryEquals":
            return "the local cloud cannot judge BinaryEquals."
        if quantifier not in _QUANTIFIERS or name not in {"Null", *_TESTS, *_NEGATED} or (name == "Null" and if_exists):
            return "invalid condition operator."
        if not isinstance(tests, dict) or not tests:
            return "a condition operator needs an object of keys and values."
        for key, values in tests.items():
            if not _KEY.fullmatch(key) or not _are_values(name, values):
                return "invalid key or value of a condition."
    return ""


def _are_values(operator: str, values: Any) -> bool:
    if values == [] or not all(isinstance(item, str | bool | int | float) for item in listed(values)):
        return False
    read = next((read for prefix, read in _READERS.items() if operator.startswith(prefix)), str)
    try:
        return all(read(text) is not None for text in texts(values) if "${" not in text)
    except (ValueError, OverflowError):
        return False


def holds(condition: Mapping[str, Mapping[str, Any]], context: Context, *, variables: bool) -> bool:
    """Whether all tests of a condition hold. ``variables``: those in values are replaced by what they stand for.

    Raises:
        CannotTellError: the others hold, and one asks for what is not known here.
    """
    unknown = ""
    for operator, tests in condition.items():
        for key, given in tests.items():
            if key.lower() not in context:
                unknown = key
                continue
            wanted = [with_values(text, context) for text in texts(given)] if variables else texts(given)
            if not _holds(operator, context[key.lower()], [text for text in wanted if text is not None]):
                return False
    if unknown:
        raise CannotTellError(unknown)
    return True


def _holds(operator: str, values: Sequence[str] | None, wanted: Sequence[str]) -> bool:
    quantifier, name, if_exists = _parts(operator)
    if name == "Null":
        return any((not values) == (text == "true") for text in wanted)
    negated = name in _NEGATED
    if not values:
        return if_exists or quantifier == "ForAllValues" or (negated and not quantifier)
    test = _TESTS[_NEGATED.get(name, name)]
    single = (any(test(value, text) for text in wanted) != negated for value in values)
    return all(single) if quantifier == "ForAllValues" else any(single)

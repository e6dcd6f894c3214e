# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The Condition element of IAM policies, as far as it can be told. Pure.

Evaluated are the operators String, Numeric, Date, Bool, IpAddress, Arn, with their C(Not), C(IgnoreCase), C(Like), C(LessThan) and so on,
with C(...IfExists); C(Null); and C(ForAnyValue) and C(ForAllValues) of those that are not negated. Not evaluated, so that the answer depends
on them, are: a key whose value is not known, policy variables, C(BinaryEquals), negated operators on sets, several values of a key without
a word on sets, any other operator, and a value that does not fit its operator.

Source: IAM User Guide, "IAM JSON policy elements: Condition operators", "Conditions with multiple context keys or values" and
"Single-valued vs. multivalued context keys".
"""

from __future__ import annotations

import ipaddress
import json
import operator as comparison
import re
import typing as t
from datetime import UTC, datetime
from decimal import Decimal

from ..._base.errors import InvalidInput
from .answers import Answer, every, yes_or_no
from .wildcards import matches, matches_arn

#: What is known of a request, by names of keys in lower case: a value, several values, or C(None) for a key that the request does not have.
#: Of a key that is not here nothing is known.
Context: t.TypeAlias = "t.Mapping[str, str | tuple[str, ...] | None]"

_OPERATOR = re.compile(r"(?:(?P<set>ForAllValues|ForAnyValue):)?(?P<name>[A-Za-z]+?)(?P<if_exists>IfExists)?")
_VARIABLE = "${"
_NULL, _BINARY = "Null", "BinaryEquals"
_KEY = re.compile(r"[A-Za-z0-9-]+:\S+")
# A date may be a month; which days that has is left to AWS.
_MONTH = re.compile(r"\d{4}-(?:0[1-9]|1[0-2])")
_NUMBER = re.compile(r"[-+]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][-+]?[0-9]{1,3})?")


def as_text(value: t.Any) -> str:
    """A value as text: AWS takes booleans and numbers for what they look like in JSON."""
    return value if isinstance(value, str) else json.dumps(value)


def has_variable(text: str) -> bool:
    """Whether a text of a document of version 2012-10-17 stands for something else; in older versions it is itself."""
    return _VARIABLE in text


def check_condition(condition: t.Any, where: str, *, stored: bool = False) -> None:
    """Raises InvalidInput, naming C(where), for what is no Condition, or what AWS would refuse to store.

    :param stored: AWS has stored it, so that only the shape is looked at
    """
    if not isinstance(condition, dict) or not all(isinstance(tests, dict) for tests in condition.values()):
        raise InvalidInput(f"{where} must be a mapping of operators, each to a mapping of keys to values.")
    for name, tests in condition.items():
        found = None if stored else _known_operator(name, f"{where}.{name}", tests)
        for key, given in tests.items():
            values = given if isinstance(given, list) else [given]
            if not values or any(isinstance(value, dict | list) or value is None for value in values):
                raise InvalidInput(f"{where}.{name}.{key} must be a value or a list of values.")
            if found is not None:
                _check_test(found, key, [as_text(value) for value in values], f"{where}.{name}")


def _known_operator(name: str, where: str, tests: t.Mapping[str, t.Any]) -> str:
    """The operator without what may stand around it."""
    parsed = _OPERATOR.fullmatch(name)
    if name != _NULL and (parsed is None or parsed["name"] not in (*_OPERATORS, _BINARY)):
        raise InvalidInput(f"{where} is not an operator of conditions, such as StringEquals: AWS would refuse it.")
    if not tests:
        raise InvalidInput(f"{where} is empty: give it a key and its values.")
    return parsed["name"] if parsed else name


def _check_test(name: str, key: str, values: list[str], where: str) -> None:
    if not _KEY.fullmatch(key):
        raise InvalidInput(f"{where} has the key {key!r}: keys begin with a vendor, as aws:PrincipalOrgID does.")
    for value in values:
        if not has_variable(value) and not _fits(name, value):
            raise InvalidInput(f"{where}.{key} has {value!r}, which does not fit the operator: AWS would refuse it.")


def _fits(name: str, value: str) -> bool:
    """Whether a value is of the kind that an operator compares."""
    if name in (_NULL, "Bool"):
        return value.lower() in ("true", "false")
    if name in (_BINARY, *_TEXTS) or (name.startswith("Date") and _MONTH.fullmatch(value)):
        return True
    compare, _negated = _OPERATORS[name]
    sample = "127.0.0.1" if "IpAddress" in name else "0"
    return _compared(compare, sample, value) is not None


def holds(condition: t.Mapping[str, t.Any], context: Context, *, variables: bool = True) -> Answer:
    """Whether a request meets a Condition: every operator, each for every one of its keys.

    :param condition: the element, as parse_document() accepts it
    :param context: what is known of the request
    :param variables: whether the document is of a version that has policy variables
    """
    return every(
        _test(operator, key, values if isinstance(values, list) else [values], context, variables)
        for operator, tests in condition.items()
        for key, values in tests.items()
    )


def _test(operator: str, key: str, values: list[t.Any], context: Context, variables: bool) -> Answer:
    if key.lower() not in context:
        return (f"the value of {key} ({operator})",)
    wanted = [as_text(value) for value in values]
    if variables and any(map(has_variable, wanted)):
        found = None
    else:
        found = _evaluate(operator, context[key.lower()], wanted)
    return (f"{operator} on {key}, which cannot be evaluated",) if found is None else yes_or_no(found)


def _evaluate(operator: str, actual: str | tuple[str, ...] | None, wanted: list[str]) -> bool | None:
    """None is what cannot be told."""
    if operator == _NULL:
        return _is_null(actual, wanted)
    parsed = _OPERATOR.fullmatch(operator)
    if parsed is None or parsed["name"] not in _OPERATORS:
        return None
    compare, negated = _OPERATORS[parsed["name"]]
    if parsed["set"]:
        return (
            None
            if negated
            else _of_set(parsed["set"] == "ForAllValues", bool(parsed["if_exists"]), compare, actual, wanted)
        )
    if actual is None:
        # A key that is not there matches nothing, which is what a negated operator asks for.
        return negated or bool(parsed["if_exists"])
    if not isinstance(actual, str):
        return None
    found = _matches_any(compare, actual, wanted)
    return None if found is None else found != negated


def _is_null(actual: str | tuple[str, ...] | None, wanted: list[str]) -> bool | None:
    asked = {value.lower() for value in wanted}
    return ("true" if actual is None else "false") in asked if asked <= {"true", "false"} else None


def _of_set(
    every_one: bool, if_exists: bool, compare: Compare, actual: str | tuple[str, ...] | None, wanted: list[str]
) -> bool | None:
    if actual is None:
        return every_one or if_exists
    found = [_matches_any(compare, value, wanted) for value in ((actual,) if isinstance(actual, str) else actual)]
    # One value decides: for all of them one that does not match, for any of them one that does.
    return not every_one if (not every_one) in found else None if None in found else every_one


def _matches_any(compare: Compare, actual: str, wanted: list[str]) -> bool | None:
    found = [_compared(compare, actual, value) for value in wanted]
    return True if True in found else None if None in found else False


def _compared(compare: Compare, actual: str, wanted: str) -> bool | None:
    try:
        return compare(actual, wanted)
    except (ValueError, ArithmeticError, OSError):
        # The latter two: numbers that are none, moments beyond the calendar.
        return None


Compare = t.Callable[[str, str], bool]


def _time(text: str) -> datetime:
    """A date as ISO 8601 or in seconds since 1970."""
    if text.isdecimal():
        return datetime.fromtimestamp(int(text), UTC)
    found = datetime.fromisoformat(text)
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def _number(text: str) -> Decimal:
    """A number as policies write it; Python knows more, such as V(NaN)."""
    if not _NUMBER.fullmatch(text):
        raise ValueError(text)
    return Decimal(text)


def _in_order(kind: str, parse: t.Callable[[str], t.Any]) -> dict[str, Compare]:
    """The operators of a kind of values that have an order."""

    def of(compare: t.Callable[[t.Any, t.Any], bool]) -> Compare:
        return lambda actual, wanted: compare(parse(actual), parse(wanted))

    return {
        f"{kind}Equals": of(comparison.eq),
        f"{kind}LessThan": of(comparison.lt),
        f"{kind}LessThanEquals": of(comparison.le),
        f"{kind}GreaterThan": of(comparison.gt),
        f"{kind}GreaterThanEquals": of(comparison.ge),
    }


_COMPARE: dict[str, Compare] = {
    "StringEquals": comparison.eq,
    "StringEqualsIgnoreCase": lambda actual, wanted: actual.lower() == wanted.lower(),
    "StringLike": lambda actual, wanted: matches(wanted, actual),
    # AWS gives both the same meaning.
    "ArnEquals": lambda actual, wanted: matches_arn(wanted, actual),
    "ArnLike": lambda actual, wanted: matches_arn(wanted, actual),
    "Bool": lambda actual, wanted: actual.lower() == wanted.lower(),
    "IpAddress": lambda actual, wanted: ipaddress.ip_address(actual) in ipaddress.ip_network(wanted, strict=False),
    **_in_order("Numeric", _number),
    **_in_order("Date", _time),
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
#: Those that compare texts, which any value is.
_TEXTS = tuple(name for name in (*_COMPARE, *_NEGATED) if name.startswith(("String", "Arn")))
#: How each compares, and whether it asks for the contrary.
_OPERATORS: dict[str, tuple[Compare, bool]] = {
    **{name: (compare, False) for name, compare in _COMPARE.items()},
    **{name: (_COMPARE[base], True) for name, base in _NEGATED.items()},
}

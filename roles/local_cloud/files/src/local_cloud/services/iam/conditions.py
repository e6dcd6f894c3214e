# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""IAM conditions: CEL over request.time and resource.{name,type,service}."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

import celpy
from celpy import celtypes

from local_cloud.platform.errors import invalid_argument


@dataclass(frozen=True)
class Subject:
    """What a condition can see of the resource: its full name (with the project's number), type and service."""

    name: str
    type: str
    service: str


def check_expression(expression: str) -> None:
    """Refuse what is not CEL.

    Raises:
        ApiError: INVALID_ARGUMENT.
    """
    try:
        _program(expression)
    except celpy.CELParseError:
        raise invalid_argument("The condition expression does not compile.") from None


def holds(expression: str, subject: Subject, now: datetime) -> bool:
    """Evaluate; as in Google's IAM an expression that fails, or is not a boolean, grants nothing."""
    activation = {
        "request": celtypes.MapType({celtypes.StringType("time"): celtypes.TimestampType(now)}),
        "resource": celpy.json_to_cel({"name": subject.name, "type": subject.type, "service": subject.service}),
    }
    try:
        result = _program(expression).evaluate(activation)
    except celpy.CELEvalError:
        return False
    return isinstance(result, celtypes.BoolType) and bool(result)


@lru_cache(maxsize=1)
def _environment() -> celpy.Environment:
    # Building the parser takes a quarter of a second, so it waits for the first condition.
    return celpy.Environment()


@lru_cache(maxsize=256)
def _program(expression: str) -> celpy.Runner:
    return _environment().program(_environment().compile(expression))

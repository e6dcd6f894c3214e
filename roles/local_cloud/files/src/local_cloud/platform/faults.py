# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Faults on demand: what the next calls of a method meet instead of, before or after their work."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any

from local_cloud.platform.errors import HTTP_STATUS, ApiError, invalid_argument

_CODE = {
    400: "FAILED_PRECONDITION",
    401: "UNAUTHENTICATED",
    403: "PERMISSION_DENIED",
    404: "NOT_FOUND",
    409: "ABORTED",
    429: "RESOURCE_EXHAUSTED",
    503: "UNAVAILABLE",
    504: "DEADLINE_EXCEEDED",
}


@dataclass
class Fault:
    """One rule. ``status`` None only delays; ``count`` None never runs out; ``after`` lets the work be done first."""

    method: str
    count: int | None
    status: int | None
    code: str
    message: str
    latency: float
    retry_after: int | None
    after: bool

    def error(self) -> ApiError | None:
        """The answer to give, or None when the fault is a delay only."""
        if self.status is None:
            return None
        headers = {} if self.retry_after is None else {"Retry-After": str(self.retry_after)}
        return ApiError(self.code, self.message, headers=headers, http_status=self.status)


class Faults:
    """The rules in the order they were given; the first that fits a call is used up by it.

    ``statuses`` belong to codes that are not Google's. ``propagation_delay`` is how many seconds it takes until a policy counts.
    """

    def __init__(self, statuses: Mapping[str, int] | None = None) -> None:
        self._statuses = {**(statuses or {}), **HTTP_STATUS}
        self._rules: list[Fault] = []
        self.propagation_delay = 0.0

    def add(self, rule: Mapping[str, Any]) -> None:
        """Add a rule from the control API.

        Raises:
            ApiError: INVALID_ARGUMENT for keys or values that mean nothing.
        """
        if set(rule) == {"propagation_delay"}:
            delay = rule["propagation_delay"]
            if isinstance(delay, bool) or not isinstance(delay, int | float) or delay < 0:
                raise invalid_argument("propagation_delay is a number of seconds.")
            self.propagation_delay = float(delay)
            return
        self._rules.append(_parse(rule, self._statuses))

    def clear(self) -> None:
        self._rules.clear()
        self.propagation_delay = 0.0

    def take(self, method: str) -> Fault | None:
        """The fault for a call of ``method``, if any."""
        for rule in self._rules:
            if fnmatchcase(method, rule.method):
                if rule.count is not None:
                    rule.count -= 1
                    if rule.count <= 0:
                        self._rules.remove(rule)
                return rule
        return None


def _parse(rule: Mapping[str, Any], statuses: Mapping[str, int]) -> Fault:
    known = {"method", "count", "status", "code", "message", "latency", "retry_after", "after"}
    if unknown := set(rule) - known:
        raise invalid_argument(f"Unknown keys in a fault: {', '.join(sorted(unknown))}.")
    status = rule.get("status")
    code = rule.get("code")
    if status is None and code is not None:
        status = statuses.get(code)
    if code is None:
        code = _CODE.get(status, "INTERNAL") if status is not None else ""
    if rule.get("count") is not None and rule["count"] < 1:
        raise invalid_argument("The count of a fault must be at least 1, or null for ever.")
    try:
        return Fault(
            method=str(rule["method"]),
            count=None if rule.get("count", 1) is None else int(rule.get("count", 1)),
            status=None if status is None else int(status),
            code=str(code),
            message=str(rule.get("message", "The local cloud was told to fail this call.")),
            latency=float(rule.get("latency", 0)),
            retry_after=None if rule.get("retry_after") is None else int(rule["retry_after"]),
            after=bool(rule.get("after", False)),
        )
    except (KeyError, TypeError, ValueError):
        raise invalid_argument("A fault needs a method; count, status, latency and retry_after are numbers.") from None

# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Request quotas: how many requests of a kind one consumer may make in a window of time. Unlimited until they are set.

A window slides: what counts are the arrivals of the last so many seconds, whenever these begin.
"""

from __future__ import annotations

import math
import time
from collections import defaultdict, deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from local_cloud.platform.errors import invalid_argument

_READS = ("Get", "List", "Describe", "Read", "Test")


def kind_of(method: str) -> str:
    """What a call of a method, by its full name, counts as: a read or a write."""
    return "read" if method.rpartition(".")[2].startswith(_READS) else "write"


@dataclass(frozen=True)
class Metered:
    """What a service counts apart, and the seconds that its own numbers are for."""

    kinds: frozenset[str]
    window: float


@dataclass(frozen=True)
class Exceeded:
    """No more than ``limit`` requests are taken in a window; the next one is in so many seconds."""

    limit: int
    wait: float


class Quotas:
    """The limits, and the arrivals that use them up, of the ``services`` that have any. ``clock`` tells seconds that never go back."""

    def __init__(self, services: Mapping[str, Metered], clock: Callable[[], float] = time.monotonic) -> None:
        self._services = services
        self._clock = clock
        # By service and kind: requests, and seconds.
        self._limits: dict[tuple[str, str], tuple[int, float]] = {}
        self._arrivals: defaultdict[tuple[str, str, str], deque[float]] = defaultdict(deque)

    def replace(self, given: Mapping[str, Any]) -> None:
        """Set all limits (control API): for each service a number per kind, and ``window`` in seconds.

        What is not named is unlimited. Counting begins anew.

        Raises:
            ApiError: INVALID_ARGUMENT; nothing is changed then.
        """
        parsed = {
            (service, kind): limit
            for service, values in given.items()
            for kind, limit in _parse(service, values, self._services)
        }
        self.clear()
        self._limits = parsed

    def clear(self) -> None:
        self._limits = {}
        self._arrivals.clear()

    def take(self, service: str, consumer: str, kind: str) -> Exceeded | None:
        """Count a request that arrives now, or say why it must be refused.

        A refused one is not counted: it takes no token from a bucket that is empty, either, and who goes on asking
        would never be let in again.
        """
        limited = self._limits.get((service, kind))
        if limited is None:
            return None
        limit, window = limited
        now = self._clock()
        arrivals = self._arrivals[service, consumer, kind]
        while arrivals and arrivals[0] + window <= now:
            arrivals.popleft()
        if len(arrivals) >= limit:
            return Exceeded(limit, arrivals[0] + window - now)
        arrivals.append(now)
        return None


def _parse(service: str, values: Any, services: Mapping[str, Metered]) -> list[tuple[str, tuple[int, float]]]:
    if service not in services:
        raise invalid_argument(f"Quotas are known for: {', '.join(services)}.")
    known = {*services[service].kinds, "window"}
    if not isinstance(values, dict) or not set(values) <= known:
        raise invalid_argument(f"The quotas of {service} are an object of: {', '.join(sorted(known))}.")
    window = values.get("window", services[service].window)
    if isinstance(window, bool) or not isinstance(window, int | float) or not 0 < window < math.inf:
        raise invalid_argument("The window of quotas is a number of seconds.")
    limits = {kind: limit for kind, limit in values.items() if kind != "window"}
    if not all(isinstance(limit, int) and not isinstance(limit, bool) and limit > 0 for limit in limits.values()):
        raise invalid_argument("A quota is a number of requests, at least 1.")
    return [(kind, (limit, float(window))) for kind, limit in limits.items()]

# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""How many requests a caller has left in this hour. Source: GitHub's documentation, "Rate limits for the REST API"."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

_HOUR = timedelta(hours=1)
_OF_USERS, _OF_NOBODY = 5000, 60


@dataclass
class Rate:
    """The hour that began with a caller's first request."""

    limit: int
    began: datetime
    used: int = 0
    #: The newest request was one too many.
    exceeded: bool = False

    @property
    def counts(self) -> dict[str, int]:
        """By the names that GitHub's headers and answers have for them."""
        reset = int((self.began + _HOUR).timestamp())
        return {"limit": self.limit, "remaining": self.limit - self.used, "reset": reset, "used": self.used}


class RateLimits:
    """``limit`` None is GitHub's own."""

    def __init__(self) -> None:
        self.limit: int | None = None
        self._rates: dict[str, Rate] = {}

    def of(self, caller: str, now: datetime) -> Rate:
        """The present hour of a caller, "" for nobody in particular."""
        rate = self._rates.get(caller)
        if rate is None or now - rate.began >= _HOUR:
            rate = self._rates[caller] = Rate(0, now)
        rate.limit = (_OF_USERS if caller else _OF_NOBODY) if self.limit is None else self.limit
        return rate

    def count(self, caller: str, now: datetime) -> Rate:
        """Count a request. One that is too many counts no more."""
        rate = self.of(caller, now)
        rate.exceeded = rate.used >= rate.limit
        rate.used = min(rate.used + 1, rate.limit)
        return rate

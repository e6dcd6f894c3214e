# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The time of this cloud, which tests put forward so that tokens expire."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

# Clients write the times of what they sign in whole seconds.
_WHOLE = timedelta(seconds=1)


def _real() -> datetime:
    return datetime.now(UTC)


class Clock:
    """``real`` is the machine's clock, by which clients go: nobody puts that forward."""

    def __init__(self, real: Callable[[], datetime] = _real) -> None:
        self._real = real
        self.reset()

    def reset(self) -> None:
        """Show the machine's time again."""
        self._advances: list[tuple[datetime, timedelta]] = []

    def now(self) -> datetime:
        return self._real() + sum((step for _moment, step in self._advances), timedelta())

    def advance(self, step: timedelta) -> None:
        self._advances.append((self._real(), step))

    def at(self, moment: datetime) -> datetime:
        """What this clock showed when a client's own showed a moment.

        So what a client signs is fresh whenever it does so, and as old as all other things are once the clock was put forward.
        """
        return moment + sum((step for made, step in self._advances if made < moment + _WHOLE), timedelta())

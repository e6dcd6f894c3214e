# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Time that a task has, and calls that a service allows in a time: what all of a task's threads share."""

from __future__ import annotations

import threading
import time
import typing as t
from collections import deque
from contextlib import contextmanager
from dataclasses import dataclass, replace

from .errors import InvalidInput, NotReached, Throttled

Clock = t.Callable[[], float]
Sleep = t.Callable[[float], None]

#: Calls arrive a little later than they are let go, and not all equally late, so a window is held a little longer.
MARGIN = 1.02

#: Seconds for which all hold back when a service says that a quota is used up, and not for how long.
FIRST_HOLD = 1.0
#: Seconds for which they hold back at most, whatever the service says: an entry that was refused waits no longer for its own turn.
LONGEST_HOLD = 600.0


class Deadline:
    """The moment at which a task stops beginning anything, C(seconds) after this was made; None for never."""

    def __init__(self, seconds: float | None = None, *, clock: Clock = time.monotonic) -> None:
        self._clock = clock
        self._seconds = seconds
        self._end = None if seconds is None else clock() + seconds

    @classmethod
    def from_options(cls, options: t.Mapping[str, t.Any]) -> Deadline:
        """The deadline that C(timeout) sets. Raises InvalidInput."""
        return cls(_at_least_one(options, "timeout"))

    def allows(self, pause: float = 0) -> bool:
        """Whether there is time left after a pause of so many seconds."""
        return self._end is None or self._clock() + pause < self._end

    def not_reached(self, what: str) -> NotReached:
        """The error for what there is no time for."""
        return NotReached(
            f"The task timed out after {self._seconds:g} seconds, before {what} was processed: run the task again to continue."
        )


def _at_least_one(options: t.Mapping[str, t.Any], option: str) -> int | None:
    number: int | None = options.get(option)
    if number is not None and number < 1:
        raise InvalidInput(f"{option} is {number}: at least 1 is accepted.")
    return number


@dataclass(frozen=True)
class Rate:
    """So many calls in so many seconds."""

    calls: int
    seconds: float


#: Requests of a project, by kind. Source: Secret Manager's documentation, "Quotas and limits".
SECRET_MANAGER = {"access": Rate(90_000, seconds=60), "read": Rate(600, seconds=60), "write": Rate(600, seconds=60)}

#: Requests of an account, by kind. Source: the CodeArtifact User Guide, "Quotas", for reads; not verified for writes.
CODEARTIFACT = {"read": Rate(800, seconds=1), "write": Rate(100, seconds=1)}
#: Authorization tokens that an account may ask for. Source: the CodeArtifact User Guide, "Quotas".
CODEARTIFACT_TOKENS = {"token": Rate(40, seconds=1)}


class Quota:
    """Lets calls go so that no stretch of C(rate.seconds), wherever it begins, has more than C(rate.calls) of them.

    That keeps within a quota however the service counts: by the minute of the clock, by a sliding minute or by a bucket that is
    refilled.
    """

    def __init__(self, rate: Rate, *, clock: Clock = time.monotonic, sleep: Sleep = time.sleep) -> None:
        self._window = rate.seconds * MARGIN
        self._clock = clock
        self._sleep = sleep
        self._lock = threading.Lock()
        self._let_go: deque[float] = deque(maxlen=rate.calls)
        self._held_until = 0.0

    def wait(self, deadline: Deadline, what: str) -> None:
        """Wait for this call's turn; turns are given in the order of asking. Raises NotReached instead of waiting too long."""
        with self._lock:
            now = self._clock()
            turn = max(now, self._held_until)
            if len(self._let_go) == self._let_go.maxlen:
                turn = max(turn, self._let_go[0] + self._window)
            if not deadline.allows(turn - now):
                raise deadline.not_reached(what)
            self._let_go.append(turn)
        if turn > now:
            self._sleep(turn - now)

    def hold(self, seconds: float) -> None:
        """Let nothing go for so long: the quota is used up, perhaps by somebody else."""
        with self._lock:
            self._held_until = max(self._held_until, self._clock() + seconds)


class Quotas:
    """The quotas of one service, by kind of call and by whom they are counted for."""

    def __init__(self, rates: t.Mapping[str, Rate], deadline: Deadline) -> None:
        """C(rates): what is allowed of each kind of call to one project or account."""
        self._rates = rates
        self._deadline = deadline
        self._lock = threading.Lock()
        self._quotas: dict[tuple[str, str], Quota] = {}

    @classmethod
    def from_options(cls, rates: t.Mapping[str, Rate], options: t.Mapping[str, t.Any]) -> Quotas:
        """C(rates) as far as C(KIND_quota) does not say otherwise, until C(timeout). Raises InvalidInput."""
        wanted = {
            kind: replace(rate, calls=_at_least_one(options, f"{kind}_quota") or rate.calls)
            for kind, rate in rates.items()
        }
        return cls(wanted, Deadline.from_options(options))

    @contextmanager
    def call(self, kind: str, counted_for: str, what: str) -> t.Iterator[None]:
        """Make one call when the quota allows it.

        :param counted_for: the project or account
        :param what: what the call is about, for the error
        :raises NotReached: that would be after the task's deadline
        """
        quota = self._quota(kind, counted_for)
        quota.wait(self._deadline, what)
        try:
            yield
        except Throttled as error:
            quota.hold(min(error.retry_after or FIRST_HOLD, LONGEST_HOLD))
            raise

    def _quota(self, kind: str, counted_for: str) -> Quota:
        with self._lock:
            key = (kind, counted_for)
            if key not in self._quotas:
                self._quotas[key] = Quota(self._rates[kind])
            return self._quotas[key]

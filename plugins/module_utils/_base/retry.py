# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""How long to go on after a failure that may pass, and how long to pause in between."""

from __future__ import annotations

import random
import time
import typing as t
from dataclasses import dataclass

from .errors import LostRace, NotPropagated, RegistryAuthError, Silent, Throttled, Unavailable, Unreachable
from .quota import Deadline


@dataclass(frozen=True)
class Patience:
    """Seconds for which trying again is worth while, from the beginning of the first try that fails in that way."""

    total: float
    first_pause: float
    longest_pause: float


# The most specific class comes first: Throttled, Unreachable and Silent are Unavailable too.
PATIENCE: tuple[tuple[type[RegistryAuthError], Patience], ...] = (
    # Somebody must win each race, so a short, well spread series ends soon.
    (LostRace, Patience(total=60, first_pause=0.05, longest_pause=2)),
    # Quotas are counted per minute, and a long batch may have its turn late.
    (Throttled, Patience(total=600, first_pause=1, longest_pause=30)),
    # With the connect timeout of the clients, this keeps a dead endpoint under 30 seconds.
    (Unreachable, Patience(total=12, first_pause=0.5, longest_pause=4)),
    # It was waited for already, for nearly as long as a task may hang on one endpoint.
    (Silent, Patience(total=0, first_pause=1, longest_pause=1)),
    (Unavailable, Patience(total=60, first_pause=0.5, longest_pause=10)),
)


class Backoff:
    """Decides, failure by failure, whether to try again, and pauses before it.

    Pauses grow by two and are drawn at random between half and all of their length, so that writers who lost the same
    race do not meet again.
    """

    def __init__(
        self,
        *,
        propagation_timeout: float = 0,
        deadline: Deadline | None = None,
        clock: t.Callable[[], float] = time.monotonic,
        sleep: t.Callable[[float], None] = time.sleep,
    ) -> None:
        """How long to go on.

        :param propagation_timeout: seconds to wait for a grant to take effect
        :param deadline: when to stop whatever the failure is; never, if it is not given
        """
        self._deadline = deadline or Deadline()
        granted = Patience(propagation_timeout, first_pause=1, longest_pause=15)
        self._patience: tuple[tuple[type[RegistryAuthError], Patience], ...] = (*PATIENCE, (NotPropagated, granted))
        self._clock = clock
        self._sleep = sleep
        self._try_began = clock()
        self._started: dict[type[RegistryAuthError], float] = {}
        self._failures: dict[type[RegistryAuthError], int] = {}

    def pause_or_raise(self, error: RegistryAuthError, *, writing: bool = False) -> None:
        """Sleep before the next try, or raise C(error) when it will not pass or has lasted too long.

        :param writing: the failure was that of a write, so that it is worth a look whether it was made
        """
        like = Unavailable if writing and isinstance(error, Silent) else type(error)
        found = next(((kind, patience) for kind, patience in self._patience if issubclass(like, kind)), None)
        if found is None:
            raise error
        kind, patience = found
        started = self._started.setdefault(kind, self._try_began)
        failures = self._failures[kind] = self._failures.get(kind, 0) + 1
        longest = min(patience.longest_pause, patience.first_pause * 2 ** (failures - 1))
        pause = random.uniform(longest / 2, longest)
        if isinstance(error, Unavailable) and error.retry_after:
            # The service knows better than a growing guess. Not all at once, though.
            pause = error.retry_after * random.uniform(1, 1.5)
        if self._clock() - started + pause > patience.total or not self._deadline.allows(pause):
            raise error
        self._sleep(pause)
        self._try_began = self._clock()

# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Seeded schedules of faults: the same seed makes the same calls meet the same faults, in whatever order threads make them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass, field
from random import Random
from urllib.parse import urlsplit

from campaign.faults import KINDS, Fault, Forward, Kind

READS = frozenset({"GET", "HEAD"})
WRITES = frozenset({"POST", "PUT", "PATCH", "DELETE"})
ALL = READS | WRITES
#: Kinds that only reads may meet: an old answer to a write is an answer to another one.
_READS_ONLY = {"stale"}
#: How seldom those are drawn that take seconds.
_SLOW = 0.04


@dataclass
class Schedule:
    """What happens to the calls of one run. A call is known by its path and by how often it was made before.

    :param seed: of everything
    :param density: the part of calls that meet a fault
    :param verbs: the calls that may meet any
    :param first: a call meets none before it is made for this time: so some schedules come as far as the writes
    :param last: a call that was made so often meets none any more, so that most faults pass
    :param kinds: those that are drawn from
    """

    seed: str
    density: float
    last: int
    kinds: tuple[Kind, ...]
    verbs: frozenset[str] = ALL
    first: int = 1
    _made: Counter[str] = field(default_factory=Counter)

    def take(self, verb: str, path: str) -> Fault | None:
        """The fault that a call meets, if any."""
        where = f"{verb} {urlsplit(path).path}"
        self._made[where] += 1
        count = self._made[where]
        if not self.first <= count <= self.last or verb not in self.verbs:
            return None
        random = Random(f"{self.seed}|{where}|{count}")
        if random.random() >= self.density:
            return None
        fitting = [kind for kind in self.kinds if verb == "GET" or kind.name not in _READS_ONLY]
        if not fitting:
            return None
        kind = random.choices(fitting, [_SLOW if kind.slow else 1 for kind in fitting])[0]
        forwarded = random.random() < 0.5 if kind.forward is Forward.EITHER else kind.forward is Forward.ALWAYS
        return Fault(kind, forwarded, random.getrandbits(32))

    def __str__(self) -> str:
        return f"{len(self.kinds)} kinds, {self.density:.0%} of calls, {self.last} times at most"


def draw(seed: str, *, kinds: Collection[str] = ()) -> Schedule:
    """A schedule: few or many faults, of one kind or of all, that pass soon or late."""
    random = Random(seed)
    chosen = [KINDS[name] for name in kinds] or list(KINDS.values())
    if random.random() < 0.6:
        chosen = random.sample(chosen, min(len(chosen), random.choice((1, 2, 4))))
    density, last = random.choice((0.15, 0.35, 0.6, 0.95)), random.choice((1, 2, 3, 8, 10_000))
    verbs, first = random.choice((ALL, ALL, WRITES, READS)), random.choice((1, 1, 1, 2))
    return Schedule(seed, density, max(first, last), tuple(chosen), verbs, first)

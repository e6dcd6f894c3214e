# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What was measured, and what follows from it: medians, ratios, and the cost of alternatives that is scaled."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from statistics import median

from contenders import LIMIT, OURS
from measure import Measurement

#: Entries that alternatives work on, one after the other, when there are more.
SAMPLE = 20


@dataclass(frozen=True)
class Case:
    """A contender at a subject in a state, with so many entries."""

    subject: str
    state: str
    size: int
    contender: str


class Results:
    """All measurements, in the order of the rounds."""

    def __init__(self) -> None:
        self.measured: defaultdict[Case, list[Measurement]] = defaultdict(list)

    def of(self, case: Case) -> list[Measurement]:
        """The runs of a case; those of an alternative that was not run at this size are scaled.

        Only what each entry costs is scaled: what starting costs is in the run with one entry, and is taken as it is.
        """
        if case in self.measured:
            return self.measured[case]
        if not self.is_scaled(case):
            return []
        one, sample = self._at(case, 1), self._at(case, SAMPLE)
        # A sample takes long, and is run less often.
        return [_scaled(first, many, case.size) for first, many in zip(one, sample, strict=False)]

    def is_scaled(self, case: Case) -> bool:
        """Whether there are runs to scale, and none of this size."""
        return case not in self.measured and case.contender not in (OURS, LIMIT) and bool(self._at(case, SAMPLE))

    def _at(self, case: Case, size: int) -> list[Measurement]:
        return self.measured.get(Case(case.subject, case.state, size, case.contender), [])

    def ratio(self, case: Case, other: str) -> float | None:
        """Wall time in terms of another contender's: pair by pair, and the median of that. None without pairs."""
        others = self.of(Case(case.subject, case.state, case.size, other))
        pairs = list(zip(self.of(case), others, strict=False))
        return median(mine.wall / theirs.wall for mine, theirs in pairs) if pairs else None

    def slope(self, subject: str, contender: str, sizes: list[int]) -> float:
        """Milliseconds that each further entry takes, from the fewest entries to the most, when all are converged."""
        few, many = min(sizes), max(sizes)
        least, most = (typical(self.of(Case(subject, "converged", size, contender))).wall for size in (few, many))
        return (most - least) / (many - few) * 1000


def typical(runs: list[Measurement]) -> Measurement:
    """The median of each cost. Calls are those of the first run: they do not vary, or it is seen in the JSON."""
    return Measurement(
        wall=median(run.wall for run in runs),
        cpu=median(run.cpu for run in runs),
        memory=median(run.memory for run in runs),
        calls=runs[0].calls,
        cloud=median(run.cloud for run in runs),
    )


def _scaled(one: Measurement, sample: Measurement, size: int) -> Measurement:
    def scale(first: float, many: float) -> float:
        return first + (many - first) / (SAMPLE - 1) * (size - 1)

    return Measurement(
        wall=scale(one.wall, sample.wall),
        cpu=scale(one.cpu, sample.cpu),
        memory=sample.memory,
        calls={method: round(scale(one.calls.get(method, 0), count)) for method, count in sample.calls.items()},
        cloud=scale(one.cloud, sample.cloud),
    )

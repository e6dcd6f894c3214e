# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the project promises of its speed, and whether the measurements hold it. No test depends on this: machines differ."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from contenders import LIMIT, OURS, TITLES
from results import Case, Results, typical
from subjects import SUBJECTS

CONVERGED = "converged"
MEBIBYTES = 300
LARGE, REFERENCE = 5000, 500


@dataclass(frozen=True)
class Bar:
    """A promise: C(measured) is None when it was not measured, and otherwise not to be on the wrong side of C(bound)."""

    promise: str
    measured: float | None
    bound: float
    at_least: bool = False

    @property
    def met(self) -> bool | None:
        if self.measured is None:
            return None
        return self.measured >= self.bound if self.at_least else self.measured <= self.bound


def bars(results: Results) -> list[Bar]:
    """All promises."""
    return [*_against_limit(results), *_against_alternatives(results), *_calls(results), *_growth(results)]


def _against_limit(results: Results) -> Iterator[Bar]:
    for name, bound in (
        ("secret_versions", 1.5),
        ("codeartifact_policies", 1.5),
        ("codeartifact_access", 1.5),
        ("auth_workflow", 2.0),
    ):
        ratio = results.ratio(Case(name, CONVERGED, 1000, OURS), LIMIT)
        yield Bar(f"{SUBJECTS[name].title}, 1000 converged: wall time in terms of the limit's", ratio, bound)


def _against_alternatives(results: Results) -> Iterator[Bar]:
    for name, other in (
        ("secret_versions", "peer"),
        ("secret_versions", "gcloud"),
        ("iam_bindings", "gcloud"),
        ("remote_repositories", "gcloud"),
        ("codeartifact_policies", "aws"),
    ):
        ratio = results.ratio(Case(name, CONVERGED, 1000, other), OURS)
        yield Bar(
            f"{SUBJECTS[name].title}, 1000 converged: times faster than {TITLES[other]}", ratio, 100, at_least=True
        )
    ratio = results.ratio(Case("secret_versions", CONVERGED, 1, OURS), "peer")
    yield Bar("Secret versions, one entry: wall time in terms of google.cloud's", ratio, 1.0)


def _calls(results: Results) -> Iterator[Bar]:
    for subject in SUBJECTS.values():
        if not subject.module:
            continue
        most = [
            (sum(run.calls.values()) - subject.calls_besides(case.size)) / case.size
            for case, runs in results.measured.items()
            if (case.subject, case.state, case.contender) == (subject.name, CONVERGED, OURS)
            for run in runs
        ]
        yield Bar(f"{subject.title}: API calls per converged resource, at most", max(most, default=None), 1.0)


def _growth(results: Results) -> Iterator[Bar]:
    for subject in SUBJECTS.values():
        large = results.of(Case(subject.name, CONVERGED, LARGE, OURS))
        reference = results.of(Case(subject.name, CONVERGED, REFERENCE, OURS))
        memory = typical(large).memory if large else None
        slower = None
        if large and reference:
            slower = (typical(large).wall / LARGE) / (typical(reference).wall / REFERENCE)
        yield Bar(f"{subject.title}: MiB of the greatest process at {LARGE} entries", memory, MEBIBYTES)
        yield Bar(f"{subject.title}: time per entry at {LARGE} in terms of that at {REFERENCE}", slower, 1.3)

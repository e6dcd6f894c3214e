# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the project promises of its speed, and whether the measurements hold it. No test depends on this: machines differ."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from contenders import LIMIT, OURS, TITLES
from results import Case, Results, typical
from scopes import Fleet, Workflow
from subject import Subject
from subjects import SUBJECTS

CONVERGED = "converged"
NOTHING = "nothing"
MEBIBYTES = 300
#: Scopes of a fleet that users may well have.
FLEET = 200


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
    for name, state, size, bound in (
        ("fleet_google", CONVERGED, 20, 4.0),
        ("fleet_codeartifact", CONVERGED, 20, 4.0),
        ("fleet_google", CONVERGED, FLEET, 3.0),
        ("fleet_codeartifact", CONVERGED, FLEET, 3.0),
        ("one_google", CONVERGED, 1, 3.0),
        ("one_codeartifact", CONVERGED, 1, 3.0),
        ("secret_versions", CONVERGED, 1000, 1.5),
        ("secret_versions", NOTHING, 1000, 1.8),
        ("repository_bindings", CONVERGED, 1000, 1.5),
        ("codeartifact_policies", CONVERGED, 1000, 1.35),
        ("codeartifact_policies", NOTHING, 1000, 1.8),
        ("codeartifact_access", CONVERGED, 1000, 1.5),
        ("auth_workflow", CONVERGED, 1000, 2.0),
    ):
        subject = SUBJECTS[name]
        ratio = results.ratio(Case(name, state, size, OURS), LIMIT)
        begun = "from nothing" if state == NOTHING else state
        yield Bar(f"{subject.title}, {size} {begun}: wall time in terms of the limit's", ratio, bound)


def _against_alternatives(results: Results) -> Iterator[Bar]:
    for name, other in (
        ("secret_versions", "peer"),
        ("secret_versions", "gcloud"),
        ("iam_bindings", "gcloud"),
        ("repository_bindings", "gcloud"),
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
        if isinstance(subject, Workflow):
            yield from _calls_of_workflow(results, subject)
        else:
            most = [
                (calls - subject.calls_besides(case.size)) / case.size for case, calls in _converged(results, subject)
            ]
            yield Bar(f"{subject.title}: API calls per converged resource, at most", max(most, default=None), 1.0)
    calls = [calls for _case, calls in _converged(results, SUBJECTS["one_google"])]
    yield Bar("One Google Cloud project with one repository: API calls when converged", max(calls, default=None), 10)


def _calls_of_workflow(results: Results, subject: Workflow) -> Iterator[Bar]:
    """What a scope costs is taken off first, so that a call too many for every repository cannot hide in it."""
    for_scopes = subject.calls_per_scope
    most = [
        (calls - for_scopes * subject.scopes_in(case.size)) / subject.repositories_in(case.size)
        for case, calls in _converged(results, subject)
    ]
    promise = f"{subject.title}: API calls per converged repository, besides {for_scopes} for each scope, at most"
    yield Bar(promise, max(most, default=None), subject.calls_per_repository)


def _converged(results: Results, subject: Subject) -> Iterator[tuple[Case, int]]:
    """The API calls of each run of ours that found everything as it should be."""
    for case, runs in results.measured.items():
        if (case.subject, case.state, case.contender) == (subject.name, CONVERGED, OURS):
            yield from ((case, sum(run.calls.values())) for run in runs)


def _growth(results: Results) -> Iterator[Bar]:
    for subject in SUBJECTS.values():
        if subject.steady is None:
            continue
        few, many = subject.steady
        largest = FLEET if isinstance(subject, Fleet) else many
        runs = results.of(Case(subject.name, CONVERGED, largest, OURS))
        memory = typical(runs).memory if runs else None
        yield Bar(f"{subject.title}: MiB of the greatest process at {largest} {subject.unit}", memory, MEBIBYTES)
        reference, large = (results.of(Case(subject.name, CONVERGED, size, OURS)) for size in (few, many))
        slower = None
        if large and reference:
            slower = (typical(large).wall / many) / (typical(reference).wall / few)
        one = "scope" if isinstance(subject, Fleet) else "entry"
        yield Bar(f"{subject.title}: time per {one} at {many} in terms of that at {few}", slower, 1.3)

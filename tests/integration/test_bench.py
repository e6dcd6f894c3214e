# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The benchmark still measures what it is for. How long anything takes is not looked at: machines differ."""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from acceptance import bars
from checkout import CHECKOUT
from contenders import LIMIT, OURS
from figures import BEGIN, END, filled
from measure import CommandError, Measurement, measure
from report import write_json
from results import SAMPLE, Case, Results
from rounds import Settings
from scopes import Workflow
from subjects import SUBJECTS

from bench import subjects_named

pytestmark = pytest.mark.thorough

BENCH = CHECKOUT / "tests" / "bench" / "bench.py"
SIZE = 2
#: The most calls of ours for SIZE entries that are as they should be: one for each, or fewer by listing.
ONE_TASK = (
    "secret_versions",
    "iam_bindings",
    "repository_bindings",
    "remote_repositories",
    "codeartifact_policies",
)


def bench(folder: Path, *options: str) -> dict[str, Any]:
    """Run it once, without latency, and return its JSON."""
    output = folder / "bench.json"
    command = [sys.executable, str(BENCH), "--runs=1", "--latency=0", "--growth=none", f"--output={output}", *options]
    # As make sets it.
    paths = {"PYTHONPATH": f"{CHECKOUT / 'tests' / 'tools'}{os.pathsep}{CHECKOUT / 'tests' / 'plugins'}"}
    run = subprocess.run(
        command, env={**os.environ, **paths}, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
    )
    assert run.returncode == 0, run.stdout[-3000:] + run.stderr[-3000:]
    report: dict[str, Any] = json.loads(output.read_text())
    return report


def calls(report: dict[str, Any], subject: str, state: str, contender: str) -> dict[str, int]:
    """API calls of a contender by method."""
    wanted = (subject, state, contender)
    [case] = [case for case in report["cases"] if (case["subject"], case["state"], case["contender"]) == wanted]
    assert [set(run) for run in case["runs"]] == [{"wall", "cpu", "memory", "calls", "cloud"}]
    return case["runs"][0]["calls"]


def test_ours_and_the_limit(tmp_path: Path, subtests: pytest.Subtests) -> None:
    subjects = (*ONE_TASK, "auth_workflow")
    only = ",".join((*subjects, "codeartifact_access"))
    report = bench(tmp_path, f"--only={only}", f"--sizes={SIZE}", "--alternatives=no")

    assert set(report) == {"machine", "versions", "settings", "cases", "acceptance"}
    assert {case["contender"] for case in report["cases"]} == {"ours", "limit"}
    for subject in subjects:
        with subtests.test(subject):
            converged, limit = calls(report, subject, "converged", "ours"), calls(report, subject, "converged", "limit")
            assert 0 < sum(limit.values()) <= sum(converged.values())
            if subject in ONE_TASK:
                assert sum(converged.values()) <= SIZE, converged
                assert sum(calls(report, subject, "nothing", "limit").values()) == SIZE
            needed = calls(report, subject, "nothing", "limit")
            # A service agent that is there need not be made.
            writes = {
                name: count for name, count in needed.items() if name not in limit and name != "GenerateServiceIdentity"
            }
            assert writes, "the limit wrote nothing"
            # What it takes to write is the same for both.
            assert writes == {name: calls(report, subject, "nothing", "ours").get(name) for name in writes}
    with subtests.test("codeartifact_access"):
        # What only reads has one state, and no fewer calls than one for each.
        ours, limit = (calls(report, "codeartifact_access", "converged", name) for name in (OURS, LIMIT))
        assert sum(ours.values()) == sum(limit.values()) == SIZE + SUBJECTS["codeartifact_access"].calls_besides(SIZE)


#: What the limit scripts make for one repository in one scope, by hand: what must be read, and what must be written.
OF_ONE = {
    "one_google": {
        "converged": {"ListRepositories": 1, "AccessSecretVersion": 1, "GetIamPolicy": 1, "Fetch": 2},
        "nothing": {
            "GenerateServiceIdentity": 1,
            "CreateSecret": 1,
            "AddSecretVersion": 1,
            "SetIamPolicy": 1,
            "CreateRepository": 1,
            "GetOperation": 1,
            "Fetch": 2,
        },
    },
    "one_codeartifact": {
        "converged": {"GetDomainPermissionsPolicy": 1, "GetRepositoryPermissionsPolicy": 1},
        "nothing": {
            "CreateDomain": 1,
            "PutDomainPermissionsPolicy": 1,
            "CreateRepository": 1,
            "PutRepositoryPermissionsPolicy": 1,
        },
    },
}
#: Of what there is one in each scope, and not in each repository.
OF_A_SCOPE = (
    "GenerateServiceIdentity",
    "ListRepositories",
    "CreateDomain",
    "GetDomainPermissionsPolicy",
    "PutDomainPermissionsPolicy",
)


def test_fleets_and_single_scopes(tmp_path: Path, subtests: pytest.Subtests) -> None:
    """The workflow's own calls are looked at by the promises, of which the report says whether they are kept."""
    report = bench(tmp_path, "--only=fleet,one", f"--sizes={SIZE}", "--alternatives=no")

    for one, states in OF_ONE.items():
        fleet = one.replace("one", "fleet")
        for state, expected in states.items():
            with subtests.test(f"{one} {state}"):
                assert calls(report, one, state, LIMIT) == expected
                # Two repositories in each of the scopes.
                assert calls(report, fleet, state, LIMIT) == {
                    method: count * SIZE * (1 if method in OF_A_SCOPE else 2) for method, count in expected.items()
                }
                for subject, size in ((one, 1), (fleet, SIZE)):
                    ours = calls(report, subject, state, OURS)
                    # Nobody can do with fewer.
                    written = {name for name in expected if name.startswith(("Create", "Add", "Put", "Set"))}
                    assert {name: ours.get(name) for name in written} == {
                        name: count for name, count in calls(report, subject, state, LIMIT).items() if name in written
                    }
                    per_scope = {
                        case["calls_per_scope"]
                        for case in report["cases"]
                        if (case["subject"], case["state"], case["contender"]) == (subject, state, OURS)
                    }
                    assert per_scope == {sum(ours.values()) / size}


def test_promised_calls(subtests: pytest.Subtests) -> None:
    """Six for each converged repository with a proof, and four for its scope: one call more is one too many."""
    for name, size, allowed in (("fleet_google", 200, 6 * 400 + 4 * 200), ("auth_workflow", 1000, 6 * 1000 + 4)):
        subject = SUBJECTS[name]
        assert isinstance(subject, Workflow)
        for made, kept in ((allowed, True), (allowed + 1, False)):
            with subtests.test(f"{name} {made}"):
                measured = Results()
                run = Measurement(wall=1.0, cpu=1.0, memory=50.0, calls={"Get": made})
                measured.measured[Case(name, "converged", size, OURS)] = [run]
                [promise] = [
                    goal
                    for goal in bars(measured)
                    if goal.promise.startswith(f"{subject.title}: API calls per converged repository")
                ]
                assert promise.met is kept


def test_subjects_are_chosen_by_their_first_words() -> None:
    assert subjects_named("fleet,one_google") == ["fleet_google", "fleet_codeartifact", "one_google"]
    with pytest.raises(argparse.ArgumentTypeError, match="fl: there are fleet_google"):
        subjects_named("fl")


def test_alternatives_do_the_same(tmp_path: Path) -> None:
    report = bench(tmp_path, "--only=secret_versions", "--sizes=1")

    assert calls(report, "secret_versions", "converged", "loop") == {"AccessSecretVersion": 1}
    # Its address is fixed: without the detour it would not have come here.
    assert sum(calls(report, "secret_versions", "converged", "peer").values()) == 3
    assert all(case["ratio_to"] for case in report["cases"])


def results(subject: str = "secret_versions", **walls: dict[int, list[float]]) -> Results:
    """Results by contender and size, of the state C(converged)."""
    made = Results()
    for contender, sizes in walls.items():
        for size, seconds in sizes.items():
            runs = [Measurement(wall=one, cpu=one, memory=50.0, calls={"Get": size}) for one in seconds]
            made.measured[Case(subject, "converged", size, contender)] = runs
    return made


def test_ratios_are_of_neighbours() -> None:
    # The machine was slow in the second turn. Of the medians, the ratio would be 3.
    made = results(ours={10: [3.0, 20.0, 2.0]}, limit={10: [1.0, 10.0, 1.0]})

    assert made.ratio(Case("secret_versions", "converged", 10, OURS), LIMIT) == 2.0
    assert made.ratio(Case("secret_versions", "converged", 10, OURS), "gcloud") is None


def test_only_what_an_entry_costs_is_scaled() -> None:
    # Starting takes a second, and an entry a half.
    made = results(ours={1000: [5.0]}, peer={1: [1.5, 1.6], SAMPLE: [11.0]})
    case = Case("secret_versions", "converged", 1000, "peer")

    [scaled] = made.of(case)

    assert made.is_scaled(case)
    assert not made.is_scaled(Case("secret_versions", "converged", SAMPLE, "peer"))
    assert scaled.wall == pytest.approx(501.0)
    assert scaled.calls == {"Get": 1000}
    assert made.ratio(case, OURS) == pytest.approx(100.2)


def test_promises() -> None:
    made = results(ours={1000: [4.0], 500: [2.0], 5000: [30.0]}, limit={1000: [2.0]})
    told = {goal.promise: goal.met for goal in bars(made)}

    assert told["Secret versions, 1000 converged: wall time in terms of the limit's"] is False
    assert told["Secret versions: API calls per converged resource, at most"] is True
    assert told["Secret versions: MiB of the greatest process at 5000 entries"] is True
    assert told["Secret versions: time per entry at 5000 in terms of that at 500"] is False
    assert told["The whole workflow in one project, 1000 converged: wall time in terms of the limit's"] is None


def test_processes_below_are_counted(tmp_path: Path) -> None:
    # Its child uses the memory and the time, and this process here, which is greater, is not seen.
    child = "import time; block = bytearray(64 << 20); end = time.process_time() + 0.2\nwhile time.process_time() < end: pass"
    own = bytearray(256 << 20)
    parent = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {child!r}], check=True)"

    cost = measure([sys.executable, "-c", parent], os.environ, tmp_path / "output")

    assert cost.cpu >= 0.2
    assert 64 < cost.memory < len(own) / 2**20
    with pytest.raises(CommandError, match="no luck"):
        measure([sys.executable, "-c", "raise SystemExit('no luck')"], os.environ, tmp_path / "output")


def test_drawing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # Where it keeps a list of fonts.
    monkeypatch.setenv("MPLCONFIGDIR", str(tmp_path))
    from growth import draw

    made = Results()
    for subject in SUBJECTS:
        made.measured |= results(subject, ours={1: [1.0], 1001: [4.0]}, limit={1: [0.5], 1001: [3.0]}).measured
    draw(made, Settings(1, [1], [1, 1001], 0, "json", alternatives=False), tmp_path / "growth.svg")

    drawn = (tmp_path / "growth.svg").read_text()
    for one, number in (("an entry", 7), ("a scope", 2)):
        assert drawn.count(f"ours: 3.0 ms {one}") == drawn.count(f"limit: 2.5 ms {one}") == number


def test_the_page_about_speed_is_filled_in(tmp_path: Path) -> None:
    made = Results()
    for contender, wall, count in ((OURS, 6.0, 300), (LIMIT, 3.0, 240)):
        run = Measurement(wall=wall, cpu=wall, memory=90.0, calls={"Get": count})
        made.measured[Case("fleet_google", "converged", 20, contender)] = [run]
    settings = Settings(1, None, [], 0, "json", alternatives=False)
    write_json(tmp_path / "bench.json", made, [SUBJECTS["fleet_google"]], settings)

    page = filled(f"Before\n{BEGIN}old\n{END}After\n", json.loads((tmp_path / "bench.json").read_text()))

    cells = [line[4:] for line in page.splitlines() if line[2:4] in {"* ", "- ", "  "} and "- " in line]
    title = "A fleet of Google Cloud projects"
    row = ["20", title, "as they should be", "6.0 s", "3.0 s", "2.0", "7.5, limit 6.0", "90 MiB"]
    assert [cell.removeprefix("- ") for cell in cells[-8:]] == row
    assert page.startswith("Before\n")
    assert page.endswith("After\n")
    assert "old" not in page
    with pytest.raises(ValueError, match="There is no"):
        filled("Before", {"cases": []})

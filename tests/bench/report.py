# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The measurements as tables on the terminal and as JSON."""

from __future__ import annotations

import itertools
import json
import os
import platform
import shutil
import subprocess
from dataclasses import asdict
from importlib.metadata import version
from pathlib import Path
from typing import Any

from acceptance import Bar, bars
from contenders import CONTENDERS, LIMIT, OURS, TITLES
from measure import Measurement
from results import SAMPLE, Case, Results, typical
from rich.console import Console
from rich.table import Table
from rounds import Settings, engine_concurrency
from scopes import Workflow
from subject import Subject
from subjects import SUBJECTS
from world import QUOTA, QUOTAS

NOTES = """\
Wall: median of the runs, of the whole command from start to end. CPU: all its processes. Memory: its greatest single process.
Cloud: CPU of the local cloud meanwhile. Ratios are of neighboring runs, and their median. (~) scaled from {sample} entries: one entry
as measured, and each further one as the other {others} cost. The services' quotas are raised out of the way ({quotas}).
"""
#: Wide enough for the tables where there is no terminal that says its width.
WIDTH = 150


def show_subject(console: Console, results: Results, subject: Subject, settings: Settings) -> None:
    """The table of one subject."""
    table = Table(title=subject.title, title_justify="left", title_style="bold")
    for heading in ("Entries", "State", "Contender"):
        table.add_column(heading, justify="right" if heading == "Entries" else "left")
    for heading in ("Wall s", "CPU s", "Memory MiB", "Cloud s", "x limit", "x ours"):
        table.add_column(heading, justify="right")
    table.add_column("API calls", no_wrap=True)
    for state in ("converged", "nothing"):
        for size in settings.sizes_of(subject):
            for contender in CONTENDERS:
                case = Case(subject.name, state, size, contender)
                if results.of(case):
                    table.add_row(*_row(results, case))
            table.add_section()
    console.print(table)


def _row(results: Results, case: Case) -> list[str]:
    cost = typical(results.of(case))
    return [
        str(case.size),
        case.state,
        TITLES[case.contender] + (" (~)" if results.is_scaled(case) else ""),
        f"{cost.wall:.2f}",
        f"{cost.cpu:.2f}",
        f"{cost.memory:.0f}",
        f"{cost.cloud:.2f}",
        _ratio(results, case, LIMIT),
        _ratio(results, case, OURS),
        "\n".join(f"{count} {method}" for method, count in sorted(cost.calls.items())),
    ]


def _ratio(results: Results, case: Case, other: str) -> str:
    ratio = None if case.contender == other else results.ratio(case, other)
    return "" if ratio is None else f"{ratio:.2f}" if ratio < 10 else f"{ratio:.0f}"


def show_notes(console: Console) -> None:
    console.print(NOTES.format(sample=SAMPLE, others=SAMPLE - 1, quotas=", ".join(QUOTAS)), highlight=False)


def show_calls(console: Console, results: Results, subjects: list[Subject], settings: Settings) -> None:
    """How many calls the workflow makes, and the limit."""
    for subject in subjects:
        if not isinstance(subject, Workflow):
            continue
        for size, state in itertools.product(settings.sizes_of(subject), ("converged", "nothing")):
            for contender in (OURS, LIMIT):
                runs = results.of(Case(subject.name, state, size, contender))
                if runs:
                    each = calls_by(subject, size, typical(runs))
                    said = ", ".join(f"{count:.1f} {name.replace('_', ' ')}" for name, count in each.items())
                    console.print(f"{subject.title}, {size} {state}: {TITLES[contender]} {said}.", highlight=False)


def calls_by(subject: Workflow, size: int, cost: Measurement) -> dict[str, float]:
    """All API calls in terms of repositories, and in terms of scopes."""
    calls = sum(cost.calls.values())
    return {
        "calls_per_repository": calls / subject.repositories_in(size),
        "calls_per_scope": calls / subject.scopes_in(size),
    }


def show_growth(console: Console, results: Results, subjects: list[Subject], settings: Settings) -> None:
    """In words what the drawing shows."""
    for subject in subjects:
        sizes = settings.growth_of(subject)
        each, limit = (results.slope(subject.name, contender, sizes) for contender in (OURS, LIMIT))
        said = (
            f"{subject.title}: from {min(sizes)} to {max(sizes)} {subject.unit}, each further one takes {each:.1f} ms"
        )
        console.print(f"{said} ({limit:.1f} ms in the limit script).", highlight=False)


def show_acceptance(console: Console, results: Results) -> None:
    """Each promise with what was measured."""
    table = Table(title="Acceptance", title_justify="left", title_style="bold")
    table.add_column("Promise")
    for heading in ("Bound", "Measured", ""):
        table.add_column(heading, justify="right")
    for goal in bars(results):
        said = {None: "not measured", True: "[green]met", False: "[red]not met"}[goal.met]
        bound = f"{'>=' if goal.at_least else '<='} {goal.bound:g}"
        table.add_row(goal.promise, bound, "" if goal.measured is None else f"{goal.measured:.2f}", said)
    console.print(table)


def write_json(file: Path, results: Results, subjects: list[Subject], settings: Settings) -> None:
    """Every figure."""
    file.parent.mkdir(parents=True, exist_ok=True)
    used = {
        **asdict(settings),
        "sizes": {subject.name: settings.sizes_of(subject) for subject in subjects},
        "growth": {subject.name: settings.growth_of(subject) for subject in subjects},
    }
    report = {
        "machine": _machine(),
        "versions": _versions(),
        "settings": {**used, "threads": engine_concurrency(), "quotas": dict.fromkeys(QUOTAS, QUOTA)},
        "cases": [_case(results, case) for case in _cases(results, used["sizes"])],
        "acceptance": [_bar(goal) for goal in bars(results)],
    }
    file.write_text(json.dumps(report, indent=1) + "\n")


def _cases(results: Results, sizes: dict[str, list[int]]) -> list[Case]:
    """What was measured, and what is scaled from it."""
    scaled = [
        case
        for subject, numbers in sizes.items()
        for contender in CONTENDERS
        for size in numbers
        if results.is_scaled(case := Case(subject, "converged", size, contender))
    ]
    return [*results.measured, *scaled]


def _case(results: Results, case: Case) -> dict[str, Any]:
    runs, subject = results.of(case), SUBJECTS[case.subject]
    walls = [run.wall for run in runs]
    others = [other for other in CONTENDERS if other != case.contender]
    ratios = {other: ratio for other in others if (ratio := results.ratio(case, other)) is not None}
    return {
        **asdict(case),
        "scaled": results.is_scaled(case),
        "median": asdict(typical(runs)),
        "wall_min": min(walls),
        "wall_max": max(walls),
        "ratio_to": ratios,
        **(calls_by(subject, case.size, typical(runs)) if isinstance(subject, Workflow) else {}),
        "runs": [asdict(run) for run in runs],
    }


def _bar(goal: Bar) -> dict[str, Any]:
    return {**asdict(goal), "met": goal.met}


def _machine() -> dict[str, Any]:
    models = {line.partition(": ")[2] for line in _lines("/proc/cpuinfo") if line.startswith("model name")}
    return {
        "cpu": ", ".join(sorted(models)) or platform.machine(),
        "cores": os.cpu_count(),
        "memory_mib": os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 2**20,
        "load_average": os.getloadavg(),
        "system": f"{platform.system()} {platform.release()}",
    }


def _lines(file: str) -> list[str]:
    try:
        return Path(file).read_text().splitlines()
    except FileNotFoundError:
        return []


def _versions() -> dict[str, str]:
    packages = (
        "ansible",
        "ansible-core",
        "boto3",
        "google-auth",
        "google-cloud-artifact-registry",
        "google-cloud-secret-manager",
        "requests",
    )
    programs = {name: _first_line(name) for name in ("gcloud", "aws") if shutil.which(name)}
    return {"python": platform.python_version(), **{name: version(name) for name in packages}, **programs}


def _first_line(program: str) -> str:
    said = subprocess.run([program, "--version"], check=False, capture_output=True, text=True).stdout
    return said.partition("\n")[0]

# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The benchmark: ours beside the limit, and beside what a user would pick instead, in one run against one local cloud.

C(make bench) runs it.
"""

from __future__ import annotations

import argparse
import signal
import sys
import tempfile
from pathlib import Path

import report
import rounds
from checkout import CHECKOUT, link_collection
from results import Results
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rounds import Settings
from subject import Subject
from subjects import SUBJECTS
from world import World

PROGRESS = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())


def subjects_named(text: str) -> list[str]:
    """The names of subjects that a list on the command line means: all that begin with its words.

    Raises: argparse.ArgumentTypeError for what no name begins with.
    """
    words = text.split(",")
    chosen = {word: [name for name in SUBJECTS if f"{name}_".startswith(f"{word}_")] for word in words}
    if unknown := [word for word, found in chosen.items() if not found]:
        raise argparse.ArgumentTypeError(f"{', '.join(unknown)}: there are {', '.join(SUBJECTS)}")
    return list(dict.fromkeys(name for found in chosen.values() for name in found))


def parse_options() -> argparse.Namespace:
    def numbers(text: str) -> list[int]:
        return [] if text == "none" else sorted({int(number) for number in text.split(",")})

    parser = argparse.ArgumentParser(description=__doc__)
    add = parser.add_argument
    add("--runs", type=int, default=5, help="of each contender (%(default)s)")
    add("--sizes", type=numbers, help="how many entries, or scopes of a fleet; unless given, each subject's own")
    add("--growth", type=numbers, help="the same for the drawing, or none")
    add("--latency", type=float, default=0.05, help="seconds before each answer (%(default)s)")
    add(
        "--only",
        type=subjects_named,
        default=",".join(SUBJECTS),
        help="subjects, or first words of their names, such as fleet (%(default)s)",
    )
    add("--alternatives", choices=["yes", "no"], default="yes", help="loops, gcloud and the AWS CLI (%(default)s)")
    add(
        "--data",
        choices=["json", "yaml"],
        default="json",
        help="how Ansible gets the entries: a file that it looks up, or an inventory (%(default)s)",
    )
    add("--output", type=Path, default=CHECKOUT / "build" / "bench.json", help="every figure")
    add("--drawing", type=Path, default=CHECKOUT / "docs" / "growth.svg", help="made when all subjects are measured")
    return parser.parse_args()


def show(console: Console, results: Results, subjects: list[Subject], settings: Settings, drawing: Path) -> None:
    """What is said when all is measured."""
    report.show_notes(console)
    report.show_calls(console, results, subjects, settings)
    growing = [subject for subject in subjects if len(settings.growth_of(subject)) > 1]
    report.show_growth(console, results, growing, settings)
    if {subject.name for subject in growing} == {subject.name for subject in SUBJECTS.values() if subject.growth}:
        # Slow to load, and only needed now.
        from growth import draw

        draw(results, settings, drawing)
    report.show_acceptance(console, results)


def main() -> None:
    options = parse_options()
    # So that the local cloud is stopped however this ends.
    signal.signal(signal.SIGTERM, lambda *_ending: sys.exit("ended by a signal"))
    settings = Settings(
        options.runs, options.sizes, options.growth, options.latency, options.data, options.alternatives == "yes"
    )
    link_collection()
    console = Console()
    if not console.is_terminal:
        console = Console(width=report.WIDTH)
    subjects = [SUBJECTS[name] for name in options.only]
    plans = {subject.name: list(rounds.plan(subject, settings)) for subject in subjects}
    results = Results()
    with (
        tempfile.TemporaryDirectory(prefix="registry-auth-bench-") as folder,
        World.running(Path(folder)) as world,
        Progress(*PROGRESS, console=console) as progress,
    ):
        task = progress.add_task("", total=sum(len(one) for plan in plans.values() for one in plan))
        for subject in subjects:
            for one in plans[subject.name]:
                rounds.run(
                    one, world, settings, results, lambda said: progress.update(task, advance=1, description=said)
                )
            report.show_subject(console, results, subject, settings)
            report.write_json(options.output, results, subjects, settings)
    show(console, results, subjects, settings, options.drawing)


if __name__ == "__main__":
    main()

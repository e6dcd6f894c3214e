# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A campaign: random trials for so many minutes, each known by a seed, with what broke at the end.

``python -m campaign --minutes=3 --seed=5 --only=faults`` tries; ``--reproduce=faults:SEED`` tries one again and says what happened.
"""

from __future__ import annotations

import argparse
import json
import os
import secrets
import selectors
import subprocess
import sys
import threading
import time
from collections import defaultdict
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from checkout import BUILD

from campaign.kinds import KINDS

STATE = BUILD / "campaign.json"
#: Processes for each core: half of a trial's time is waiting, for silence, for a signal to have been heeded, or for a program to start.
PER_CORE = 2
#: How one trial is tried again.
AGAIN = "make campaign REPRODUCE={}"


@dataclass
class Tally:
    """What a kind of trial came to. C(next) is the number of the trial that comes next."""

    next: int = 0
    trials: int = 0
    counted: int = 0
    seconds: float = 0.0
    broken: list[dict[str, Any]] = field(default_factory=list)


class Worker:
    """A process that tries, and is started anew when a trial ends it."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[str] | None = None

    def run(self, kind: str, seed: str, part: str = "") -> dict[str, Any]:
        """Try once. What ends the process, or takes too long, is a problem as well."""
        process = self._process = self._process or self._start()
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(json.dumps({"kind": kind, "seed": seed, "part": part}) + "\n")
        process.stdin.flush()
        with selectors.DefaultSelector() as ready:
            ready.register(process.stdout, selectors.EVENT_READ)
            in_time = ready.select(KINDS[kind].limit)
        line = process.stdout.readline() if in_time else ""
        if line:
            told: dict[str, Any] = json.loads(line)
            return told
        self.stop()
        how = (
            f"the process of the campaign ended with {process.returncode}"
            if in_time
            else f"no end within {KINDS[kind].limit:g} seconds"
        )
        return {"problems": [how], "weight": 1, "notes": [], "name": ""}

    @staticmethod
    def _start() -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "-m", "campaign.worker"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment()
        )  # fmt: skip

    def stop(self) -> None:
        """End the process, which ends what it has started."""
        if self._process is not None:
            assert self._process.stdin is not None
            self._process.stdin.close()
            try:
                self._process.wait(20)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
            self._process = None


def environment() -> dict[str, str]:
    """Where the process of a trial finds tests, and nothing of the user's own settings."""
    tests = Path(__file__).parents[1]
    folders = [tests, *(tests / name for name in ("tools", "plugins", "integration", "bench"))]
    foreign = ("ANSIBLE_", "GCP_", "GOOGLE_", "CLOUDSDK_", "AWS_", "GITHUB_", "CI_")
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(foreign) and not name.lower().endswith("_proxy")
    }
    return {**kept, "PYTHONPATH": os.pathsep.join(map(str, folders))}


class Campaign:
    """The trials of a seed, by several processes, until the time is over."""

    def __init__(self, seed: str, minutes: float, only: list[str], tallies: dict[str, Tally]) -> None:
        self.seed, self.only = seed, only
        self._end = time.monotonic() + minutes * 60
        self._tallies = tallies
        self._lock = threading.Lock()
        # Parts of what an hour is to come to, in this run, whatever earlier ones came to.
        self._done: dict[str, float] = defaultdict(float)

    def run(self, processes: int) -> None:
        """Try until the end."""
        threads = [threading.Thread(target=self._work, name=f"worker-{number}") for number in range(processes)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self._save()

    def _work(self) -> None:
        worker = Worker()
        try:
            while time.monotonic() < self._end:
                kind, seed = self._take()
                began = time.monotonic()
                told = worker.run(kind, seed)
                self._note(kind, seed, told, time.monotonic() - began)
        finally:
            worker.stop()

    def _take(self) -> tuple[str, str]:
        """The kind of which least is done, and the seed of its next trial, which counts from now."""
        with self._lock:
            kind = min(self.only, key=self._done.__getitem__)
            self._done[kind] += KINDS[kind].weight / KINDS[kind].hourly
            tally = self._tallies[kind]
            tally.next += 1
            return kind, f"{self.seed}-{tally.next}"

    def _note(self, kind: str, seed: str, told: dict[str, Any], seconds: float) -> None:
        with self._lock:
            tally = self._tallies[kind]
            tally.trials += 1
            tally.counted += told["weight"]
            tally.seconds += seconds
            if told["problems"]:
                tally.broken.append({"reproduce": f"{kind}:{seed}", "name": told["name"], "problems": told["problems"]})
                print(
                    f"BROKEN {kind} {told['name']}",
                    *told["problems"],
                    f"again: {AGAIN.format(f'{kind}:{seed}')}",
                    sep="\n  ",
                    flush=True,
                )
            if tally.trials % 50 == 0 or told["problems"]:
                self._save()

    def _save(self) -> None:
        STATE.parent.mkdir(exist_ok=True)
        new = STATE.with_suffix(".new")
        new.write_text(
            json.dumps(
                {"seed": self.seed, "kinds": {name: asdict(tally) for name, tally in self._tallies.items()}}, indent=1
            )
        )
        new.replace(STATE)


def resumed(seed: str) -> dict[str, Tally]:
    """The tallies of a campaign that was interrupted, if it has this seed; new ones otherwise."""
    tallies = {name: Tally() for name in KINDS}
    if STATE.exists():
        state = json.loads(STATE.read_text())
        if state["seed"] == seed:
            tallies |= {name: Tally(**value) for name, value in state["kinds"].items() if name in KINDS}
    return tallies


def table(tallies: dict[str, Tally]) -> str:
    """What the kinds came to."""
    rows = [("kind", "trials", "counted", "seconds each", "broken")]
    for name, tally in tallies.items():
        each = tally.seconds / tally.trials if tally.trials else 0
        rows.append(
            (name, str(tally.trials), f"{tally.counted} {KINDS[name].counts}", f"{each:.1f}", str(len(tally.broken)))
        )
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows
    )


def reproduce(which: str) -> int:
    """Try one again, and tell all of it. The exit status."""
    kind, _colon, rest = which.partition(":")
    seed, _slash, part = rest.partition("/")
    worker = Worker()
    try:
        told = worker.run(kind, seed, part)
    finally:
        worker.stop()
    print(f"{kind} {told['name']}", *told["notes"], *(f"BROKEN {problem}" for problem in told["problems"]), sep="\n")
    return int(bool(told["problems"]))


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="campaign", description=__doc__)
    parser.add_argument("--minutes", type=float, default=60)
    parser.add_argument(
        "--seed", default="", help="of all trials; the same one continues a campaign that was interrupted"
    )
    parser.add_argument("--only", default="", help=f"kinds with commas between them: {', '.join(KINDS)}")
    parser.add_argument("--processes", type=int, default=PER_CORE * (os.cpu_count() or 1), help="that try at once")
    parser.add_argument("--reproduce", default="", help="KIND:SEED")
    return parser.parse_args()


def main() -> int:
    given = arguments()
    if given.reproduce:
        return reproduce(given.reproduce)
    only = given.only.split(",") if given.only else list(KINDS)
    if unknown := set(only) - set(KINDS):
        print(f"There are no kinds {', '.join(sorted(unknown))}; there are {', '.join(KINDS)}.")
        return 2
    seed = given.seed or secrets.token_hex(4)
    print(f"SEED={seed}", flush=True)
    tallies = resumed(seed)
    Campaign(seed, given.minutes, only, tallies).run(given.processes)
    print(table(tallies))
    return int(any(tally.broken for tally in tallies.values()))


if __name__ == "__main__":
    sys.exit(main())

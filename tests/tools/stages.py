# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Runs make targets two at a time, in order, and shows each one's output whole when it ends.

After the first failure nothing new is started; what runs is left to end, so that it can stop its own servers.
"""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

#: Stages at once: each keeps about one core busy.
SIDE_BY_SIDE = 2


@dataclass(frozen=True)
class Outcome:
    """How a stage ended."""

    stage: str
    passed: bool
    seconds: float

    def __str__(self) -> str:
        return f"{self.stage:<12} {'passed' if self.passed else 'FAILED'} in {self.seconds:.0f} s"


def run_stage(stage: str, stop: threading.Event, printing: threading.Lock) -> Outcome | None:
    """Run one make target; None when an earlier one has failed."""
    if stop.is_set():
        return None
    with printing:
        print(f"==== {stage}: started", flush=True)
    started = time.monotonic()
    run = subprocess.run(
        ["make", "--no-print-directory", stage],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        check=False,
    )
    outcome = Outcome(stage, run.returncode == 0, time.monotonic() - started)
    if not outcome.passed:
        stop.set()
    with printing:
        print(f"\n==== {outcome}", flush=True)
        sys.stdout.buffer.write(run.stdout)
        print(f"==== {outcome}\n", flush=True)
    return outcome


def main(stages: list[str]) -> int:
    stop, printing = threading.Event(), threading.Lock()
    started = time.monotonic()
    with ThreadPoolExecutor(SIDE_BY_SIDE) as pool:
        outcomes = list(pool.map(lambda stage: run_stage(stage, stop, printing), stages))
    print(f"==== all stages: {time.monotonic() - started:.0f} s")
    for stage, outcome in zip(stages, outcomes, strict=True):
        print(outcome or f"{stage:<12} not run")
    return 0 if all(outcome and outcome.passed for outcome in outcomes) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

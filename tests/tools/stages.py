# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Runs make targets two at a time, in order, and shows each one's output whole when it ends.

After the first failure nothing new is started; what runs is left to end, so that it can stop its own servers. SIGTERM and SIGINT
end the stages that run, with all that they started: servers among it belong to the processes that started them and end with those.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from types import FrameType

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


@dataclass
class Stages:
    """Those that run, and whether more may be started."""

    stop: threading.Event = field(default_factory=threading.Event)
    printing: threading.Lock = field(default_factory=threading.Lock)
    running: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def run(self, stage: str) -> Outcome | None:
        """Run one make target; None when an earlier one has failed."""
        if self.stop.is_set():
            return None
        with self.printing:
            print(f"==== {stage}: started", flush=True)
        started = time.monotonic()
        process = subprocess.Popen(
            ["make", "--no-print-directory", stage],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            # A group of its own, by which the stage can be ended as a whole.
            start_new_session=True,
        )
        self.running.append(process)
        output, _none = process.communicate()
        outcome = Outcome(stage, process.returncode == 0, time.monotonic() - started)
        if not outcome.passed:
            self.stop.set()
        with self.printing:
            print(f"\n==== {outcome}", flush=True)
            sys.stdout.buffer.write(output)
            print(f"==== {outcome}\n", flush=True)
        return outcome

    def end(self, number: int, _frame: FrameType | None) -> None:
        """Start nothing new, and end what runs."""
        self.stop.set()
        for process in self.running:
            if process.poll() is None:
                os.killpg(process.pid, number)


def main(stages: list[str]) -> int:
    work = Stages()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, work.end)
    started = time.monotonic()
    with ThreadPoolExecutor(SIDE_BY_SIDE) as pool:
        outcomes = list(pool.map(work.run, stages))
    print(f"==== all stages: {time.monotonic() - started:.0f} s")
    for stage, outcome in zip(stages, outcomes, strict=True):
        print(outcome or f"{stage:<12} not run")
    return 0 if all(outcome and outcome.passed for outcome in outcomes) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

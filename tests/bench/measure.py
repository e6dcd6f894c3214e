# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a command costs: wall time, CPU seconds of all its processes, memory of its greatest one.

Run as a program, it is what starts the command: a process begins as a copy of the one that starts it, whose size the kernel
counts as its own, so that must be a small one.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path


class CommandError(Exception):
    """A command failed, or did not do what it is measured for."""


@dataclass(frozen=True)
class Measurement:
    """The cost of one run."""

    #: Seconds from start to end.
    wall: float
    #: Seconds of CPU of the whole tree of processes, in user and system mode.
    cpu: float
    #: The greatest resident size that any single process of the tree had, in MiB.
    memory: float
    #: API calls by method.
    calls: Mapping[str, int] = field(default_factory=dict)
    #: Seconds of CPU of the local cloud meanwhile.
    cloud: float = 0


def measure(command: list[str], environment: Mapping[str, str], output: Path) -> Measurement:
    """Run a command with its output in a file. Raises CommandError, with the end of the output, when it fails."""
    starter = [sys.executable, "-I", "-S", __file__, str(output), *command]
    run = subprocess.run(starter, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, check=True)
    cost = json.loads(run.stdout)
    if cost.pop("code") != 0:
        tail = "\n".join(line[:300] for line in output.read_text(errors="replace").splitlines()[-30:])
        raise CommandError(f"{' '.join(command)} failed:\n{tail}")
    return Measurement(**cost)


def main(output: str, command: list[str]) -> None:
    with open(output, "wb") as file:
        redirected = [(os.POSIX_SPAWN_DUP2, file.fileno(), 1), (os.POSIX_SPAWN_DUP2, file.fileno(), 2)]
        started = time.perf_counter()
        child = os.posix_spawnp(command[0], command, os.environ, file_actions=redirected)
        _child, status, usage = os.wait4(child, 0)
        wall = time.perf_counter() - started
    cost = {
        "code": os.waitstatus_to_exitcode(status),
        "wall": wall,
        "cpu": usage.ru_utime + usage.ru_stime,
        "memory": usage.ru_maxrss / 1024,
    }
    print(json.dumps(cost))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])

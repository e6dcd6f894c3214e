# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Kills: a module, or a playbook, is sent a signal at a random moment.

Soon nothing of it runs, nothing more is written than what was under way, and the next run brings all to the state that was asked for.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from uuid import uuid4

from harness import Ansible, Given

from campaign import invariants, modules
from campaign.in_process import WORLDS, environment, seen_in
from campaign.playbooks import as_given
from campaign.trials import Bench, Told
from campaign.worlds import Case

#: Seconds until nothing may run, and for what was under way to arrive.
ENDED, ARRIVED = 5.0, 1.0
SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGKILL)
#: Seconds that each call takes, so that there is time to be killed in.
LATENCY = 0.03
#: The part of trials that are playbooks. One takes as long as many single modules.
PLAYBOOKS = 0.12
#: By this environment variable, all processes of a playbook can be found: whatever they start inherits it.
MARK = "CAMPAIGN_OF_KILLS"


@dataclass(frozen=True)
class Victim:
    """Something that runs: its first process, and how to find all of them."""

    process: int
    all: Callable[[], set[int]]

    def send(self, number: signal.Signals, target: str) -> bool:
        """Send a signal to all at once, to the first process, or to those that it started. Whether there were any."""
        if target == "first":
            chosen = {self.process}
        else:
            chosen = self.all() if target == "all" else self.all() - {self.process}
        for pid in chosen:
            with suppress(ProcessLookupError):
                os.kill(pid, number)
        return bool(chosen)

    def reap(self) -> None:
        """Take note of the first process's end, if it has ended."""
        with suppress(ChildProcessError):
            os.waitpid(self.process, os.WNOHANG)


def trial(bench: Bench, seed: str, part: str) -> Told:
    """Kill once, in the world of a seed. C(part) names the world."""
    random = Random(f"kills|{seed}")
    playbook = random.random() < PLAYBOOKS
    name = part or random.choice(sorted(WORLDS))
    bench.cloud.reset()
    bench.proxy.set_plan(None)
    given = Given(bench.cloud)
    case = WORLDS[name](given, random).at(bench.proxy.url)
    number, target = random.choice(SIGNALS), random.choice(("all", "first", "others"))
    told = Told(name=f"{name} ({case.module}), {'playbook' if playbook else 'module'}, {number.name} to {target}")
    before = case.snapshot(given)
    bench.cloud.fault("*", count=None, latency=LATENCY)
    with (_playbook if playbook else _module)(bench, case) as victim:
        if playbook:
            # It takes a second until it makes its first call.
            _wait(lambda: bool(bench.proxy.met()) or not _alive(victim), 30)
        time.sleep(random.uniform(0, 0.25 if playbook else 0.2))
        # Before it has started others, or when they have ended, nobody was told to stop.
        if victim.send(number, target):
            told.problems += _after(bench, given, case, victim)
    bench.cloud.clear_faults()
    after = case.snapshot(given)
    killed = seen_in(case, modules.Ran({"changed": True}, ""), before, after, bench.proxy.met())
    told.problems += [
        problem
        for judge in (invariants.nothing_unnamed, invariants.newest_and_used_kept, invariants.no_version_doubled)
        for problem in judge(killed)
    ]
    for repeated in (False, True):
        bench.proxy.set_plan(None)
        ran = modules.run(case.module, case.options, environment(bench.proxy.url, bench.cloud), faults=False)
        now = case.snapshot(given)
        seen = seen_in(case, ran, after, now, bench.proxy.met())
        told.problems += [
            f"after the kill: {problem}" for problem in invariants.broken_without_faults(seen, repeated=repeated)
        ]
        after = now
    return told


def _after(bench: Bench, given: Given, case: Case, victim: Victim) -> Iterator[str]:
    sent = time.monotonic()
    time.sleep(ARRIVED)
    first = case.snapshot(given)
    if not _wait(lambda: not _alive(victim), ENDED - (time.monotonic() - sent)):
        yield f"{len(_alive(victim))} processes run {ENDED:g} seconds after the signal"
        # Long enough for them to write.
        time.sleep(ENDED)
    time.sleep(ARRIVED)
    written = invariants.differing(_states(first, case.snapshot(given)))
    if written:
        yield f"written after the signal: {', '.join(sorted(written))}"


def _states(before: dict[str, object], after: dict[str, object]) -> invariants.Seen:
    return invariants.Seen(modules.Ran({}, ""), [], before, after)


def _alive(victim: Victim) -> set[int]:
    victim.reap()
    return victim.all()


def _wait(condition: Callable[[], bool], seconds: float) -> bool:
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            return False
        time.sleep(0.05)
    return True


def _state(folder: Path) -> tuple[str, int]:
    """State and session of a process."""
    fields = (folder / "stat").read_text().rpartition(")")[2].split()
    return fields[0], int(fields[3])


def _of_session(session: int) -> set[int]:
    found = set()
    for folder in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            state, of = _state(folder)
            if of == session and state != "Z":
                found.add(int(folder.name))
    return found


@contextmanager
def _module(bench: Bench, case: Case) -> Iterator[Victim]:
    """A process as a worker of Ansible's is one, with the fork that runs the module."""
    worker = os.fork()
    if worker == 0:
        try:
            os.setsid()
            for number in SIGNALS[:3]:
                signal.signal(number, signal.default_int_handler if number == signal.SIGINT else signal.SIG_DFL)
            os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
            modules.run(case.module, case.options, environment(bench.proxy.url, bench.cloud), faults=False)
        finally:
            os._exit(0)
    try:
        yield Victim(worker, lambda: _of_session(worker))
    finally:
        _end(_of_session(worker) | {worker}, worker)


def _end(pids: set[int], first: int) -> None:
    for pid in pids:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    with suppress(ChildProcessError):
        os.waitpid(first, 0)


def _marked(mark: str) -> set[int]:
    wanted, found = f"{MARK}={mark}".encode(), set()
    for folder in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            if wanted in (folder / "environ").read_bytes().split(b"\0"):
                found.add(int(folder.name))
    return found


def _heed_signals() -> None:
    """Whoever runs the campaign may ignore signals, and a program inherits that."""
    for number in SIGNALS[:3]:
        signal.signal(number, signal.SIG_DFL)


@contextmanager
def _playbook(bench: Bench, case: Case) -> Iterator[Victim]:
    """ansible-playbook with a task of the module, forked."""
    mark = uuid4().hex
    with TemporaryDirectory(dir=bench.folder) as name:
        ansible = Ansible(Path(name), bench.cloud)
        play = {
            "hosts": "all",
            "connection": "local",
            "gather_facts": False,
            "vars": {"ansible_python_interpreter": "{{ ansible_playbook_python }}"},
            "tasks": [as_given(case, ansible.folder)],
        }
        file = ansible.folder / "play.yml"
        file.write_text(json.dumps([play]))
        process = subprocess.Popen(
            [sys.executable, "-m", "ansible", "playbook", str(file), "--inventory=localhost,"],
            env={**ansible.environment, **environment(bench.proxy.url, bench.cloud), MARK: mark},
            cwd=ansible.folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
            preexec_fn=_heed_signals,
        )
        try:
            yield Victim(process.pid, lambda: _marked(mark))
        finally:
            _end(_marked(mark), process.pid)
            process.returncode = process.returncode or 0

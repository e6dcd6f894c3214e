# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whoever stops Ansible, or a part of it, stops the modules: nothing runs, and nothing is written, after that."""

from __future__ import annotations

import itertools
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from cloud_control import LocalCloud
from cloud_fixtures import OWNER, PROJECT
from harness import COLLECTION, TRANSFERRED, Ansible, Given

pytestmark = pytest.mark.thorough

#: An environment variable by which all processes of a playbook can be found: it is inherited by whatever they start.
MARK = "TEST_OF_SIGNALS"
#: Seconds that a busy machine may take until two modules are at work.
STARTED = 60
#: Seconds after a signal: for what was under way to arrive, and until nothing may run.
ARRIVED, ENDED = 1.5, 5
#: Seconds that each write takes in the local cloud, and how many would be made, 32 at a time.
LATENCY, WRITES = 0.5, 1000

#: Playbooks that run at a time.
AT_ONCE = 4

SIGNALS = [signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGKILL]
TARGETS = ["group", "controller", "workers"]


@dataclass
class Playbook:
    """A playbook that runs, with one module that waits for a grant and one that writes a long batch."""

    name: str
    process: subprocess.Popen[bytes]
    mark: str
    output: Path

    def processes(self) -> set[int]:
        """All of its processes that run."""
        found = set()
        for folder in Path("/proc").glob("[0-9]*"):
            try:
                if f"{MARK}={self.mark}".encode() in (folder / "environ").read_bytes().split(b"\0"):
                    found.add(int(folder.name))
            except OSError:
                continue
        return found

    def workers(self) -> set[int]:
        """Those that the controller started."""
        parents = {pid: parent(pid) for pid in self.processes()}
        return {pid for pid, above in parents.items() if above == self.process.pid}

    def send(self, number: signal.Signals, target: str) -> None:
        if target == "group":
            os.killpg(self.process.pid, number)
        elif target == "controller":
            os.kill(self.process.pid, number)
        else:
            # One that has just done its task may end by itself meanwhile.
            for worker in self.workers():
                with suppress(ProcessLookupError):
                    os.kill(worker, number)


def _heed_signals() -> None:
    for number in SIGNALS:
        if number is not signal.SIGKILL:
            signal.signal(number, signal.SIG_DFL)


def parent(pid: int) -> int | None:
    """Its parent, or None when it has ended meanwhile."""
    try:
        return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
    except OSError:
        return None


def play(ansible: Ansible, name: str, variables: dict[str, Any]) -> Playbook:
    modules = {
        "waits": {
            "name": f"{COLLECTION}.gcp_remote_repository_credentials",
            "options": {
                "location": "us-central1",
                "repository": name,
                "username": "__token__",
                "secret": name,
                "version": "1",
                "propagation_timeout": 300,
            },
        },
        "writes": {
            "name": f"{COLLECTION}.gcp_secret",
            "options": {"project": name, "batch": [{"secret": f"secret-{number}"} for number in range(WRITES)]},
        },
    }
    # One task, so that both are at work at the same time.
    module = "modules[inventory_hostname]"
    tasks = [{"action": f"{{{{ {module}.name }}}}", "args": f"{{{{ {module}.options }}}}"}]
    interpreter = {"ansible_python_interpreter": "{{ ansible_playbook_python }}", "modules": modules, **variables}
    settings = {"hosts": "all", "connection": "local", "gather_facts": False}
    file = ansible.folder / f"{name}.yml"
    file.write_text(json.dumps([{**settings, "vars": interpreter, "tasks": tasks}]))
    mark, output = uuid4().hex, file.with_suffix(".log")
    with output.open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "ansible", "playbook", str(file), "--inventory=waits,writes,"],
            env={**ansible.environment, MARK: mark},
            cwd=ansible.folder,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            # It gets a group of its own, as the shell of a terminal gives it.
            start_new_session=True,
            # Whoever runs the tests may ignore signals, as nohup does, and a program inherits that.
            preexec_fn=_heed_signals,
        )
    return Playbook(name, process, mark, output)


def wait_until(condition: Callable[[], object], seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.1)
    return True


@dataclass
class Scene:
    """A local cloud, and playbooks that work on it until they are stopped."""

    ansible: Ansible
    given: Given
    cloud: LocalCloud
    variables: dict[str, Any]

    def prepare(self, name: str, number: int) -> None:
        """What one playbook works on: a repository whose secret nobody may read yet, and a project of its own."""
        secrets = f"secretmanager/v1/projects/{PROJECT}/secrets"
        self.given.repository(name)
        self.given.secret(name, "token")
        self.given.call(f"{secrets}/{name}:setIamPolicy", {"policy": {}})
        self.cloud.add_project(name, str(number), OWNER)

    def problem(self, number: signal.Signals, target: str) -> str:
        """Run a playbook and send it a signal. What is wrong then; nothing if all is well."""
        name = case_name(number, target)
        playbook = play(self.ansible, name, self.variables)
        try:
            if not wait_until(lambda: all(self.calls(name).values()), STARTED):
                return f"{name} does not start: {playbook.output.read_text()}"
            return self._problem_after(number, target, playbook)
        finally:
            for pid in playbook.processes():
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            playbook.process.wait()

    def _problem_after(self, number: signal.Signals, target: str, playbook: Playbook) -> str:
        playbook.send(number, target)
        sent = time.monotonic()
        # What one module waits for: were it still there, it would write.
        self.given.policy(playbook.name, *self.grants())
        time.sleep(ARRIVED)
        before = self.calls(playbook.name)
        left = ENDED - (time.monotonic() - sent)
        gone = wait_until(lambda: playbook.process.poll() is not None and not playbook.processes(), left)
        wrong = []
        if not gone:
            running = len(playbook.processes() - {playbook.process.pid})
            wrong.append(f"{running} of its processes run, and it {'has ended' if playbook.process.poll() else 'runs'}")
            # Long enough for what is left to write.
            time.sleep(ENDED)
        if self.calls(playbook.name) != before:
            wrong.append(f"it wrote: from {before} to {self.calls(playbook.name)}")
        if before["CreateSecret"] >= WRITES:
            wrong.append("it was over before it was stopped")
        return f"{playbook.name}: {', '.join(wrong)}" if wrong else ""

    def calls(self, name: str) -> dict[str, int]:
        """How many writes of both modules have arrived."""
        ends = {"UpdateRepository": f"/repositories/{name}", "CreateSecret": f"projects/{name}"}
        calls = self.cloud.calls()
        return {
            method: sum(call["method"].endswith(f".{method}") and call["resource"].endswith(end) for call in calls)
            for method, end in ends.items()
        }

    def grants(self) -> list[dict[str, Any]]:
        path = f"secretmanager/v1/projects/{PROJECT}/secrets/readable:getIamPolicy"
        bindings: list[dict[str, Any]] = self.given.call(path)["bindings"]
        return bindings


def case_name(number: signal.Signals, target: str) -> str:
    return f"{number.name.lower()}-{target}"


@pytest.mark.parametrize("variables", [{}, TRANSFERRED], ids=["forked", "transferred"])
def test_nothing_runs_or_writes_after_a_signal(
    ansible: Ansible, given: Given, cloud: LocalCloud, variables: dict[str, Any]
):
    scene = Scene(ansible, given, cloud, variables)
    given.readable_secret("readable", "token")
    cases = list(itertools.product(SIGNALS, TARGETS))
    for index, case in enumerate(cases):
        scene.prepare(case_name(*case), 200_000_000_000 + index)
    cloud.fault("*.CreateSecret", count=None, latency=LATENCY)
    with ThreadPoolExecutor(AT_ONCE) as pool:
        problems = list(pool.map(lambda case: scene.problem(*case), cases))

    assert [problem for problem in problems if problem] == []

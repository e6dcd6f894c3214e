# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Job slicing as AWX does it: hosts dealt out to jobs, each job run by ansible-runner on a node of its own.

Source: AWX 24.6.1, awx/main/models/inventory.py (Inventory.get_script_data), awx/main/models/unified_jobs.py and jobs.py
(awx_meta_vars), awx/main/tasks/jobs.py (RunJob.build_env, which has a job's collections in requirements_collections).
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from checkout import CHECKOUT, PLACE
from harness import COLLECTION, LIMIT

Groups = Mapping[str, Mapping[str, Mapping[str, Any]]]

_RUNNER = (sys.executable, "-m", "ansible_runner")
_IDENT = "job"


@dataclass(frozen=True)
class Inventory:
    """Hosts with their variables, by group."""

    groups: Groups

    def write(self, file: Path, number: int = 1, count: int = 1) -> None:
        """Write the slice C(number) of C(count), as the program that prints it: every C(count)-th host by name."""
        shown = self._slice(number, count)
        file.write_text(f"#!/usr/bin/env python3\nprint({json.dumps(shown)!r})\n")
        file.chmod(0o700)

    def _slice(self, number: int, count: int) -> dict[str, Any]:
        hosts = {host: variables for group in self.groups.values() for host, variables in group.items()}
        chosen = sorted(hosts)[number - 1 :: count]
        here = {name: [host for host in group if host in chosen] for name, group in self.groups.items()}
        return {
            "all": {"children": list(here)},
            # A group whose hosts are all in other slices is a child of all, and no more.
            **{name: {"hosts": members} for name, members in here.items() if members},
            "_meta": {"hostvars": {host: hosts[host] for host in chosen}},
        }


@dataclass(frozen=True)
class Job:
    """How a slice ended."""

    code: int
    output: str
    #: The scopes that it worked on, and how many tasks changed something in those that were not as wanted.
    hosts: set[str]
    changed: dict[str, int]


def run_in_slices(folder: Path, count: int, inventory: Inventory, environment: Mapping[str, str]) -> list[Job]:
    """Run the workflow in slices, all at once; C(environment) is what AWX's credentials would put into each job's."""

    def run(number: int) -> Job:
        slice_folder = folder / f"slice-{number}"
        controller, node = slice_folder / "controller", slice_folder / "node"
        carried = {**environment, "ANSIBLE_COLLECTIONS_PATH": str(node / "requirements_collections")}
        _lay_out(controller, carried)
        inventory.write(controller / "inventory" / "hosts", number, count)
        return _run(controller, node)

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(run, range(1, count + 1)))


def _lay_out(controller: Path, environment: Mapping[str, str]) -> None:
    """The folder that goes to the node, with all of the job but its inventory."""
    for name in ("project", "inventory", "env"):
        (controller / name).mkdir(parents=True)
    playbook = [{"name": "Run the workflow", "import_playbook": f"{COLLECTION}.auth_workflow"}]
    (controller / "project" / "site.yml").write_text(json.dumps(playbook))
    (controller / "env" / "envvars").write_text(json.dumps(environment))
    for name in ("plugins", "roles", "playbooks", "meta"):
        collection = controller / "requirements_collections" / PLACE
        shutil.copytree(CHECKOUT / name, collection / name, ignore=shutil.ignore_patterns("__pycache__"))


def _run(controller: Path, node: Path) -> Job:
    """Hand the job to a node and take back what becomes of it: transmit | worker | process."""
    with ExitStack() as ending, (controller.parent / "errors").open("w+b") as errors:

        def start(*arguments: str | Path, home: Path, stdin: Any = subprocess.DEVNULL) -> subprocess.Popen[bytes]:
            pipe = subprocess.PIPE
            command = [*_RUNNER, *map(str, arguments)]
            process = subprocess.Popen(command, env=_clean(home), cwd=home, stdin=stdin, stdout=pipe, stderr=errors)
            ending.enter_context(_ended(process))
            return process

        node.mkdir()
        transmit = start("transmit", controller, "--playbook=site.yml", f"--ident={_IDENT}", home=controller)
        worker = start("worker", f"--private-data-dir={node}", home=node, stdin=transmit.stdout)
        process = start("process", controller, f"--ident={_IDENT}", home=controller, stdin=worker.stdout)
        # Who still held these would keep a neighbor that waits for their end.
        for pipe in transmit.stdout, worker.stdout:
            if pipe is not None:
                pipe.close()
        stdout, _stderr = process.communicate(timeout=LIMIT)
        errors.seek(0)
        return _outcome(controller / "artifacts" / _IDENT, (stdout + errors.read()).decode())


@contextmanager
def _ended(process: subprocess.Popen[bytes]) -> Iterator[None]:
    """On the way out the process has ended, by itself or because the test did."""
    try:
        yield
    finally:
        try:
            process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            process.terminate()
            process.wait()


def _clean(home: Path) -> dict[str, str]:
    """The environment of another machine: nothing of this one's but where programs are."""
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    return {"PATH": path, "HOME": str(home), "TMPDIR": str(home.parent), "LANG": "C.UTF-8"}


def _outcome(artifacts: Path, output: str) -> Job:
    """Read what came back."""
    events = (json.loads(file.read_text()) for file in (artifacts / "job_events").glob("*.json"))
    stats = next((event["event_data"] for event in events if event["event"] == "playbook_on_stats"), None)
    if stats is None:
        pytest.fail(output[-5000:])
    code = int((artifacts / "rc").read_text())
    return Job(code, output, set(stats["processed"]) - {"localhost"}, stats["changed"])

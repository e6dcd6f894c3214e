# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Runs jobs of the stand-in for AWX for real, as AWX runs them: ansible-runner transmits the folder to a node, which deletes it afterwards.

Source: jobs of AWX 24.6.1, and its C(awx/main/tasks/jobs.py) and C(receptor.py). There the node's folder is C(/runner), in a container.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import ansible_runner
from awx_launch import Outcome
from awx_order import TOKEN_URI, Order
from awx_store import Fields

#: Seconds after which a job is given up: far more than any takes.
_LIMIT = 1800


class Nodes:
    """Execution nodes, one for each job, below a folder.

    C(projects) has the folder of each project, by its URL or local path. C(collections) is where an execution environment has collections.
    """

    def __init__(
        self, folder: Path, projects: Mapping[str, Path], collections: str, token_uri: str = TOKEN_URI
    ) -> None:
        self._folder = folder
        self._projects = projects
        self._collections = collections
        self.token_uri = token_uri

    def playbooks(self) -> dict[str, list[str]]:
        """The playbooks of each project."""
        return {name: sorted(file.name for file in folder.glob("*.yml")) for name, folder in self._projects.items()}

    def place(self, number: int) -> str:
        """The folder on a node."""
        return str(self._folder / f"node-{number}" / "runner")

    def run(self, order: Order) -> Outcome:
        """Run a job: transmit, worker, process."""
        here = self._folder / f"control-{order.number}"
        self._lay_out(here, order)
        collections = f"{order.place}/requirements_collections:~/.ansible/collections:{self._collections}"
        # ansible-runner adds some of its own.
        variables = order.environment | {"ANSIBLE_COLLECTIONS_PATH": collections, "AWX_PRIVATE_DATA_DIR": str(here)}
        sent, received = self._folder / f"sent-{order.number}", self._folder / f"received-{order.number}"
        with sent.open("wb") as stream:
            ansible_runner.interface.run(
                streamer="transmit",
                _output=stream,
                private_data_dir=str(here),
                ident=str(order.number),
                playbook=order.playbook,
                envvars=variables,
                passwords=order.passwords,
                suppress_env_files=True,
            )
        # Without a container, ansible-runner takes the folder of the inventory, and not the file in it by the path that it has on the node.
        self._work(order, sent, received)
        events: list[Fields] = []
        # Each event goes to the database of AWX, and nothing else does.
        with received.open("rb") as stream:
            done = ansible_runner.interface.run(
                streamer="process",
                _input=stream,
                private_data_dir=str(here),
                ident=str(order.number),
                event_handler=lambda event: events.append(event) or False,
                quiet=True,
            )
        shutil.rmtree(here)
        sent.unlink()
        received.unlink()
        # The last status of the job; the exit code stays on the node.
        return Outcome(0 if done.status == "successful" else 1, sorted(events, key=lambda event: int(event["counter"])))

    def _lay_out(self, here: Path, order: Order) -> None:
        """The folder on the control node."""
        for name in ("inventory", "env", "cp", "artifacts"):
            (here / name).mkdir(parents=True)
        shutil.copytree(self._projects[order.project], here / "project", ignore=shutil.ignore_patterns(".git"))
        hosts = here / "inventory" / "hosts"
        hosts.write_text(f"#! /usr/bin/env python3\n# -*- coding: utf-8 -*-\nprint({json.dumps(order.inventory)!r})\n")
        hosts.chmod(0o700)
        settings = {"job_timeout": 0, "suppress_ansible_output": True, "suppress_output_file": True}
        files = {
            "cmdline": order.command_line,
            "extravars": order.extra_vars,
            "settings": json.dumps(settings),
            **order.files,
        }
        for name, content in files.items():
            (here / "env" / name).write_text(content)
            (here / "env" / name).chmod(0o600)

    def _work(self, order: Order, sent: Path, received: Path) -> None:
        """The node, whose environment has nothing of this machine's but where programs are."""
        place = Path(order.place)
        place.mkdir(parents=True)
        home = place.parent / "home"
        home.mkdir()
        node = {
            "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
            "HOME": str(home),
            # As a container with this folder as its own has it.
            "PWD": str(place),
            "TMPDIR": str(home),
            "LANG": "C.UTF-8",
            # Looking for a machine's metadata server would leave the machine.
            "NO_GCE_CHECK": "true",
        }
        command = [sys.executable, "-m", "ansible_runner", "worker", f"--private-data-dir={place}", "--delete"]
        with sent.open("rb") as stdin, received.open("wb") as stdout:
            # It ends as the playbook does, and says in the stream how that was.
            done = subprocess.run(
                command,
                env=node,
                cwd=home,
                stdin=stdin,
                stdout=stdout,
                stderr=subprocess.PIPE,
                timeout=_LIMIT,
                check=False,
            )
        if received.stat().st_size == 0:
            raise RuntimeError(f"The node's worker ended with {done.returncode}: {done.stderr.decode()[-2000:]}")

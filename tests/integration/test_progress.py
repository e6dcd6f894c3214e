# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A long batch shows how far it is, in ansible-playbook and in AWX's runner; a short one is quiet, and like any task."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from cloud_control import LocalCloud
from cloud_fixtures import PROJECT
from harness import COLLECTION, LIMIT, Ansible, Given, Task, task

PAYLOAD = "open-sesame"
SCOPE = "packages-production"
#: What a batch shows of which two entries end at once, and two after seven seconds.
LINE = f"progress: [{SCOPE}] gcp_secret_version: 2 of 4 done (1 changed, 1 failed), 2 left"


@pytest.fixture
def long_task(cloud: LocalCloud, given: Given) -> Task:
    """A task with that batch, delegated as scopes that are no machines often are."""
    for name in ("first", "second", "retired"):
        given.secret(name, PAYLOAD)
    cloud.fault("*.AccessSecretVersion", count=None, latency=7)
    batch = [
        {"secret": "first", "payload": PAYLOAD},
        {"secret": "second", "payload": PAYLOAD},
        {"secret": "retired", "version": 1, "state": "disabled"},
        {"secret": "missing", "version": 1, "state": "disabled"},
    ]
    return task("gcp_secret_version", batch=batch) | {"delegate_to": "localhost"}


def shown(output: str) -> list[str]:
    return [line for line in output.splitlines() if "progress:" in line]


def test_ansible_playbook_shows_a_long_batch(ansible: Ansible, long_task: Task):
    run = ansible.play([long_task], "-vvv", f"--inventory={SCOPE},", hosts=SCOPE)

    assert "1 of 4 entries failed" in run.stdout, run.tail
    assert shown(run.stdout) == [LINE], run.tail
    assert PAYLOAD not in f"{run.stdout}{run.stderr}"
    assert list(ansible.temporary.iterdir()) == []


def test_awx_gets_it_as_an_event_while_the_task_runs(ansible: Ansible, long_task: Task, tmp_path: Path):
    # Its options and results are to be hidden; numbers of entries are neither.
    tasks = [long_task | {"no_log": True}]
    variables = {"ansible_python_interpreter": "{{ ansible_playbook_python }}"}
    play = {"hosts": "all", "connection": "local", "gather_facts": False, "vars": variables, "tasks": tasks}
    for folder, file, content in [("project", "play.yml", json.dumps([play])), ("inventory", "hosts", SCOPE)]:
        (tmp_path / folder).mkdir()
        (tmp_path / folder / file).write_text(content)

    events = runner_events(ansible, tmp_path)

    [progress] = [event for event in events if shown(event["stdout"])]
    assert progress["stdout"] == LINE
    [ended] = [event for event in events if event["event"] == "runner_on_failed"]
    ahead = datetime.fromisoformat(ended["created"]) - datetime.fromisoformat(progress["created"])
    assert ahead.total_seconds() > 1


def runner_events(ansible: Ansible, folder: Path) -> list[dict[str, Any]]:
    """What AWX would store of a run: by default, it runs the same program in an execution environment."""
    programs = f"{Path(sys.executable).parent}:{ansible.environment['PATH']}"
    run = subprocess.run(
        [sys.executable, "-m", "ansible_runner", "run", folder, "--playbook", "play.yml", "--json"],
        env={**ansible.environment, "PATH": programs},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=LIMIT,
        check=False,
    )
    return [json.loads(line) for line in run.stdout.splitlines() if line.startswith("{")]


def test_a_task_is_like_any_other(ansible: Ansible, given: Given):
    given.secret("token", PAYLOAD)
    batch = [{"secret": "token", "payload": PAYLOAD}, {"secret": "token", "version": 1, "state": "enabled"}]
    other = [{"secret": "token", "payload": "other"}]
    results = ansible.results(
        [
            task("gcp_secret_version", batch=batch),
            task("gcp_secret_version", batch=other) | {"check_mode": True},
            {"name": "Use the short name", "gcp_secret_version": {"batch": batch}, "async": 60, "poll": 1},
        ],
        module_defaults={"group/pkgops.registry_auth.gcp": {"project": PROJECT}},
        collections=[COLLECTION],
        # What the defaults are instead of.
        env={"GCP_PROJECT": ""},
    )
    assert [result["changed"] for result in results] == [False, True, False]


def test_a_short_batch_is_quiet(ansible: Ansible, given: Given):
    given.secret("token", PAYLOAD)
    batch = [
        {"secret": "token", "payload": "other"},
        {"secret": "missing", "version": 1, "state": "disabled"},
    ]
    run = ansible.play([task("gcp_secret_version", batch=batch)])

    assert "1 of 2 entries failed" in run.stdout, run.tail
    assert shown(run.stdout) == []

# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later


"""A module that runs in a fork tells the same as one that is transferred."""

from __future__ import annotations

import pytest
from harness import TRANSFERRED, Ansible, Given, Task, task

PAYLOAD = "open-sesame"
FORK = "runs in a process forked from its task's worker"


@pytest.fixture
def tasks(given: Given) -> list[Task]:
    """Of each kind of end: well, with a warning, in check mode, wrong, and refused by its arguments."""
    given.secret("token", PAYLOAD)
    given.domain("demo", "python")
    anybody = {"Effect": "Allow", "Principal": "*", "Action": "codeartifact:ReadFromRepository", "Resource": "*"}
    return [
        task("gcp_secret_version", secret="token", payload=PAYLOAD),
        task("gcp_secret_version", batch=[{"secret": "token", "payload": "other"}, {"secret": "none", "payload": "x"}])
        | {"check_mode": True, "diff": True},
        task("codeartifact_repository_policy", domain="demo", repository="python", policy={"Statement": anybody})
        | {"check_mode": True, "diff": True},
        task("gcp_secret_version", secret="token", payload=PAYLOAD)
        | {"environment": {"GCP_ACCESS_TOKEN": "user:nobody@example.com"}},
        task("gcp_secret_version", secret="token", payload=PAYLOAD, unknown="x"),
        task("gcp_secret_info", secret="token"),
    ]


def test_both_ways_tell_the_same(ansible: Ansible, tasks: list[Task]):
    forked = ansible.results(tasks)
    transferred = ansible.results(tasks, vars=TRANSFERRED)

    assert forked == transferred
    assert [result.get("failed", False) for result in forked] == [False, False, False, True, True, False]
    assert "everybody" in str(forked[2]["warnings"])


def test_a_person_can_see_which_way_it_went(ansible: Ansible, tasks: list[Task]):
    assert FORK in ansible.play(tasks[:1], "-vvv").stdout
    assert FORK not in ansible.play(tasks[:1], "-vvv", vars=TRANSFERRED).stdout


def test_a_time_limit_of_the_task_ends_it(ansible: Ansible, given: Given, cloud):
    given.secret("token", PAYLOAD)
    cloud.fault("*.AccessSecretVersion", count=None, latency=20)
    [result] = ansible.results([task("gcp_secret_version", secret="token", payload=PAYLOAD) | {"timeout": 2}])

    assert result["failed"]
    assert "2 second" in result["msg"]

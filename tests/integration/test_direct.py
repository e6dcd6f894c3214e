# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later


"""A module that runs in a fork tells the same as one that is transferred."""

from __future__ import annotations

import os
import re
import shutil
from pathlib import Path

import pytest
from ansible import release
from ansible_collections.pkgops.registry_auth.plugins.plugin_utils._core import PARTS, Part
from cloud_fixtures import PROJECT
from harness import COLLECTION, TRANSFERRED, Ansible, Given, Task, task

PAYLOAD = "open-sesame"
INSTALLED = Path(release.__file__).parent
#: Parts whose names are keywords of playbooks, or settings.
KEPT = ("Task.delegate_to",)
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
    assert "anybody in any AWS account" in str(forked[2]["warnings"])


def test_a_person_can_see_which_way_it_went(ansible: Ansible, tasks: list[Task]):
    assert FORK in ansible.play(tasks[:1], "-vvv").stdout
    assert FORK not in ansible.play(tasks[:1], "-vvv", vars=TRANSFERRED).stdout


@pytest.mark.parametrize("switched_off", [{"vars": {"registry_auth_fork": "no"}}, {"env": {"REGISTRY_AUTH_FORK": "0"}}])
def test_a_switch_turns_forks_off(ansible: Ansible, tasks: list[Task], switched_off: dict[str, dict[str, str]]):
    run = ansible.play(tasks[:1], "-vvv", **switched_off)

    assert run.code == 0, run.tail
    assert FORK not in run.stdout
    assert "is transferred: registry_auth_fork or REGISTRY_AUTH_FORK says so" in run.stdout


def test_a_variable_that_an_interpreter_reads_when_it_starts_has_an_effect(ansible: Ansible, given: Given):
    """Of C(environment), as for any module."""
    given.secret("token", PAYLOAD)
    marker = ansible.folder / "started"
    (ansible.folder / "sitecustomize.py").write_text(f"open({str(marker)!r}, 'w').close()")
    other = task("gcp_secret_info", secret="token") | {"environment": {"PYTHONPATH": str(ansible.folder)}}
    results = ansible.results([other])

    assert not results[0].get("failed"), results
    assert marker.exists()


@pytest.fixture(scope="module")
def ansible_core(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Another ansible-core, of links to that which is installed, for a test to change."""
    copy = tmp_path_factory.mktemp("core") / "ansible"
    shutil.copytree(INSTALLED, copy, copy_function=os.symlink)
    return copy


def rename(ansible_core: Path, name: str) -> list[Path]:
    """Give a part of it another name, as a later release might, wherever it is defined or used. Returns what was changed."""
    # What Python's own library calls so keeps its name.
    pattern = re.compile(rf"(?<!runpy\.)\b{name}\b")
    changed = []
    for file in [*ansible_core.rglob("*.py"), *ansible_core.rglob("*.yml")]:
        text = file.read_text()
        if pattern.search(text):
            file.unlink()
            file.write_text(pattern.sub(f"{name}_renamed", text))
            changed.append(file)
    return changed


@pytest.mark.thorough
@pytest.mark.parametrize("part", [part for part in PARTS if part.name not in KEPT], ids=str)
def test_a_later_ansible_core_runs_modules_in_its_own_way(
    ansible: Ansible, given: Given, ansible_core: Path, part: Part
):
    given.secret("token", PAYLOAD)
    changed = rename(ansible_core, part.name.rpartition(".")[2])
    try:
        run = ansible.play(
            [task("gcp_secret_version", secret="token", payload="other")],
            "-vvv",
            env={"PYTHONPATH": str(ansible_core.parent)},
        )
    finally:
        for file in changed:
            file.unlink()
            file.symlink_to(INSTALLED / file.relative_to(ansible_core))

    assert changed
    assert run.code == 0, run.tail
    assert "changed: [localhost]" in run.stdout
    assert f"is transferred: of ansible-core, {part} is not as expected (AttributeError)" in run.stdout, run.tail


DEFAULTS = {
    "pkgops.registry_auth.gcp_secret": {"labels": {"team": "packaging"}},
    "pkgops.registry_auth.gcp_secret_version": {"payload": PAYLOAD},
    "group/pkgops.registry_auth.gcp": {"project": PROJECT},
}


@pytest.mark.parametrize("variables", [{}, TRANSFERRED], ids=["forked", "transferred"])
def test_defaults_of_a_module_are_its_own(ansible: Ansible, given: Given, variables: dict[str, str]):
    """Modules of a family share an action plugin. Ansible must not take one for another because of it."""
    secret, version, info = ansible.results(
        [
            task("gcp_secret", secret="token"),
            {"name": "Use the short name", "gcp_secret_version": {"secret": "token"}},
            task("gcp_secret_info", secret="token"),
        ],
        vars=variables,
        module_defaults=DEFAULTS,
        collections=[COLLECTION],
        env={"GCP_PROJECT": ""},
    )

    assert secret["changed"], secret
    assert version["changed"], version
    assert info["secrets"][0]["labels"] == {"team": "packaging"}, info


def test_a_time_limit_of_the_task_ends_it(ansible: Ansible, given: Given, cloud):
    given.secret("token", PAYLOAD)
    cloud.fault("*.AccessSecretVersion", count=None, latency=20)
    [result] = ansible.results([task("gcp_secret_version", secret="token", payload=PAYLOAD) | {"timeout": 2}])

    assert result["failed"]
    assert "2 second" in result["msg"]

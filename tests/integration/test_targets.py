# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Each module, create, modify and delete, in check mode and for real, twice: targets/MODULE/tasks/main.yml."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import pytest
from aws_clients import document
from checkout import CHECKOUT
from cloud_control import LocalCloud
from cloud_fixtures import UPSTREAM_TOKEN
from harness import TARGETS, Ansible, Given

MODULES = sorted(path.stem for path in (CHECKOUT / "plugins" / "modules").glob("*.py"))
#: Several in a playbook, whose start takes a quarter of what a target does; neighbors apart, since families take about as long.
PLAYBOOKS = [MODULES[first::9] for first in range(9)]

#: What the targets are told, and the few words they have in common.
VARIABLES = {
    "upstream_token": UPSTREAM_TOKEN,
    # A task that loops over the modes with this check mode runs four times, and changes something once.
    "modes": ["check", "real", "check", "real"],
    "once": [True, True, False, False],
    # What one caller called: a task with an access_token of its own can be told apart from the others.
    "calls": "{{ (lookup('ansible.builtin.url', local_cloud_url ~ '/_local/calls', split_lines=false, use_proxy=false)"
    " | from_json).calls }}",
    "called": "{{ calls | selectattr('caller', 'eq', caller) | map(attribute='method')"
    " | map('regex_replace', '^.*[.]', '') }}",
}

#: What each begins with: no calls, faults and quotas of the one before.
FORGET = {
    "name": "Forget what others called and set",
    "local_cloud": {"url": "{{ local_cloud_url }}/_local/{{ item }}", "method": "DELETE"},
    "loop": ["calls", "faults", "quotas"],
}


@dataclass(frozen=True)
class Target:
    """A module with a host, a project of Google's and an account of AWS's of its own."""

    module: str

    @property
    def number(self) -> int:
        return MODULES.index(self.module)

    @property
    def project(self) -> str:
        return f"target-project-{self.number}"

    @property
    def project_number(self) -> str:
        return f"{200_000_000_000 + self.number}"

    @property
    def account(self) -> str:
        return f"{300_000_000_000 + self.number}"

    @property
    def access_key(self) -> str:
        return f"AKIALOCALTARGET{self.number:05}"

    def begin(self, cloud: LocalCloud, given: Given) -> None:
        """Make what is there before the target runs."""
        # Whoever has an address there is an owner.
        cloud.add_project(self.project, self.project_number, "domain:example.com")
        everything = document({"Effect": "Allow", "Action": "*", "Resource": "*"})
        given.identity(self.access_key, f"arn:aws:iam::{self.account}:user/owner", everything)
        given.domain("demo", "python", "npm", "scratch", key=self.access_key)
        given.domain("shared", key=self.access_key)
        if self.module == "pypi_provenance_info":
            given.release("demo-package", "pypi")

    def play(self, cloud: LocalCloud, token: str) -> dict[str, Any]:
        """The play that runs it."""
        return {
            "hosts": self.module,
            "connection": "local",
            "gather_facts": False,
            "pre_tasks": [FORGET],
            "roles": [self.module],
            "environment": {"GCP_PROJECT": self.project_number, "AWS_ACCESS_KEY_ID": self.access_key},
            "vars": {
                **VARIABLES,
                "ansible_python_interpreter": "{{ ansible_playbook_python }}",
                "local_cloud_url": cloud.url,
                "upstream_url": cloud.upstream_url,
                "project": self.project,
                "project_number": self.project_number,
                "agent": f"serviceAccount:service-{self.project_number}@gcp-sa-artifactregistry.iam.gserviceaccount.com",
                "account": self.account,
                "access_key": self.access_key,
            },
            "module_defaults": {"local_cloud": {"headers": {"Authorization": f"Bearer {token}"}}},
        }


@pytest.mark.parametrize("module", MODULES)
def test_each_module_has_a_target(module: str) -> None:
    assert (TARGETS / module / "tasks" / "main.yml").exists()


@pytest.mark.thorough
@pytest.mark.parametrize("modules", PLAYBOOKS, ids="-".join)
def test_targets(ansible: Ansible, cloud: LocalCloud, given: Given, modules: list[str]) -> None:
    targets = [Target(module) for module in modules]
    for target in targets:
        target.begin(cloud, given)
    playbook = ansible.folder / "targets.yml"
    plays = [target.play(cloud, ansible.environment["GCP_ACCESS_TOKEN"]) for target in targets]
    playbook.write_text(json.dumps(plays, indent=1))
    run = ansible.playbook(str(playbook), f"--inventory={','.join(modules)},")
    assert run.code == 0, run.tail
    recap = run.stdout.partition("PLAY RECAP")[2]
    assert [module for module in modules if f"\n{module} " not in recap] == []

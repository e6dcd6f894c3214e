# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Each module, create, modify and delete, in check mode and for real, twice: targets/MODULE/tasks/main.yml."""

from __future__ import annotations

import pytest
from aws_clients import ACCOUNT
from checkout import CHECKOUT
from cloud_control import LocalCloud
from cloud_fixtures import UPSTREAM_TOKEN
from harness import TARGETS, Ansible, Given

MODULES = sorted(path.stem for path in (CHECKOUT / "plugins" / "modules").glob("*.py"))
PROJECT, NUMBER = "target-project", "200000000001"

#: What the targets are told, and the few words they have in common.
VARIABLES = {
    "project": PROJECT,
    "project_number": NUMBER,
    "agent": f"serviceAccount:service-{NUMBER}@gcp-sa-artifactregistry.iam.gserviceaccount.com",
    "upstream_token": UPSTREAM_TOKEN,
    "account": ACCOUNT,
    # A task that loops over the modes with this check mode runs four times, and changes something once.
    "modes": ["check", "real", "check", "real"],
    "once": [True, True, False, False],
    # What one caller called: a task with an access_token of its own can be told apart from the others.
    "calls": "{{ (lookup('ansible.builtin.url', local_cloud_url ~ '/_local/calls', split_lines=false, use_proxy=false)"
    " | from_json).calls }}",
    "called": "{{ calls | selectattr('caller', 'eq', caller) | map(attribute='method')"
    " | map('regex_replace', '^.*[.]', '') }}",
}


@pytest.mark.parametrize("module", MODULES)
def test_target(ansible: Ansible, cloud: LocalCloud, given: Given, module: str) -> None:
    assert (TARGETS / module / "tasks" / "main.yml").exists(), f"{module} has no integration target"
    # Whoever has an address there is an owner.
    cloud.add_project(PROJECT, NUMBER, "domain:example.com")
    given.domain("demo", "python", "npm", "scratch")
    given.domain("shared")
    if module == "pypi_provenance_info":
        given.release("demo-package", "pypi")
    headers = {"Authorization": f"Bearer {ansible.environment['GCP_ACCESS_TOKEN']}"}
    run = ansible.play(
        [],
        env={"GCP_PROJECT": NUMBER},
        roles=[module],
        vars={**VARIABLES, "local_cloud_url": cloud.url, "upstream_url": cloud.upstream_url},
        module_defaults={"local_cloud": {"headers": headers}},
    )
    assert run.code == 0, run.tail
    assert "PLAY RECAP" in run.stdout

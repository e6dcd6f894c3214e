# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which hosts the workflow takes for scopes."""

from __future__ import annotations

import json
from typing import Any

from aws_clients import OTHER_ACCOUNT, document, statement
from cloud_control import LocalCloud
from harness import COLLECTION, Ansible, Given, Run

DOMAIN = {
    "codeartifact_domain": "demo",
    "codeartifact_domain_policy": document(statement("codeartifact:GetAuthorizationToken", {"AWS": OTHER_ACCOUNT})),
}


def workflow(ansible: Ansible, groups: dict[str, dict[str, Any]], *options: str) -> Run:
    """Run it with these hosts, by group."""
    inventory = ansible.folder / "hosts.yml"
    inventory.write_text(json.dumps({name: {"hosts": hosts} for name, hosts in groups.items()}))
    return ansible.playbook(f"{COLLECTION}.auth_workflow", f"--inventory={inventory}", *options)


def test_no_scope_is_a_failure(ansible: Ansible, cloud: LocalCloud) -> None:
    run = workflow(ansible, {"others": {"elsewhere": {}}}, "--extra-vars=codeartifact_hosts=domains")
    assert run.code != 0
    assert (
        "None of the hosts that this run is limited to matches 'registry_auth' or 'domains': there is nothing to work on."
        in run.stdout
    )
    assert cloud.calls() == []


def test_scopes_of_one_kind_are_enough(ansible: Ansible, given: Given) -> None:
    given.domain("demo")
    run = workflow(ansible, {"codeartifact": {"packages": DOMAIN}})
    assert run.code == 0, run.tail
    assert "changed=1 " in run.stdout, run.tail
    # Of a group that is not there, for one.
    assert "[WARNING]" not in run.stdout + run.stderr, run.tail


def test_one_kind_can_be_chosen(ansible: Ansible, cloud: LocalCloud, given: Given) -> None:
    given.domain("demo")
    groups = {"registry_auth": {"broken": {}}, "domains": {"packages": DOMAIN}}
    run = workflow(ansible, groups, "--limit=packages", "--extra-vars=codeartifact_hosts=domains")
    assert run.code == 0, run.tail
    assert len(cloud.calls("PutDomainPermissionsPolicy")) == 1


def test_a_scope_that_says_nothing_fails(ansible: Ansible, cloud: LocalCloud) -> None:
    run = workflow(ansible, {"codeartifact": {"packages": {"codeartifact_domain": "demo"}}})
    assert run.code != 0
    assert (
        "packages must set codeartifact_domain, and codeartifact_domain_grants, codeartifact_domain_policy or"
        in run.stdout
    )
    assert cloud.calls() == []

# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which hosts the workflow takes for scopes, and that it starts from nothing when asked to, and only then."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from aws_clients import OTHER_ACCOUNT, document, statement
from cloud_control import LocalCloud
from cloud_fixtures import PROJECT, UPSTREAM_TOKEN
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


READ = document(statement("codeartifact:ReadFromRepository", {"AWS": OTHER_ACCOUNT}))


def from_nothing(cloud: LocalCloud, *, create: bool) -> dict[str, dict[str, Any]]:
    """A scope of each kind, of which nothing exists."""
    index = f"{cloud.index_host()}/{PROJECT}/mirror/simple/"
    repository = {
        "repository": "mirror",
        "location": "us-central1",
        "format": "PYTHON",
        "upstream": {"preset": "PYPI"},
        "labels": {"team": "build"},
        "secret": "token",
        "token": UPSTREAM_TOKEN,
        "proof": {"package": "demo-package", "index_url": index},
    }
    project = {"registry_auth_project": PROJECT, "registry_auth_repositories": [repository]}
    repositories = [
        {"repository": "team", "upstreams": ["public"], "description": "Ours", "policy": READ},
        {"repository": "public", "external_connection": "public:pypi"} | ({} if create else {"policy": READ}),
    ]
    domain = {**DOMAIN, "codeartifact_repositories": repositories}
    asked = {"registry_auth_create_missing": True} if create else {}
    return {"registry_auth": {"demo": {**project, **asked}}, "codeartifact": {"packages": {**domain, **asked}}}


def test_from_nothing_when_asked_to(ansible: Ansible, cloud: LocalCloud) -> None:
    groups = from_nothing(cloud, create=True)
    checked = workflow(ansible, groups, "--check", "--diff")
    assert checked.code == 0, checked.tail
    written = [
        call["method"]
        for call in cloud.calls()
        if not re.search("[.](Get|List|Access|Describe)[A-Za-z]*$", call["method"])
    ]
    assert written == []
    first = workflow(ansible, groups)
    assert first.code == 0, first.tail
    # What check mode said of each host.
    changed = [re.findall(r"^(\w+) .* changed=(\d+)", run.stdout, re.MULTILINE) for run in (checked, first)]
    assert changed[0] == changed[1]
    second = workflow(ansible, groups)
    assert second.code == 0, second.tail
    assert set(re.findall(r"changed=(\d+)", second.stdout)) == {"0"}, second.tail
    assert len(cloud.calls("CreateRepository")) == 3
    assert len(cloud.calls("CreateDomain")) == 1


@pytest.mark.parametrize("kind", ["registry_auth", "codeartifact"])
def test_nothing_is_created_unasked(ansible: Ansible, cloud: LocalCloud, kind: str) -> None:
    run = workflow(ansible, {kind: from_nothing(cloud, create=False)[kind]})
    assert run.code != 0
    assert cloud.calls("CreateRepository") == cloud.calls("CreateDomain") == []

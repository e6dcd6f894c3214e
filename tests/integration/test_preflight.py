# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The workflow says which permissions are missing before it writes anything, and asks for what it will write alone."""

from __future__ import annotations

import json
import re
from typing import Any

from cloud_control import LocalCloud
from cloud_fixtures import OWNER, PROJECT, UPSTREAM_TOKEN
from harness import COLLECTION, Ansible, Given, Run

OPERATOR = "user:operator@example.com"
ROTATED = "the-second-token-of-the-upstream"
REPOSITORY = f"projects/{PROJECT}/locations/us-central1/repositories/mirror"
SECRET = f"projects/{PROJECT}/secrets/token"
ASKED = "TestIamPermissions"


def roles(cloud: LocalCloud, given: Given, *names: str) -> None:
    """Have the operator hold these roles on the project, and no others, and forget what was called until then."""
    bindings = [{"role": "roles/owner", "members": [OWNER]}]
    bindings += [{"role": f"roles/{name}", "members": [OPERATOR]} for name in names]
    given.call(f"cloudresourcemanager/v3/projects/{PROJECT}:setIamPolicy", {"policy": {"bindings": bindings}})
    cloud.clear_calls()


def workflow(ansible: Ansible, token: str, *options: str, caller: str = OPERATOR, **variables: Any) -> Run:
    entry = {
        "repository": "mirror",
        "location": "us-central1",
        "format": "PYTHON",
        "upstream": {"preset": "PYPI"},
        "secret": "token",
        "token": token,
    }
    scope = {"registry_auth_project": PROJECT, "registry_auth_repositories": [entry], **variables}
    inventory = ansible.folder / "hosts.yml"
    inventory.write_text(json.dumps({"registry_auth": {"hosts": {"demo": scope}}}))
    env = {"GCP_ACCESS_TOKEN": caller}
    return ansible.playbook(f"{COLLECTION}.auth_workflow", f"--inventory={inventory}", *options, env=env)


def asked(cloud: LocalCloud) -> list[str]:
    """What was asked about, in the order of names."""
    return sorted(call["resource"] for call in cloud.calls(ASKED))


def written(cloud: LocalCloud) -> list[str]:
    reading = ("Get", "List", "Access", "Fetch", "Test")
    called = (call["method"].rpartition(".")[2] for call in cloud.calls())
    return [method for method in called if not method.startswith(reading)]


def test_one_list_says_what_is_missing_and_nothing_is_written(
    ansible: Ansible, cloud: LocalCloud, given: Given
) -> None:
    cloud.set_upstream_tokens(UPSTREAM_TOKEN, ROTATED)
    first = workflow(ansible, UPSTREAM_TOKEN, caller=OWNER, registry_auth_create_missing=True)
    assert first.code == 0, first.tail
    assert asked(cloud) == [f"projects/{PROJECT}"]

    # May read everything, and change nothing.
    roles(cloud, given, "viewer", "secretmanager.secretAccessor")
    converged = workflow(ansible, UPSTREAM_TOKEN)
    assert converged.code == 0, converged.tail
    assert asked(cloud) == []

    for mode in (["--check"], []):
        run = workflow(ansible, ROTATED, *mode)
        assert run.code != 0
        (message,) = set(re.findall(r"These permissions are missing for [^\n]*? was written[.]", run.stdout))
        assert re.search(
            rf"missing for .+: artifactregistry.repositories.update on {REPOSITORY}, secretmanager.versions.add on {SECRET}[.]",
            message,
        )
    assert written(cloud) == []
    assert asked(cloud) == [REPOSITORY] * 2 + [SECRET] * 2

    # Without the question, the first write says what it lacks.
    cloud.clear_calls()
    run = workflow(ansible, ROTATED, registry_auth_preflight=False)
    assert run.code != 0
    assert "These permissions are missing" not in run.stdout
    assert "secretmanager.versions.add" in run.stdout
    assert asked(cloud) == []

    # With the permissions, one more call for each resource that is written.
    roles(cloud, given, "viewer", "secretmanager.admin", "artifactregistry.admin")
    run = workflow(ansible, ROTATED)
    assert run.code == 0, run.tail
    assert asked(cloud) == [REPOSITORY, SECRET]


def test_what_cannot_be_asked_is_not_asked_again(ansible: Ansible, cloud: LocalCloud) -> None:
    """A refusal, as within a perimeter, is no answer: the run is as one without the question."""
    cloud.fault(f"*.{ASKED}", status=403, count=9)
    run = workflow(ansible, UPSTREAM_TOKEN, caller=OWNER, registry_auth_create_missing=True)
    assert run.code == 0, run.tail
    assert len(asked(cloud)) == 1


def test_what_is_to_be_created_is_asked_of_the_project(ansible: Ansible, cloud: LocalCloud, given: Given) -> None:
    roles(cloud, given, "viewer", "artifactregistry.admin")
    variables = {"registry_auth_create_missing": True, "secret_version_compare": "fingerprint"}
    run = workflow(ansible, UPSTREAM_TOKEN, **variables)
    assert run.code != 0
    assert f"secretmanager.secrets.create on projects/{PROJECT}." in run.stdout
    # What a condition may grant by name is a warning only.
    later = "secretmanager.versions.add, secretmanager.secrets.update, secretmanager.secrets.setIamPolicy"
    assert f"what it creates there: {later}." in " ".join((run.stdout + run.stderr).split())
    assert asked(cloud) == [f"projects/{PROJECT}"]
    assert written(cloud) == []

# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The workflow says which permissions are missing before it writes anything, and asks for what it will write alone."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from aws_clients import ACCOUNT, ADA_KEY, ADMINISTRATOR, OTHER_ACCOUNT, OWNER_KEY, document, statement
from cloud_control import LocalCloud
from cloud_fixtures import OWNER, PROJECT, UPSTREAM_TOKEN
from harness import COLLECTION, Ansible, Given, Run

pytestmark = pytest.mark.thorough

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
    reading = ("Get", "List", "Access", "Fetch", "Test", "Describe")
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


def codeartifact(ansible: Ansible, key: str, *options: str, **variables: Any) -> Run:
    entries = [
        {"repository": name, "grants": [{"name": "acme", "principals": [OTHER_ACCOUNT], "access": ["read"]}]}
        for name in ("python", "npm")
    ]
    scope = {
        "codeartifact_domain": "demo",
        "codeartifact_region": "eu-west-1",
        "codeartifact_repositories": entries,
        **variables,
    }
    inventory = ansible.folder / "hosts.yml"
    inventory.write_text(json.dumps({"codeartifact": {"hosts": {"demo": scope}}}))
    return ansible.playbook(
        f"{COLLECTION}.auth_workflow", f"--inventory={inventory}", *options, env={"AWS_ACCESS_KEY_ID": key}
    )


def test_what_codeartifacts_policies_deny_is_said_first(ansible: Ansible, cloud: LocalCloud, given: Given) -> None:
    given.domain("demo", "python", "npm")
    given.identity(ADA_KEY, f"arn:aws:iam::{ACCOUNT}:user/ada", ADMINISTRATOR)
    put = "codeartifact:PutRepositoryPermissionsPolicy"
    given.domain_policy("demo", document(statement(put, {"AWS": f"arn:aws:iam::{ACCOUNT}:user/ada"}, "Deny")))
    for mode in (["--check"], []):
        cloud.clear_calls()
        run = codeartifact(ansible, ADA_KEY, *mode)
        assert run.code != 0
        said = " ".join(run.stdout.split())
        denied = "(by statement 1 of the domain policy)"
        assert f"{put} on repository demo/python {denied}; {put} on repository demo/npm {denied}." in said
        assert "Nothing of the scope was written" in said
        assert written(cloud) == []
        assert len(cloud.calls("sts.GetCallerIdentity")) == 1

    cloud.clear_calls()
    run = codeartifact(ansible, ADA_KEY, registry_auth_preflight=False)
    assert run.code != 0
    assert "Nothing of the scope was written" not in run.stdout
    assert cloud.calls("sts.GetCallerIdentity") == []

    # Somebody whom it does not deny it. A second time there is nothing to write, and nothing more is asked.
    run = codeartifact(ansible, OWNER_KEY)
    assert run.code == 0, run.tail
    cloud.clear_calls()
    run = codeartifact(ansible, OWNER_KEY)
    assert run.code == 0, run.tail
    assert cloud.calls("sts.GetCallerIdentity") == []


def test_a_silent_sts_stops_nobody(ansible: Ansible, cloud: LocalCloud, given: Given) -> None:
    given.domain("demo", "python", "npm")
    given.domain_policy("demo", document(statement("codeartifact:DeleteRepository", "*", "Deny")))
    cloud.fault("sts.*", status=503, count=9)
    run = codeartifact(ansible, OWNER_KEY)
    assert run.code == 0, run.tail


def test_another_account_may_create_nothing_without_the_domains_policy(
    ansible: Ansible, cloud: LocalCloud, given: Given
) -> None:
    given.domain("demo")
    given.identity(ADA_KEY, f"arn:aws:iam::{OTHER_ACCOUNT}:user/ada", ADMINISTRATOR)
    reads = ["codeartifact:Describe*", "codeartifact:Get*", "codeartifact:List*"]
    given.domain_policy("demo", document(statement(reads, {"AWS": OTHER_ACCOUNT})))
    cloud.clear_calls()
    run = codeartifact(ansible, ADA_KEY, codeartifact_domain_owner=ACCOUNT, registry_auth_create_missing=True)
    assert run.code != 0
    said = " ".join(run.stdout.split())
    assert "codeartifact:CreateRepository on repository demo/python" in said
    assert "no domain policy allows codeartifact:CreateRepository" in said
    assert written(cloud) == []


def publishing(ansible: Ansible, cloud: LocalCloud, token: str) -> Run:
    variables = {
        "trusted_publishing_project": "demo",
        "trusted_publishing_owner": "octo-org",
        "trusted_publishing_repository": "ours",
        "trusted_publishing_github_token": token,
        "trusted_publishing_api_url": f"{cloud.url}/github",
    }
    role = {"ansible.builtin.include_role": {"name": f"{COLLECTION}.trusted_publishing"}}
    return ansible.play([{"name": "Let it publish", **role}], vars=variables)


def written_on_github(cloud: LocalCloud) -> list[str]:
    reading = ("get", "list")
    called = [str(call["method"]) for call in cloud.calls() if str(call["method"]).startswith("github.")]
    return [method for method in called if not method.partition("/")[2].startswith(reading)]


def test_what_a_token_for_github_lacks_is_said_first(ansible: Ansible, cloud: LocalCloud, given: Given) -> None:
    given.github(
        users=[{"login": "ada"}],
        repositories=[{"full_name": "octo-org/ours", "private": True, "collaborators": {"ada": "write"}}],
        tokens={
            "no-workflows": {"login": "octocat", "scopes": ["repo", "read:org"]},
            "no-admin": {"login": "ada", "scopes": ["repo"]},
        },
    )
    cloud.clear_calls()
    run = publishing(ansible, cloud, "no-workflows")
    assert run.code != 0
    assert "github_token lacks what it takes to write to octo-org/ours: the scope workflow." in " ".join(
        run.stdout.split()
    )
    run = publishing(ansible, cloud, "no-admin")
    assert run.code != 0
    said = " ".join(run.stdout.split())
    assert "octo-org/ours: the scope workflow, a holder who administers the repository." in said
    assert written_on_github(cloud) == []

    # One that has all makes it so, and then any that may read will do.
    run = publishing(ansible, cloud, "octocat")
    assert run.code == 0, run.tail
    run = publishing(ansible, cloud, "no-admin")
    assert run.code == 0, run.tail

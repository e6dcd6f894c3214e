# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""gcloud artifacts repositories …, for standard, virtual and remote ones of several formats, and their credentials."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from cloud_control import LocalCloud
from cloud_fixtures import OWNER, UPSTREAM_VERSION, Gcloud

HERE = "--location=us-central1"
REPOSITORIES = ("artifacts", "repositories")
LOGIN = ("--remote-username=__token__", f"--remote-password-secret-version={UPSTREAM_VERSION}")


@pytest.mark.thorough
@pytest.mark.usefixtures("granted")
@pytest.mark.parametrize(
    ("package_format", "upstream", "source"),
    [
        ("python", "--remote-python-repo=PYPI", {"pythonRepository": {"publicRepository": "PYPI"}}),
        ("npm", "--remote-npm-repo=NPMJS", {"npmRepository": {"publicRepository": "NPMJS"}}),
        ("maven", "--remote-mvn-repo=MAVEN-CENTRAL", {"mavenRepository": {"publicRepository": "MAVEN_CENTRAL"}}),
        ("docker", "--remote-docker-repo=DOCKER-HUB", {"dockerRepository": {"publicRepository": "DOCKER_HUB"}}),
        (
            "python",
            "--remote-python-repo=https://packages.example.com",
            {"commonRepository": {"uri": "https://packages.example.com"}},
        ),
    ],
    ids=["python", "npm", "maven", "docker", "custom"],
)
def test_remote_repository(gcloud: Gcloud, package_format: str, upstream: str, source: dict[str, object]) -> None:
    create = (f"--repository-format={package_format}", "--mode=remote-repository", upstream, HERE)
    gcloud(*REPOSITORIES, "create", "mirror", *create)
    gcloud(*REPOSITORIES, "update", "mirror", HERE, *LOGIN, "--description=ours")
    made = gcloud(*REPOSITORIES, "describe", "mirror", HERE, "--format=json").json()
    assert made["name"] == "projects/demo-project/locations/us-central1/repositories/mirror"
    assert (made["format"], made["mode"]) == (package_format.upper(), "REMOTE_REPOSITORY")
    credentials = {"username": "__token__", "passwordSecretVersion": UPSTREAM_VERSION}
    assert made["remoteRepositoryConfig"] == {
        **source,
        "upstreamCredentials": {"usernamePasswordCredentials": credentials},
    }
    assert made["description"] == "ours"
    gcloud(*REPOSITORIES, "delete", "mirror", HERE, "--quiet")
    assert "NOT_FOUND" in gcloud(*REPOSITORIES, "describe", "mirror", HERE, fails=True).stderr


@pytest.mark.thorough
@pytest.mark.usefixtures("granted")
def test_credentials_at_creation_and_lists(gcloud: Gcloud) -> None:
    python = ("--repository-format=python", "--mode=remote-repository", "--remote-python-repo=PYPI")
    gcloud(*REPOSITORIES, "create", "mirror", HERE, *python, *LOGIN)
    gcloud(*REPOSITORIES, "create", "plain", "--location=europe-west1", "--repository-format=maven")
    listed = gcloud(*REPOSITORIES, "list", "--format=value(name)").stdout
    assert {line.rpartition("/")[2] for line in listed.split()} == {"mirror", "plain"}
    listed = gcloud(*REPOSITORIES, "list", HERE, "--format=json").json()
    [mirror] = listed
    login = mirror["remoteRepositoryConfig"]["upstreamCredentials"]["usernamePasswordCredentials"]
    assert login["passwordSecretVersion"] == UPSTREAM_VERSION

    # Empty values clear the login; the real service's answer to them is not documented.
    gcloud(*REPOSITORIES, "update", "mirror", HERE, "--remote-username=", "--remote-password-secret-version=")
    cleared = gcloud(*REPOSITORIES, "describe", "mirror", HERE, "--format=json").json()
    assert "upstreamCredentials" not in cleared["remoteRepositoryConfig"]


def test_credentials_are_proved(cloud: LocalCloud, gcloud: Gcloud, granted: str) -> None:
    python = ("--repository-format=python", "--mode=remote-repository", "--remote-python-repo=PYPI")
    gcloud(*REPOSITORIES, "create", "mirror", HERE, *python)
    update = (*REPOSITORIES, "update", "mirror", HERE, *LOGIN)
    cloud.set_upstream_tokens("another")
    refused = gcloud(*update, fails=True)
    assert "Failed to validate remote upstream" in refused.stderr
    assert "generic::unauthenticated" in refused.stderr
    gcloud(*update, "--disable-remote-validation")
    made = gcloud(*REPOSITORIES, "describe", "mirror", HERE, "--format=json").json()
    assert "upstreamCredentials" in made["remoteRepositoryConfig"]
    assert "disableUpstreamValidation" not in made["remoteRepositoryConfig"]

    secret = granted.partition("/versions/")[0]
    cloud.call(OWNER, "POST", f"secretmanager/v1/{secret}:setIamPolicy", {"policy": {}})
    refused = gcloud(*update, "--disable-remote-validation", fails=True)
    assert "PERMISSION_DENIED" in refused.stderr
    assert granted in refused.stderr


@pytest.mark.thorough
def test_repository_policy(gcloud: Gcloud) -> None:
    gcloud(*REPOSITORIES, "create", "plain", HERE, "--repository-format=python")
    member, role = "user:reader@example.com", "roles/artifactregistry.reader"
    binding = ("plain", HERE, f"--member={member}", f"--role={role}")
    describe = (*REPOSITORIES, "describe", "plain", HERE)
    gcloud(*describe, caller=member, fails=True)
    gcloud(*REPOSITORIES, "add-iam-policy-binding", *binding)
    policy = gcloud(*REPOSITORIES, "get-iam-policy", "plain", HERE, "--format=json").json()
    assert policy["bindings"] == [{"role": role, "members": [member]}]
    gcloud(*describe, caller=member)
    left = gcloud(*REPOSITORIES, "remove-iam-policy-binding", *binding, "--format=json").json()
    assert "bindings" not in left


@pytest.mark.thorough
def test_labels_scanning_and_cleanup_policies(gcloud: Gcloud, tmp_path: Path) -> None:
    remote = ("--repository-format=docker", "--mode=remote-repository", "--remote-docker-repo=DOCKER-HUB", HERE)
    gcloud(*REPOSITORIES, "create", "mirror", *remote, "--labels=team=packaging", "--disable-vulnerability-scanning")
    changes = ("--update-labels=stage=live", "--remove-labels=team", "--allow-vulnerability-scanning")
    gcloud(*REPOSITORIES, "update", "mirror", HERE, *changes)
    policies = [
        {"name": "old", "action": {"type": "Delete"}, "condition": {"olderThan": "90d", "tagState": "untagged"}},
        {"name": "newest", "action": {"type": "Keep"}, "mostRecentVersions": {"keepCount": 5}},
    ]
    (tmp_path / "policies.json").write_text(json.dumps(policies))
    set_policies = (*REPOSITORIES, "set-cleanup-policies", "mirror", HERE, f"--policy={tmp_path / 'policies.json'}")
    gcloud(*set_policies, "--dry-run")
    made = gcloud(*REPOSITORIES, "describe", "mirror", HERE, "--format=json").json()
    assert made["labels"] == {"stage": "live"}
    assert made["vulnerabilityScanningConfig"] == {"enablementConfig": "INHERITED"}
    assert made["cleanupPolicyDryRun"]
    assert made["cleanupPolicies"]["old"]["condition"] == {"olderThan": "7776000s", "tagState": "UNTAGGED"}
    gcloud(*REPOSITORIES, "delete-cleanup-policies", "mirror", HERE, "--policynames=old")
    left = gcloud(*REPOSITORIES, "list-cleanup-policies", "mirror", HERE).json()
    assert [one["name"] for one in left] == ["newest"]

    policies[1]["action"]["type"] = "Delete"
    (tmp_path / "policies.json").write_text(json.dumps(policies))
    assert "KEEP only" in gcloud(*set_policies, fails=True).stderr


def upstreams(**priorities: int) -> list[dict[str, object]]:
    """As gcloud takes them in a file; C(priorities): by id."""
    parent = "projects/demo-project/locations/us-central1/repositories"
    return [{"id": one, "repository": f"{parent}/{one}", "priority": number} for one, number in priorities.items()]


@pytest.mark.thorough
def test_standard_and_virtual_repositories(gcloud: Gcloud, tmp_path: Path) -> None:
    policies, python = tmp_path / "policies.json", "--repository-format=python"
    gcloud(*REPOSITORIES, "create", "ours", HERE, python, "--mode=standard-repository")
    gcloud(*REPOSITORIES, "create", "pypi", HERE, python, "--mode=remote-repository", "--remote-python-repo=PYPI")
    virtual = (python, "--mode=virtual-repository", HERE)
    assert (
        "Virtual repository config is not specified"
        in gcloud(*REPOSITORIES, "create", "all", *virtual, fails=True).stderr
    )
    policies.write_text(json.dumps(upstreams(ours=100, pypi=10)))
    with_policies = f"--upstream-policy-file={policies}"
    gcloud(*REPOSITORIES, "create", "all", *virtual, with_policies, "--description=One for all")
    made = gcloud(*REPOSITORIES, "describe", "all", HERE, "--format=json").json()
    assert (made["mode"], made["description"]) == ("VIRTUAL_REPOSITORY", "One for all")
    assert made["virtualRepositoryConfig"] == {"upstreamPolicies": upstreams(ours=100, pypi=10)}
    assert (
        gcloud(*REPOSITORIES, "describe", "ours", HERE, "--format=value(mode)").stdout.strip() == "STANDARD_REPOSITORY"
    )

    # gcloud sends no mask then, so that all old policies go, and the whole repository, so that nothing else does.
    policies.write_text(json.dumps(upstreams(pypi=5)))
    gcloud(*REPOSITORIES, "update", "all", HERE, with_policies)
    changed = gcloud(*REPOSITORIES, "describe", "all", HERE, "--format=json").json()
    assert changed["virtualRepositoryConfig"] == {"upstreamPolicies": upstreams(pypi=5)}
    assert changed["description"] == "One for all"
    gcloud(*REPOSITORIES, "update", "all", HERE, "--update-labels=team=packaging")
    policies.write_text("[]")
    gcloud(*REPOSITORIES, "update", "all", HERE, with_policies)
    emptied = gcloud(*REPOSITORIES, "describe", "all", HERE, "--format=json").json()
    assert "upstreamPolicies" not in emptied["virtualRepositoryConfig"]
    assert emptied["labels"] == {"team": "packaging"}

    policies.write_text(json.dumps(upstreams(nowhere=1)))
    assert "does not exist" in gcloud(*REPOSITORIES, "update", "all", HERE, with_policies, fails=True).stderr
    gcloud(*REPOSITORIES, "delete", "all", HERE, "--quiet")
    assert gcloud(*REPOSITORIES, "list", HERE, "--format=value(name.basename())").stdout.split() == ["ours", "pypi"]


@pytest.mark.thorough
def test_what_only_some_formats_have(gcloud: Gcloud) -> None:
    gcloud(*REPOSITORIES, "create", "images", HERE, "--repository-format=docker", "--immutable-tags")
    gcloud(*REPOSITORIES, "update", "images", HERE, "--no-immutable-tags")
    images = gcloud(*REPOSITORIES, "describe", "images", HERE, "--format=json").json()
    assert not images["dockerConfig"].get("immutableTags")
    gcloud(*REPOSITORIES, "create", "jars", HERE, "--repository-format=maven", "--version-policy=release")
    jars = gcloud(*REPOSITORIES, "describe", "jars", HERE, "--format=json").json()
    assert jars["mavenConfig"] == {"versionPolicy": "RELEASE"}

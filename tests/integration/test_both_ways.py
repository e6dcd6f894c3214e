# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the real gcloud set up, the modules leave as it is; what the modules set up, gcloud reads; and both at once."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from cloud_control import LocalCloud
from cloud_fixtures import AGENT, NUMBER, UPSTREAM_TOKEN, Gcloud
from harness import Ansible, Given, Task, task

pytestmark = pytest.mark.thorough

ACCESSOR = "roles/secretmanager.secretAccessor"
CONDITION = {
    "title": "this-century",
    "expression": 'request.time < timestamp("2100-01-01T00:00:00Z")',
    "description": "d",
}
HERE = "--location=us-central1"
REPOSITORY = {"repository": "mirror", "location": "us-central1"}
DESCRIBED = {
    "format": "PYTHON",
    "upstream": {"preset": "PYPI"},
    "description": "ours",
    "labels": {"team": "packaging"},
    "purge_labels": True,
    "vulnerability_scanning": "DISABLED",
    "cleanup_policies": [
        {"id": "old", "action": "DELETE", "condition": {"older_than": "90d"}},
        {"id": "newest", "action": "KEEP", "most_recent_versions": {"keep_count": 5}},
    ],
    "cleanup_policy_dry_run": True,
}
READS = ("Get", "List", "Access", "GenerateServiceIdentity")


def test_what_gcloud_set_up_is_left_as_it_is(
    ansible: Ansible, cloud: LocalCloud, gcloud: Gcloud, tmp_path: Path
) -> None:
    expires = "2090-01-31T12:00:00Z"
    labels = ("--labels=team=packaging,stage=live", "--set-annotations=note=ours", f"--expire-time={expires}")
    gcloud("secrets", "create", "token", "--data-file=-", *labels, stdin=UPSTREAM_TOKEN)
    gcloud("secrets", "create", "placed", "--replication-policy=user-managed", "--locations=europe-west4,europe-west1")
    gcloud("secrets", "create", "regional", "--data-file=-", "--location=europe-west1", stdin="sesame")
    gcloud("beta", "services", "identity", "create", "--service=artifactregistry.googleapis.com")
    binding = ("secrets", "add-iam-policy-binding", "token", f"--role={ACCESSOR}")
    condition = ",".join(f"{key}={value}" for key, value in CONDITION.items())
    gcloud(*binding, f"--member={AGENT}", "--condition=None")
    gcloud(*binding, "--member=user:ada@example.com", f"--condition={condition}")
    described = ("--description=ours", "--labels=team=packaging", "--disable-vulnerability-scanning")
    remote = ("--repository-format=python", "--mode=remote-repository", "--remote-python-repo=PYPI", HERE, *described)
    # gcloud hands the project on as it was given: an id here, where the modules say a number.
    login = "--remote-password-secret-version=projects/demo-project/secrets/token/versions/1"
    gcloud("artifacts", "repositories", "create", "mirror", *remote, "--remote-username=__token__", login)
    policies = [
        {"name": "old", "action": {"type": "Delete"}, "condition": {"olderThan": "90d", "tagState": "any"}},
        {"name": "newest", "action": {"type": "Keep"}, "mostRecentVersions": {"keepCount": 5}},
    ]
    (tmp_path / "policies.json").write_text(json.dumps(policies))
    cleanup = (f"--policy={tmp_path / 'policies.json'}", "--dry-run", HERE)
    gcloud("artifacts", "repositories", "set-cleanup-policies", "mirror", *cleanup)
    cloud.clear_calls()

    version = f"projects/{NUMBER}/secrets/token/versions/1"
    whole = {"labels": {"team": "packaging", "stage": "live"}, "annotations": {"note": "ours"}, "expire_time": expires}
    results = ansible.results(
        [
            task("gcp_secret", secret="token", **whole, purge_labels=True, replication={"automatic": {}}),
            task(
                "gcp_secret",
                secret="placed",
                replication={"user_managed": [{"location": "europe-west1"}, {"location": "europe-west4"}]},
            ),
            task("gcp_secret_version", secret="token", payload=UPSTREAM_TOKEN),
            task("gcp_secret_version", secret="regional", location="europe-west1", payload_base64="c2VzYW1l"),
            task("gcp_service_agent"),
            task("gcp_secret_iam_binding", secret="token", role=ACCESSOR, members=[AGENT], exclusive=True),
            task(
                "gcp_secret_iam_binding",
                secret="token",
                role=ACCESSOR,
                members=["user:ada@example.com"],
                condition=CONDITION,
                exclusive=True,
            ),
            task("gcp_remote_repository", **REPOSITORY, **DESCRIBED),
            task(
                "gcp_remote_repository_credentials",
                username="__token__",
                password_secret_version=version,
                **REPOSITORY,
            ),
            task("gcp_secret_retention", secret="token"),
        ]
    )
    assert [result["changed"] for result in results] == [False] * len(results), results
    assert not any(result["failed"] for result in results), results
    assert [call for call in cloud.calls() if not call["method"].rpartition(".")[2].startswith(READS)] == []
    assert results[2]["secret_version"]["name"] == version
    assert results[4]["service_agent"]["member"] == AGENT


def test_what_the_modules_set_up_gcloud_reads(ansible: Ansible, gcloud: Gcloud) -> None:
    replicas = [{"location": "europe-west1"}, {"location": "europe-west4"}]
    bindings = [{}, {"condition": CONDITION, "members": ["user:ada@example.com"]}]
    results = ansible.results(
        [
            task(
                "gcp_secret",
                secret="token",
                labels={"team": "packaging"},
                annotations={"note": "ours"},
                replication={"user_managed": replicas},
                topics=["projects/demo-project/topics/rotate"],
                rotation={"next_rotation_time": "2090-01-31T12:00:00Z", "rotation_period": "30d"},
                version_destroy_ttl="7d",
            ),
            task("gcp_secret_version", secret="token", payload="sesame-old"),
            task("gcp_secret_version", secret="token", payload=UPSTREAM_TOKEN),
            task("gcp_secret", secret="token", version_aliases={"current": 2}),
            task("gcp_service_agent"),
            task("gcp_secret_iam_binding", secret="token", role=ACCESSOR, members=[AGENT], batch=bindings),
            task("gcp_remote_repository", **REPOSITORY, **DESCRIBED),
            task("gcp_remote_repository_credentials", username="__token__", secret="token", version="2", **REPOSITORY),
            task("gcp_secret_retention", secret="token", keep=1),
        ]
    )
    assert not any(result["failed"] for result in results), results

    secret = gcloud("secrets", "describe", "token", "--format=json").json()
    assert secret["labels"] == {"team": "packaging"}
    assert secret["annotations"] == {"note": "ours"}
    assert {one["location"] for one in secret["replication"]["userManaged"]["replicas"]} == {
        "europe-west1",
        "europe-west4",
    }
    assert secret["topics"] == [{"name": "projects/demo-project/topics/rotate"}]
    assert secret["rotation"] == {"nextRotationTime": "2090-01-31T12:00:00Z", "rotationPeriod": "2592000s"}
    assert secret["versionDestroyTtl"] == "604800s"
    assert secret["versionAliases"] == {"current": "2"}
    assert gcloud("secrets", "versions", "access", "current", "--secret=token").stdout == UPSTREAM_TOKEN
    versions = gcloud("secrets", "versions", "list", "token", "--format=json").json()
    assert [version["state"] for version in versions] == ["ENABLED", "DISABLED"]
    policy = gcloud("secrets", "get-iam-policy", "token", "--format=json").json()
    assert policy["bindings"] == [
        {"role": ACCESSOR, "members": [AGENT]},
        {"role": ACCESSOR, "members": ["user:ada@example.com"], "condition": CONDITION},
    ]
    repository = gcloud("artifacts", "repositories", "describe", "mirror", HERE, "--format=json").json()
    assert repository["remoteRepositoryConfig"].pop("pythonRepository") == {"publicRepository": "PYPI"}
    assert (repository["format"], repository["mode"]) == ("PYTHON", "REMOTE_REPOSITORY")
    assert (repository["description"], repository["labels"]) == ("ours", {"team": "packaging"})
    assert repository["vulnerabilityScanningConfig"] == {"enablementConfig": "DISABLED"}
    login = repository["remoteRepositoryConfig"]["upstreamCredentials"]["usernamePasswordCredentials"]
    assert login == {"username": "__token__", "passwordSecretVersion": "projects/demo-project/secrets/token/versions/2"}
    listed = gcloud("artifacts", "repositories", "list-cleanup-policies", "mirror", HERE)
    assert "Dry run is enabled" in listed.stderr
    assert [(one["name"], one["action"]["type"]) for one in listed.json()] == [("newest", "KEEP"), ("old", "DELETE")]


def test_nobody_is_lost_when_both_write(ansible: Ansible, cloud: LocalCloud, gcloud: Gcloud, given: Given) -> None:
    given.secret("token")
    given.policy("token", {"role": ACCESSOR, "members": ["deleted:user:gone@example.com?uid=123"]})
    # Writes that take their time, so that the other one writes between a read and its write.
    cloud.fault("*.SetIamPolicy", count=None, latency=0.5)
    theirs = [f"user:theirs{number}@example.com" for number in range(10)]
    ours = [f"user:ours{number}@example.com" for number in range(10)]

    with ThreadPoolExecutor() as pool:
        other = pool.submit(lambda: [_add_member(gcloud, member) for member in theirs])
        results = ansible.results(
            task("gcp_secret_iam_binding", secret="token", role=ACCESSOR, members=[member]) for member in ours
        )
        other.result()
    assert [(result["failed"], result["changed"]) for result in results] == [(False, True)] * 10, results
    assert 409 in [call["status"] for call in cloud.calls("SetIamPolicy")], "there was no race"
    policy = gcloud("secrets", "get-iam-policy", "token", "--format=json").json()
    [binding] = policy["bindings"]
    assert sorted(binding["members"]) == sorted([*theirs, *ours, "deleted:user:gone@example.com?uid=123"])


def _add_member(gcloud: Gcloud, member: str) -> None:
    """gcloud does not try again when it loses a race, so its user does."""
    while True:
        try:
            gcloud("secrets", "add-iam-policy-binding", "token", f"--role={ACCESSOR}", f"--member={member}")
            return
        except pytest.fail.Exception as failure:
            if "There were concurrent policy changes" not in str(failure):
                raise


PARENT = "projects/demo-project/locations/us-central1/repositories"
UPSTREAMS = [
    {"id": "ours", "repository": f"{PARENT}/ours", "priority": 100},
    {"id": "mirror", "repository": f"{PARENT}/mirror", "priority": 10},
]
#: Options of gcp_repository, and the flags by which gcloud creates the same.
MODES: dict[str, tuple[dict[str, Any], tuple[str, ...]]] = {
    "ours": (
        {"mode": "STANDARD_REPOSITORY", "format": "PYTHON"},
        ("--repository-format=python", "--mode=standard-repository"),
    ),
    "images": (
        {"mode": "STANDARD_REPOSITORY", "format": "DOCKER", "docker_immutable_tags": True},
        ("--repository-format=docker", "--immutable-tags"),
    ),
    "jars": (
        {"mode": "STANDARD_REPOSITORY", "format": "MAVEN", "maven_version_policy": "RELEASE"},
        ("--repository-format=maven", "--version-policy=release"),
    ),
    "mirror": (
        {"mode": "REMOTE_REPOSITORY", "format": "PYTHON", "upstream": {"preset": "PYPI"}},
        ("--repository-format=python", "--mode=remote-repository", "--remote-python-repo=PYPI"),
    ),
    "all": (
        {"mode": "VIRTUAL_REPOSITORY", "format": "PYTHON", "upstream_policies": UPSTREAMS},
        ("--repository-format=python", "--mode=virtual-repository", "--upstream-policy-file"),
    ),
}


def of_all_modes(*, purge: bool = False) -> Task:
    entries = [{"repository": name, **options} for name, (options, _flags) in MODES.items()]
    return task("gcp_repository", location="us-central1", purge_upstream_policies=purge, batch=entries)


def test_repositories_that_gcloud_creates_are_as_the_module_wants_them(
    ansible: Ansible, cloud: LocalCloud, gcloud: Gcloud, tmp_path: Path
) -> None:
    (tmp_path / "policies.json").write_text(json.dumps(UPSTREAMS))
    for name, (_options, flags) in MODES.items():
        given = [f"{flag}={tmp_path / 'policies.json'}" if flag == "--upstream-policy-file" else flag for flag in flags]
        gcloud("artifacts", "repositories", "create", name, HERE, *given)
    cloud.clear_calls()
    [result] = ansible.results([of_all_modes(purge=True)])
    assert (result["failed"], result["changed"]) == (False, False), result
    assert [call for call in cloud.calls() if not call["method"].rpartition(".")[2].startswith(READS)] == []


def test_repositories_that_the_module_creates_gcloud_reads_and_changes(
    ansible: Ansible, gcloud: Gcloud, tmp_path: Path
) -> None:
    [made] = ansible.results([of_all_modes()])
    assert not made["failed"], made
    listed = gcloud("artifacts", "repositories", "list", HERE, "--format=json").json()
    read = {one["name"].rpartition("/")[2]: one for one in listed}
    assert {name: read[name]["mode"] for name in MODES} == {
        name: options["mode"] for name, (options, _flags) in MODES.items()
    }
    policies = read["all"]["virtualRepositoryConfig"]["upstreamPolicies"]
    assert sorted(policies, key=lambda one: -one["priority"]) == UPSTREAMS
    assert read["images"]["dockerConfig"] == {"immutableTags": True}
    assert read["jars"]["mavenConfig"] == {"versionPolicy": "RELEASE"}

    (tmp_path / "policies.json").write_text(json.dumps(UPSTREAMS[:1]))
    gcloud("artifacts", "repositories", "update", "all", HERE, f"--upstream-policy-file={tmp_path / 'policies.json'}")
    [again] = ansible.results([of_all_modes()])
    assert [one["changed"] for one in again["results"]] == [False, False, False, False, True]

# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""An operator who may not read payloads stores and rotates tokens, as a task and in the workflow; gcloud sees the same secret."""

from __future__ import annotations

import hashlib
import json
import re
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from cloud_control import LocalCloud
from cloud_fixtures import NUMBER, OWNER, PROJECT, UPSTREAM_TOKEN, Gcloud
from harness import COLLECTION, Ansible, Given, Run, Task, task

pytestmark = pytest.mark.thorough

OPERATOR = "user:operator@example.com"
ROTATED = "the-second-token-of-the-upstream"
KEY = "registry-auth-sha256.{}"


@pytest.fixture
def operator(cloud: LocalCloud, given: Given) -> str:
    """Somebody who may change everything but who may do what, and read no payload: so says Google's role reference of the role editor."""
    bindings = [
        {"role": "roles/owner", "members": [OWNER]},
        {"role": "roles/editor", "members": [OPERATOR]},
    ]
    given.call(f"cloudresourcemanager/v3/projects/{PROJECT}:setIamPolicy", {"policy": {"bindings": bindings}})
    cloud.set_upstream_tokens(UPSTREAM_TOKEN, ROTATED)
    return OPERATOR


def store(caller: str, payload: str, **options: Any) -> Task:
    return task("gcp_secret_version", secret="token", payload=payload, access_token=caller, **options)


def called(cloud: LocalCloud, caller: str) -> list[str]:
    return [call["method"].rpartition(".")[2] for call in cloud.calls() if call["caller"] == caller]


def test_an_operator_who_may_not_read_rotates(
    ansible: Ansible, cloud: LocalCloud, given: Given, gcloud: Gcloud, operator: str, tmp_path: Path
) -> None:
    given.secret("token", UPSTREAM_TOKEN)
    secret = f"secretmanager/v1/projects/{PROJECT}/secrets/token"
    given.call(f"{secret}?updateMask=annotations", {"annotations": {"why": "test"}}, "PATCH")
    by_fingerprint = {"compare": "fingerprint"}
    refused, unknown, recorded, again = ansible.results(
        [
            store(operator, UPSTREAM_TOKEN),
            store(operator, UPSTREAM_TOKEN, **by_fingerprint),
            store(OWNER, UPSTREAM_TOKEN, compare="both"),
            store(OWNER, UPSTREAM_TOKEN, compare="both"),
        ]
    )
    assert "secretmanager.versions.access" in refused["msg"]
    assert unknown["failure"]["code"] == "no_fingerprint"
    assert not unknown["changed"]
    assert (recorded["changed"], again["changed"]) == (True, False)

    cloud.clear_calls()
    same, foreseen, rotated, converged = ansible.results(
        [
            store(operator, UPSTREAM_TOKEN, **by_fingerprint),
            {**store(operator, ROTATED, **by_fingerprint), "check_mode": True, "diff": True},
            {**store(operator, ROTATED, **by_fingerprint), "diff": True},
            store(operator, ROTATED, **by_fingerprint),
        ]
    )
    assert [one["changed"] for one in (same, foreseen, rotated, converged)] == [False, True, True, False]
    assert foreseen["diff"] == rotated["diff"]
    assert foreseen["secret_version"] == rotated["secret_version"]
    look = ["ListSecretVersions", "GetSecret"]
    assert called(cloud, operator) == [
        *look,
        *look,
        "GetSecretVersion",
        *look,
        "GetSecretVersion",
        "UpdateSecret",
        "AddSecretVersion",
        *look,
    ]

    # What the real gcloud has to say of it, as the same operator.
    assert gcloud("secrets", "versions", "access", "latest", "--secret=token", caller=operator, fails=True).code
    gcloud("secrets", "update", "token", "--update-labels=team=build", caller=operator)
    described = gcloud("secrets", "describe", "token", "--format=json", caller=operator).json()
    annotations = described["annotations"]
    assert annotations["why"] == "test"
    for number, payload in (1, UPSTREAM_TOKEN), (2, ROTATED):
        salt, digest = annotations[KEY.format(number)].split(":")[:2]
        version = f"projects/{NUMBER}/secrets/token/versions/{number}"
        assert digest == hashlib.sha256(f"{salt}:{version}:{payload}".encode()).hexdigest()
    assert gcloud("secrets", "versions", "access", "latest", "--secret=token").stdout == ROTATED
    shown = json.dumps([same, foreseen, rotated, converged])
    assert not any(value.split(":")[1] in shown for key, value in annotations.items() if key != "why")

    # The settings of the secret are somebody else's task, which neither sees nor removes them.
    settings = {"secret": "token", "annotations": {"why": "test"}, "purge_annotations": True}
    (kept,) = ansible.results([{**task("gcp_secret", **settings), "diff": True}])
    assert not kept["changed"]
    assert kept["secret"]["annotations"] == {"why": "test"}

    # A version that somebody adds by hand is not taken for anything.
    payload = tmp_path / "payload"
    payload.write_text("by hand")
    gcloud("secrets", "versions", "add", "token", f"--data-file={payload}")
    gcloud("secrets", "versions", "destroy", "1", "--secret=token", "--quiet")
    by_hand, added = ansible.results(
        [
            store(operator, ROTATED, **by_fingerprint),
            store(operator, ROTATED, **by_fingerprint, without_fingerprint="add"),
        ]
    )
    assert by_hand["failure"]["code"] == "no_fingerprint"
    assert added["secret_version"]["version"] == 4
    described = gcloud("secrets", "describe", "token", "--format=json").json()
    assert sorted(described["annotations"]) == [KEY.format(2), KEY.format(4), "why"]
    assert UPSTREAM_TOKEN not in json.dumps([by_hand, added])


def test_an_answer_that_is_lost_and_a_secret_that_changes_meanwhile(
    ansible: Ansible, cloud: LocalCloud, given: Given, operator: str
) -> None:
    given.secret("token")
    for method in ("AddSecretVersion", "UpdateSecret"):
        cloud.fault(f"*.{method}", status=503, after=True)
    entries = [{"secret": "token", "payload": UPSTREAM_TOKEN}, {"secret": "missing", "payload": ROTATED}]
    options = {"batch": entries, "compare": "fingerprint", "access_token": operator}
    first, second = ansible.results([task("gcp_secret_version", **options), task("gcp_secret_version", **options)])
    assert [one["changed"] for one in first["results"]] == [True, False]
    assert "create it with gcp_secret first" in first["results"][1]["msg"]
    assert [one["changed"] for one in second["results"]] == [False, False]
    assert called(cloud, operator).count("AddSecretVersion") == 1
    assert "AccessSecretVersion" not in called(cloud, operator)


def workflow(ansible: Ansible, caller: str, token: str, *options: str, **variables: Any) -> Run:
    """Run it for one project with two repositories that share a token."""
    entries = [
        {
            "repository": name,
            "location": "us-central1",
            "format": "PYTHON",
            "upstream": {"preset": "PYPI"},
            "secret": "token",
            "token": token,
            "proof": {"package": "demo-package"},
        }
        for name in ("first", "second")
    ]
    scope = {
        "registry_auth_project": PROJECT,
        "registry_auth_repositories": entries,
        "registry_auth_create_missing": True,
    }
    inventory = ansible.folder / "hosts.yml"
    inventory.write_text(json.dumps({"registry_auth": {"hosts": {"demo": {**scope, **variables}}}}))
    env = {"GCP_ACCESS_TOKEN": caller}
    return ansible.playbook(f"{COLLECTION}.auth_workflow", f"--inventory={inventory}", *options, env=env)


def test_the_workflow_rotates_for_an_operator_who_may_not_read(
    ansible: Ansible, cloud: LocalCloud, operator: str
) -> None:
    """Who may grant takes the first run, from nothing; from then on the operator needs no right to read."""
    ansible.environment["ARTIFACT_REGISTRY_PACKAGES_URL"] = cloud.url
    compare = {"secret_version_compare": "fingerprint"}
    retention = {"registry_auth_retention": {"keep": 1, "min_age": "0"}}
    first = workflow(ansible, OWNER, UPSTREAM_TOKEN, **compare)
    assert first.code == 0, first.tail
    assert Counter(called(cloud, OWNER))["AddSecretVersion"] == 1
    assert "AccessSecretVersion" not in called(cloud, OWNER)

    cloud.clear_calls()
    without = workflow(ansible, operator, ROTATED)
    assert without.code != 0
    assert "secretmanager.versions.access" in without.stdout
    foreseen = workflow(ansible, operator, ROTATED, "--check", **compare, **retention)
    rotated = workflow(ansible, operator, ROTATED, **compare, **retention)
    assert (foreseen.code, rotated.code) == (0, 0), rotated.tail
    told = [
        re.findall(r"(?:Would (?:store|set|grant|retire)|Stored|Set|Granted|Retired) ([^.]+[^ ]*)", run.stdout)
        for run in (foreseen, rotated)
    ]
    assert told[0] == told[1]
    assert Counter(called(cloud, operator))["AddSecretVersion"] == 1
    assert [call["resource"] for call in cloud.calls("DisableSecretVersion")] == [
        f"projects/{PROJECT}/secrets/token/versions/1"
    ]

    cloud.clear_calls()
    again = workflow(ansible, operator, ROTATED, **compare, **retention)
    assert again.code == 0, again.tail
    assert set(re.findall(r"changed=(\d+)", again.stdout)) == {"0"}, again.tail
    counted = Counter(called(cloud, operator))
    assert counted["GetSecret"] == 1
    assert "AccessSecretVersion" not in counted
    assert ROTATED not in "".join(run.stdout for run in (without, foreseen, rotated, again))


def test_the_workflow_writes_nothing_where_a_version_has_no_fingerprint(
    ansible: Ansible, cloud: LocalCloud, given: Given, operator: str
) -> None:
    given.readable_secret("token", UPSTREAM_TOKEN)
    cloud.clear_calls()
    run = workflow(ansible, operator, ROTATED, secret_version_compare="fingerprint")
    assert run.code != 0
    assert "has no fingerprint" in run.stdout
    written = [name for name in called(cloud, operator) if not name.startswith(("Get", "List"))]
    assert written == []

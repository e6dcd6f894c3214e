# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later


"""Many entries in one task: how many calls they take, and what becomes of them when a quota or the time is used up."""

from __future__ import annotations

import json

import pytest
from aws_clients import ACCOUNT, OWNER_KEY
from cloud_control import LocalCloud
from harness import Ansible, Given, task

pytestmark = pytest.mark.thorough

#: More than the entries from which a list is worth while.
MANY = 25
NAMES = [f"s{number}" for number in range(MANY)]
POLICY = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Principal": {"AWS": "arn:aws:iam::111122223333:root"},
            "Action": "codeartifact:ReadFromRepository",
            "Resource": "*",
        }
    ],
}


def methods(cloud: LocalCloud) -> list[str]:
    """The short names of the methods that were called, in order, since the last look."""
    called = [call["method"].rpartition(".")[2] for call in cloud.calls()]
    cloud.clear_calls()
    return called


def test_secrets_of_a_project_are_read_from_its_list(ansible: Ansible, cloud: LocalCloud, given: Given) -> None:
    create = task("gcp_secret", batch=[{"secret": name} for name in NAMES])
    cloud.clear_calls()
    (created,) = ansible.results([create])
    assert created["changed"]
    assert sorted(methods(cloud)) == ["CreateSecret"] * MANY + ["ListSecrets"]
    (again,) = ansible.results([create])
    assert not again["changed"]
    assert methods(cloud) == ["ListSecrets"]


def test_who_may_not_list_secrets_reads_them_one_by_one(ansible: Ansible, cloud: LocalCloud, given: Given) -> None:
    for name in NAMES:
        given.secret(name)
    cloud.fault("*.ListSecrets", status=403, code="PERMISSION_DENIED")
    cloud.clear_calls()
    (result,) = ansible.results([task("gcp_secret", batch=[{"secret": name} for name in NAMES])])
    assert not result["changed"]
    assert sorted(methods(cloud)) == ["GetSecret"] * MANY + ["ListSecrets"]


def test_repositories_of_a_location_are_read_from_its_list(ansible: Ansible, cloud: LocalCloud, given: Given) -> None:
    given.readable_secret("token", "t")
    for name in NAMES:
        given.repository(name)
    point = task(
        "gcp_remote_repository_credentials",
        batch=[{"repository": name} for name in NAMES],
        location="us-central1",
        username="u",
        secret="token",
        version="1",
        disable_upstream_validation=True,
    )
    cloud.clear_calls()
    (changed,) = ansible.results([point])
    assert changed["changed"]
    called = methods(cloud)
    assert called.count("ListRepositories") == 1
    assert called.count("UpdateRepository") == MANY
    assert "GetRepository" not in called
    (again,) = ansible.results([point])
    assert not again["changed"]
    assert methods(cloud) == ["ListRepositories"]


def test_repositories_are_created_after_one_list(ansible: Ansible, cloud: LocalCloud) -> None:
    create = task(
        "gcp_remote_repository",
        batch=[{"repository": name} for name in NAMES],
        location="us-central1",
        format="PYTHON",
        upstream={"preset": "PYPI"},
    )
    cloud.clear_calls()
    (created,) = ansible.results([create])
    assert created["changed"]
    assert sorted(set(methods(cloud))) == ["CreateRepository", "GetOperation", "GetRepository", "ListRepositories"]
    (again,) = ansible.results([create])
    assert not again["changed"]
    assert methods(cloud) == ["ListRepositories"]


@pytest.mark.parametrize(
    ("module", "method"), [("gcp_secret_version", "AccessSecretVersion"), ("gcp_secret_iam_binding", "GetIamPolicy")]
)
def test_what_has_no_list_takes_one_call(
    ansible: Ansible, cloud: LocalCloud, given: Given, module: str, method: str
) -> None:
    options = {
        "gcp_secret_version": {"payload": "token"},
        "gcp_secret_iam_binding": {"role": "roles/secretmanager.viewer", "members": ["user:a@example.com"]},
    }
    for name in NAMES:
        given.secret(name, "token")
        given.policy(name, {"role": "roles/secretmanager.viewer", "members": ["user:a@example.com"]})
    cloud.clear_calls()
    (result,) = ansible.results([task(module, batch=[{"secret": name, **options[module]} for name in NAMES])])
    assert not result["changed"]
    assert methods(cloud) == [method] * MANY


def test_reads_beyond_the_quota_wait_for_their_turn(ansible: Ansible, cloud: LocalCloud, given: Given) -> None:
    """The client's window is a minute, so that its quota is not met here; the server's is three seconds, and says 429."""
    for name in NAMES:
        given.secret(name)
    cloud.set_quotas(secretmanager={"read": 10, "window": 3})
    bind = {"role": "roles/secretmanager.viewer", "members": ["user:a@example.com"]}
    cloud.clear_calls()
    (result,) = ansible.results([task("gcp_secret_iam_binding", batch=[{"secret": name, **bind} for name in NAMES])])
    assert [entry["failed"] for entry in result["results"]] == [False] * MANY
    assert any(call["status"] == 429 for call in cloud.calls("GetIamPolicy"))
    assert len([call for call in cloud.calls("SetIamPolicy") if call["status"] == 200]) == MANY


def test_calls_beyond_the_own_quota_are_not_made_before_the_timeout(
    ansible: Ansible, cloud: LocalCloud, given: Given
) -> None:
    for name in NAMES[:6]:
        given.secret(name, "token")
    store = {"batch": [{"secret": name, "payload": "other"} for name in NAMES[:6]], "timeout": 20}
    cloud.clear_calls()
    (first,) = ansible.results([task("gcp_secret_version", **store, write_quota=4)])
    failures = [entry["failure"]["code"] for entry in first["results"] if entry["failed"]]
    assert failures == ["not_reached"] * 2
    assert "timed out after 20 seconds, before " in first["msg"]
    assert " was processed: run the task again to continue." in first["msg"]
    assert methods(cloud).count("AddSecretVersion") == 4
    (second,) = ansible.results([task("gcp_secret_version", **store)])
    assert [entry["changed"] for entry in second["results"]].count(True) == 2
    assert methods(cloud).count("AddSecretVersion") == 2


def test_codeartifact_throttles_and_is_waited_for(ansible: Ansible, cloud: LocalCloud, given: Given) -> None:
    given.domain("many", *NAMES, key=OWNER_KEY)
    put = task("codeartifact_repository_policy", domain="many", policy=POLICY, batch=[{"repository": n} for n in NAMES])
    cloud.set_quotas(codeartifact={"read": 20, "write": 8})
    (result,) = ansible.results([put])
    assert [entry["failed"] for entry in result["results"]] == [False] * MANY
    cloud.clear_quotas()
    cloud.clear_calls()
    (again,) = ansible.results([put])
    assert not again["changed"]
    assert methods(cloud) == ["GetRepositoryPermissionsPolicy"] * MANY


def test_policies_of_a_domain_are_read_in_one_call_each(ansible: Ansible, cloud: LocalCloud, given: Given) -> None:
    """And what one repository refuses keeps nobody from the others."""
    given.domain("many", *NAMES, key=OWNER_KEY)
    given.repository_policy("many", NAMES[3], POLICY)
    given.domain("few", "one", key=OWNER_KEY)
    read = task("codeartifact_access_info", batch=[{"domain": "many"}, {"domain": "few", "repositories": ["one"]}])
    cloud.set_quotas(codeartifact={"read": 20, "write": 8})
    (throttled,) = ansible.results([read])
    assert not throttled["failed"]
    cloud.clear_quotas()
    cloud.clear_calls()
    (result,) = ansible.results([read])
    assert sorted(methods(cloud)) == sorted(
        ["ListRepositoriesInDomain", "GetDomainPermissionsPolicy"] * 2 + ["GetRepositoryPermissionsPolicy"] * (MANY + 1)
    )
    many = result["results"][0]["access"]
    assert many == throttled["results"][0]["access"]
    policies = {one["repository"]: json.loads(one["policy"]) for one in many["repositories"] if one["policy"]}
    assert policies == {NAMES[3]: POLICY}
    assert [one["code"] for one in many["findings"]] == ["no_login", "whole_account"]

    cloud.fault("*.GetRepositoryPermissionsPolicy", status=403, code="AccessDeniedException")
    (partly,) = ansible.results([task("codeartifact_access_info", domain="many")])
    assert partly["failed"]
    assert partly["failure"]["code"] == "incomplete"
    (refused,) = (one for one in partly["access"]["repositories"] if one["failed"])
    assert refused["failure"]["code"] == "permission_denied"
    assert f"{refused['repository']}: The permission codeartifact:GetRepositoryPermissionsPolicy" in partly["msg"]
    assert len(partly["access"]["repositories"]) == MANY


def test_documents_are_judged_without_a_call(ansible: Ansible, cloud: LocalCloud) -> None:
    documents = {
        "domain_policy": json.dumps(POLICY | {"Statement": [POLICY["Statement"][0] | {"Action": "codeartifact:Get*"}]}),
        "repositories": [{"repository": "python", "policy": POLICY, "administrator_account": "444455556666"}],
    }
    nobody = {
        "AWS_ACCESS_KEY_ID": "",
        "AWS_SECRET_ACCESS_KEY": "",
        "AWS_ENDPOINT_URL_CODEARTIFACT": "http://127.0.0.1:9",
    }
    judge = task("codeartifact_access_info", domain="demo", domain_owner=ACCOUNT, documents=documents)
    cloud.clear_calls()
    (result,) = ansible.results([{**judge, "environment": nobody}])
    assert not result["failed"], result
    assert cloud.calls() == []
    answers = result["access"]["repository_access"]
    assert {who["principal"]: row["access"]["read"] for row in answers for who in row["principals"]} == {
        "111122223333": "granted",
        ACCOUNT: "depends",
        "444455556666": "depends",
    }


def test_wrong_quotas_are_refused_before_any_call(ansible: Ansible, cloud: LocalCloud) -> None:
    cloud.clear_calls()
    wrong = [
        task("gcp_secret_version", secret="s", payload="token", write_quota=0),
        task("gcp_secret_version", secret="s", payload="token", timeout=0),
        task("codeartifact_repository_policy", domain="demo", repository="python", policy=POLICY, read_quota=-1),
    ]
    results = ansible.results(wrong)
    assert [result["msg"] for result in results] == [
        "write_quota is 0: at least 1 is accepted.",
        "timeout is 0: at least 1 is accepted.",
        "read_quota is -1: at least 1 is accepted.",
    ]
    assert cloud.calls() == []


def test_no_log_hides_the_entries_of_a_batch(ansible: Ansible, cloud: LocalCloud, given: Given) -> None:
    given.secret("payroll", "token")
    hidden = task("gcp_secret_version", batch=[{"secret": "payroll", "payload": "token"}])
    shown = ansible.play([hidden], "-vv")
    assert "payroll" in shown.stdout
    quiet = ansible.play([{**hidden, "no_log": True}], "-vv")
    assert quiet.code == 0, quiet.tail
    assert "payroll" not in quiet.stdout + quiet.stderr

# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Values and limits of Google's services through Ansible: refused before the call, in check mode too, and told plainly."""

from __future__ import annotations

import time
from typing import Any

import pytest
from cloud_control import LocalCloud
from cloud_fixtures import NUMBER, PROJECT, UPSTREAM_TOKEN
from harness import COLLECTION, TRANSFERRED, Ansible, Given, Task, task

pytestmark = pytest.mark.thorough

ACCESSOR = "roles/secretmanager.secretAccessor"
GONE = "serviceAccount:gone@demo-project.iam.gserviceaccount.com"
LOCATION = "us-central1"
SECRET_ID = "token"


def binding(**options: Any) -> Task:
    given = {"secret": SECRET_ID, "role": ACCESSOR, "members": ["user:ada@example.com"], **options}
    return task("gcp_secret_iam_binding", **given)


def checked(one: Task) -> Task:
    return {**one, "check_mode": True}


def calls(cloud: LocalCloud, method: str) -> int:
    return len(cloud.calls(method))


# 83 and true are what YAML makes of 0123 and yes. A module that is transferred takes its time.
@pytest.mark.parametrize(
    ("variables", "payloads"), [({}, (83, True, 1.5)), (TRANSFERRED, (83,))], ids=["direct", "transferred"]
)
def test_payloads_that_yaml_has_changed(
    ansible: Ansible, cloud: LocalCloud, given: Given, variables: Any, payloads: tuple[Any, ...]
) -> None:
    given.secret(SECRET_ID)
    cloud.clear_calls()
    tasks = [
        {**task("gcp_secret_version", secret=SECRET_ID, payload=payload), "vars": variables, "check_mode": check}
        for payload in payloads
        for check in (False, True)[: len(payloads)]
    ]
    tasks.append(
        task("gcp_secret_version", batch=[{"secret": SECRET_ID, "payload": "x"}, {"secret": "b", "payload": 83}])
    )
    results = ansible.results(tasks)
    assert [result["failure"]["code"] for result in results] == ["invalid_input"] * len(tasks)
    assert {result["msg"].partition(" is ")[0] for result in results} == {"payload", "batch[1].payload"}
    assert all("83" not in result["msg"] for result in results)
    assert cloud.calls() == []


def test_versions_and_names_that_are_whole_numbers_are_taken(ansible: Ansible, given: Given) -> None:
    given.readable_secret("2048", UPSTREAM_TOKEN)
    given.repository("remote")
    login = {"repository": "remote", "location": LOCATION, "username": "__token__", "secret": 2048, "version": 1}
    results = ansible.results(
        [
            task("gcp_secret_info", secret=2048, project=int(NUMBER)),
            task("gcp_remote_repository_credentials", **login),
            task("gcp_remote_repository_credentials", **{**login, "version": "1"}),
        ]
    )
    assert [result.get("msg") for result in results] == [None] * 3
    assert [result["changed"] for result in results] == [False, True, False]


def test_a_condition_with_the_id_of_the_project(ansible: Ansible, cloud: LocalCloud, given: Given) -> None:
    given.secret(SECRET_ID)

    def under(expression: str, **options: Any) -> Task:
        return binding(condition={"title": expression[:40], "expression": expression}, **options)

    by_id = f"resource.name.startsWith('projects/{PROJECT}/secrets/{SECRET_ID}')"
    by_number = f"resource.name.startsWith('projects/{NUMBER}/secrets/{SECRET_ID}')"
    other = "resource.name.startsWith('projects/some-other-project/secrets/x')"
    told, *silent = ansible.results(
        [
            under(by_id),
            under(by_number),
            under(other),
            under(f"{by_id} || {by_number}"),
            # Of a number alone the id is not known.
            under(by_id, secret=f"projects/{NUMBER}/secrets/{SECRET_ID}"),
            checked(under(by_id, secret="not-there-yet")),
            under(f"resource.type == 'projects/{PROJECT}/'"),
            binding(),
        ]
    )
    [warning] = told["warnings"]
    assert f"names that begin with projects/{PROJECT}/" in warning
    assert warning.endswith(f"Write projects/{NUMBER}/.")
    assert not [
        one for result in silent for one in result.get("warnings", ()) if "they have the project's number" in one
    ]
    # Nobody pays for it who does not write such a condition.
    assert calls(cloud, "GetSecret") == 2


def test_lines_that_end_are_no_other_condition(ansible: Ansible, cloud: LocalCloud, given: Given) -> None:
    """YAML's | leaves a line's end; here at what is there, at what is wanted, or at both."""
    given.secret(SECRET_ID)
    expression = 'request.time < timestamp("2099-01-01T00:00:00Z")'
    plain = {"title": "late", "expression": expression, "description": "why"}
    ended = {name: f"{value}\n" for name, value in plain.items()}
    folded = {**plain, "expression": 'request.time <\n  timestamp("2099-01-01T00:00:00Z")\n'}
    given.policy(SECRET_ID, {"role": ACCESSOR, "members": ["user:ada@example.com"], "condition": ended})
    results = ansible.results(
        [
            *(binding(condition=condition) for condition in (plain, ended, folded)),
            binding(condition=plain, members=["user:Ada@Example.com\n"]),
            binding(condition=ended, members=["user:bob@example.com"]),
            binding(condition={**plain, "description": "another"}),
        ]
    )
    assert [result["changed"] for result in results] == [False, False, False, False, True, True]
    policy = given.call(
        f"secretmanager/v1/projects/{PROJECT}/secrets/{SECRET_ID}:getIamPolicy?options.requestedPolicyVersion=3"
    )
    assert [one["members"] for one in policy["bindings"]] == [
        ["user:ada@example.com", "user:bob@example.com"],
        ["user:ada@example.com"],
    ]


@pytest.mark.parametrize(("kind", "most"), [("user", 1500), ("group", 250)])
def test_a_policy_that_would_be_too_large(
    ansible: Ansible, cloud: LocalCloud, given: Given, kind: str, most: int
) -> None:
    """Source: the comments on Policy.bindings in google/iam/v1/policy.proto."""
    given.secret(SECRET_ID)
    members = [f"{kind}:m{number}@example.com" for number in range(most + 1)]
    given.policy(SECRET_ID, {"role": "roles/secretmanager.viewer", "members": members[: most - 1]})
    cloud.clear_calls()
    too_many, merged, checked_merged, last, removed = ansible.results(
        [
            checked(binding(members=members)),
            binding(members=members[:2]),
            checked(binding(members=members[:2])),
            binding(members=members[:1]),
            binding(members=members[:1], state="absent"),
        ]
    )
    for result, number in ((too_many, most + 1), (merged, most + 1), (checked_merged, most + 1)):
        assert result["failure"]["code"] == "invalid_input"
        assert f"would name {number} {'principals' if kind == 'user' else 'groups'}" in result["msg"]
        assert f"up to {most} are accepted" in result["msg"]
    assert (last["changed"], removed["changed"]) == (True, True)
    assert calls(cloud, "SetIamPolicy") == 2


REFUSED: list[tuple[dict[str, Any], str]] = [
    ({"annotations": {"-owner": "x"}}, "annotations has the key '-owner'"),
    ({"annotations": {"owner.": "x"}}, "annotations has the key 'owner.'"),
    ({"annotations": {"a b": "x"}}, "annotations has the key 'a b'"),
    ({"annotations": {"x" * 64: "x"}}, "annotations has the key 'xxx"),
    ({"annotations": {"owner": True}}, "annotations.owner is not text"),
    ({"labels": {"team": 1.5}}, "labels.team is not text"),
    ({"labels": {"ä" * 63 + "ß": "x"}}, "labels has the key"),
    ({"labels": {"日" * 43: "x"}}, "labels has the key"),
    ({"labels": {"team": "ʰ"}}, "labels.team is"),
    ({"ttl": "59s"}, "ttl must be from 60s to 100 years"),
    ({"expire_time": "2001-01-01T00:00:00Z"}, "expire_time 2001-01-01T00:00:00Z must be from 60 seconds"),
    ({"rotation": {"rotation_period": "3153600001s"}}, "from 1h to 100 years"),
    (
        {"rotation": {"next_rotation_time": "2001-01-01T00:00:00Z"}, "topics": ["projects/p/topics/rotate"]},
        "rotation.next_rotation_time 2001-01-01T00:00:00Z must be from 300 seconds",
    ),
    ({"replication": {"automatic": {"kms_key_name": "key"}}}, "kms_key_name 'key' is not a key's name"),
    (
        {"replication": {"automatic": {"kms_key_name": "projects/p/locations/europe-west1/keyRings/r/cryptoKeys/k"}}},
        "a key in global is needed here",
    ),
]  # fmt: skip


def test_what_the_service_would_refuse_is_refused_in_check_mode(ansible: Ansible, cloud: LocalCloud) -> None:
    results = ansible.results([checked(task("gcp_secret", secret="new", **options)) for options, _says in REFUSED])
    for result, (_options, says) in zip(results, REFUSED, strict=True):
        assert says in result.get("msg", ""), result
    assert not [call for call in cloud.calls() if call["method"].endswith("CreateSecret")]


def test_another_member_that_was_deleted_meanwhile(ansible: Ansible, cloud: LocalCloud, given: Given) -> None:
    given.secret(SECRET_ID)
    given.policy(SECRET_ID, {"role": ACCESSOR, "members": [GONE]})
    said = f"Service account {GONE.partition(':')[2]} does not exist."

    def refuse() -> None:
        cloud.clear_calls()
        cloud.fault("*.SetIamPolicy", status=400, code="INVALID_ARGUMENT", message=said)

    refuse()
    [added] = ansible.results([binding()])
    assert added["changed"], added
    assert added["iam_binding"]["members"] == [GONE, "user:ada@example.com"]
    assert (calls(cloud, "GetIamPolicy"), calls(cloud, "SetIamPolicy")) == (2, 2)

    refuse()
    [own] = ansible.results([binding(members=[GONE], role="roles/secretmanager.viewer")])
    assert own["msg"].endswith("does not exist: create the account first.")
    assert (calls(cloud, "GetIamPolicy"), calls(cloud, "SetIamPolicy")) == (1, 1)


def test_a_repository_of_artifact_registry_as_the_upstream(ansible: Ansible, cloud: LocalCloud, given: Given) -> None:
    given.readable_secret(SECRET_ID, UPSTREAM_TOKEN)
    inner = f"projects/{PROJECT}/locations/{LOCATION}/repositories/inner"
    remote = {"location": LOCATION, "format": "PYTHON"}
    outer = task("gcp_remote_repository", repository="outer", upstream={"uri": inner}, **remote)
    by_number = inner.replace(PROJECT, NUMBER)
    fetch = {"index_url": f"{cloud.index_host()}/{PROJECT}/outer/simple/", "use_google_credentials": True}
    results = ansible.results(
        [
            task("gcp_remote_repository", repository="inner", upstream={"preset": "PYPI"}, **remote),
            task(
                "gcp_remote_repository_credentials",
                repository="inner",
                location=LOCATION,
                username="__token__",
                secret=SECRET_ID,
                version="1",
            ),
            checked(outer),
            outer,
            outer,
            task("gcp_remote_repository", repository="outer", upstream={"uri": by_number}, **remote),
            task("package_index_info", package="demo-package", download=True, **fetch),
        ]
    )
    assert [result.get("msg") for result in results] == [None] * 7
    assert [result["changed"] for result in results] == [True, True, True, True, False, False, False]
    assert results[3]["remote_repository"]["upstream"]["uri"] == inner
    assert results[-1]["package_index"]["status"] == "readable"
    assert results[-1]["package_index"]["downloaded"]


def test_a_password_that_does_not_exist_is_told_at_once(ansible: Ansible, cloud: LocalCloud, given: Given) -> None:
    given.secret("unreadable", UPSTREAM_TOKEN)
    given.repository("remote")
    login = {"repository": "remote", "location": LOCATION, "username": "__token__", "version": "1"}
    began = time.monotonic()
    nowhere, no_version, kept_waiting = ansible.results(
        [
            task("gcp_remote_repository_credentials", secret="nowhere", **login),
            task("gcp_remote_repository_credentials", **{**login, "secret": "unreadable", "version": "7"}),
            task("gcp_remote_repository_credentials", secret="unreadable", propagation_timeout=1, **login),
        ]
    )
    assert time.monotonic() - began < 60
    assert "projects/demo-project/secrets/nowhere/versions/1 does not exist" in nowhere["msg"]
    assert "projects/demo-project/secrets/unreadable/versions/7 does not exist" in no_version["msg"]
    assert kept_waiting["failure"]["code"] == "not_propagated"
    assert [result["changed"] for result in (nowhere, no_version, kept_waiting)] == [False] * 3


def test_the_default_location(ansible: Ansible, given: Given) -> None:
    given.repository("remote")
    here = {"environment": {"CLOUDSDK_ARTIFACTS_LOCATION": LOCATION}}
    read = task("gcp_remote_repository_info", repository="remote")
    new = {"repository": "new", "format": "PYTHON", "upstream": {"preset": "PYPI"}}
    elsewhere = {**new, "location": "europe-west1"}
    results = ansible.results(
        [
            read,
            {**read, **here},
            {**task("gcp_remote_repository", batch=[new, elsewhere]), **here},
            {**task("gcp_remote_repository_info"), **here},
            task("gcp_remote_repository_info", location=LOCATION),
        ]
    )
    assert "set CLOUDSDK_ARTIFACTS_LOCATION" in results[0]["msg"]
    assert [len(result["remote_repositories"]) for result in results[1:2] + results[3:]] == [1, 3, 2]
    assert [one["remote_repository"]["location"] for one in results[2]["results"]] == [LOCATION, "europe-west1"]


def test_the_location_of_a_role(ansible: Ansible, given: Given) -> None:
    given.readable_secret(SECRET_ID, UPSTREAM_TOKEN)
    new = {"format": "PYTHON", "upstream": {"preset": "PYPI"}}
    roles: list[dict[str, Any]] = [
        {
            "role": f"{COLLECTION}.remote_repository",
            "remote_repository_location": LOCATION,
            "remote_repository_repositories": [
                {"repository": "here", **new},
                {"repository": "there", "location": "europe-west1", **new},
            ],
        },
        {
            "role": f"{COLLECTION}.remote_repository_credentials",
            "remote_repository_credentials_location": LOCATION,
            "remote_repository_credentials_repositories": [
                {"repository": "here", "secret": SECRET_ID, "version": "1"},
                {"repository": "there", "location": "europe-west1", "secret": SECRET_ID, "version": "1"},
            ],
        },
    ]
    for changed in (2, 0):
        run = ansible.play([], roles=roles)
        assert run.code == 0, run.tail
        assert f" changed={changed} " in run.stdout, run.tail
    # What is empty counts as not said, as in an inventory that has it for some hosts only.
    roles[1]["remote_repository_credentials_location"] = None
    run = ansible.play([], roles=roles[1:], env={"CLOUDSDK_ARTIFACTS_LOCATION": LOCATION})
    assert (run.code, " changed=0 " in run.stdout) == (0, True), run.tail


def test_whom_the_environment_acts_as_is_not_for_a_token_of_the_task(ansible: Ansible, cloud: LocalCloud) -> None:
    environment = {"GCP_IMPERSONATE_SERVICE_ACCOUNT": "nobody@demo-project.iam.gserviceaccount.com"}
    own = {**task("gcp_secret_info", secret="s", access_token="user:owner@example.com"), "environment": environment}
    environments = {**task("gcp_secret_info", secret="s"), "environment": environment}
    [ours, theirs] = ansible.results([own, environments])
    assert not ours.get("failed"), ours
    assert "nobody@demo-project" in theirs["msg"]
    callers = [call["caller"] for call in cloud.calls("GetSecret")]
    assert callers == ["user:owner@example.com", "serviceAccount:nobody@demo-project.iam.gserviceaccount.com"]

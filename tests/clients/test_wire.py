# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The wire itself: spellings and mistakes that no client of Google's would send, faults and the call list."""

from __future__ import annotations

import json
import time
import urllib.error
from typing import Any

import pytest
from cloud_control import LocalCloud
from cloud_fixtures import OWNER, PROJECT

SECRETS = f"secretmanager/v1/projects/{PROJECT}/secrets"
REPOSITORIES = f"artifactregistry/v1/projects/{PROJECT}/locations/us-central1/repositories"
GET_SECRET = "google.cloud.secretmanager.v1.SecretManagerService.GetSecret"


def refused(cloud: LocalCloud, verb: str, path: str, body: object = None) -> dict[str, Any]:
    """The error that a call of the owner's gets."""
    with pytest.raises(urllib.error.HTTPError) as error:
        cloud.call(OWNER, verb, path, body)
    answer: dict[str, Any] = json.load(error.value)["error"]
    assert answer["code"] == error.value.code
    return answer


def make(cloud: LocalCloud) -> dict[str, Any]:
    return cloud.call(OWNER, "POST", f"{SECRETS}?secretId=s&alt=json", {"replication": {"automatic": {}}})


def test_enums_come_in_as_names_or_numbers_and_go_out_as_names(cloud: LocalCloud) -> None:
    remote = {"format": 8, "mode": 3, "remoteRepositoryConfig": {"pythonRepository": {"publicRepository": 1}}}
    started = cloud.call(OWNER, "POST", f"{REPOSITORIES}?repositoryId=a&$alt=json;enum-encoding=int", remote)
    assert "done" not in started
    finished = cloud.call(OWNER, "GET", f"artifactregistry/v1/{started['name']}")
    assert finished["done"] is True
    assert finished["metadata"]["@type"].endswith("google.devtools.artifactregistry.v1.OperationMetadata")
    assert finished["response"]["@type"].endswith("google.devtools.artifactregistry.v1.Repository")
    made = cloud.call(OWNER, "GET", f"{REPOSITORIES}/a")
    assert (made["format"], made["mode"]) == ("PYTHON", "REMOTE_REPOSITORY")
    assert made["remoteRepositoryConfig"] == {"pythonRepository": {"publicRepository": "PYPI"}}


@pytest.mark.parametrize(
    ("path", "body"),
    [
        pytest.param(f"{SECRETS}?secretId=a", {"replication": {"automatic": {}}, "colour": "red"}, id="field"),
        pytest.param(f"{SECRETS}?secretId=a&colour=red", {"replication": {"automatic": {}}}, id="parameter"),
        pytest.param(f"{SECRETS}?secretId=a", {"replication": {"automatic": {}, "userManaged": {}}}, id="oneof"),
        pytest.param(f"{SECRETS}?secretId=a", {"ttl": "90s", "expireTime": "2099-01-01T00:00:00Z"}, id="expiration"),
        pytest.param(f"{SECRETS}?secretId=a", {"labels": 3}, id="type"),
        pytest.param(f"{SECRETS}?secretId=a", ["replication"], id="no object"),
        pytest.param(f"{SECRETS}/s:addVersion", {"payload": {"data": "%%%%"}}, id="base64"),
        pytest.param(f"{REPOSITORIES}?repositoryId=a", {"format": "PYHTON"}, id="enum name"),
        pytest.param(f"{REPOSITORIES}?repositoryId=a", {"format": 99}, id="enum number"),
        pytest.param(f"{REPOSITORIES}?repositoryId=a", {"format": 8, "mode": 99}, id="mode"),
    ],
)
def test_what_does_not_fit_the_message(cloud: LocalCloud, path: str, body: object) -> None:
    make(cloud)
    assert refused(cloud, "POST", path, body)["status"] == "INVALID_ARGUMENT"


def test_errors_never_echo_a_payload(cloud: LocalCloud) -> None:
    make(cloud)
    for payload in ({"data": "U0VDUkVU!"}, {"data": {"U0VDUkVU": 1}}, {"data": "U0VDUkVU", "dataCrc32c": "U0VDUkVU"}):
        error = refused(cloud, "POST", f"{SECRETS}/s:addVersion", {"payload": payload})
        assert "U0VDUkVU" not in json.dumps(error)
    assert "U0VDUkVU" not in json.dumps(cloud.calls())


def test_masks_in_both_spellings(cloud: LocalCloud) -> None:
    make(cloud)
    for mask in ("version_destroy_ttl", "versionDestroyTtl"):
        changed = cloud.call(OWNER, "PATCH", f"{SECRETS}/s?updateMask={mask}", {"versionDestroyTtl": "86400s"})
        assert changed["versionDestroyTtl"] == "86400s"
        cleared = cloud.call(OWNER, "PATCH", f"{SECRETS}/s?updateMask={mask}", {})
        assert "versionDestroyTtl" not in cleared


def test_too_much_is_refused(cloud: LocalCloud) -> None:
    make(cloud)
    error = refused(cloud, "POST", f"{SECRETS}/s:addVersion", {"payload": {"data": "QUFB" * 2_000_000}})
    assert error["status"] == "INVALID_ARGUMENT"


def test_reset_brings_the_beginning_back(cloud: LocalCloud) -> None:
    make(cloud)
    cloud.add_project("other-project", "210987654321", OWNER)
    cloud.fault("*", status=500)
    cloud.delay_propagation(60)
    cloud.reset()
    assert cloud.calls() == []
    assert cloud.call(OWNER, "GET", SECRETS) == {}
    assert refused(cloud, "GET", "cloudresourcemanager/v1/projects/other-project")["status"] == "PERMISSION_DENIED"


def test_unknown_paths(cloud: LocalCloud) -> None:
    assert refused(cloud, "GET", "secretmanager/v2/projects/p/secrets")["status"] == "NOT_FOUND"
    assert refused(cloud, "PUT", f"{SECRETS}/s", {})["status"] == "NOT_FOUND"


def test_faults_before_and_after_the_work(cloud: LocalCloud) -> None:
    cloud.fault("*.CreateSecret", status=503, code="UNAVAILABLE", message="later", retry_after=7)
    with pytest.raises(urllib.error.HTTPError) as unavailable:
        make(cloud)
    assert unavailable.value.headers["Retry-After"] == "7"
    assert json.load(unavailable.value)["error"] == {"code": 503, "message": "later", "status": "UNAVAILABLE"}
    assert refused(cloud, "GET", f"{SECRETS}/s")["status"] == "NOT_FOUND"

    cloud.fault("*.CreateSecret", status=500, after=True)
    with pytest.raises(urllib.error.HTTPError, match="500"):
        make(cloud)
    # The answer was lost, not the write.
    assert cloud.call(OWNER, "GET", f"{SECRETS}/s")["name"].endswith("/secrets/s")
    assert [call["status"] for call in cloud.calls("CreateSecret")] == [503, 500]


def test_faults_are_counted_and_can_be_delays(cloud: LocalCloud) -> None:
    make(cloud)
    cloud.fault(GET_SECRET, count=2, status=429)
    for _try in range(2):
        assert refused(cloud, "GET", f"{SECRETS}/s")["status"] == "RESOURCE_EXHAUSTED"
    cloud.call(OWNER, "GET", f"{SECRETS}/s")
    cloud.fault(GET_SECRET, count=None, latency=0.2)
    started = time.monotonic()
    cloud.call(OWNER, "GET", f"{SECRETS}/s")
    cloud.call(OWNER, "GET", f"{SECRETS}/s")
    assert 0.4 <= time.monotonic() - started < 2
    cloud.clear_faults()
    started = time.monotonic()
    cloud.call(OWNER, "GET", f"{SECRETS}/s")
    assert time.monotonic() - started < 0.2
    with pytest.raises(urllib.error.HTTPError, match="400"):
        cloud.control("POST", "faults", {"methods": "x"})


def test_call_list(cloud: LocalCloud) -> None:
    make(cloud)
    refused(cloud, "GET", f"{SECRETS}/missing")
    methods = "google.cloud.secretmanager.v1.SecretManagerService"
    project = f"projects/{PROJECT}"
    assert cloud.calls() == [
        {"method": f"{methods}.CreateSecret", "resource": project, "caller": OWNER, "status": 200},
        {"method": f"{methods}.GetSecret", "resource": f"{project}/secrets/missing", "caller": OWNER, "status": 404},
    ]
    cloud.clear_calls()
    assert cloud.calls() == []

# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""gcloud secrets …-iam-policy…, with global secrets and with regional ones, with conditions and without."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from cloud_control import LocalCloud
from cloud_fixtures import AGENT, Gcloud

ACCESSOR = "roles/secretmanager.secretAccessor"
READER = "user:reader@example.com"
SCOPES = pytest.mark.parametrize(
    "flags",
    [
        pytest.param((), id="global"),
        pytest.param(("--location=us-central1",), id="regional"),
    ],
)


@pytest.mark.thorough
def test_bindings_without_condition(gcloud: Gcloud) -> None:
    gcloud("secrets", "create", "api-token", "--data-file=-", stdin="value")
    read = ("secrets", "versions", "access", "1", "--secret=api-token")
    assert "secretmanager.versions.access" in gcloud(*read, caller=READER, fails=True).stderr
    before = gcloud("secrets", "get-iam-policy", "api-token", "--format=json").json()
    assert before == {"etag": "ACAB"}

    binding = ("api-token", f"--member={READER}", f"--role={ACCESSOR}")
    after = gcloud("secrets", "add-iam-policy-binding", *binding, "--format=json").json()
    assert after["bindings"] == [{"role": ACCESSOR, "members": [READER]}]
    assert after["version"] == 1
    assert gcloud(*read, caller=READER).stdout == "value"

    gone = gcloud("secrets", "remove-iam-policy-binding", *binding, "--format=json").json()
    assert "bindings" not in gone
    assert gone["etag"] != after["etag"]
    gcloud(*read, caller=READER, fails=True)


@pytest.mark.thorough
@SCOPES
def test_bindings_with_condition(gcloud: Gcloud, flags: tuple[str, ...]) -> None:
    gcloud("secrets", "create", "api-token", "--data-file=-", *flags, stdin="value")
    binding = ("api-token", f"--member={READER}", f"--role={ACCESSOR}", *flags)
    past = '--condition=expression=request.time < timestamp("2020-01-01T00:00:00Z"),title=past'
    future = '--condition=expression=request.time < timestamp("2099-01-01T00:00:00Z"),title=future,description=d'
    read = ("secrets", "versions", "access", "1", "--secret=api-token", *flags)

    gcloud("secrets", "add-iam-policy-binding", *binding, past)
    gcloud(*read, caller=READER, fails=True)
    gcloud("secrets", "add-iam-policy-binding", *binding, future)
    assert gcloud(*read, caller=READER).stdout == "value"
    policy = gcloud("secrets", "get-iam-policy", "api-token", "--format=json", *flags).json()
    assert policy["version"] == 3
    assert [binding["condition"]["title"] for binding in policy["bindings"]] == ["past", "future"]

    gcloud("secrets", "remove-iam-policy-binding", *binding, future)
    left = gcloud("secrets", "get-iam-policy", "api-token", "--format=json", *flags).json()
    assert [binding["condition"]["title"] for binding in left["bindings"]] == ["past"]
    gcloud(*read, caller=READER, fails=True)


def test_whole_policy_and_lost_race(gcloud: Gcloud, tmp_path: Path) -> None:
    gcloud("secrets", "create", "api-token")
    file = tmp_path / "policy.json"
    file.write_text(json.dumps({"bindings": [{"role": ACCESSOR, "members": [READER]}], "etag": "ACAB"}))
    written = gcloud("secrets", "set-iam-policy", "api-token", str(file), "--format=json").json()
    assert written["bindings"] == [{"role": ACCESSOR, "members": [READER]}]
    # The file still has the etag of the policy as it was before.
    lost = gcloud("secrets", "set-iam-policy", "api-token", str(file), fails=True)
    assert "There were concurrent policy changes" in lost.stderr


def test_service_agent_must_exist(cloud: LocalCloud, gcloud: Gcloud) -> None:
    gcloud("secrets", "create", "api-token")
    binding = ("secrets", "add-iam-policy-binding", "api-token", f"--member={AGENT}", f"--role={ACCESSOR}")
    refused = gcloud(*binding, fails=True)
    assert f"Service account {AGENT.removeprefix('serviceAccount:')} does not exist." in refused.stderr
    made = gcloud(
        "beta", "services", "identity", "create", "--service=artifactregistry.googleapis.com", "--format=json"
    )
    assert made.json()["email"] == AGENT.removeprefix("serviceAccount:")
    gcloud(*binding)
    methods = [call["method"].rpartition(".")[2] for call in cloud.calls() if call["status"] == 200]
    assert methods[-3:] == ["GenerateServiceIdentity", "GetIamPolicy", "SetIamPolicy"]

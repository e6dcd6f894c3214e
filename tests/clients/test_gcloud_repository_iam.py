# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""gcloud artifacts repositories …-iam-policy…, and what its bindings let callers fetch."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from pathlib import Path

import pytest
from cloud_control import LocalCloud
from cloud_fixtures import OWNER, PROJECT, Gcloud

HERE = "--location=us-central1"
REPOSITORIES = ("artifacts", "repositories")
READER, WRITER = "roles/artifactregistry.reader", "roles/artifactregistry.writer"
ADA, GRACE = "user:ada@example.com", "user:grace@example.com"
NAME = f"projects/{PROJECT}/locations/us-central1/repositories/mirror"


@pytest.fixture
def mirror(cloud: LocalCloud, granted: str) -> str:
    """The URL of a page of a remote repository, which logs in upstream."""
    login = {"username": "__token__", "passwordSecretVersion": granted}
    remote = {
        "pythonRepository": {"publicRepository": "PYPI"},
        "upstreamCredentials": {"usernamePasswordCredentials": login},
    }
    body = {"format": "PYTHON", "mode": "REMOTE_REPOSITORY", "remoteRepositoryConfig": remote}
    parent, _slash, name = NAME.rpartition("/")
    cloud.call(OWNER, "POST", f"artifactregistry/v1/{parent}?repositoryId={name}", body)
    return f"{cloud.index_host()}/{PROJECT}/mirror/simple/demo-package/"


def status(page: str, caller: str | None) -> int:
    headers = {"Authorization": f"Bearer {caller}"} if caller else {}
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(urllib.request.Request(page, headers=headers), timeout=10) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code


@pytest.mark.thorough
def test_bindings_decide_who_may_fetch(gcloud: Gcloud, mirror: str) -> None:
    empty = gcloud(*REPOSITORIES, "get-iam-policy", "mirror", HERE, "--format=json").json()
    assert empty == {"etag": "ACAB"}
    assert [status(mirror, caller) for caller in (OWNER, ADA, None)] == [200, 403, 401]

    binding = ("mirror", HERE, f"--member={ADA}", f"--role={READER}")
    after = gcloud(*REPOSITORIES, "add-iam-policy-binding", *binding, "--format=json").json()
    assert after["bindings"] == [{"role": READER, "members": [ADA]}]
    assert [status(mirror, caller) for caller in (ADA, GRACE)] == [200, 403]

    gcloud(
        *REPOSITORIES, "add-iam-policy-binding", "mirror", HERE, "--member=allAuthenticatedUsers", f"--role={READER}"
    )
    assert [status(mirror, caller) for caller in (GRACE, None)] == [200, 401]
    gcloud(*REPOSITORIES, "add-iam-policy-binding", "mirror", HERE, "--member=allUsers", f"--role={READER}")
    assert [status(mirror, caller) for caller in (GRACE, None, "garbled")] == [200, 200, 401]
    for member in "allUsers", "allAuthenticatedUsers":
        gcloud(*REPOSITORIES, "remove-iam-policy-binding", "mirror", HERE, f"--member={member}", f"--role={READER}")
    gone = gcloud(*REPOSITORIES, "remove-iam-policy-binding", *binding, "--format=json").json()
    assert "bindings" not in gone
    assert gone["etag"] != after["etag"]
    assert status(mirror, ADA) == 403


def test_the_project_s_policy_counts_too(gcloud: Gcloud, mirror: str) -> None:
    binding = (PROJECT, f"--member={ADA}", f"--role={READER}")
    gcloud("projects", "add-iam-policy-binding", *binding)
    assert [status(mirror, caller) for caller in (ADA, GRACE)] == [200, 403]
    gcloud("projects", "remove-iam-policy-binding", *binding)
    assert status(mirror, ADA) == 403


def test_whole_policy_and_lost_race(gcloud: Gcloud, mirror: str, tmp_path: Path) -> None:
    file = tmp_path / "policy.json"
    file.write_text(json.dumps({"bindings": [{"role": WRITER, "members": [ADA]}], "etag": "ACAB"}))
    written = gcloud(*REPOSITORIES, "set-iam-policy", "mirror", str(file), HERE, "--format=json").json()
    assert written["bindings"] == [{"role": WRITER, "members": [ADA]}]
    assert status(mirror, ADA) == 200
    # The file still has the etag of the policy as it was before.
    lost = gcloud(*REPOSITORIES, "set-iam-policy", "mirror", str(file), HERE, fails=True)
    assert "There were concurrent policy changes" in lost.stderr


def test_conditions_are_not_lost_by_who_does_not_ask_for_them(cloud: LocalCloud, gcloud: Gcloud, mirror: str) -> None:
    """gcloud neither asks for version 3 of a repository's policy nor sends it, so it sees no condition, and can write none back."""
    condition = {"title": "past", "expression": 'request.time < timestamp("2020-01-01T00:00:00Z")'}
    policy = {"version": 3, "bindings": [{"role": READER, "members": [ADA], "condition": condition}]}
    cloud.call(OWNER, "POST", f"artifactregistry/v1/{NAME}:setIamPolicy", {"policy": policy})
    assert status(mirror, ADA) == 403
    seen = gcloud(*REPOSITORIES, "get-iam-policy", "mirror", HERE, "--format=json").json()
    assert seen["bindings"][0]["role"].startswith(f"{READER}_withcond_")
    assert "condition" not in seen["bindings"][0]
    binding = ("mirror", HERE, f"--member={GRACE}", f"--role={READER}")
    refused = gcloud(*REPOSITORIES, "add-iam-policy-binding", *binding, fails=True)
    assert "_withcond_" in refused.stderr
    kept = cloud.call(OWNER, "GET", f"artifactregistry/v1/{NAME}:getIamPolicy?options.requestedPolicyVersion=3")
    assert kept["bindings"] == policy["bindings"]
    new = f"--condition=expression={condition['expression']},title=past"
    cloud.call(OWNER, "POST", f"artifactregistry/v1/{NAME}:setIamPolicy", {"policy": {}})
    assert "must have version 3" in gcloud(*REPOSITORIES, "add-iam-policy-binding", *binding, new, fails=True).stderr


def test_who_may_see_and_set_the_policy(gcloud: Gcloud, mirror: str) -> None:
    """Google's role reference: the repository's administrator by name may not, the viewer may look."""
    roles = {ADA: "roles/artifactregistry.repoAdmin", GRACE: "roles/artifactregistry.viewer"}
    for member, role in roles.items():
        gcloud(*REPOSITORIES, "add-iam-policy-binding", "mirror", HERE, f"--member={member}", f"--role={role}")
    get = (*REPOSITORIES, "get-iam-policy", "mirror", HERE)
    assert "artifactregistry.repositories.getIamPolicy" in gcloud(*get, caller=ADA, fails=True).stderr
    gcloud(*get, caller=GRACE)
    add = (*REPOSITORIES, "add-iam-policy-binding", "mirror", HERE, "--member=user:x@example.com", f"--role={READER}")
    assert "artifactregistry.repositories.setIamPolicy" in gcloud(*add, caller=GRACE, fails=True).stderr
    assert status(mirror, ADA) == 200

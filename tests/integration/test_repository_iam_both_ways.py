# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Roles on repositories: what the real gcloud granted, the module leaves as it is, the other way round, and both at once."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Event

import pytest
from cloud_control import LocalCloud
from cloud_fixtures import Gcloud
from harness import Ansible, Given, task

pytestmark = pytest.mark.thorough

READER, WRITER = "roles/artifactregistry.reader", "roles/artifactregistry.writer"
HERE = "--location=us-central1"
REPOSITORY = {"repository": "private", "location": "us-central1"}
POLICY = ("artifacts", "repositories", "get-iam-policy", "private", HERE, "--format=json")


def add(gcloud: Gcloud, member: str, role: str = READER) -> None:
    """gcloud does not try again when it loses a race, so its user does."""
    while True:
        try:
            gcloud(
                "artifacts",
                "repositories",
                "add-iam-policy-binding",
                "private",
                HERE,
                f"--role={role}",
                f"--member={member}",
            )
            return
        except pytest.fail.Exception as failure:
            if "There were concurrent policy changes" not in str(failure):
                raise


def test_both_ways(ansible: Ansible, cloud: LocalCloud, gcloud: Gcloud, given: Given) -> None:
    given.repository("private", mode="STANDARD_REPOSITORY")
    add(gcloud, "user:ada@example.com")
    add(gcloud, "group:release@example.com", WRITER)
    cloud.clear_calls()
    ours = {"role": READER, "members": ["serviceAccount:build@demo-project.iam.gserviceaccount.com"]}
    left, bound, info = ansible.results(
        [
            task(
                "gcp_repository_iam_binding",
                role=WRITER,
                members=["group:release@example.com"],
                exclusive=True,
                **REPOSITORY,
            ),
            task("gcp_repository_iam_binding", **ours, **REPOSITORY),
            task("gcp_repository_iam_info", **REPOSITORY),
        ]
    )
    assert not left["changed"]
    assert bound["changed"]
    seen = gcloud(*POLICY).json()["bindings"]
    assert seen == [
        {"role": READER, "members": ["user:ada@example.com", *ours["members"]]},
        {"role": WRITER, "members": ["group:release@example.com"]},
    ]
    assert [{key: one[key] for key in ("role", "members")} for one in info["repository_iam"]["bindings"]] == seen
    assert [call["method"].rpartition(".")[2] for call in cloud.calls("SetIamPolicy")] == ["SetIamPolicy"]


def test_a_whole_policy_of_gcloud_is_left_and_what_the_module_bound_is_taken_back(
    ansible: Ansible, cloud: LocalCloud, gcloud: Gcloud, given: Given, tmp_path: Path
) -> None:
    given.repository("private", mode="STANDARD_REPOSITORY")
    ada, grace = "user:ada@example.com", "user:grace@example.com"
    file = tmp_path / "policy.json"
    file.write_text(
        json.dumps({"bindings": [{"role": READER, "members": [ada]}, {"role": WRITER, "members": [grace]}]})
    )
    gcloud("artifacts", "repositories", "set-iam-policy", "private", str(file), HERE)
    [left, _bound] = ansible.results(
        [
            task("gcp_repository_iam_binding", role=READER, members=[ada], exclusive=True, **REPOSITORY),
            task("gcp_repository_iam_binding", role=READER, members=[grace], **REPOSITORY),
        ]
    )
    assert not left["changed"]
    taken = ("artifacts", "repositories", "remove-iam-policy-binding", "private", HERE)
    gcloud(*taken, f"--role={READER}", f"--member={grace}")
    cloud.clear_calls()
    [gone] = ansible.results(
        [task("gcp_repository_iam_binding", role=READER, members=[grace], state="absent", **REPOSITORY)]
    )
    assert not gone["changed"]
    assert cloud.calls("SetIamPolicy") == []
    assert gcloud(*POLICY).json()["bindings"] == [
        {"role": READER, "members": [ada]},
        {"role": WRITER, "members": [grace]},
    ]


def test_nobody_is_lost_when_both_write(ansible: Ansible, cloud: LocalCloud, gcloud: Gcloud, given: Given) -> None:
    given.repository("private", mode="STANDARD_REPOSITORY")
    # Writes that take their time, so that the other one writes between a read and its write.
    cloud.fault("*.SetIamPolicy", count=None, latency=1)
    ended = Event()
    ours = [f"user:ours{number}@example.com" for number in range(5)]
    theirs: list[str] = []

    def other() -> None:
        while not ended.is_set():
            theirs.append(f"user:theirs{len(theirs)}@example.com")
            add(gcloud, theirs[-1])

    with ThreadPoolExecutor() as pool:
        running = pool.submit(other)
        try:
            results = ansible.results(
                task("gcp_repository_iam_binding", role=READER, members=[member], **REPOSITORY) for member in ours
            )
        finally:
            ended.set()
        running.result()
    assert [(result["failed"], result["changed"]) for result in results] == [(False, True)] * 5, results
    assert 409 in [call["status"] for call in cloud.calls("SetIamPolicy")], "there was no race"
    [binding] = gcloud(*POLICY).json()["bindings"]
    assert sorted(binding["members"]) == sorted([*theirs, *ours])

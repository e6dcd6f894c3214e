# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What gcp_repository_access_info says that callers may do, and what the local cloud, which decides by rules of its own, lets them do."""

from __future__ import annotations

from typing import Any

from cloud_control import LocalCloud
from cloud_fixtures import PROJECT
from harness import Ansible, Given, task

LOCATION = f"projects/{PROJECT}/locations/us-central1"
AR = "roles/artifactregistry."
ADA, BOB, CAROL, DAVE = (f"user:{name}@example.net" for name in ("ada", "bob", "carol", "dave"))
BUILD = f"serviceAccount:build@{PROJECT}.iam.gserviceaccount.com"
CALLERS = [ADA, BOB, CAROL, DAVE, BUILD, "user:eve@example.org"]
TYPE = 'resource.type == "artifactregistry.googleapis.com/Repository"'
SOME = f'{TYPE} && resource.name.startsWith("{LOCATION}/repositories/e")'
BUCKETS = 'resource.type == "storage.googleapis.com/Bucket"'
POLICIES: dict[str, list[dict[str, Any]]] = {
    "private": [
        {"role": f"{AR}reader", "members": [ADA, BUILD]},
        {"role": f"{AR}repoAdmin", "members": [BOB]},
        {"role": f"{AR}createOnPushWriter", "members": [DAVE]},
    ],
    "shared": [
        {"role": f"{AR}reader", "members": ["allAuthenticatedUsers"]},
        {"role": f"{AR}admin", "members": ["user:ADA@example.net"]},
        {"role": f"{AR}writer", "members": ["domain:example.org", "group:ops@example.net"]},
    ],
    "empty": [],
}
OF_PROJECT: list[dict[str, Any]] = [
    {"role": "roles/owner", "members": ["user:owner@example.com"]},
    {"role": "roles/editor", "members": [CAROL]},
    {"role": "roles/iam.securityAdmin", "members": [DAVE]},
    {"role": f"{AR}writer", "members": [BUILD], "condition": {"title": "these", "expression": SOME}},
    {"role": f"{AR}admin", "members": [BUILD], "condition": {"title": "others", "expression": BUCKETS}},
    {"role": "projects/demo-project/roles/ours", "members": [BOB]},
]  # fmt: skip
#: The permissions of each access that the local cloud knows.
PERMISSIONS = {
    "read": ["repositories.downloadArtifacts"],
    "publish": ["repositories.uploadArtifacts"],
    "maintain": ["repositories.deleteArtifacts", "packages.delete", "versions.delete"],
    "administer": ["repositories.setIamPolicy", "repositories.update", "repositories.delete"],
}


def test_answers_are_what_happens(ansible: Ansible, cloud: LocalCloud, given: Given) -> None:
    for name, bindings in POLICIES.items():
        given.repository(name, mode="STANDARD_REPOSITORY")
        path = f"artifactregistry/v1/{LOCATION}/repositories/{name}"
        given.call(f"{path}:setIamPolicy", {"policy": {"version": 3, "bindings": bindings}})
    policy = {"policy": {"version": 3, "bindings": OF_PROJECT}}
    given.call(f"cloudresourcemanager/v3/projects/{PROJECT}:setIamPolicy", policy)
    (result,) = ansible.results([task("gcp_repository_access_info", location="us-central1", callers=CALLERS)])
    assert not result["failed"], result
    said: dict[tuple[str, str], dict[str, Any]] = {
        (who["principal"], name): row
        for row in result["access"]["repository_access"]
        for who in row["principals"]
        for name in who["repositories"]
    }
    decided = 0
    for name in POLICIES:
        for caller in CALLERS:
            row = said[caller, f"us-central1/{name}"]
            for access, permissions in PERMISSIONS.items():
                answer = row["access"][access]
                parts = row.get("only_actions", {}).get(access, permissions)
                happens = _held(cloud, caller, name, permissions)
                where = (caller, name, access, row)
                if answer == "allowed":
                    assert happens == set(permissions) & set(parts), where
                elif answer == "denied":
                    assert happens == set(), where
                decided += answer != "depends"
    # Of Bob a custom role is not known, and of a user of the domain whether they belong to it; of all others something is decided.
    assert decided > len(POLICIES) * len(CALLERS) * 2


def _held(cloud: LocalCloud, caller: str, name: str, permissions: list[str]) -> set[str]:
    """What the service says to the caller of their own permissions."""
    asked = {"permissions": [f"artifactregistry.{permission}" for permission in permissions]}
    path = f"artifactregistry/v1/{LOCATION}/repositories/{name}:testIamPermissions"
    answer = cloud.call(caller, "POST", path, asked)
    return {permission.partition(".")[2] for permission in answer.get("permissions", [])}

# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from google.iam.v1 import iam_policy_pb2, policy_pb2

from local_cloud.platform.errors import ApiError
from local_cloud.services.iam.conditions import Subject, check_expression, holds
from local_cloud.services.iam.decision import Guarded, allowed
from local_cloud.services.iam.members import ANONYMOUS, check_member, stands_for
from local_cloud.services.iam.policies import EMPTY_ETAG, PolicyHolder, grantable_on, grantable_on_project
from local_cloud.services.iam.roles import ROLES

NOW = datetime(2026, 7, 1, 12, tzinfo=UTC)
SECRET = Subject("projects/1/secrets/s", "secretmanager.googleapis.com/Secret", "secretmanager.googleapis.com")
ACCESSOR, ACCESS = "roles/secretmanager.secretAccessor", "secretmanager.versions.access"
A, B = "user:a@example.com", "user:b@example.com"


def write(holder: PolicyHolder, *bindings: dict[str, Any], **more: Any) -> policy_pb2.Policy:
    now, delay, mask = more.pop("now", 0.0), more.pop("delay", 0.0), more.pop("mask", [])
    policy = policy_pb2.Policy(bindings=[policy_pb2.Binding(**binding) for binding in bindings], **more)
    return holder.write(
        iam_policy_pb2.SetIamPolicyRequest(policy=policy, update_mask={"paths": mask}),
        service_agents={"service-1@gcp-sa-artifactregistry.iam.gserviceaccount.com"},
        grantable=grantable_on("secretmanager"),
        now=now,
        delay=delay,
    )


def bind(*members: str, **more: Any) -> dict[str, Any]:
    return {"role": ACCESSOR, "members": members, **more}


@pytest.mark.parametrize(
    "member",
    [
        A,
        "serviceAccount:ci@demo-project.iam.gserviceaccount.com",
        "serviceAccount:pool.svc.id.goog@example.com[space/name]",
        "serviceAccount:demo-project.svc.id.goog[space/name]",
        "group:g@example.com",
        "domain:example.com",
        "allUsers",
        "projectOwner:demo-project",
        "principalSet://iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/p/group/g",
        "deleted:user:a@example.com?uid=123",
        "serviceAccount:service-1@gcp-sa-artifactregistry.iam.gserviceaccount.com",
    ],
)
def test_members(member: str) -> None:
    check_member(member, {"service-1@gcp-sa-artifactregistry.iam.gserviceaccount.com"})


@pytest.mark.parametrize("member", ["", "a@example.com", "user:a", "deleted:user:a@example.com", "user: a@example.com"])
def test_malformed_members(member: str) -> None:
    with pytest.raises(ApiError, match="Invalid member"):
        check_member(member, ())


def test_service_agent_that_nobody_made() -> None:
    email = "service-2@gcp-sa-artifactregistry.iam.gserviceaccount.com"
    with pytest.raises(ApiError) as refused:
        check_member(f"serviceAccount:{email}", ())
    assert refused.value.message == f"Service account {email} does not exist."


@pytest.mark.parametrize(
    ("member", "caller", "expected"),
    [
        (A, A, True),
        (A, "user:A@Example.com", True),
        (A, B, False),
        ("allUsers", B, True),
        ("allAuthenticatedUsers", B, True),
        ("allUsers", ANONYMOUS, True),
        ("allAuthenticatedUsers", ANONYMOUS, False),
        ("domain:example.com", B, True),
        ("domain:example.com", "user:b@notexample.com", False),
        ("deleted:user:a@example.com?uid=1", A, False),
        ("group:a@example.com", A, False),
    ],
)
def test_whom_a_member_stands_for(member: str, caller: str, expected: bool) -> None:
    assert stands_for(member, caller) is expected


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ('request.time < timestamp("2026-07-01T12:00:01Z")', True),
        ('request.time < timestamp("2026-07-01T12:00:00Z")', False),
        ('request.time.getHours("Europe/Berlin") == 14', True),
        ('resource.name == "projects/1/secrets/s" && resource.service == "secretmanager.googleapis.com"', True),
        ('resource.type == "secretmanager.googleapis.com/SecretVersion" || false', False),
        ("resource.missing == 1", False),
        ("1", False),
        ('"text"', False),
    ],
)
def test_conditions(expression: str, expected: bool) -> None:
    assert holds(expression, SECRET, NOW) is expected


def test_condition_that_is_not_cel() -> None:
    with pytest.raises(ApiError, match="does not compile"):
        check_expression("request.time <")


def test_etags_and_versions() -> None:
    holder = PolicyHolder()
    assert holder.read(3).etag == EMPTY_ETAG
    first = write(holder, bind(A), etag=EMPTY_ETAG)
    assert first.version == 1
    with pytest.raises(ApiError) as lost:
        write(holder, bind(B), etag=EMPTY_ETAG)
    assert (lost.value.code, lost.value.http_status) == ("ABORTED", 409)
    assert write(holder).etag not in {EMPTY_ETAG, first.etag}
    assert write(holder, bind(A, condition={"title": "t", "expression": "true"}), version=3).version == 3


@pytest.mark.parametrize(
    ("binding", "version"),
    [
        (bind(A, condition={"title": "t", "expression": "true"}), 1),
        (bind(A, condition={"title": "t", "expression": "true"}), 2),
        (bind(A, condition={"title": "", "expression": "true"}), 3),
        (bind(A, condition={"title": "t", "expression": ""}), 3),
        ({"role": "roles/no.such", "members": [A]}, 1),
        ({"role": "roles/artifactregistry.reader", "members": [A]}, 1),
        ({"role": f"{ACCESSOR}_withcond_0123456789abcdef0123", "members": [A]}, 1),
        (bind("nobody"), 1),
    ],
)
def test_refused_policies_change_nothing(binding: dict[str, Any], version: int) -> None:
    holder = PolicyHolder()
    before = write(holder, bind(A))
    with pytest.raises(ApiError) as refused:
        write(holder, binding, version=version)
    assert refused.value.code == "INVALID_ARGUMENT"
    assert holder.current == before


def test_bindings_are_joined_by_role_and_condition() -> None:
    condition = {"title": "t", "expression": "true"}
    written = write(PolicyHolder(), bind(A), bind(B, A), bind(A, condition=condition), bind(), version=3)
    assert [(list(binding.members), binding.condition.title) for binding in written.bindings] == [
        ([A, B], ""),
        ([A], "t"),
    ]


def test_mask_without_bindings_keeps_them() -> None:
    holder = PolicyHolder()
    write(holder, bind(A))
    assert write(holder, bind(B), mask=["etag"]).bindings[0].members == [A]
    with pytest.raises(ApiError):
        write(holder, mask=["colour"])


def test_effect_after_the_delay() -> None:
    holder = PolicyHolder()
    write(holder, bind(A), now=100, delay=0)
    write(holder, bind(B), now=110, delay=30)
    assert holder.read(3).bindings[0].members == [B]
    for now, expected in ((99, []), (100, [A]), (139, [A]), (140, [B])):
        bindings = holder.effective(now).bindings
        assert [member for binding in bindings for member in binding.members] == expected


def test_a_later_policy_without_delay_wins_at_once() -> None:
    holder = PolicyHolder()
    write(holder, bind(A), now=100, delay=30)
    write(holder, bind(B), now=101, delay=0)
    assert holder.effective(102).bindings[0].members == [B]
    assert holder.effective(200).bindings[0].members == [B]


def test_resource_and_project_policies_add_up() -> None:
    project, secret = PolicyHolder(), PolicyHolder()
    resource = Guarded(SECRET, [project, secret])
    assert not allowed(A, ACCESS, resource, NOW)
    write(secret, bind(A))
    write(project, {"role": "roles/secretmanager.admin", "members": [B]})
    assert allowed(A, ACCESS, resource, NOW)
    assert allowed(B, ACCESS, resource, NOW)
    assert not allowed(A, "secretmanager.versions.add", resource, NOW)


def test_roles() -> None:
    assert ACCESS not in ROLES["roles/editor"]
    assert "resourcemanager.projects.get" in ROLES["roles/secretmanager.admin"]
    assert all(permissions <= ROLES["roles/owner"] for permissions in ROLES.values())
    # Google's role reference: who may delete packages may neither read nor set policies, and a first push creates no other repositories.
    assert "artifactregistry.packages.delete" in ROLES["roles/artifactregistry.repoAdmin"]
    assert not {p for p in ROLES["roles/artifactregistry.repoAdmin"] if p.endswith("IamPolicy")}
    assert "artifactregistry.repositories.create" not in ROLES["roles/artifactregistry.createOnPushWriter"]
    assert grantable_on_project("roles/storage.admin")
    assert not grantable_on("secretmanager")("roles/storage.admin")
    assert grantable_on("secretmanager")("projects/p/roles/custom")

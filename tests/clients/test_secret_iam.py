# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Policies of secrets and projects through Google's Python clients."""

from __future__ import annotations

import time
from typing import Any

import pytest
from cloud_control import LocalCloud
from cloud_fixtures import AGENT, OWNER, PROJECT, SERVICE_IDENTITY
from google.api_core.exceptions import BadRequest, Conflict, Forbidden
from google.iam.v1.policy_pb2 import Policy
from google_clients import Clients

ACCESSOR = "roles/secretmanager.secretAccessor"
READER = "user:reader@example.com"
NEVER = {"title": "never", "expression": "false"}


@pytest.fixture
def secret(secret_manager: Clients) -> str:
    """A secret with one version."""
    client = secret_manager()
    made = client.create_secret(
        request={
            "parent": f"projects/{PROJECT}",
            "secret_id": "s",
            "secret": {"replication": {"automatic": {}}},
        }
    )
    client.add_secret_version(request={"parent": made.name, "payload": {"data": b"payload"}})
    return made.name


def read(client: Any, resource: str, version: int = 3) -> Policy:
    options = {"requested_policy_version": version}
    return client.get_iam_policy(request={"resource": resource, "options": options})


def bind(*members: str, role: str = ACCESSOR, **more: Any) -> dict[str, Any]:
    return {"role": role, "members": list(members), **more}


def write(client: Any, resource: str, *bindings: dict[str, Any], **policy: Any) -> Policy:
    return client.set_iam_policy(request={"resource": resource, "policy": {"bindings": bindings, **policy}})


def may_read(client: Any, secret: str) -> bool:
    try:
        client.access_secret_version(name=f"{secret}/versions/1")
    except Forbidden:
        return False
    return True


def test_lost_race_and_blind_overwrite(secret_manager: Clients, secret: str) -> None:
    client = secret_manager()
    before = read(client, secret)
    after = write(client, secret, bind(READER), etag=before.etag)
    assert after.etag != before.etag
    with pytest.raises(Conflict, match="There were concurrent policy changes") as lost:
        write(client, secret, bind("user:b@example.com"), etag=before.etag)
    assert lost.value.response.json()["error"]["status"] == "ABORTED"
    assert write(client, secret).bindings == []


def test_conditions_need_version_3(secret_manager: Clients, secret: str) -> None:
    client = secret_manager()
    with pytest.raises(BadRequest, match="version 3"):
        write(client, secret, bind(READER, condition=NEVER), version=1)
    written = write(client, secret, bind(READER, condition=NEVER), bind(READER), version=3)
    assert written.version == 3
    hidden = read(client, secret, version=1)
    assert hidden.version == 1
    assert hidden.bindings[0].role.startswith(f"{ACCESSOR}_withcond_")
    assert not hidden.bindings[0].HasField("condition")
    assert hidden.bindings[1].role == ACCESSOR
    # So that nobody can write back as unconditional what was hidden.
    with pytest.raises(BadRequest, match="_withcond_"):
        client.set_iam_policy(request={"resource": secret, "policy": hidden})
    with pytest.raises(BadRequest):
        read(client, secret, version=2)


def test_conditions_decide(secret_manager: Clients, secret: str) -> None:
    client, reader = secret_manager(), secret_manager(READER)
    for expression, granted in {
        'request.time < timestamp("2099-01-01T00:00:00Z")': True,
        'request.time < timestamp("2020-01-01T00:00:00Z")': False,
        f'resource.name.startsWith("{secret}/versions/")': True,
        'resource.type == "secretmanager.googleapis.com/SecretVersion"': True,
        'resource.name.endsWith("/versions/2")': False,
        "resource.colour == 1": False,
    }.items():
        condition = {"title": "t", "expression": expression}
        write(client, secret, bind(READER, condition=condition), version=3)
        assert may_read(reader, secret) is granted, expression
    with pytest.raises(BadRequest, match="does not compile"):
        write(client, secret, bind(READER, condition={"title": "t", "expression": "request.time <"}), version=3)


def test_members(cloud: LocalCloud, secret_manager: Clients, secret: str) -> None:
    client = secret_manager()
    for member in ("nobody", "user:", "user:no-at-sign", "robot:a@example.com"):
        with pytest.raises(BadRequest):
            write(client, secret, bind(member))
    with pytest.raises(BadRequest, match=r"Service account service-.* does not exist\."):
        write(client, secret, bind(AGENT))
    cloud.call(OWNER, "POST", SERVICE_IDENTITY)
    gone = "deleted:serviceAccount:old@demo-project.iam.gserviceaccount.com?uid=123456789012345678901"
    written = write(client, secret, bind(AGENT, gone, READER), bind(READER, "domain:example.com"))
    # One role without condition is one binding.
    [binding] = written.bindings
    assert list(binding.members) == [AGENT, gone, READER, "domain:example.com"]
    assert may_read(secret_manager("user:someone@example.com"), secret)
    with pytest.raises(BadRequest, match="not supported"):
        write(client, secret, bind(READER, role="roles/storage.admin"))


def test_roles_hold_what_they_should(secret_manager: Clients, resource_manager: Clients, secret: str) -> None:
    owner, project = resource_manager(), f"projects/{PROJECT}"
    permissions = [
        "resourcemanager.projects.get",
        "secretmanager.secrets.get",
        "secretmanager.secrets.setIamPolicy",
        "secretmanager.versions.access",
        "secretmanager.versions.add",
        "secretmanager.versions.destroy",
    ]
    for role, expected in {
        "roles/viewer": "110000",
        "roles/editor": "110011",
        "roles/secretmanager.admin": "111111",
        "roles/secretmanager.secretAccessor": "100100",
        "roles/secretmanager.secretVersionAdder": "100010",
        "roles/secretmanager.secretVersionManager": "100011",
        "roles/secretmanager.viewer": "110000",
        "roles/storage.admin": "000000",
    }.items():
        policy = owner.get_iam_policy(resource=project)
        del policy.bindings[1:]
        policy.bindings.add(role=role, members=[READER])
        owner.set_iam_policy(request={"resource": project, "policy": policy})
        answer = secret_manager(READER).test_iam_permissions(request={"resource": secret, "permissions": permissions})
        held = "".join("1" if permission in answer.permissions else "0" for permission in permissions)
        assert held == expected, role


def test_grants_take_their_time(cloud: LocalCloud, secret_manager: Clients, secret: str) -> None:
    client, reader = secret_manager(), secret_manager(READER)
    cloud.delay_propagation(0.4)
    write(client, secret, bind(READER))
    assert read(client, secret).bindings[0].members == [READER]
    assert not may_read(reader, secret)
    time.sleep(0.5)
    assert may_read(reader, secret)
    write(client, secret)
    assert may_read(reader, secret)
    time.sleep(0.5)
    assert not may_read(reader, secret)


def test_conditions_are_not_lost_by_an_older_version(secret_manager: Clients, secret: str) -> None:
    """Source: the comments on Policy.version in google/iam/v1/policy.proto. Without an etag they are lost, as it says there."""
    client = secret_manager()
    etag = write(client, secret, bind(READER, condition=NEVER), version=3).etag
    for version in (0, 1):
        with pytest.raises(BadRequest, match="must have version 3"):
            write(client, secret, bind(READER), version=version, etag=etag)
    assert read(client, secret).etag == etag
    assert write(client, secret, bind(READER), version=1).version == 1


def test_permissions_on_what_is_not_there_are_none(
    secret_manager: Clients, artifact_registry: Clients, secret: str
) -> None:
    """Source: the comments on TestIamPermissions in google/iam/v1/iam_policy.proto."""
    wanted = ["secretmanager.versions.access", "artifactregistry.repositories.get"]
    for client, resource in (
        (secret_manager(), f"{secret}-missing"),
        (artifact_registry(), f"projects/{PROJECT}/locations/us-central1/repositories/missing"),
    ):
        answer = client.test_iam_permissions(request={"resource": resource, "permissions": wanted})
        assert list(answer.permissions) == []


def test_two_spellings_of_an_address_are_one_member(secret_manager: Clients, secret: str) -> None:
    client = secret_manager()
    pool = "principalSet://iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/{}/group/g"
    written = write(client, secret, bind(READER, "user:Reader@Example.com", pool.format("a"), pool.format("A")))
    assert list(written.bindings[0].members) == [READER, pool.format("a"), pool.format("A")]


@pytest.mark.parametrize(("kind", "most"), [("user", 1500), ("group", 250)])
def test_a_policy_has_its_limits(secret_manager: Clients, secret: str, kind: str, most: int) -> None:
    """Source: the comments on Policy.bindings in google/iam/v1/policy.proto. Each time that a member is named counts."""
    client = secret_manager()
    members = [f"{kind}:m{number}@example.com" for number in range(most - 1)]
    viewer = bind(members[0], role="roles/secretmanager.viewer")
    assert len(write(client, secret, bind(*members), viewer).bindings) == 2
    with pytest.raises(BadRequest, match=f"larger than the maximum .{most}"):
        write(client, secret, bind(*members, f"{kind}:one-more@example.com"), viewer)

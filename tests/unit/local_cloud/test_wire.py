# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import json
from typing import Any

import pytest
from google.cloud.artifactregistry_v1.types import repository
from google.cloud.secretmanager_v1.types import service
from google.iam.v1 import iam_policy_pb2

from local_cloud.platform.errors import ApiError
from local_cloud.platform.wire import build_request, compile_template

Add = service.AddSecretVersionRequest.pb()
Create = service.CreateSecretRequest.pb()
Update = service.UpdateSecretRequest.pb()


@pytest.mark.parametrize(
    ("template", "path", "variables"),
    [
        ("v1/{name=projects/*/secrets/*}", "v1/projects/p/secrets/s", ("projects/p/secrets/s",)),
        ("v1/{name=projects/*/secrets/*}", "v1/projects/p/secrets/s:getIamPolicy", None),
        ("v1/{name=projects/*/secrets/*}", "v1/projects/p/secrets/s/versions/1", None),
        ("v1/{name=projects/*/secrets/*}:addVersion", "v1/projects/p/secrets/s:addVersion", ("projects/p/secrets/s",)),
        ("v1/projects/{resource}:getIamPolicy", "v1/projects/p:getIamPolicy", ("p",)),
        ("v1/{secret.name=projects/*/secrets/*}", "v1/projects//secrets/s", None),
    ],
)
def test_templates(template: str, path: str, variables: tuple[str, ...] | None) -> None:
    pattern, _names = compile_template(template)
    found = pattern.fullmatch(path)
    assert (found.groups() if found else None) == variables


def test_path_query_and_body_make_one_message() -> None:
    body = b'{"etag": "e", "labels": {"a": "b"}}'
    query = [("updateMask", "labels,rotation.next_rotation_time"), ("alt", "json"), ("$alt", "json;enum-encoding=int")]
    request = build_request(Update, "secret", {"secret.name": "projects/p/secrets/s"}, query, body)
    assert request.secret.name == "projects/p/secrets/s"
    assert dict(request.secret.labels) == {"a": "b"}
    assert list(request.update_mask.paths) == ["labels", "rotation.next_rotation_time"]


def test_dotted_query_and_mask_in_the_body() -> None:
    query = [("options.requestedPolicyVersion", "3")]
    read = build_request(iam_policy_pb2.GetIamPolicyRequest, None, {"resource": "r"}, query, b"")
    assert read.options.requested_policy_version == 3
    body = json.dumps({"policy": {"etag": "ACAB"}, "updateMask": "bindings,audit_configs"}).encode()
    write = build_request(iam_policy_pb2.SetIamPolicyRequest, "*", {"resource": "r"}, [], body)
    assert write.policy.etag == b"\x00\x20\x01"
    assert list(write.update_mask.paths) == ["bindings", "audit_configs"]


@pytest.mark.parametrize(
    ("body", "query", "said"),
    [
        ({"colour": 1}, [], 'Unknown name "colour"'),
        ({}, [("colour", "1")], 'Unknown name "colour"'),
        ({"replication": {"automatic": {}, "userManaged": {}}}, [], "oneof field 'replication' is already set"),
        ({"labels": 1}, [], "Invalid value at"),
        ({}, [("secret.labels.a.b", "x"), ("secret.labels", "y")], "Invalid value at"),
        ({}, [("parent", "a"), ("parent.b", "c")], "Invalid value at 'parent.b'"),
    ],
)
def test_what_does_not_fit(body: dict[str, Any], query: list[tuple[str, str]], said: str) -> None:
    with pytest.raises(ApiError) as refused:
        build_request(Create, "secret", {}, query, json.dumps(body).encode())
    assert refused.value.code == "INVALID_ARGUMENT"
    assert said in refused.value.message


@pytest.mark.parametrize("body", [b"{", b"[]", b"null", b'"text"', b"\xff"])
def test_bodies_that_are_no_objects(body: bytes) -> None:
    with pytest.raises(ApiError, match="Invalid JSON payload"):
        build_request(Create, "secret", {}, [], body)


@pytest.mark.parametrize(
    "payload",
    [
        {"data": "c2VjcmV0!"},
        {"data": "c2VjcmV0", "dataCrc32c": "c2VjcmV0"},
        {"data": ["c2VjcmV0"]},
        {"data": 7, "more": "c2VjcmV0"},
        "c2VjcmV0",
    ],
)
def test_values_are_never_echoed(payload: object) -> None:
    with pytest.raises(ApiError) as refused:
        build_request(Add, "*", {}, [], json.dumps({"payload": payload}).encode())
    assert "c2VjcmV0" not in refused.value.message


def test_both_alphabets_of_base64() -> None:
    for data in ("-_8=", "+/8="):
        request = build_request(Add, "*", {}, [], json.dumps({"payload": {"data": data}}).encode())
        assert request.payload.data == b"\xfb\xff"


def test_names_of_enums_in_any_case() -> None:
    policies = {"old": {"action": "Delete", "condition": {"tagState": "tagged"}}}
    body = json.dumps({"format": "python", "cleanupPolicies": policies, "labels": {"action": "Delete"}}).encode()
    made = build_request(repository.CreateRepositoryRequest.pb(), "repository", {}, [], body).repository
    assert made.format_ == repository.Repository.Format.PYTHON
    policy = made.cleanup_policies["old"]
    assert (policy.action, policy.condition.tag_state) == (1, 1)
    assert dict(made.labels) == {"action": "Delete"}

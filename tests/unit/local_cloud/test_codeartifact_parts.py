# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Names, shapes and tokens of CodeArtifact."""

from __future__ import annotations

import base64
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from local_cloud.platform.errors import ApiError
from local_cloud.services.codeartifact import rest_json
from local_cloud.services.codeartifact.api import _HANDLERS
from local_cloud.services.codeartifact.arns import ResourceArn
from local_cloud.services.codeartifact.authorization import Grant, Tokens
from local_cloud.services.codeartifact.errors import AwsError, as_aws
from local_cloud.services.codeartifact.identities import Identity
from local_cloud.services.codeartifact.model import OPERATIONS, find
from local_cloud.services.codeartifact.signature import Signer, signer_of
from local_cloud.services.codeartifact.validation import check

NOW = datetime(2026, 7, 1, 12, tzinfo=UTC)
DOMAIN = ResourceArn("eu-west-1", "123456789012", "dom")
REPOSITORY = ResourceArn("eu-west-1", "123456789012", "dom", "repo")


def test_arns() -> None:
    assert str(DOMAIN) == "arn:aws:codeartifact:eu-west-1:123456789012:domain/dom"
    assert REPOSITORY.package("npm", "", "react").endswith(":package/dom/repo/npm//react")
    assert REPOSITORY.package("npm", "parity", "ui").endswith(":package/dom/repo/npm/parity/ui")
    for arn in (DOMAIN, REPOSITORY):
        assert ResourceArn.parse(str(arn)) == arn
    for text in ("", f"{DOMAIN}/repo", str(REPOSITORY).removesuffix("/repo"), "arn:aws:s3:::dom"):
        assert ResourceArn.parse(text) is None


def test_identities() -> None:
    session = Identity.parse("arn:aws:sts::123456789012:assumed-role/ci/run-1")
    assert (session.account, session.principal.role) == ("123456789012", "arn:aws:iam::123456789012:role/ci")
    assert Identity.parse("arn:aws:iam::123456789012:root").principal.is_root
    for text in ("", "arn:aws:iam::1:root", "arn:aws:iam::123456789012:role/ci", "arn:aws:sts::123456789012:root"):
        with pytest.raises(ValueError, match=f"^{text}$"):
            Identity.parse(text)


def test_signatures() -> None:
    header = (
        "AWS4-HMAC-SHA256 Credential=AKIALOCALOWNER000000/20260701/eu-west-1/codeartifact/aws4_request, "
        f"SignedHeaders=host;x-amz-date, Signature={'0a' * 32}"
    )
    assert signer_of(header) == Signer("AKIALOCALOWNER000000", "eu-west-1")
    for wrong in (None, "", header.replace("eu-west-1", "europe"), header.replace("codeartifact", "s3"), header + "x"):
        with pytest.raises(AwsError):
            signer_of(wrong)


def test_every_handler_is_of_an_operation() -> None:
    assert set(_HANDLERS) <= set(OPERATIONS)
    assert find("DELETE", "v1/repository/permissions/policies").name == "DeleteRepositoryPermissionsPolicy"
    assert find("DELETE", "v1/domain/permissions/policy").name == "DeleteDomainPermissionsPolicy"


def test_input_is_gathered_from_where_the_model_says() -> None:
    operation = OPERATIONS["PutRepositoryPermissionsPolicy"]
    query = {"domain": "dom", "domain-owner": "123456789012", "policyRevision": "elsewhere"}
    read = rest_json.read(operation, query, {}, b'{"policyDocument": "{}", "repository": "elsewhere", "domain": null}')
    assert read == {"domain": "dom", "domainOwner": "123456789012", "policyDocument": "{}"}
    token = rest_json.read(OPERATIONS["GetAuthorizationToken"], {"duration": "900"}, {}, b"")
    assert token == {"durationSeconds": 900}
    for body in (b"[]", b"{", b'"text"', b"[" * 100_000):
        with pytest.raises(AwsError):
            rest_json.read(operation, {}, {}, body)


def test_output_has_what_the_model_says() -> None:
    shape = OPERATIONS["DescribeDomain"].output_shape
    written = rest_json.write(shape, {"domain": {"name": "dom", "createdTime": NOW, "encryptionKey": None}})
    assert written == {"domain": {"name": "dom", "createdTime": NOW.timestamp()}}
    with pytest.raises(TypeError, match="colour"):
        rest_json.write(shape, {"domain": {"colour": "red"}})


@pytest.mark.parametrize(
    ("values", "problem"),
    [
        ({}, ""),
        ({"policyDocument": "{\n\t}\u00a0\u20ac"}, ""),
        ({"policyDocument": "x" * 7168}, ""),
        ({"policyDocument": "x" * 7169}, "less than or equal to 7168"),
        ({"policyDocument": ""}, "greater than or equal to 1"),
        ({"policyDocument": "a\u200b"}, "regular expression"),
        ({"policyDocument": "a\x00"}, "regular expression"),
        ({"policyDocument": 1}, "wrong type"),
        ({"policyDocument": None}, "must not be null"),
        ({"policyRevision": "a b"}, "regular expression"),
        ({"domain": "Dom"}, "regular expression"),
        ({"domain": "dom\n"}, "regular expression"),
        ({"domain": "d"}, "greater than or equal to 2"),
        ({"domainOwner": "12345678901x"}, "regular expression"),
        ({"unknown": object()}, ""),
    ],
)
def test_shapes(values: dict[str, Any], problem: str) -> None:
    shape = OPERATIONS["PutDomainPermissionsPolicy"].input_shape
    given = {"domain": "dom", "policyDocument": "{}", **values}
    if not problem:
        check(shape, given)
        return
    with pytest.raises(AwsError, match=problem) as refused:
        check(shape, given)
    assert refused.value.code == "ValidationException"


def test_shapes_within_shapes() -> None:
    create, dispose = OPERATIONS["CreateRepository"].input_shape, OPERATIONS["DisposePackageVersions"].input_shape
    named = {"domain": "dom", "repository": "repo"}
    check(create, {**named, "upstreams": [{"repositoryName": "up"}], "description": ""})
    with pytest.raises(AwsError, match=r"upstreams\.2\.member\.repositoryName"):
        check(create, {**named, "upstreams": [{"repositoryName": "up"}, {}]})
    package = {**named, "format": "pypi", "package": "p", "versions": ["1"]}
    check(dispose, {**package, "versionRevisions": {"1": "r"}})
    for wrong in ({"versionRevisions": {"1": 2}}, {"versions": ["1"] * 101}, {"format": "deb"}, {"package": "a/b"}):
        with pytest.raises(AwsError):
            check(dispose, {**package, **wrong})
    with pytest.raises(AwsError, match="wrong type"):
        check(OPERATIONS["GetAuthorizationToken"].input_shape, {"domain": "dom", "durationSeconds": True})


def test_tokens() -> None:
    tokens, grant = Tokens(), Grant("AKIALOCALOWNER000000", DOMAIN, NOW + timedelta(minutes=15))
    token = tokens.issue(grant, NOW)

    def basic(user: str, password: str) -> str:
        return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()

    for header in (basic("aws", token), f"Bearer {token}"):
        assert tokens.find(header, NOW) == grant
        assert tokens.find(header, grant.expiration) is None
    tokens.issue(grant, NOW)
    assert tokens.find(f"Bearer {token}", NOW) == grant
    for header in (None, "", token, "Basic %%", basic("ada", token), basic("aws", "garbled"), "Digest x"):
        assert tokens.find(header, NOW) is None


@pytest.mark.parametrize(
    ("error", "name"),
    [
        (ApiError("RESOURCE_EXHAUSTED", "m"), "ThrottlingException"),
        (ApiError("UNAVAILABLE", "m"), "InternalServerException"),
        (ApiError("ABORTED", "m"), "ConflictException"),
        (ApiError("PERMISSION_DENIED", "m"), "AccessDeniedException"),
        (ApiError("FAILED_PRECONDITION", "m"), "ValidationException"),
        (ApiError("ConflictException", "m", http_status=400), "ConflictException"),
    ],
)
def test_errors_of_faults(error: ApiError, name: str) -> None:
    made = as_aws(error)
    assert (made.code, made.http_status, made.body()) == (name, error.http_status, {"message": "m"})
    assert made.headers["x-amzn-ErrorType"] == name
    assert as_aws(made) is made

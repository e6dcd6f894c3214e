# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""boto3's client of CodeArtifact on a server that answers as told: what is sent, and what failures become."""

from __future__ import annotations

import json
from contextlib import contextmanager
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from ansible_collections.pkgops.registry_auth.plugins.module_utils._base.errors import (
    InvalidInput,
    LostRace,
    PermissionDenied,
    Refused,
    Stranger,
    Throttled,
    Unauthenticated,
    Unavailable,
    Unreachable,
)
from ansible_collections.pkgops.registry_auth.plugins.module_utils._clients.aws.calls import ResourceMissing
from ansible_collections.pkgops.registry_auth.plugins.module_utils._clients.aws.codeartifact import (
    CodeArtifact,
    Domain,
    Repository,
    ResourcePolicy,
)
from ansible_collections.pkgops.registry_auth.plugins.module_utils._domain.codeartifact.names import (
    DomainName,
    RepositoryName,
    domain_name,
    repository_name,
)
from aws_answers import UNHURRIED, answers, client, server

__all__ = ["server"]

DOMAIN = DomainName("demo", "123456789012")
REPOSITORY = RepositoryName(DOMAIN, "python")
ARN = "arn:aws:codeartifact:eu-west-1:123456789012:repository/demo/python"
DOMAIN_ARN = "arn:aws:codeartifact:eu-west-1:123456789012:domain/demo"
DOCUMENT = {"Version": "2012-10-17", "Statement": []}
POLICY = {"policy": {"resourceArn": ARN, "revision": "cg==", "document": json.dumps(DOCUMENT)}}


@pytest.fixture(scope="module")
def connected(server):
    with pytest.MonkeyPatch.context() as patch:
        for name in ("HTTP_PROXY", "http_proxy", "AWS_PROFILE"):
            patch.delenv(name, raising=False)
        yield CodeArtifact(client(server.server_port), UNHURRIED)


@pytest.fixture
def api(server, connected):
    server.requests = []
    answers(server, 200, POLICY)
    return connected


OWNED = {"domain": "demo", "domain-owner": "123456789012"}
REQUESTS = {
    "get of a repository": (
        lambda api: api.get_policy(REPOSITORY),
        ("GET", "/ca/v1/repository/permissions/policy", {**OWNED, "repository": "python"}, None),
    ),
    "get of a domain, of the caller's account": (
        lambda api: api.get_policy(DomainName("demo")),
        ("GET", "/ca/v1/domain/permissions/policy", {"domain": "demo"}, None),
    ),
    "first put": (
        lambda api: api.put_policy(REPOSITORY, "{}", None),
        (
            "PUT",
            "/ca/v1/repository/permissions/policy",
            {**OWNED, "repository": "python"},
            {"policyDocument": "{}"},
        ),
    ),
    "put over a revision": (
        lambda api: api.put_policy(DOMAIN, "{}", "cg=="),
        (
            "PUT",
            "/ca/v1/domain/permissions/policy",
            {},
            {"domain": "demo", "domainOwner": "123456789012", "policyDocument": "{}", "policyRevision": "cg=="},
        ),
    ),
    "delete of a revision": (
        lambda api: api.delete_policy(REPOSITORY, "cg=="),
        (
            "DELETE",
            "/ca/v1/repository/permissions/policies",
            {**OWNED, "repository": "python", "policy-revision": "cg=="},
            None,
        ),
    ),
    "delete of a domain's": (
        lambda api: api.delete_policy(DOMAIN, "cg=="),
        ("DELETE", "/ca/v1/domain/permissions/policy", {**OWNED, "policy-revision": "cg=="}, None),
    ),
}


@pytest.mark.parametrize(("call", "request_sent"), REQUESTS.values(), ids=REQUESTS.keys())
def test_requests(server, api, call, request_sent):
    assert call(api) == ResourcePolicy(ARN, "cg==", DOCUMENT)
    assert server.requests == [request_sent]


DOMAIN_ARN = "arn:aws:codeartifact:eu-west-1:123456789012:domain/demo"
DESCRIBED = {
    "domain": {
        "name": "demo",
        "owner": "123456789012",
        "arn": DOMAIN_ARN,
        "status": "Active",
        "createdTime": 1735689600.0,
        "encryptionKey": "arn:k",
        "repositoryCount": 2,
        "assetSizeBytes": 3,
        "s3BucketArn": "arn:s",
    },
    "repository": {
        "name": "python",
        "administratorAccount": "111122223333",
        "domainName": "demo",
        "domainOwner": "123456789012",
        "arn": ARN,
        "description": "",
        "upstreams": [{"repositoryName": "two"}, {"repositoryName": "one"}],
        "externalConnections": [
            {"externalConnectionName": "public:pypi", "packageFormat": "pypi", "status": "Available"}
        ],
        "createdTime": 1735689600.5,
    },
}
FOUND_DOMAIN = Domain(
    "demo", "123456789012", DOMAIN_ARN, "arn:k", 2, 3, "2025-01-01T00:00:00Z", "Active", "arn:s", tags=None
)
FOUND_REPOSITORY = Repository(
    "python",
    "demo",
    "123456789012",
    "111122223333",
    ARN,
    None,
    ("two", "one"),
    "public:pypi",
    "2025-01-01T00:00:00.500000Z",
)
NAMED = {**OWNED, "repository": "python"}
CONNECTION = {**NAMED, "external-connection": "public:pypi"}
RESOURCE_REQUESTS = {
    "describe a domain": (lambda api: api.describe_domain(DOMAIN), ("GET", "/ca/v1/domain", OWNED, None), FOUND_DOMAIN),
    "create a domain": (
        lambda api: api.create_domain(DomainName("demo"), "alias/x", {"a": ""}),
        (
            "POST",
            "/ca/v1/domain",
            {"domain": "demo"},
            {"encryptionKey": "alias/x", "tags": [{"key": "a", "value": ""}]},
        ),
        FOUND_DOMAIN,
    ),
    "create a domain and no more": (
        lambda api: api.create_domain(DomainName("demo"), None, {}),
        ("POST", "/ca/v1/domain", {"domain": "demo"}, {}),
        FOUND_DOMAIN,
    ),
    "delete a domain": (lambda api: api.delete_domain(DOMAIN), ("DELETE", "/ca/v1/domain", OWNED, None), None),
    "describe a repository": (
        lambda api: api.describe_repository(REPOSITORY),
        ("GET", "/ca/v1/repository", NAMED, None),
        FOUND_REPOSITORY,
    ),
    "create a repository": (
        lambda api: api.create_repository(REPOSITORY, "Ours", ("two", "one"), {"a": "b"}),
        (
            "POST",
            "/ca/v1/repository",
            NAMED,
            {
                "description": "Ours",
                "upstreams": [{"repositoryName": "two"}, {"repositoryName": "one"}],
                "tags": [{"key": "a", "value": "b"}],
            },
        ),
        FOUND_REPOSITORY,
    ),
    "empty a repository's description and upstreams": (
        lambda api: api.update_repository(REPOSITORY, description="", upstreams=()),
        ("PUT", "/ca/v1/repository", NAMED, {"description": "", "upstreams": []}),
        FOUND_REPOSITORY,
    ),
    "update one thing": (
        lambda api: api.update_repository(REPOSITORY, upstreams=("one",)),
        ("PUT", "/ca/v1/repository", NAMED, {"upstreams": [{"repositoryName": "one"}]}),
        FOUND_REPOSITORY,
    ),
    "delete a repository": (
        lambda api: api.delete_repository(REPOSITORY),
        ("DELETE", "/ca/v1/repository", NAMED, None),
        None,
    ),
    "connect": (
        lambda api: api.connect(REPOSITORY, "public:pypi"),
        ("POST", "/ca/v1/repository/external-connection", CONNECTION, None),
        FOUND_REPOSITORY,
    ),
    "disconnect": (
        lambda api: api.disconnect(REPOSITORY, "public:pypi"),
        ("DELETE", "/ca/v1/repository/external-connection", CONNECTION, None),
        FOUND_REPOSITORY,
    ),
    "tag": (
        lambda api: api.tag(DOMAIN, "arn:x", {"a": "b"}),
        ("POST", "/ca/v1/tag", {"resourceArn": "arn:x"}, {"tags": [{"key": "a", "value": "b"}]}),
        None,
    ),
    "untag": (
        lambda api: api.untag(DOMAIN, "arn:x", ["a"]),
        ("POST", "/ca/v1/untag", {"resourceArn": "arn:x"}, {"tagKeys": ["a"]}),
        None,
    ),
}


@pytest.mark.parametrize(("call", "request_sent", "found"), RESOURCE_REQUESTS.values(), ids=RESOURCE_REQUESTS.keys())
def test_requests_about_domains_and_repositories(server, api, call, request_sent, found):
    answers(server, 200, DESCRIBED)
    assert call(api) == found
    assert server.requests == [request_sent]


def test_lists(server, api):
    answers(server, 200, {"packages": [], "nextToken": "more"})
    assert api.has_packages(REPOSITORY)
    answers(server, 200, {"packages": []})
    assert not api.has_packages(REPOSITORY)
    answers(server, 200, {"tags": [{"key": "a", "value": "b"}]})
    assert api.list_tags(DOMAIN, "arn:x") == {"a": "b"}
    kept = ("name", "administratorAccount", "domainName", "domainOwner", "arn", "createdTime")
    answers(server, 200, {"repositories": [{name: DESCRIBED["repository"][name] for name in kept}]})
    assert api.list_repositories(DOMAIN) == [replace(FOUND_REPOSITORY, upstreams=(), external_connection=None)]
    assert [request[:2] for request in server.requests[1:]] == [
        ("POST", "/ca/v1/packages"),
        ("POST", "/ca/v1/tags"),
        ("POST", "/ca/v1/domain/repositories"),
    ]
    assert server.requests[0][2] == {**NAMED, "max-results": "1"}


@pytest.mark.parametrize(
    "call",
    [
        lambda api: api.describe_domain(DOMAIN),
        lambda api: api.describe_repository(REPOSITORY),
        lambda api: api.list_tags(DOMAIN, "arn:x"),
        lambda api: api.list_repositories(DOMAIN),
    ],
)
def test_an_answer_of_somebody_else_is_told(server, api, call):
    answers(server, 200, {})
    with pytest.raises(Refused, match="is not CodeArtifact"):
        call(api)


def test_describing(server, api):
    answers(server, 200, {"repository": {"arn": ARN}})
    assert api.describe_arn(REPOSITORY) == ARN
    answers(server, 200, {"domain": {"arn": DOMAIN_ARN}})
    assert api.describe_arn(DOMAIN) == DOMAIN_ARN
    assert [request[1] for request in server.requests] == ["/ca/v1/repository", "/ca/v1/domain"]


def failure(code, message="Words.", **more):
    return {"__type": code, "message": message, **more}


WHO = "the AWS credentials in use"
ADA = "User: arn:aws:iam::1:user/ada is not authorized to perform:"
ASSOCIATE = "codeartifact:AssociateWithDownstreamRepository"
PUT = "codeartifact:PutRepositoryPermissionsPolicy"
FAILURES = {
    "no permission": (
        (403, failure("AccessDeniedException", "User: arn:aws:iam::1:user/ada is not authorized.")),
        PermissionDenied,
        "The permission codeartifact:PutRepositoryPermissionsPolicy on repository demo/python of account 123456789012 is missing for "
        f"{WHO}, or there is no such resource. It says: User: arn:aws:iam::1:user/ada is not authorized.",
    ),
    "another permission": (
        (403, failure("AccessDeniedException", f"{ADA} {ASSOCIATE} on resource: arn:up because no identity-based policy allows the {ASSOCIATE} action")),
        PermissionDenied,
        f"The permission codeartifact:AssociateWithDownstreamRepository on arn:up is missing for {WHO}, or there is no such resource. It says",
    ),
    "another permission on nothing": (
        (403, failure("AccessDeniedException", f"{ADA} kms:CreateGrant")),
        PermissionDenied,
        f"The permission kms:CreateGrant on repository demo/python of account 123456789012 is missing for {WHO}, or",
    ),
    "an explicit deny": (
        (403, failure("AccessDeniedException", f"{ADA} {PUT} on resource: {ARN} with an explicit deny in a service control policy: arn:aws:x")),
        PermissionDenied,
        f"The permission {PUT} on repository demo/python of account 123456789012 is denied to {WHO}, with an explicit deny in a service "
        "control policy. It says: User",
    ),
    "a boundary": (
        (403, failure("AccessDeniedException", f"{ADA} {PUT} on resource: {ARN} because no permissions boundary allows the {PUT} action")),
        PermissionDenied,
        f"is missing for {WHO}, because no permissions boundary allows it. It says: User",
    ),
    "not signed up": ((403, failure("OptInRequired", "Sign up.")), PermissionDenied, "is not signed up for CodeArtifact: 403 OptInRequired. It says: Sign up."),
    "a clock": ((403, failure("RequestTimeTooSkewed")), Unauthenticated, "this machine's clock is wrong"),
    "another 403": ((403, failure("SomethingForbidden")), PermissionDenied, "is missing for"),
    "expired": ((403, failure("ExpiredTokenException")), Unauthenticated, "The AWS credentials in use have expired"),
    "unknown key": ((403, failure("UnrecognizedClientException")), Unauthenticated, f"does not accept {WHO}"),
    "unknown key, older": ((403, failure("InvalidClientTokenId")), Unauthenticated, f"does not accept {WHO}"),
    "wrong signature": ((403, failure("InvalidSignatureException")), Unauthenticated, "this machine's clock is wrong"),
    "not logged in": ((401, failure("Whatever")), Unauthenticated, f"does not accept {WHO}: 401 Whatever."),
    "missing": (
        (404, failure("ResourceNotFoundException", resourceType="repository")),
        ResourceMissing,
        "repository demo/python of account 123456789012 does not exist.",
    ),
    "stale": ((409, failure("ConflictException")), LostRace, "was changed by other writers"),
    "throttled": ((429, failure("ThrottlingException")), Throttled, "was asked too often about repository demo/python"),
    "throttled, as 400": ((400, failure("ThrottlingException")), Throttled, "was asked too often about repository demo/python"),
    "quota": ((402, failure("ServiceQuotaExceededException")), Refused, "is at a quota of CodeArtifact: 402"),
    "invalid": (
        (400, failure("ValidationException", "Invalid principal in policy", reason="FIELD_VALIDATION_FAILED")),
        Refused,
        "CodeArtifact refuses repository demo/python of account 123456789012: 400 ValidationException. It says: Invalid principal",
    ),
    "internal": ((500, failure("InternalServerException")), Unavailable, "cannot serve repository demo/python"),
    "a proxy's page": ((503, b"<html>hidden</html>"), Unavailable, "cannot serve"),
    "no answer": ((None, None), Unavailable, "CodeArtifact broke off the connection about repository demo/python"),
    "another server": ((404, b"<html>hidden</html>"), Stranger, "What answers at CodeArtifact's endpoint"),
    "another server that is fine": ((200, b"<html>hidden</html>"), Stranger, "What answers at CodeArtifact's endpoint"),
    "another API": ((200, {}), Stranger, "What answers at CodeArtifact's endpoint"),
    "no document": ((200, {"policy": {"revision": "r", "document": "x"}}), Stranger, "What answers at"),
}  # fmt: skip


@pytest.mark.parametrize(("answer", "kind", "sentence"), FAILURES.values(), ids=FAILURES.keys())
def test_failures(server, api, answer, kind, sentence):
    answers(server, *answer)
    with pytest.raises(kind) as error:
        api.put_policy(REPOSITORY, "{}", "cg==")

    assert error.type is kind
    assert sentence in str(error.value)
    assert "hidden" not in str(error.value)
    assert len(server.requests) == 1, "the engine decides about trying again"


def test_what_is_missing_is_told_as_far_as_the_service_says(server, api):
    answers(server, 404, failure("ResourceNotFoundException", resourceType="domain"))
    with pytest.raises(ResourceMissing) as error:
        api.get_policy(REPOSITORY)
    assert error.value.resource_type == "domain"
    assert error.value.resource_name == ""


@pytest.mark.parametrize(
    "identifier", ["nowhere", "demo/nowhere", "arn:aws:codeartifact:eu-west-1:123456789012:repository/demo/nowhere"]
)
def test_which_one_is_missing_is_told_however_it_is_called(server, api, identifier):
    answers(server, 404, failure("ResourceNotFoundException", resourceType="repository", resourceId=identifier))
    with pytest.raises(ResourceMissing) as error:
        api.get_policy(REPOSITORY)
    assert error.value.resource_name == "nowhere"


def test_a_throttled_call_says_how_long_to_wait(server, api):
    answers(server, 429, failure("ThrottlingException"), Retry_After="7")
    with pytest.raises(Throttled) as error:
        api.get_policy(DOMAIN)
    assert error.value.retry_after == 7


def test_a_description_without_arn_is_not_codeartifact(server, api):
    answers(server, 200, {"repository": {}})
    with pytest.raises(Refused, match="is not CodeArtifact"):
        api.describe_arn(REPOSITORY)


@contextmanager
def without_credentials(monkeypatch, tmp_path):
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "credentials"))
    yield {"aws_access_key_id": None, "aws_secret_access_key": None}


def test_no_credentials(monkeypatch, tmp_path):
    with without_credentials(monkeypatch, tmp_path) as keys, pytest.raises(Unauthenticated, match="no AWS credentials"):
        CodeArtifact(client(9, **keys), UNHURRIED).get_policy(DOMAIN)


def test_nobody_there(server):
    port = closed_port()
    with pytest.raises(Unreachable) as error:
        CodeArtifact(client(port), UNHURRIED).get_policy(DOMAIN)
    assert str(error.value) == f"CodeArtifact cannot be reached at http://127.0.0.1:{port} (Connection refused)."


def closed_port():
    with ThreadingHTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler) as unused:
        return unused.server_port


# Names

BAD_NAMES = {
    "no domain": ({}, "domain is missing"),
    "upper case": ({"domain": "Demo"}, "domain 'Demo' is not a domain's name"),
    "underscore": ({"domain": "my_domain"}, "domain 'my_domain'"),
    "hyphen last": ({"domain": "demo-"}, "no hyphen last"),
    "long": ({"domain": "d" * 51}, "2 to 50"),
    "short": ({"domain": "d"}, "2 to 50"),
    "new line": ({"domain": "demo\n"}, "is not a domain's name"),
    "arn": ({"domain": "arn:aws:codeartifact:eu-west-1:123456789012:domain/demo"}, "is not a domain's name"),
    "owner by alias": ({"domain": "demo", "domain_owner": "ops"}, "domain_owner 'ops' is not an account's id"),
    "owner that lost its zero": ({"domain": "demo", "domain_owner": "12345678901"}, "in quotes"),
    "owner in other digits": ({"domain": "demo", "domain_owner": "١٢٣٤٥٦٧٨٩٠١٢"}, "is not an account's id"),
    "no repository": ({"domain": "demo"}, "repository is missing"),
    "repository with slash": ({"domain": "demo", "repository": "demo/python"}, "is not a repository's name"),
    "repository with dot first": ({"domain": "demo", "repository": ".python"}, "a letter or digit first"),
    "long repository": ({"domain": "demo", "repository": "r" * 101}, "2 to 100"),
}  # fmt: skip


@pytest.mark.parametrize(("options", "sentence"), BAD_NAMES.values(), ids=BAD_NAMES.keys())
def test_wrong_names_are_refused_with_a_sentence(options, sentence):
    with pytest.raises(InvalidInput) as error:
        repository_name(options)

    assert sentence in str(error.value)
    assert str(error.value).endswith(".")


def test_names_are_shown_as_people_say_them():
    options = {"domain": "demo", "domain_owner": "123456789012", "repository": "python"}
    assert str(domain_name(options)) == "domain demo of account 123456789012"
    assert str(repository_name(options)) == "repository demo/python of account 123456789012"
    assert str(repository_name({**options, "domain_owner": None})) == "repository demo/python"

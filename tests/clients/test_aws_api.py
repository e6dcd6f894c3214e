# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""CodeArtifact's API with botocore's client: what it refuses, and its rules on domains, repositories and policies."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from typing import Any

import pytest
from aws_clients import (
    ACCOUNT,
    ADA_KEY,
    ADMINISTRATOR,
    BOB_KEY,
    OTHER_ACCOUNT,
    OWNER_KEY,
    Clients,
    document,
    statement,
)
from botocore.exceptions import ClientError
from cloud_control import LocalCloud

ADA = f"arn:aws:iam::{OTHER_ACCOUNT}:user/ada"
REPOSITORY = {"domain": "dom", "repository": "repo"}
OTHERS = {"AWS": OTHER_ACCOUNT}
READ = statement(["codeartifact:ReadFromRepository"], OTHERS)


@pytest.fixture
def owner(codeartifact: Clients) -> Any:
    """The owner's client, with a domain and a repository."""
    client = codeartifact()
    client.create_domain(domain="dom")
    client.create_repository(**REPOSITORY)
    return client


def refusal(operation: Any, **arguments: Any) -> dict[str, Any]:
    """The answer of a call that must be refused, with the code and the status on top."""
    with pytest.raises(ClientError) as refused:
        operation(**arguments)
    answer = refused.value.response
    status = answer["ResponseMetadata"]["HTTPStatusCode"]
    return {**answer, "code": answer["Error"]["Code"], "status": status, "message": answer["Error"]["Message"]}


def code(operation: Any, **arguments: Any) -> str:
    return refusal(operation, **arguments)["code"]


@pytest.mark.parametrize(
    "policy",
    [
        "",
        "no JSON",
        "[]",
        '{"Version":"2012-10-17","Statement":[]}',
        '{"Version":"2012-10-17","Version":"2012-10-17","Statement":[]}',
        json.dumps({**document(READ), "Version": "2020-01-01"}),
        json.dumps({**document(READ), "Colour": "red"}),
        json.dumps(document({**READ, "Effect": "allow"})),
        json.dumps(document({**READ, "Colour": "red"})),
        json.dumps(document({key: value for key, value in READ.items() if key != "Principal"})),
        json.dumps(document({**READ, "NotAction": "codeartifact:ReadFromRepository"})),
        json.dumps(document({**READ, "Principal": {"AWS": "ada"}})),
        json.dumps(document({**READ, "Principal": {"AWS": "AROAEXAMPLEID00000000"}})),
        json.dumps(document({**READ, "Principal": {"AWS": f"arn:aws:iam::{OTHER_ACCOUNT}:user/*"}})),
        json.dumps(document({**READ, "Action": "s3:GetObject"})),
        json.dumps(document({**READ, "Action": "codeartifact:ReadRepository"})),
        json.dumps(document({**READ, "Action": "codeartifact:PutRepositoryPermissionsPolicy"})),
        json.dumps(document({**READ, "Resource": f"arn:aws:codeartifact:eu-west-1:{ACCOUNT}:domain/other"})),
        json.dumps(document({**READ, "Resource": f"arn:aws:codeartifact:eu-west-1:{ACCOUNT}:repository/dom/other"})),
        json.dumps(document({**READ, "Condition": {"StringSimilar": {"aws:PrincipalArn": "*"}}})),
        json.dumps(document({**READ, "Condition": {"StringLike": "*"}})),
        json.dumps(document({**READ, "Condition": {"NullIfExists": {"aws:userid": "true"}}})),
        json.dumps(document({**READ, "Condition": {"StringEquals": {"PrincipalOrgID": "o-1"}}})),
        json.dumps(document({**READ, "Condition": {"DateLessThan": {"aws:CurrentTime": "tomorrow"}}})),
        json.dumps(document({**READ, "Condition": {"IpAddress": {"aws:SourceIp": "300.1.1.1"}}})),
        json.dumps(document({**READ, "Condition": {"BinaryEquals": {"aws:PrincipalAccount": "QQ=="}}})),
        json.dumps(document({**READ, "Sid": "a"}, {**READ, "Sid": "a"})),
        json.dumps(document(READ)) + " " * 7168,
        json.dumps(document({**READ, "Sid": "\u200b"}), ensure_ascii=False),
    ],
)
def test_refused_policies_change_nothing(owner: Any, policy: str) -> None:
    before = owner.put_repository_permissions_policy(**REPOSITORY, policyDocument=json.dumps(document(READ)))["policy"]
    refused = refusal(owner.put_repository_permissions_policy, **REPOSITORY, policyDocument=policy)
    assert (refused["code"], refused["status"]) == ("ValidationException", 400)
    assert refused["reason"] in {"FIELD_VALIDATION_FAILED", "CANNOT_PARSE"}
    assert owner.get_repository_permissions_policy(**REPOSITORY)["policy"] == before


@pytest.mark.parametrize(
    "changed",
    [
        {"Action": ["codeartifact:*", "CODEARTIFACT:readfromrepository"]},
        {"Action": "codeartifact:Describe*", "Principal": "*"},
        {"Action": "codeartifact:PutRepositoryPermissionsPolicy", "Effect": "Deny"},
        {"Action": "codeartifact:PutRepositoryPermissionsPolicy", "Principal": {"AWS": [ACCOUNT]}},
        {"Principal": {"AWS": f"arn:aws:sts::{OTHER_ACCOUNT}:assumed-role/ci/run-1"}},
        {"Resource": f"arn:aws:codeartifact:*:{ACCOUNT}:package/dom/repo/npm/parity/ui"},
        # Without effect in a repository's policy, and stored all the same.
        {"Action": ["codeartifact:ReadFromRepository", "codeartifact:GetAuthorizationToken"]},
        {
            "Action": ["codeartifact:CreateRepository", "codeartifact:ListRepositoriesInDomain"],
            "Resource": f"arn:aws:codeartifact:eu-west-1:{ACCOUNT}:domain/dom",
        },
        {"Condition": {"ForAnyValue:StringLikeIfExists": {"aws:PrincipalOrgPaths": ["o-1/*"]}}},
    ],
)
def test_accepted_policies_come_back_as_given(owner: Any, changed: dict[str, Any]) -> None:
    text = json.dumps(document({**READ, **changed}), indent=2)
    assert owner.put_repository_permissions_policy(**REPOSITORY, policyDocument=text)["policy"]["document"] == text


def test_what_the_guide_lets_readers_do(owner: Any, cloud: LocalCloud, codeartifact: Clients) -> None:
    cloud.set_identities(**{ADA_KEY: {"arn": ADA, "policies": [ADMINISTRATOR]}})
    ada, owned = codeartifact(ADA_KEY), {**REPOSITORY, "domainOwner": ACCOUNT}
    actions = [
        "DescribePackageVersion",
        "DescribeRepository",
        "GetPackageVersionReadme",
        "GetRepositoryEndpoint",
        "ListPackages",
        "ListPackageVersions",
        "ListPackageVersionAssets",
        "ListPackageVersionDependencies",
        "ReadFromRepository",
    ]
    policy = document(statement([f"codeartifact:{action}" for action in actions], OTHERS))
    assert code(ada.list_packages, **owned) == "AccessDeniedException"
    owner.put_repository_permissions_policy(**REPOSITORY, policyDocument=json.dumps(policy))
    assert ada.list_packages(**owned)["packages"] == []
    assert ada.get_repository_endpoint(**owned, format="npm")["repositoryEndpoint"].endswith("/npm/repo/")
    # For who may look there is just no such package; the rest stays closed.
    package = {**owned, "format": "npm", "package": "react"}
    assert code(ada.list_package_versions, **package) == "ResourceNotFoundException"
    assert code(ada.delete_package_versions, **package, versions=["1"]) == "AccessDeniedException"
    assert code(ada.get_repository_permissions_policy, **owned) == "AccessDeniedException"


def test_domain_policies_speak_of_everything_in_the_domain(owner: Any) -> None:
    for action, resource in (
        ("codeartifact:ReadFromRepository", "*"),
        ("sts:GetServiceBearerToken", "*"),
        ("codeartifact:CreateRepository", f"arn:aws:codeartifact:eu-west-1:{ACCOUNT}:domain/dom"),
        ("codeartifact:PublishPackageVersion", f"arn:aws:codeartifact:eu-west-1:{ACCOUNT}:package/dom/*"),
    ):
        policy = document(statement(action, OTHERS, Resource=resource))
        owner.put_domain_permissions_policy(domain="dom", policyDocument=json.dumps(policy))
    for action, resource in (
        ("codeartifact:PutDomainPermissionsPolicy", "*"),
        ("codeartifact:DescribeDomain", f"arn:aws:codeartifact:eu-west-1:{ACCOUNT}:domain/other"),
    ):
        policy = document(statement(action, OTHERS, Resource=resource))
        refused = code(owner.put_domain_permissions_policy, domain="dom", policyDocument=json.dumps(policy))
        assert refused == "ValidationException"


def test_no_policy_and_no_repository(owner: Any) -> None:
    none = refusal(owner.get_repository_permissions_policy, **REPOSITORY)
    assert (none["code"], none["status"], none["resourceType"]) == ("ResourceNotFoundException", 404, "repository")
    absent = refusal(owner.get_repository_permissions_policy, domain="dom", repository="other")
    assert (absent["code"], absent["resourceType"]) == ("ResourceNotFoundException", "repository")
    assert none["message"] != absent["message"]
    assert refusal(owner.get_repository_permissions_policy, domain="other", repository="r1")["resourceType"] == "domain"
    given = {"policyDocument": json.dumps(document(READ)), "policyRevision": "never-seen"}
    assert code(owner.put_repository_permissions_policy, **REPOSITORY, **given) == "ConflictException"


@pytest.mark.parametrize(
    ("operation", "arguments"),
    [
        ("create_domain", {"domain": "d"}),
        ("create_domain", {"domain": "Upper"}),
        ("create_domain", {"domain": "a" * 51}),
        ("create_domain", {"domain": "tagged", "tags": [{"key": "k"}]}),
        ("create_repository", {"domain": "dom", "repository": "_r"}),
        ("create_repository", {"domain": "dom", "repository": "r1", "description": "two\nlines"}),
        ("create_repository", {"domain": "dom", "repository": "r1", "domainOwner": "me"}),
        ("get_repository_endpoint", {**REPOSITORY, "format": "deb"}),
        ("get_authorization_token", {"domain": "dom", "durationSeconds": 899}),
        ("get_authorization_token", {"domain": "dom", "durationSeconds": 43201}),
        ("list_domains", {"maxResults": 1001}),
        ("list_domains", {"nextToken": "garbled"}),
        ("tag_resource", {"resourceArn": "arn:aws:s3:::bucket", "tags": []}),
    ],
)
def test_values_that_do_not_fit_the_model(owner: Any, operation: str, arguments: dict[str, Any]) -> None:
    assert code(getattr(owner, operation), **arguments) == "ValidationException"


def test_repository_rules(owner: Any) -> None:
    for index in range(11):
        owner.create_repository(domain="dom", repository=f"up-{index}")
    upstreams = [{"repositoryName": f"up-{index}"} for index in range(11)]
    over = refusal(owner.update_repository, **REPOSITORY, upstreams=upstreams)
    assert (over["code"], over["status"]) == ("ServiceQuotaExceededException", 402)
    updated = owner.update_repository(**REPOSITORY, upstreams=upstreams[:10])["repository"]
    assert updated["upstreams"] == upstreams[:10]
    circle = {"domain": "dom", "repository": "up-0", "upstreams": [{"repositoryName": "repo"}]}
    assert code(owner.update_repository, **circle) == "ValidationException"
    absent = [{"repositoryName": "absent"}]
    assert code(owner.update_repository, **REPOSITORY, upstreams=absent) == "ResourceNotFoundException"
    assert code(owner.create_repository, **REPOSITORY) == "ConflictException"

    connect = owner.associate_external_connection
    connect(**REPOSITORY, externalConnection="public:pypi")
    assert code(connect, **REPOSITORY, externalConnection="public:pypi") == "ConflictException"
    assert code(connect, **REPOSITORY, externalConnection="public:npmjs") == "ServiceQuotaExceededException"
    assert code(connect, **REPOSITORY, externalConnection="public:nothing") == "ResourceNotFoundException"
    shown = owner.describe_repository(**REPOSITORY)["repository"]["externalConnections"]
    assert shown == [{"externalConnectionName": "public:pypi", "packageFormat": "pypi", "status": "Available"}]
    gone = owner.disassociate_external_connection(**REPOSITORY, externalConnection="public:pypi")
    assert gone["repository"]["externalConnections"] == []

    owner.delete_repository(domain="dom", repository="up-3")
    assert {"repositoryName": "up-3"} not in owner.describe_repository(**REPOSITORY)["repository"]["upstreams"]
    assert code(owner.delete_domain, domain="dom") == "ConflictException"
    assert code(owner.create_domain, domain="dom") == "ConflictException"


def test_lists_come_in_pages(owner: Any) -> None:
    for index in range(4):
        owner.create_repository(domain="dom", repository=f"p-{index}")
    pages = owner.get_paginator("list_repositories_in_domain").paginate(
        domain="dom", repositoryPrefix="p-", PaginationConfig={"PageSize": 3}
    )
    names = [[item["name"] for item in page["repositories"]] for page in pages]
    assert names == [["p-0", "p-1", "p-2"], ["p-3"]]


def test_a_key_is_answered_by_its_arn(codeartifact: Clients) -> None:
    """Whatever it was named by; two names of one alias are the same key."""
    client = codeartifact()
    key = f"arn:aws:kms:eu-west-1:{ACCOUNT}:key/1234"
    names = [key, "1234", "alias/ours", f"arn:aws:kms:eu-west-1:{ACCOUNT}:alias/ours"]
    for index, name in enumerate(names):
        client.create_domain(domain=f"dom{index}", encryptionKey=name)
    keys = [client.describe_domain(domain=f"dom{index}")["domain"]["encryptionKey"] for index in range(len(names))]
    assert keys[:2] == [key, key]
    assert keys[2] == keys[3]
    assert keys[2].startswith(f"arn:aws:kms:eu-west-1:{ACCOUNT}:key/")


def test_tags_of_aws_are_refused(owner: Any) -> None:
    reserved = [{"key": "AWS:x", "value": ""}]
    assert code(owner.create_domain, domain="tagged", tags=reserved) == "ValidationException"
    arn = owner.describe_domain(domain="dom")["domain"]["arn"]
    assert code(owner.tag_resource, resourceArn=arn, tags=reserved) == "ValidationException"


def test_tags(owner: Any) -> None:
    arn = owner.describe_repository(**REPOSITORY)["repository"]["arn"]
    owner.tag_resource(resourceArn=arn, tags=[{"key": "a", "value": "1"}, {"key": "b", "value": ""}])
    owner.untag_resource(resourceArn=arn, tagKeys=["a"])
    assert owner.list_tags_for_resource(resourceArn=arn)["tags"] == [{"key": "b", "value": ""}]


def test_regions_and_accounts_are_worlds_of_their_own(owner: Any, cloud: LocalCloud, codeartifact: Clients) -> None:
    elsewhere = codeartifact(region="us-east-1")
    assert code(elsewhere.describe_domain, domain="dom") == "ResourceNotFoundException"
    elsewhere.create_domain(domain="dom")
    assert elsewhere.list_repositories()["repositories"] == []
    cloud.set_identities(**{ADA_KEY: {"arn": ADA, "policies": [ADMINISTRATOR]}})
    ada = codeartifact(ADA_KEY)
    assert ada.create_domain(domain="dom")["domain"]["owner"] == OTHER_ACCOUNT
    assert code(ada.describe_domain, domain="dom", domainOwner=ACCOUNT) == "AccessDeniedException"
    assert [item["name"] for item in owner.list_repositories()["repositories"]] == ["repo"]


def test_a_repository_of_another_administrator(owner: Any, cloud: LocalCloud, codeartifact: Clients) -> None:
    cloud.set_identities(**{ADA_KEY: {"arn": ADA, "policies": [ADMINISTRATOR]}})
    ada, own = codeartifact(ADA_KEY), {"domain": "dom", "domainOwner": ACCOUNT, "repository": "hers"}
    assert code(ada.create_repository, **own) == "AccessDeniedException"
    assert code(ada.get_authorization_token, domain="dom", domainOwner=ACCOUNT) == "AccessDeniedException"
    policy = document(statement(["codeartifact:CreateRepository", "codeartifact:GetAuthorizationToken"], OTHERS))
    owner.put_domain_permissions_policy(domain="dom", policyDocument=json.dumps(policy))
    assert ada.get_authorization_token(domain="dom", domainOwner=ACCOUNT)["authorizationToken"]
    assert ada.create_repository(**own)["repository"]["administratorAccount"] == OTHER_ACCOUNT
    # What is hers she may change without a word of any resource policy, also the policy itself.
    ada.put_repository_permissions_policy(**own, policyDocument=json.dumps(document(READ)))
    named = [item["name"] for item in ada.list_repositories()["repositories"]]
    assert named == ["hers"]
    taken = own | {"repository": "more", "upstreams": [{"repositoryName": "repo"}]}
    assert code(ada.create_repository, **taken) == "AccessDeniedException"
    found = owner.list_repositories_in_domain(domain="dom", administratorAccount=OTHER_ACCOUNT)["repositories"]
    assert [item["name"] for item in found] == ["hers"]


def test_tokens(owner: Any, cloud: LocalCloud, codeartifact: Clients) -> None:
    session = f"arn:aws:sts::{ACCOUNT}:assumed-role/ci/run-1"
    token = statement("codeartifact:GetAuthorizationToken")
    bearer = statement("sts:GetServiceBearerToken")
    bearer["Condition"] = {"StringEquals": {"sts:AWSServiceName": "codeartifact.amazonaws.com"}}
    cloud.set_identities(
        **{
            ADA_KEY: {"arn": session, "policies": [document(token)]},
            BOB_KEY: {"arn": f"arn:aws:iam::{ACCOUNT}:root"},
        }
    )
    refused = refusal(codeartifact(ADA_KEY).get_authorization_token, domain="dom")
    assert "sts:GetServiceBearerToken" in refused["message"]
    cloud.set_identities(**{ADA_KEY: {"arn": session, "policies": [document(token, bearer)]}})
    given = codeartifact(ADA_KEY).get_authorization_token(domain="dom", durationSeconds=0)
    assert given["authorizationToken"]
    assert code(codeartifact(BOB_KEY).get_authorization_token, domain="dom") == "AccessDeniedException"
    assert code(owner.get_authorization_token, domain="other") == "ResourceNotFoundException"
    assert codeartifact(BOB_KEY).describe_domain(domain="dom")["domain"]["repositoryCount"] == 1


def test_faults(owner: Any, cloud: LocalCloud) -> None:
    policy = json.dumps(document(READ))
    cloud.fault("codeartifact.Put*", status=429, retry_after=7)
    throttled = refusal(owner.put_repository_permissions_policy, **REPOSITORY, policyDocument=policy)
    assert (throttled["code"], throttled["status"], throttled["retryAfterSeconds"]) == ("ThrottlingException", 429, 7)
    assert code(owner.get_repository_permissions_policy, **REPOSITORY) == "ResourceNotFoundException"
    cloud.fault("codeartifact.Put*", status=503, after=True)
    lost = refusal(owner.put_repository_permissions_policy, **REPOSITORY, policyDocument=policy)
    assert (lost["code"], lost["status"]) == ("InternalServerException", 503)
    assert owner.get_repository_permissions_policy(**REPOSITORY)["policy"]["document"] == policy
    for name, status in (("ConflictException", 409), ("ServiceQuotaExceededException", 402)):
        cloud.fault("codeartifact.Delete*Policy", code=name)
        refused = refusal(owner.delete_repository_permissions_policy, **REPOSITORY)
        assert (refused["code"], refused["status"]) == (name, status)
    assert [call["status"] for call in cloud.calls("DeleteRepositoryPermissionsPolicy")] == [409, 402]


def send(cloud: LocalCloud, verb: str, path: str, headers: dict[str, str], body: str = "") -> tuple[int, str, Any]:
    request = urllib.request.Request(f"{cloud.endpoint('codeartifact')}{path}", body.encode(), headers, method=verb)
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            return answer.status, "", json.load(answer)
    except urllib.error.HTTPError as error:
        return error.code, error.headers["x-amzn-ErrorType"], json.load(error)


def signed(key: str = OWNER_KEY, service: str = "codeartifact") -> dict[str, str]:
    scope = f"{key}/20260701/eu-west-1/{service}/aws4_request"
    signature = f"AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host;x-amz-date, Signature={'0' * 64}"
    return {"Authorization": signature}


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({}, "MissingAuthenticationTokenException"),
        ({"Authorization": "Bearer user:owner@example.com"}, "MissingAuthenticationTokenException"),
        ({"Authorization": signed()["Authorization"][:-1]}, "MissingAuthenticationTokenException"),
        (signed(service="s3"), "InvalidSignatureException"),
        (signed("AKIANOBODY0000000000"), "UnrecognizedClientException"),
    ],
)
def test_callers_that_are_none(cloud: LocalCloud, headers: dict[str, str], expected: str) -> None:
    status, error, body = send(cloud, "POST", "/v1/domains", headers)
    assert (status, error, set(body)) == (403, expected, {"message"})


def test_the_wire(cloud: LocalCloud) -> None:
    status, _error, body = send(cloud, "POST", "/v1/domain?domain=dom&unknown=1", signed(), '{"unknown": 1}')
    assert (status, body["domain"]["name"]) == (200, "dom")
    for text in ("[]", "{", '{"tags": 1}'):
        status, error, body = send(cloud, "POST", "/v1/domain?domain=dom", signed(), text)
        assert (status, error, body["reason"]) == (400, "ValidationException", "CANNOT_PARSE")
    status, error, body = send(cloud, "GET", "/v1/domain", signed())
    assert (status, body["reason"]) == (400, "FIELD_VALIDATION_FAILED")
    assert "'domain'" in body["message"]
    # The plural is where a repository's policy is deleted, and nothing else.
    for verb, path in (("GET", "/v1/repository/permissions/policies"), ("DELETE", "/v1/repository/permissions/policy")):
        assert send(cloud, verb, path, signed())[:2] == (404, "UnknownOperationException")


@pytest.mark.parametrize(
    "identities",
    [
        {"short": {"arn": ADA}},
        {ADA_KEY: {}},
        {ADA_KEY: {"arn": "arn:aws:iam::111122223333:role/ci"}},
        {ADA_KEY: {"arn": ADA, "policies": [{"Statement": []}]}},
        {ADA_KEY: {"arn": ADA, "policies": [document(READ)]}},
        {ADA_KEY: {"arn": ADA, "colour": "red"}},
    ],
)
def test_identities_that_are_none(cloud: LocalCloud, identities: dict[str, Any]) -> None:
    with pytest.raises(urllib.error.HTTPError, match="400"):
        cloud.set_identities(**identities)

# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The real C(aws codeartifact): domains, repositories, both policies, tokens and logins."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from aws_clients import ACCOUNT, ADA_KEY, ADMINISTRATOR, OTHER_ACCOUNT, OWNER_ARN, Aws, document, statement
from cloud_control import LocalCloud

ADA = f"arn:aws:iam::{OTHER_ACCOUNT}:user/ada"
DOMAIN = ("--domain=dom",)
REPOSITORY = ("--domain=dom", "--repository=repo")
DOMAIN_ARN = f"arn:aws:codeartifact:eu-west-1:{ACCOUNT}:domain/dom"
REPOSITORY_ARN = f"arn:aws:codeartifact:eu-west-1:{ACCOUNT}:repository/dom/repo"
ROOT = {"AWS": f"arn:aws:iam::{OTHER_ACCOUNT}:root"}
TARGETS = pytest.mark.parametrize(
    ("kind", "target", "arn", "delete_path"),
    [
        pytest.param("repository", REPOSITORY, REPOSITORY_ARN, "/v1/repository/permissions/policies", id="repository"),
        pytest.param("domain", DOMAIN, DOMAIN_ARN, "/v1/domain/permissions/policy", id="domain"),
    ],
)


@pytest.fixture
def repository(aws: Aws) -> None:
    aws("create-domain", *DOMAIN)
    aws("create-repository", *REPOSITORY)


def test_domains(aws: Aws) -> None:
    created = aws("create-domain", *DOMAIN).json()["domain"]
    assert (created["name"], created["owner"], created["arn"]) == ("dom", ACCOUNT, DOMAIN_ARN)
    described = aws("describe-domain", *DOMAIN, f"--domain-owner={ACCOUNT}").json()["domain"]
    assert described == created
    assert [domain["arn"] for domain in aws("list-domains").json()["domains"]] == [DOMAIN_ARN]
    assert aws("list-domains", region="us-east-1").json() == {"domains": []}
    assert aws("delete-domain", *DOMAIN).json()["domain"]["status"] == "Deleted"
    assert "ResourceNotFoundException" in aws("describe-domain", *DOMAIN, fails=True).stderr


@pytest.mark.thorough
def test_repositories(aws: Aws) -> None:
    aws("create-domain", *DOMAIN)
    aws("create-repository", "--domain=dom", "--repository=up", "--description=the upstream")
    aws("associate-external-connection", "--domain=dom", "--repository=up", "--external-connection=public:pypi")
    created = aws("create-repository", *REPOSITORY, "--upstreams", "repositoryName=up").json()["repository"]
    assert (created["arn"], created["administratorAccount"]) == (REPOSITORY_ARN, ACCOUNT)
    assert created["upstreams"] == [{"repositoryName": "up"}]
    updated = aws("update-repository", *REPOSITORY, "--description=d").json()["repository"]
    assert updated == created | {"description": "d"}
    assert aws("describe-repository", *REPOSITORY).json()["repository"] == updated
    for command in (["list-repositories"], ["list-repositories-in-domain", *DOMAIN]):
        assert [item["name"] for item in aws(*command).json()["repositories"]] == ["repo", "up"]
    assert "ConflictException" in aws("delete-domain", *DOMAIN, fails=True).stderr
    assert aws("delete-repository", *REPOSITORY).json()["repository"]["name"] == "repo"
    refused = aws("describe-repository", *REPOSITORY, fails=True).stderr
    assert "ResourceNotFoundException" in refused
    assert "dom/repo" in refused


@TARGETS
@pytest.mark.usefixtures("repository")
def test_policies(
    aws: Aws, cloud: LocalCloud, tmp_path: Path, kind: str, target: tuple[str, ...], arn: str, delete_path: str
) -> None:
    get, put, delete = (f"{verb}-{kind}-permissions-policy" for verb in ("get", "put", "delete"))
    assert "ResourceNotFoundException" in aws(get, *target, fails=True).stderr

    # The file's line break comes back, too.
    text = json.dumps(document(statement(["codeartifact:ReadFromRepository"], ROOT)), indent=1) + "\n"
    (tmp_path / "policy.json").write_text(text)
    first = aws(put, *target, "--policy-document", f"file://{tmp_path}/policy.json").json()["policy"]
    assert (first["resourceArn"], first["document"]) == (arn, text)
    assert aws(get, *target, f"--domain-owner={ACCOUNT}").json()["policy"] == first

    blind = aws(put, *target, "--policy-document", text).json()["policy"]
    assert blind["revision"] != first["revision"]
    stale = ("--policy-revision", first["revision"])
    assert "ConflictException" in aws(put, *target, *stale, "--policy-document", text, fails=True).stderr
    assert "ConflictException" in aws(delete, *target, *stale, fails=True).stderr
    assert aws(get, *target).json()["policy"] == blind
    known = aws(put, *target, "--policy-revision", blind["revision"], "--policy-document", text).json()["policy"]
    assert aws(delete, *target, "--policy-revision", known["revision"]).json()["policy"] == known
    assert "ResourceNotFoundException" in aws(get, *target, fails=True).stderr

    methods = {call["method"] for call in cloud.calls("PermissionsPolicy")}
    assert methods == {f"codeartifact.{verb}{kind.capitalize()}PermissionsPolicy" for verb in ("Get", "Put", "Delete")}
    assert {call["caller"] for call in cloud.calls()} == {OWNER_ARN}


@pytest.mark.thorough
@pytest.mark.usefixtures("repository")
def test_another_account(aws: Aws, cloud: LocalCloud) -> None:
    cloud.set_identities(**{ADA_KEY: {"arn": ADA, "policies": [ADMINISTRATOR]}})
    owned = (*REPOSITORY, f"--domain-owner={ACCOUNT}")
    refused = aws("describe-repository", *owned, key=ADA_KEY, fails=True).stderr
    assert (
        f"(AccessDeniedException) when calling the DescribeRepository operation: User: {ADA} is not authorized to "
        f"perform: codeartifact:DescribeRepository on resource: {REPOSITORY_ARN} because no resource-based policy "
        "allows the codeartifact:DescribeRepository action" in refused
    )
    policy = document(statement(["codeartifact:DescribeRepository", "codeartifact:PutRepo*"], ROOT))
    aws("put-repository-permissions-policy", *REPOSITORY, "--policy-document", json.dumps(policy))
    assert aws("describe-repository", *owned, key=ADA_KEY).json()["repository"]["arn"] == REPOSITORY_ARN
    # Without an owner it is a domain of the caller's own account.
    assert "ResourceNotFoundException" in aws("describe-repository", *REPOSITORY, key=ADA_KEY, fails=True).stderr
    # The repository's policy does not count where it would be put.
    put = ("put-repository-permissions-policy", *owned, "--policy-document", json.dumps(policy))
    assert "AccessDeniedException" in aws(*put, key=ADA_KEY, fails=True).stderr
    assert "UnrecognizedClientException" in aws("list-domains", key="AKIANOBODY0000000000", fails=True).stderr


@pytest.mark.usefixtures("repository")
def test_tokens_and_logins(aws: Aws, cloud: LocalCloud) -> None:
    granted = aws("get-authorization-token", *DOMAIN, "--duration-seconds=900").json()
    assert set(granted) == {"authorizationToken", "expiration"}
    endpoint = aws("get-repository-endpoint", *REPOSITORY, "--format=npm").json()["repositoryEndpoint"]
    assert endpoint == f"{cloud.url}/codeartifact.d/dom-{ACCOUNT}/eu-west-1/npm/repo/"
    pip = aws("login", "--tool=pip", *REPOSITORY, "--dry-run").stdout
    assert pip.startswith("pip config set global.index-url http://aws:")
    assert f"/codeartifact.d/dom-{ACCOUNT}/eu-west-1/pypi/repo/simple/" in pip
    twine = aws("login", "--tool=twine", *REPOSITORY, "--dry-run").stdout
    assert f"repository = {cloud.url}/codeartifact.d/dom-{ACCOUNT}/eu-west-1/pypi/repo/" in twine
    assert "username = aws" in twine
    assert granted["authorizationToken"] not in json.dumps(cloud.calls())

# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later


"""What the local cloud knows of a request, and how it puts the judge's answers in AWS's words."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from local_cloud.services.codeartifact.access import Access
from local_cloud.services.codeartifact.arns import ResourceArn
from local_cloud.services.codeartifact.errors import AwsError
from local_cloud.services.codeartifact.identities import Identity
from local_cloud.services.codeartifact.store import Domain, Policy, Repository, World

NOW = datetime(2026, 7, 1, 12, tzinfo=UTC)
OWNER, OTHER = "111111111111", "333333333333"
DOMAIN = ResourceArn("eu-west-1", OWNER, "dom")
REPOSITORY = ResourceArn("eu-west-1", OWNER, "dom", "repo")
ADA = f"arn:aws:iam::{OTHER}:user/ada"


def document(**more: Any) -> dict[str, Any]:
    return {
        "Version": "2012-10-17",
        "Statement": {"Effect": "Allow", "Action": "codeartifact:*", "Resource": "*", **more},
    }


def access(identity: Identity, **policy: Any) -> Access:
    """As the identity, to a domain with a repository whose policy is about everybody."""
    domain = Domain(DOMAIN, NOW, {}, "key")
    repository = Repository(REPOSITORY, NOW, {}, OWNER, None, [])
    domain.repositories["repo"] = repository
    if policy:
        repository.policy = Policy(json.dumps(document(Principal="*", **policy)))
    world: World = {(OWNER, "dom"): domain}
    return Access(world, "eu-west-1", identity, "127.0.0.1", NOW)


def refusal(found: Access) -> str:
    with pytest.raises(AwsError) as refused:
        found.repository("ReadFromRepository", REPOSITORY)
    assert refused.value.code == "AccessDeniedException"
    start = f"User: {ADA} is not authorized to perform: codeartifact:ReadFromRepository on resource: {REPOSITORY} "
    assert refused.value.message.startswith(start)
    return refused.value.message.removeprefix(start)


def test_refusals_are_in_awss_words() -> None:
    may, may_not = Identity.parse(ADA, [document()]), Identity.parse(ADA, [document(Effect="Deny")])
    action = "codeartifact:ReadFromRepository"
    assert refusal(access(may)) == f"because no resource-based policy allows the {action} action"
    assert refusal(access(Identity.parse(ADA), Effect="Allow")) == (
        f"because no identity-based policy allows the {action} action"
    )
    assert refusal(access(may, Effect="Deny")) == "with an explicit deny in a resource-based policy"
    assert refusal(access(may_not, Effect="Allow")) == "with an explicit deny in an identity-based policy"
    assert access(may, Effect="Allow").repository("ReadFromRepository", REPOSITORY)


@pytest.mark.parametrize("effect", ["Allow", "Deny"])
@pytest.mark.parametrize(
    "condition",
    [
        {"StringEquals": {"aws:SourceVpc": "vpc-1"}},
        {"StringNotEquals": {"aws:PrincipalTag/team": "a"}},
        {"ForAnyValue:StringEquals": {"aws:TagKeys": "a"}},
    ],
)
def test_what_cannot_be_told_is_refused(effect: str, condition: dict[str, Any]) -> None:
    policy = document(Effect=effect, Condition=condition)
    if effect == "Deny":
        policy["Statement"] = [policy["Statement"], document()["Statement"]]
    found = access(Identity.parse(ADA, [policy]), Effect="Allow")
    (key,) = next(iter(condition.values()))
    assert refusal(found).startswith("because the local cloud cannot tell; it depends on ")
    assert key in refusal(found)


@pytest.mark.parametrize("resource", ["arn:aws:codeartifact", "arn:aws:codeartifact:::repository/dom/repo"])
@pytest.mark.parametrize("effect", ["Allow", "Deny"])
def test_incomplete_arns_cannot_be_told(effect: str, resource: str) -> None:
    statements = [document(Effect=effect, Resource=resource), *([document()] if effect == "Deny" else [])]
    assert refusal(access(Identity.parse(ADA, statements), Effect="Allow")) == (
        f"because the local cloud cannot tell; it depends on what the incomplete ARN {resource} stands for"
    )
    elsewhere = [document(Effect="Deny", Resource="arn:aws:codeartifact:us-east-1"), document()]
    assert access(Identity.parse(ADA, elsewhere), Effect="Allow").repository("ReadFromRepository", REPOSITORY)


@pytest.mark.parametrize(
    ("condition", "allowed"),
    [
        ({"StringEquals": {"aws:PrincipalAccount": OTHER}}, True),
        ({"ArnEquals": {"aws:PrincipalArn": ADA}}, True),
        ({"Bool": {"aws:SecureTransport": "true"}}, True),
        ({"IpAddress": {"aws:SourceIp": "127.0.0.0/8"}}, True),
        ({"DateLessThan": {"aws:CurrentTime": "2026-07-01T12:00:00Z"}}, False),
        ({"StringEquals": {"aws:PrincipalOrgID": "o-1"}}, False),
        ({"StringEqualsIfExists": {"aws:PrincipalOrgID": "o-1"}}, True),
        ({"StringEquals": {"sts:AWSServiceName": "codeartifact.amazonaws.com"}}, False),
    ],
)
def test_what_is_known_of_a_request(condition: dict[str, Any], allowed: bool) -> None:
    found = access(Identity.parse(ADA, [document()]), Effect="Allow", Condition=condition)
    if allowed:
        found.repository("ReadFromRepository", REPOSITORY)
    else:
        assert "because no resource-based policy allows" in refusal(found)


def test_organizations() -> None:
    condition = {"StringEquals": {"aws:PrincipalOrgID": "o-1"}}
    member = Identity.parse(ADA, [document()], "o-1")
    assert access(member, Effect="Allow", Condition=condition).repository("ReadFromRepository", REPOSITORY)


def test_a_root_needs_no_identity_policy() -> None:
    own = Identity.parse(f"arn:aws:iam::{OWNER}:root")
    assert access(own).repository("DeleteRepository", REPOSITORY)
    root = Identity.parse(f"arn:aws:iam::{OTHER}:root")
    assert access(root, Effect="Allow").repository("ReadFromRepository", REPOSITORY)
    with pytest.raises(AwsError, match="no resource-based policy"):
        access(root).repository("ReadFromRepository", REPOSITORY)

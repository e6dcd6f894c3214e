# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Each rule on the interaction of identity, domain and repository policies, and what a statement speaks of."""

from __future__ import annotations

from typing import Any

import pytest

from local_cloud.codeartifact.actions import ACCOUNT_LEVEL, DOMAIN_LEVEL, OPERATIONS, REPOSITORY_LEVEL
from local_cloud.codeartifact.arns import ResourceArn
from local_cloud.codeartifact.evaluation import Surroundings, evaluate
from local_cloud.codeartifact.identities import Identity
from local_cloud.codeartifact.statements import Request, applies, covers

OWNER, ADMINISTRATOR, OTHER = "111111111111", "222222222222", "333333333333"
DOMAIN = ResourceArn("eu-west-1", OWNER, "dom")
REPOSITORY = ResourceArn("eu-west-1", OWNER, "dom", "repo")
PACKAGE = REPOSITORY.package("npm", "", "react")


def allow(action: str = "codeartifact:*", effect: str = "Allow", **more: Any) -> dict[str, Any]:
    return {"Effect": effect, "Action": action, "Resource": "*", **more}


def policy(*statements: dict[str, Any], principal: Any = "*") -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": [{"Principal": principal, **statement} for statement in statements]}


ALLOW, DENY, NOTHING = policy(allow()), policy(allow(effect="Deny")), policy(allow("codeartifact:TagResource"))

# account, action, identity policy, domain policy, repository policy, allowed
RULES = {
    # Account-level: identity policies alone.
    "account-level by identity": (OTHER, "ListDomains", ALLOW, None, None, True),
    "account-level, no identity policy": (OWNER, "ListRepositories", None, ALLOW, ALLOW, False),
    "account-level, denials of resources": (OWNER, "ListRepositories", ALLOW, DENY, DENY, True),
    # Domain-level: no repository policy.
    "domain-level, repository allows": (OWNER, "DescribeDomain", None, None, ALLOW, False),
    "domain-level, repository denies": (OWNER, "ListRepositoriesInDomain", ALLOW, None, DENY, True),
    "domain-level, domain allows": (OWNER, "DescribeDomain", None, ALLOW, None, True),
    "domain-level, domain denies": (OWNER, "GetAuthorizationToken", ALLOW, DENY, None, False),
    "domain-level, another account": (OTHER, "GetAuthorizationToken", ALLOW, ALLOW, None, True),
    # Putting the domain's policy: it does not count.
    "put domain, by identity": (OWNER, "PutDomainPermissionsPolicy", ALLOW, DENY, None, True),
    "put domain, by its policy": (OWNER, "PutDomainPermissionsPolicy", None, ALLOW, None, False),
    "put domain, another account": (OTHER, "PutDomainPermissionsPolicy", ALLOW, ALLOW, None, False),
    "delete domain's, domain denies": (OWNER, "DeleteDomainPermissionsPolicy", ALLOW, DENY, None, False),
    # Putting the repository's policy: the domain's counts, its own does not.
    "put repository, its denial": (OWNER, "PutRepositoryPermissionsPolicy", ALLOW, None, DENY, True),
    "put repository, domain denies": (OWNER, "PutRepositoryPermissionsPolicy", ALLOW, DENY, None, False),
    "put repository, its allowance": (OTHER, "PutRepositoryPermissionsPolicy", ALLOW, None, ALLOW, False),
    "put repository, domain allows": (OTHER, "PutRepositoryPermissionsPolicy", ALLOW, ALLOW, None, True),
    "delete repository's, it denies": (OWNER, "DeleteRepositoryPermissionsPolicy", ALLOW, None, DENY, False),
    # An explicit deny wins, wherever it is.
    "identity denies": (OWNER, "ReadFromRepository", DENY, ALLOW, ALLOW, False),
    "domain denies": (OWNER, "ReadFromRepository", ALLOW, DENY, ALLOW, False),
    "repository denies": (OWNER, "ReadFromRepository", ALLOW, ALLOW, DENY, False),
    # Leaving an action out is no denial: one allowance is enough.
    "repository leaves out": (OTHER, "ReadFromRepository", ALLOW, ALLOW, NOTHING, True),
    "domain leaves out": (OTHER, "ReadFromRepository", ALLOW, NOTHING, ALLOW, True),
    "all leave out": (OWNER, "ReadFromRepository", NOTHING, NOTHING, NOTHING, False),
    # The domain owner's account.
    "owner by identity": (OWNER, "ReadFromRepository", ALLOW, None, None, True),
    "owner by domain": (OWNER, "ReadFromRepository", None, ALLOW, None, True),
    "owner by repository": (OWNER, "ReadFromRepository", None, None, ALLOW, True),
    "owner by nothing": (OWNER, "ReadFromRepository", None, None, None, False),
    # The repository administrator's account.
    "administrator by identity": (ADMINISTRATOR, "ReadFromRepository", ALLOW, None, None, True),
    "administrator by repository": (ADMINISTRATOR, "ReadFromRepository", None, None, ALLOW, True),
    "administrator puts by identity": (ADMINISTRATOR, "PutRepositoryPermissionsPolicy", ALLOW, None, None, True),
    "administrator, domain denies": (ADMINISTRATOR, "ReadFromRepository", ALLOW, DENY, None, False),
    # Any other account: both kinds.
    "other by identity": (OTHER, "ReadFromRepository", ALLOW, None, None, False),
    "other by resources": (OTHER, "ReadFromRepository", None, ALLOW, ALLOW, False),
    "other by identity and repository": (OTHER, "ReadFromRepository", ALLOW, None, ALLOW, True),
    "other by identity and domain": (OTHER, "ReadFromRepository", ALLOW, ALLOW, None, True),
}


@pytest.mark.parametrize(
    ("account", "action", "identity", "domain", "repository", "allowed"), RULES.values(), ids=RULES.keys()
)
def test_rules(account: str, action: str, identity: Any, domain: Any, repository: Any, allowed: bool) -> None:
    caller = Identity.parse(f"arn:aws:iam::{account}:user/ada", [identity] if identity else [])
    request = Request(caller, f"codeartifact:{action}", str(REPOSITORY), {})
    around = Surroundings(OWNER, ADMINISTRATOR, domain, repository)
    decision = evaluate(request, around)
    assert decision.allowed is allowed
    assert decision.reason.startswith("allowed by") is allowed


def test_the_administrator_is_no_owner_of_the_domain() -> None:
    caller = Identity.parse(f"arn:aws:iam::{ADMINISTRATOR}:user/ada", [ALLOW])
    request = Request(caller, "codeartifact:DescribeDomain", str(DOMAIN), {})
    assert not evaluate(request, Surroundings(OWNER)).allowed


def test_reasons() -> None:
    caller = Identity.parse(f"arn:aws:iam::{OTHER}:user/ada", [ALLOW])
    request = Request(caller, "codeartifact:ReadFromRepository", str(REPOSITORY), {})
    assert evaluate(request, Surroundings(OWNER)).reason == (
        "because no resource-based policy allows the codeartifact:ReadFromRepository action"
    )
    denied = evaluate(request, Surroundings(OWNER, None, DENY, ALLOW))
    assert denied.reason == "with an explicit deny in a resource-based policy"


def test_a_root_needs_no_identity_policy() -> None:
    root = Identity.parse(f"arn:aws:iam::{OTHER}:root")
    request = Request(root, "codeartifact:ReadFromRepository", str(REPOSITORY), {})
    assert evaluate(request, Surroundings(OWNER, None, None, ALLOW)).allowed
    assert not evaluate(request, Surroundings(OWNER)).allowed


def test_levels_come_from_the_model() -> None:
    assert {"ListDomains", "ListRepositories"} == ACCOUNT_LEVEL
    assert {"DescribeDomain", "ListRepositoriesInDomain", "GetAuthorizationToken", "CreateDomain"} < DOMAIN_LEVEL
    assert {"ReadFromRepository", "PublishPackageVersion", "CopyPackageVersions"} < REPOSITORY_LEVEL
    assert not REPOSITORY_LEVEL & (ACCOUNT_LEVEL | DOMAIN_LEVEL)
    assert set(OPERATIONS) == (ACCOUNT_LEVEL | DOMAIN_LEVEL | REPOSITORY_LEVEL | {"CreateRepository"}) & set(OPERATIONS)


SESSION = "arn:aws:sts::333333333333:assumed-role/ci/run-1"
USER = "arn:aws:iam::333333333333:user/team/ada"


@pytest.mark.parametrize(
    ("principal", "caller", "expected"),
    [
        ("*", USER, True),
        (OTHER, USER, True),
        (f"arn:aws:iam::{OTHER}:root", SESSION, True),
        (f"arn:aws:iam::{OWNER}:root", SESSION, False),
        (USER, USER, True),
        ("arn:aws:iam::333333333333:user/ada", USER, False),
        (SESSION, SESSION, True),
        ("arn:aws:sts::333333333333:assumed-role/ci/run-2", SESSION, False),
        ("arn:aws:iam::333333333333:role/ci", SESSION, True),
        ("arn:aws:iam::333333333333:role/path/ci", SESSION, True),
        ("arn:aws:iam::333333333333:role/cd", SESSION, False),
        ("arn:aws:iam::111111111111:role/ci", SESSION, False),
        ("arn:aws:iam::333333333333:user/ci", SESSION, False),
    ],
)
def test_principals(principal: str, caller: str, expected: bool) -> None:
    assert covers(principal, Identity.parse(caller)) is expected


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({}, True),
        ({"Action": "*"}, True),
        ({"Action": ["codeartifact:DescribePackageVersion", "codeartifact:publish*"]}, True),
        ({"Action": "codeartifact:PublishPackageVersio?"}, True),
        ({"Action": "codeartifact:ReadFromRepository"}, False),
        ({"Action": None, "NotAction": "codeartifact:ReadFromRepository"}, True),
        ({"Action": None, "NotAction": "codeartifact:Publish*"}, False),
        ({"Resource": PACKAGE}, True),
        ({"Resource": f"arn:aws:codeartifact:eu-west-1:{OWNER}:package/dom/repo/*"}, True),
        ({"Resource": f"arn:aws:codeartifact:*:{OWNER}:package/dom/repo/npm//re?ct"}, True),
        ({"Resource": f"arn:aws:codeartifact:eu-west-1:{OWNER}:package/dom/repo/npm/react"}, False),
        ({"Resource": str(REPOSITORY)}, False),
        ({"Resource": None, "NotResource": str(REPOSITORY)}, True),
        ({"Resource": None, "NotResource": "*"}, False),
        ({"Principal": {"AWS": [OWNER, OTHER]}}, True),
        ({"Principal": {"Service": "codeartifact.amazonaws.com"}}, False),
        ({"Principal": None, "NotPrincipal": {"AWS": OWNER}}, True),
        ({"Principal": None, "NotPrincipal": {"AWS": USER}}, False),
        ({"Condition": {"StringEquals": {"aws:PrincipalAccount": OTHER}}}, True),
        ({"Condition": {"StringEquals": {"aws:PrincipalAccount": OWNER}}}, False),
    ],
)
@pytest.mark.parametrize("effect", ["Allow", "Deny"])
def test_statements(changed: dict[str, Any], effect: str, expected: bool) -> None:
    (statement,) = policy(allow("codeartifact:PublishPackageVersion", effect))["Statement"]
    statement = {key: value for key, value in (statement | changed).items() if value is not None}
    request = Request(
        Identity.parse(USER), "codeartifact:PublishPackageVersion", PACKAGE, {"aws:principalaccount": OTHER}
    )
    assert applies(statement, request, to_principals=True) is expected


@pytest.mark.parametrize(
    "changed",
    [
        {"Condition": {"StringEquals": {"aws:SourceVpc": "vpc-1"}}},
        {"Condition": {"NumericEquals": {"aws:PrincipalAccount": "1"}}},
        {"Resource": "arn:aws:codeartifact:*:*:package/dom/${aws:username}/*"},
    ],
)
@pytest.mark.parametrize(("effect", "expected"), [("Allow", False), ("Deny", True)])
def test_what_cannot_be_told_counts_against_the_caller(changed: dict[str, Any], effect: str, expected: bool) -> None:
    (statement,) = policy(allow(effect=effect))["Statement"]
    request = Request(Identity.parse(USER), "codeartifact:PublishPackageVersion", PACKAGE, {})
    assert applies(statement | changed, request, to_principals=True) is expected

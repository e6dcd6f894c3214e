# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is refused or warned about in a CodeArtifact policy that is well formed."""

from __future__ import annotations

import re

import pytest
from ansible_collections.pkgops.registry_auth.plugins.module_utils._base.errors import InvalidInput
from ansible_collections.pkgops.registry_auth.plugins.module_utils._domain.codeartifact.actions import (
    ACTIONS,
    OF_A_REPOSITORY,
    covered,
)
from ansible_collections.pkgops.registry_auth.plugins.module_utils._domain.codeartifact.checks import (
    Attachment,
    check_document,
)
from ansible_collections.pkgops.registry_auth.plugins.module_utils._domain.codeartifact.documents import MAX_LENGTH
from ansible_collections.pkgops.registry_auth.plugins.module_utils._domain.iam.wildcards import overlap
from hypothesis import given
from hypothesis import strategies as st

OWNER, OTHER = "123456789012", "111122223333"
REPOSITORY = Attachment("demo", "python", OWNER, "eu-west-1")
DOMAIN = Attachment("demo", None, OWNER, "eu-west-1")
ARN = f"arn:aws:codeartifact:eu-west-1:{OWNER}"
PACKAGES = f"{ARN}:package/demo/python"


def document(action="codeartifact:ReadFromRepository", resource="*", principal=OTHER, **more):
    named = principal if isinstance(principal, dict) or principal == "*" else {"AWS": principal}
    statement = {"Effect": "Allow", "Principal": named, "Action": action, "Resource": resource, **more}
    return {"Version": "2012-10-17", "Statement": [statement]}


def without(name, **more):
    found = document(**more)
    del found["Statement"][0][name]
    return found


REFUSED = {
    "domain action": (document("codeartifact:CreateRepository"), "codeartifact:CreateRepository, which is asked of the domain"),
    "token": (document("codeartifact:getauthorizationtoken"), "belongs into the domain's policy"),
    "domain action among others": (
        document(["codeartifact:ListPackages", "codeartifact:DescribeDomain"]),
        "codeartifact:DescribeDomain",
    ),
    "pattern of domain actions": (document("codeartifact:*Domain*Policy"), "codeartifact:*Domain*Policy"),
    "denied domain action": (document("codeartifact:ListRepositoriesInDomain", Effect="Deny"), "asked of the domain"),
    "package group": (document("codeartifact:UpdatePackageGroup"), "asked of the domain"),
    "account action": (document("codeartifact:ListRepositories"), "for which identity policies alone count"),
    "no service": (document("ReadFromRepository"), "write codeartifact:ReadFromRepository"),
    "reading packages": (document(resource=f"{PACKAGES}/*"), "all packages can be read or none"),
    "reading packages, by a pattern": (document("codeartifact:ReadFrom*", f"{PACKAGES}/*"), "all packages"),
    "reading packages, among others": (
        document(["codeartifact:ListPackageVersions", "codeartifact:ReadFromRepository"], [f"{PACKAGES}/npm/parity/ui"]),
        "all packages",
    ),
    "denied reading of packages": (document(resource=f"{PACKAGES}/*", Effect="Deny"), "all packages"),
    "other repository": (document(resource=f"{ARN}:repository/demo/npm"), "matches nothing of this repository"),
    "other domain": (document(resource=f"{ARN}:repository/other/python"), "matches nothing"),
    "the domain": (document(resource=f"{ARN}:domain/demo"), "matches nothing"),
    "other account": (document(resource=f"arn:aws:codeartifact:eu-west-1:{OTHER}:repository/demo/python"), "matches nothing"),
    "other region": (document(resource=f"arn:aws:codeartifact:us-east-1:{OWNER}:repository/demo/python"), "matches nothing"),
    "other service": (document(resource="arn:aws:s3:::*"), "matches nothing"),
    "name in another case": (document(resource=f"{ARN}:repository/demo/Python"), "matches nothing"),
    "repository's packages, wrongly": (document(resource=f"{ARN}:repository/demo/python/*"), "matches nothing"),
    "slash for colon": (document(resource=f"{ARN}/repository/demo/python"), "matches nothing"),
    "name alone": (document(resource="python"), 'give "*", or arn:aws:codeartifact:eu-west-1:123456789012:repository/demo/python'),
    "empty namespace without its slash": (document("codeartifact:PublishPackageVersion", f"{PACKAGES}/npm/react"), "npm/react"),
    "one resource of several": (document(resource=["*", f"{ARN}:repository/demo/npm"]), "repository/demo/npm"),
    "change by another account": (
        document("codeartifact:PutRepositoryPermissionsPolicy"),
        "lets 111122223333 use codeartifact:PutRepositoryPermissionsPolicy: only the account that owns the repository",
    ),
    "removal by another account": (
        document("codeartifact:DeleteRepositoryPermissionsPolicy", principal=f"arn:aws:iam::{OTHER}:role/ci"),
        "DeleteRepositoryPermissionsPolicy",
    ),
    "change by everybody": (document("codeartifact:PutRepositoryPermissionsPolicy", principal="*"), "lets everybody use"),
    "change by a pattern for one action": (document("codeartifact:PutRepo*"), "lets 111122223333 use"),
    "too long": (document(Sid="x" * MAX_LENGTH), "characters as compact JSON"),
}  # fmt: skip


@pytest.mark.parametrize(("policy", "sentence"), REFUSED.values(), ids=REFUSED.keys())
def test_what_a_repository_policy_cannot_do_is_refused(policy, sentence):
    with pytest.raises(InvalidInput) as error:
        check_document(policy, REPOSITORY)

    assert sentence in str(error.value)
    assert str(error.value).startswith("policy")
    assert str(error.value).endswith(".")


REFUSED_IN_A_DOMAIN = {
    "other domain": (document(resource=f"{ARN}:domain/other"), "matches nothing of this domain"),
    "repository of another domain": (document(resource=f"{ARN}:repository/other/*"), "matches nothing of this domain"),
    "reading packages": (document(resource=f"{PACKAGES}/*"), "all packages"),
    "change by another account": (document("codeartifact:PutDomainPermissionsPolicy"), "only the account that owns the domain"),
}  # fmt: skip


@pytest.mark.parametrize(("policy", "sentence"), REFUSED_IN_A_DOMAIN.values(), ids=REFUSED_IN_A_DOMAIN.keys())
def test_what_a_domain_policy_cannot_do_is_refused(policy, sentence):
    with pytest.raises(InvalidInput) as error:
        check_document(policy, DOMAIN)

    assert sentence in str(error.value)


def test_the_sentence_names_the_statement():
    policy = document(Sid="Fine")
    policy["Statement"].append({**document(resource="python")["Statement"][0], "Sid": "Wrong"})
    with pytest.raises(InvalidInput, match=r"^policy\.Statement\[1\] \(Sid 'Wrong'\) has the resource 'python'"):
        check_document(policy, REPOSITORY)


WARNED = {
    "unknown action": (document("codeartifact:ReadRepository"), "Is codeartifact:ReadFromRepository meant?"),
    "unknown pattern": (document("codeartifact:Frobnicate*"), "codeartifact:Frobnicate*, which is no action"),
    "unknown exception": (without("Action", NotAction="codeartifact:Frobnicate"), "which is no action"),
    "other service": (document("s3:GetObject"), "has s3:GetObject: a policy of CodeArtifact counts for CodeArtifact's own"),
    "token of sts": (document(["sts:GetServiceBearerToken", "codeartifact:ListPackages"]), "has sts:GetServiceBearerToken"),
    "publishing to the repository": (
        document("codeartifact:PublishPackageVersion", f"{ARN}:repository/demo/python"),
        "PublishPackageVersion, which is asked of packages, on none of them",
    ),
    "everybody": (document(principal="*"), "allows everybody, in every AWS account"),
    "everybody, in a list": (document(principal=[OTHER, "*"]), "allows everybody"),
    "everybody else": (without("Principal", NotPrincipal={"AWS": OTHER}), "allows everybody"),
    "everybody, with an empty condition": (document(principal="*", Condition={}), "allows everybody"),
    "change by a wildcard": (
        document("codeartifact:*"),
        "covers codeartifact:DeleteRepositoryPermissionsPolicy and codeartifact:PutRepositoryPermissionsPolicy",
    ),
    "change by all actions": (document("*"), "do not get that right"),
    "change by exception": (without("Action", NotAction="codeartifact:DeleteRepository"), "do not get that right"),
}  # fmt: skip


@pytest.mark.parametrize(("policy", "sentence"), WARNED.values(), ids=WARNED.keys())
def test_what_a_repository_policy_seldom_means_is_warned_about(policy, sentence):
    assert [warning for warning in check_document(policy, REPOSITORY) if sentence in warning]
    assert all(warning.startswith("policy.Statement[0]") for warning in check_document(policy, REPOSITORY))


WARNED_IN_A_DOMAIN = {
    "reading everything": (document(), "on *: that opens every repository of the domain demo"),
    "reading everything by a wildcard": (document("codeartifact:Read*"), "opens every repository"),
    "reading all repositories": (document(resource=f"{ARN}:repository/demo/*"), "opens every repository"),
    "reading all of the account": (document(resource="arn:aws:codeartifact:*"), "opens every repository"),
    "all but some": (without("Resource", NotResource=f"{ARN}:repository/demo/secret"), "opens every repository"),
    "account action": (document("codeartifact:ListDomains"), "for which identity policies alone count"),
    "token on a repository": (
        document("codeartifact:GetAuthorizationToken", f"{ARN}:repository/demo/python"),
        "which is asked of domains, on none of them",
    ),
    "repositories' policies": (
        document("codeartifact:PutRepositoryPermissionsPolicy"),
        "111122223333 may open the domain's repositories to anybody else",
    ),
    "change by a wildcard": (document("codeartifact:*Policy"), "codeartifact:PutDomainPermissionsPolicy: accounts other than"),
}  # fmt: skip


@pytest.mark.parametrize(("policy", "sentence"), WARNED_IN_A_DOMAIN.values(), ids=WARNED_IN_A_DOMAIN.keys())
def test_what_a_domain_policy_seldom_means_is_warned_about(policy, sentence):
    assert [warning for warning in check_document(policy, DOMAIN) if sentence in warning]


FINE = {
    "own account, all actions": (document("codeartifact:*", principal=OWNER), REPOSITORY),
    "own account may change": (document("codeartifact:PutRepositoryPermissionsPolicy", principal=OWNER), REPOSITORY),
    "denied change": (document("codeartifact:PutRepositoryPermissionsPolicy", Effect="Deny"), REPOSITORY),
    "denied to everybody": (document(principal="*", Effect="Deny"), REPOSITORY),
    "the organization": (
        document(principal="*", Condition={"StringEquals": {"aws:PrincipalOrgID": "o-example"}}),
        REPOSITORY,
    ),
    "any part may be a wildcard": (document(resource="arn:*:codeartifact:eu-*:*:repository/demo/p?thon"), REPOSITORY),
    "repository and packages": (document(resource=[f"{ARN}:repository/demo/python", f"{PACKAGES}/*"]), REPOSITORY),
    "empty namespace": (document("codeartifact:PublishPackageVersion", f"{PACKAGES}/npm//react"), REPOSITORY),
    "names that begin alike": (document("codeartifact:PublishPackageVersion", f"{PACKAGES}/npm/parity/*"), REPOSITORY),
    "what is not known cannot differ": (
        document(resource=f"arn:aws-cn:codeartifact:cn-north-1:{OTHER}:repository/demo/python"),
        Attachment("demo", "python"),
    ),
    "token of sts in a domain": (
        document(["codeartifact:GetAuthorizationToken", "sts:GetServiceBearerToken"]),
        DOMAIN,
    ),
    "reading one repository": (document(resource=f"{ARN}:repository/demo/python"), DOMAIN),
    "reading some repositories": (document(resource=f"{ARN}:repository/demo/team-*"), DOMAIN),
    "reading denied": (document(Effect="Deny"), DOMAIN),
    "package groups": (document("codeartifact:UpdatePackageGroup", f"{ARN}:package-group/demo/%2a"), DOMAIN),
}


@pytest.mark.parametrize(("policy", "attached"), FINE.values(), ids=FINE.keys())
def test_what_is_right_is_not_warned_about(policy, attached):
    assert check_document(policy, attached) == ()


def test_a_change_by_an_account_that_may_be_the_owner_is_warned_about():
    unknown = Attachment("demo", "python")
    (warning,) = check_document(document("codeartifact:PutRepositoryPermissionsPolicy"), unknown)
    assert "do not get that right" in warning


def test_actions_of_repositories_are_told_from_those_of_domains():
    assert {"ReadFromRepository", "PublishPackageVersion", "TagResource"} <= OF_A_REPOSITORY
    assert not {"CreateRepository", "GetAuthorizationToken", "ListRepositories", "ListDomains"} & OF_A_REPOSITORY


def test_every_operation_of_the_api_is_a_known_action():
    session = pytest.importorskip("botocore.session").get_session()
    operations = set(session.get_service_model("codeartifact").operation_names)
    assert set(ACTIONS) - operations == {
        "AssociateWithDownstreamRepository",
        "PutPackageMetadata",
        "ReadFromRepository",
    }
    assert operations <= set(ACTIONS)


def test_patterns_cover_actions_whatever_their_case():
    assert covered("CODEARTIFACT:readfrom*") == {"ReadFromRepository"}
    assert covered("codeartifact:GetRepository?ndpoint") == {"GetRepositoryEndpoint"}
    assert covered("*") == set(ACTIONS)
    assert covered("codeartifact:ReadFromRepositor") == frozenset()


TEXTS = st.text("ab*?", max_size=6)


@given(TEXTS, TEXTS)
def test_patterns_overlap_either_way_round(one, other):
    there_and_back = [overlap(*pair) for pair in ((one, other), (other, one))]
    assert there_and_back[0] == there_and_back[1]
    assert overlap(one, one)


@given(TEXTS, st.text("ab", max_size=6))
def test_a_pattern_matches_the_texts_that_it_should(pattern, text):
    expression = "".join({"*": ".*", "?": "."}.get(character, character) for character in pattern)
    assert overlap(pattern, text) == bool(re.fullmatch(expression, text))


@given(TEXTS, TEXTS, st.text("ab", max_size=6))
def test_patterns_that_match_one_text_overlap(one, other, text):
    if overlap(one, text) and overlap(other, text):
        assert overlap(one, other)

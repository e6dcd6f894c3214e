# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is refused and what is warned about when a policy is written, and that a writer is warned of what the report says."""

from __future__ import annotations

import re

import pytest
from ansible_collections.pkgops.registry_auth.plugins.module_utils._base.errors import InvalidInput
from ansible_collections.pkgops.registry_auth.plugins.module_utils._domain.codeartifact.actions import (
    ACTIONS,
    OF_A_REPOSITORY,
    covered,
)
from ansible_collections.pkgops.registry_auth.plugins.module_utils._domain.codeartifact.matrix import Matrix
from ansible_collections.pkgops.registry_auth.plugins.module_utils._domain.codeartifact.rules import (
    REFUSE,
    REPORT,
    RULES,
    WARN,
    find,
    warnings,
)
from ansible_collections.pkgops.registry_auth.plugins.module_utils._domain.codeartifact.scope import Governed, Scope
from ansible_collections.pkgops.registry_auth.plugins.module_utils._domain.iam.documents import parse_document
from ansible_collections.pkgops.registry_auth.plugins.module_utils._domain.iam.wildcards import overlap
from hypothesis import given
from hypothesis import strategies as st

OWNER, OTHER = "123456789012", "111122223333"
ROLE = f"arn:aws:iam::{OTHER}:role/ci"
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


def written(policy, repository="python"):
    """What is warned about when a repository or, without one, the domain gets a policy."""
    domain = Governed("demo", policy=None if repository else policy)
    governed = Governed("demo", repository, policy=policy) if repository else domain
    return list(warnings(Scope.at(f"{ARN}:domain/demo", domain), governed))


def reported(policy, repository="python"):
    """What the report has on it, in a domain where all may log in."""
    login = document("codeartifact:GetAuthorizationToken", principal=[OTHER, ROLE])
    domain = Governed("demo", policy=login if repository else policy)
    repositories = (Governed("demo", repository, OWNER, policy),) if repository else ()
    found = find(Matrix(Scope.at(f"{ARN}:domain/demo", domain, repositories)))
    return [one for one in found if one.about["repository"] == repository]


REFUSED = {
    "no service": (document("ReadFromRepository"), "'ReadFromRepository', which is not an action: write SERVICE:NAME, or"),
    "stars alone": (document("**"), "'**', which is not an action"),
    "any service": (document("*:*"), "'*:*', which is not an action"),
    "no name": (document("codeartifact:"), "'codeartifact:', which is not an action"),
    "a name too many": (document("codeartifact:Read:Foo"), "'codeartifact:Read:Foo', which is not an action"),
    "name alone": (document(resource="python"), "'python', which is not an ARN"),
    "no such operator": (document(Condition={"StringEqual": {"aws:username": "a"}}), "Condition.StringEqual is not an operator"),
    "no such null": (document(Condition={"NullIfExists": {"aws:username": "true"}}), "NullIfExists is not an operator"),
    "an operator of nothing": (document(Condition={"StringEquals": {}}), "Condition.StringEquals is empty"),
    "a key of nobody": (document(Condition={"StringEquals": {"PrincipalOrgID": "o-a1b2c3d4e5"}}), "the key 'PrincipalOrgID'"),
    "no date": (document(Condition={"DateLessThan": {"aws:CurrentTime": "tomorrow"}}), "'tomorrow', which does not fit"),
    "no address": (document(Condition={"NotIpAddress": {"aws:SourceIp": ["10.0.0.0/8", "300.1.1.1"]}}), "'300.1.1.1', which"),
    "no truth": (document(Condition={"Bool": {"aws:SecureTransport": "ja"}}), "'ja', which does not fit"),
    "no number": (document(Condition={"NumericLessThan": {"aws:MultiFactorAuthAge": "soon"}}), "'soon', which does not fit"),
    "a month too many": (document(Condition={"DateLessThan": {"aws:CurrentTime": "2030-13"}}), "'2030-13', which does not fit"),
    "a number of Python's": (document(Condition={"NumericEquals": {"aws:MultiFactorAuthAge": "NaN"}}), "'NaN', which does not"),
    "digits in groups": (document(Condition={"NumericEquals": {"aws:MultiFactorAuthAge": "3_600"}}), "'3_600', which does not"),
    "a deleted user": (document(principal="AIDAEXAMPLE0123456789"), "a deleted one, and AWS refuses to store it"),
}  # fmt: skip


@pytest.mark.parametrize(("policy", "sentence"), REFUSED.values(), ids=REFUSED.keys())
def test_what_aws_refuses_is_refused(policy, sentence):
    with pytest.raises(InvalidInput) as error:
        parse_document(policy)

    assert sentence in str(error.value)
    assert str(error.value).startswith("policy.Statement[0]")
    assert str(error.value).endswith(".")


ACCEPTED = {
    "months": {"DateLessThan": {"aws:CurrentTime": ["2030-01", "2030-01-31T12:00:00Z", 1893456000]}},
    "sets": {"ForAnyValue:StringLike": {"aws:PrincipalOrgPaths": "o-a1b2c3d4e5/*"}},
    "if it is there": {"NumericLessThanEqualsIfExists": {"aws:MultiFactorAuthAge": 3600}},
    "variables": {"IpAddress": {"aws:SourceIp": "${aws:PrincipalTag/network}"}},
    "numbers": {"NumericLessThan": {"aws:MultiFactorAuthAge": [3600, "-1", "0.5", ".5", "+2.", "1e3", 2.5e-05]}},
    "binary": {"BinaryEquals": {"key:data": "QmluYXJ5"}},
    "nothing": {},
}


@pytest.mark.parametrize("condition", ACCEPTED.values(), ids=ACCEPTED.keys())
def test_conditions_that_aws_takes(condition):
    parse_document(document(Condition=condition))


@pytest.mark.parametrize("condition", [case[0]["Statement"][0].get("Condition") for case in REFUSED.values()])
def test_what_aws_has_stored_is_not_refused(condition):
    if condition is not None:
        parse_document(document(Condition=condition), form="stored")


NO_EFFECT, NOTHING = (
    "for which it never counts in the policy of a repository, or not on its resources",
    "matches nothing of this",
)

#: What is stored, and what the one line says that a writer is warned with.
WARNED = {
    # Without effect, and stored by AWS.
    "domain action": (document("codeartifact:CreateRepository"), f"has codeartifact:CreateRepository, {NO_EFFECT}"),
    "token among others": (
        document(["codeartifact:ReadFromRepository", "codeartifact:GetAuthorizationToken"]), f"has codeartifact:GetAuthorizationToken, {NO_EFFECT}"
    ),
    "domain actions on the domain": (
        document(["codeartifact:CreateRepository", "codeartifact:ListRepositoriesInDomain"], f"{ARN}:domain/demo", ROLE), NOTHING
    ),
    "pattern of domain actions": (document("codeartifact:*Domain*Policy"), "has codeartifact:*Domain*Policy, for which"),
    "denied domain action": (document("codeartifact:ListRepositoriesInDomain", Effect="Deny"), NO_EFFECT),
    "account action": (document("codeartifact:ListRepositories"), NO_EFFECT),
    "change of itself": (document("codeartifact:PutRepositoryPermissionsPolicy"), NO_EFFECT),
    "change of itself by the owner": (document("codeartifact:PutRepositoryPermissionsPolicy", principal=f"arn:aws:iam::{OWNER}:role/a"), NO_EFFECT),
    "reading packages": (document(resource=f"{PACKAGES}/*"), NO_EFFECT),
    "publishing to the repository": (document("codeartifact:PublishPackageVersion", f"{ARN}:repository/demo/python", "*"), NO_EFFECT),
    "other repository": (document(resource=f"{ARN}:repository/demo/npm"), f"is about {ARN}:repository/demo/npm, which {NOTHING} repository"),
    "other account": (document(resource=f"arn:aws:codeartifact:eu-west-1:{OTHER}:repository/demo/python"), NOTHING),
    "other region": (document(resource=f"arn:aws:codeartifact:us-east-1:{OWNER}:repository/demo/python"), NOTHING),
    "other service": (document(resource="arn:aws:s3:::*"), NOTHING),
    "name in another case": (document(resource=f"{ARN}:repository/demo/Python"), NOTHING),
    "repository's packages, wrongly": (document(resource=f"{ARN}:repository/demo/python/*"), NOTHING),
    "slash for colon": (document(resource=f"{ARN}/repository/demo/python"), NOTHING),
    "empty namespace without its slash": (document("codeartifact:PublishPackageVersion", f"{PACKAGES}/npm/react"), NOTHING),
    "one resource of several": (document(resource=["*", f"{ARN}:repository/demo/npm"]), f"is about {ARN}:repository/demo/npm, which"),
    "unknown action": (document("codeartifact:ReadRepository"), "codeartifact:ReadRepository (is codeartifact:ReadFromRepository meant?), which is no"),
    "unknown pattern": (document("codeartifact:Frobnicate*"), "has codeartifact:Frobnicate*, which is not an action"),
    "other service's action": (document("s3:GetObject"), f"has s3:GetObject, {NO_EFFECT}"),
    "token of sts": (document(["sts:GetServiceBearerToken", "codeartifact:ListPackages"]), f"has sts:GetServiceBearerToken, {NO_EFFECT}"),
    "denied anyway": (
        {"Statement": [document(principal=ROLE)["Statement"][0], document(principal="*", Effect="Deny")["Statement"][0]]},
        "allows nothing, because it is denied by statement 2 of the repository policy",
    ),
    # The own account: IAM leaves it to identity policies there.
    "the own account": (document(principal=OWNER), f"names account {OWNER} in a policy of its own"),
    "the own root": (document(principal=f"arn:aws:iam::{OWNER}:root"), "lets in nobody who was not let in already"),
    # Open to others.
    "anybody": (document(principal="*"), "allows codeartifact:ReadFromRepository to anybody in any AWS account"),
    "anybody, in a list": (document(principal=[OTHER, "*"]), "to anybody"),
    "anybody else": (without("Principal", NotPrincipal={"AWS": OTHER}), "to anybody"),
    "anybody, with an empty condition": (document(principal="*", Condition={}), "to anybody"),
    "anybody in a region": (document(principal="*", Condition={"StringEquals": {"aws:RequestedRegion": "eu-west-1"}}), "to anybody"),
    "anybody lists": (
        document(["codeartifact:ListPackages", "codeartifact:DescribeRepository"], principal="*"),
        "allows codeartifact:DescribeRepository and codeartifact:ListPackages to anybody",
    ),
    "anybody reads and lists": (
        document(["codeartifact:ListPackages", "codeartifact:ReadFromRepository"], principal="*"),
        "allows codeartifact:ReadFromRepository to anybody",
    ),
    "an account publishes everything": (document("codeartifact:PublishPackageVersion"), "allows codeartifact:PublishPackageVersion on all packages"),
    "every action": (document("codeartifact:*"), "allows every action"),
    "all actions": (document("*"), "allows every action"),
    "all but one": (without("Action", NotAction="codeartifact:DeleteRepository"), "allows account 111122223333 what changes or deletes"),
    "removal of its policy by another account": (document("codeartifact:DeleteRepositoryPermissionsPolicy"), "codeartifact:DeleteRepositoryPermissionsPolicy"),
}  # fmt: skip


@pytest.mark.parametrize(("policy", "sentence"), WARNED.values(), ids=WARNED.keys())
def test_what_a_repository_policy_seldom_means_is_warned_about_in_one_line(policy, sentence):
    parse_document(policy)
    (warning,) = written(policy)
    assert sentence in warning
    assert warning.startswith("Statement 1 of its policy ")
    assert warning.endswith(".")


WARNED_IN_A_DOMAIN = {
    "other domain": (document(resource=f"{ARN}:domain/other"), f"which {NOTHING} domain"),
    "repository of another domain": (document(resource=f"{ARN}:repository/other/*"), f"which {NOTHING} domain"),
    "reading packages": (document(resource=f"{PACKAGES}/*"), "for which it never counts in the policy of a domain"),
    "reading the domain": (document(resource=f"{ARN}:domain/demo", principal="*"), "for which it never counts"),
    "change of itself": (document("codeartifact:PutDomainPermissionsPolicy"), "for which it never counts"),
    "reading everything": (document(), "allows codeartifact:ReadFromRepository on every repository of the domain"),
    "reading everything by a wildcard": (document("codeartifact:Read*"), "on every repository"),
    "reading all repositories": (document(resource=f"{ARN}:repository/demo/*"), "on every repository"),
    "reading all of the account": (document(resource="arn:aws:codeartifact:*"), "on every repository"),
    "all but some": (without("Resource", NotResource=f"{ARN}:repository/demo/secret"), "on every repository"),
    "account action": (document("codeartifact:ListDomains"), "for which it never counts"),
    "token on a repository": (document("codeartifact:GetAuthorizationToken", f"{ARN}:repository/demo/python"), "or not on its resources"),
    "repositories' policies": (
        document("codeartifact:PutRepositoryPermissionsPolicy"),
        "allows account 111122223333 codeartifact:PutRepositoryPermissionsPolicy, by which repositories can be opened to anybody else",
    ),
    "repositories' policies by two": (
        document("codeartifact:PutRepositoryPermissionsPolicy", principal=[OTHER, "444455556666"]),
        "allows accounts 111122223333, 444455556666 codeartifact:PutRepositoryPermissionsPolicy",
    ),
    "publishing everything": (document("codeartifact:PublishPackageVersion"), "on all packages of every repository"),
}  # fmt: skip


@pytest.mark.parametrize(("policy", "sentence"), WARNED_IN_A_DOMAIN.values(), ids=WARNED_IN_A_DOMAIN.keys())
def test_what_a_domain_policy_seldom_means_is_warned_about_in_one_line(policy, sentence):
    (warning,) = written(policy, None)
    assert sentence in warning


FINE = {
    "own account, all actions": (document("codeartifact:*", principal=OWNER), "python"),
    "own root, all actions, in the domain": (document("codeartifact:*", principal=f"arn:aws:iam::{OWNER}:root"), None),
    "a role of the own account": (document(principal=f"arn:aws:iam::{OWNER}:role/dev"), "python"),
    "an account reads": (document(), "python"),
    "denied to everybody": (document(principal="*", Effect="Deny"), "python"),
    "denied to the own account": (document(principal=OWNER, Effect="Deny"), "python"),
    "the organization": (document(principal="*", Condition={"StringEquals": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}}), "python"),
    "any part may be a wildcard": (document(resource="arn:*:codeartifact:eu-*:*:repository/demo/p?thon"), "python"),
    "repository and packages": (document(resource=[f"{ARN}:repository/demo/python", f"{PACKAGES}/*"]), "python"),
    "empty namespace": (document("codeartifact:PublishPackageVersion", f"{PACKAGES}/npm//react"), "python"),
    "names that begin alike": (document("codeartifact:PublishPackageVersion", f"{PACKAGES}/npm/parity/*"), "python"),
    "token of sts in a domain": (document(["codeartifact:GetAuthorizationToken", "sts:GetServiceBearerToken"]), None),
    "reading one repository": (document(resource=f"{ARN}:repository/demo/python"), None),
    "reading some repositories": (document(resource=f"{ARN}:repository/demo/team-*"), None),
    "reading denied": (document(Effect="Deny"), None),
    "a role publishes everything to its repository": (document("codeartifact:PublishPackageVersion", principal=ROLE), "python"),
    "package groups of the owner's": (
        document("codeartifact:UpdatePackageGroup", f"{ARN}:package-group/demo/%2a", f"arn:aws:iam::{OWNER}:role/a"), None
    ),
}  # fmt: skip


@pytest.mark.parametrize(("policy", "repository"), FINE.values(), ids=FINE.keys())
def test_what_is_right_is_not_warned_about(policy, repository):
    assert written(policy, repository) == []


def test_one_line_for_each_statement():
    policy = {
        "Statement": [{**document("*", principal="*")["Statement"][0], "Sid": "Open"}, document("x:Y")["Statement"][0]]
    }
    first, second = written(policy)
    assert first == (
        "Statement 1 (Sid 'Open') of its policy allows every action to anybody in any AWS account whose own policies allow it; it allows every "
        "action, among them to delete and to change what others get."
    )
    assert second.startswith("Statement 2 of its policy has x:Y")


def test_what_is_not_the_writers_own_is_not_warned_about():
    policy = {"Statement": [{**document(principal="*")["Statement"][0], "Sid": sid} for sid in ("Theirs", "Ours")]}
    governed = Governed("demo", "python", policy=policy)
    (warning,) = warnings(Scope.at(f"{ARN}:domain/demo", Governed("demo")), governed, {"Ours"})
    assert warning.startswith("Statement 2 (Sid 'Ours') of its policy ")


@pytest.mark.parametrize(
    ("policy", "repository"),
    [*((case[0], "python") for case in WARNED.values()), *((case[0], None) for case in WARNED_IN_A_DOMAIN.values()), *FINE.values()],
)  # fmt: skip
def test_a_writer_is_warned_of_what_the_report_says(policy, repository):
    """Sentence by sentence, but for what rules leave to the report; and the report says nothing else that is not warned about."""
    lines = " ".join(written(policy, repository))
    found = reported(policy, repository)
    for finding in found:
        says = finding.message.partition(f"{repository or 'demo'} ")[2].removesuffix(".")
        assert (says in lines) == (_response(finding) == WARN), finding
    assert bool(lines) == any(_response(finding) == WARN for finding in found)


def _response(finding):
    """What a role may publish can be meant so; for everybody else's it is HIGH."""
    if (finding.code, finding.severity) == ("unbounded_publish", "medium"):
        return REPORT
    (response,) = {
        rule.response for rule in RULES if rule.code == finding.code and finding.code != "unbounded_publish"
    } or {WARN}
    return response


def test_what_is_high_is_never_left_to_the_report():
    assert {rule.response for rule in RULES} == {REFUSE, WARN, REPORT}
    high = [
        finding
        for case in (*WARNED.values(), *WARNED_IN_A_DOMAIN.values())
        for finding in reported(case[0])
        if finding.severity == "high"
    ]
    assert {finding.code for finding in high} > {"public_access", "unbounded_publish"}
    assert {_response(finding) for finding in high} == {WARN}


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

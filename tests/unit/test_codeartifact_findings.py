# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is to be found in policies, and that each remedy is YAML, is a policy that can be put, and makes its finding go away."""

from __future__ import annotations

from dataclasses import replace

import pytest
import yaml
from ansible.parsing.dataloader import DataLoader
from ansible.template import Templar, trust_as_template
from ansible_collections.pkgops.registry_auth.plugins.module_utils._base.yaml_text import Template, as_yaml
from ansible_collections.pkgops.registry_auth.plugins.module_utils._domain.codeartifact.grants import parse_grants
from ansible_collections.pkgops.registry_auth.plugins.module_utils._domain.codeartifact.matrix import Matrix
from ansible_collections.pkgops.registry_auth.plugins.module_utils._domain.codeartifact.merging import merge
from ansible_collections.pkgops.registry_auth.plugins.module_utils._domain.codeartifact.rules import find
from ansible_collections.pkgops.registry_auth.plugins.module_utils._domain.codeartifact.scope import Governed, Scope
from ansible_collections.pkgops.registry_auth.plugins.module_utils._domain.codeartifact.storable import compact
from ansible_collections.pkgops.registry_auth.plugins.module_utils._domain.iam.documents import parse_document
from hypothesis import given, settings
from hypothesis import strategies as st

OWNER, OTHER, THIRD = "111111111111", "333333333333", "444444444444"
ROOT, RELEASE = f"arn:aws:iam::{OTHER}:root", f"arn:aws:iam::{OTHER}:role/release"
DEAD = "AROAEXAMPLE0123456789"
PACKAGES = f"arn:aws:codeartifact:eu-west-1:{OWNER}:package/dom/repo"
THE_DOMAIN = f"arn:aws:codeartifact:eu-west-1:{OWNER}:domain/dom"
REPOSITORY = f"arn:aws:codeartifact:eu-west-1:{OWNER}:repository/dom/repo"


def allow(*actions, to=RELEASE, on="*", effect="Allow", **more):
    named = {} if to is None else {"Principal": "*" if to == "*" else {"AWS": to}}
    full = [action if ":" in action or action == "*" else f"codeartifact:{action}" for action in actions]
    return {"Effect": effect, **named, "Action": full[0] if len(full) == 1 else full, "Resource": on, **more}


def deny(*actions, **more):
    return allow(*actions, effect="Deny", **more)


LOGIN = allow("GetAuthorizationToken", to=OTHER)
PUBLISH = allow("PublishPackageVersion", on=f"{PACKAGES}/npm/parity/*")


def scope(domain=(LOGIN,), repository=()):
    def policy(statements):
        return {"Version": "2012-10-17", "Statement": list(statements)} if statements else None

    return Scope(
        OWNER,
        "eu-west-1",
        Governed("dom", policy=policy(domain), revision="of-domain="),
        (Governed("dom", "repo", OWNER, policy(repository), "of-repository="),),
    )


def found(of):
    """Findings with the index of the statement, which findings count from one."""
    return [
        (one.code, one.severity, one.about["repository"], one.about["statement"] and one.about["statement"] - 1)
        for one in find(Matrix(of))
    ]


def of_domain(code, severity, *statements, index=0):
    return scope(statements), [(code, severity, None, index)]


def of_repository(code, severity, *statements, index=0):
    return scope(repository=statements), [(code, severity, "repo", index)]


ORGANIZATION = {"StringEquals": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}}
SECURE = {"Bool": {"aws:SecureTransport": "true"}}
EXCEPTED = {**allow("ReadFromRepository", to=None), "NotPrincipal": {"AWS": ROOT}}

#: What is there, and what is to be found.
CASES = {
    "nothing wrong": (scope(repository=[allow("ReadFromRepository"), PUBLISH]), []),
    "no policies": (scope(()), []),
    "a whole account may log in": (scope([allow("GetAuthorizationToken", "DescribeDomain", to=ROOT)]), []),
    "anybody": of_repository("public_access", "high", allow("ReadFromRepository", to="*")),
    "anybody among others": of_repository("public_access", "high", allow("ReadFromRepository", to=[RELEASE, "*"])),
    "anybody by https": of_repository("public_access", "high", allow("ReadFromRepository", to="*", Condition=SECURE)),
    "anybody but some": of_repository("public_access", "high", EXCEPTED),
    "anybody of any organization": of_repository(
        "public_access", "high", allow("ReadFromRepository", to="*", Condition={"StringLike": {"aws:PrincipalOrgID": "*"}})
    ),
    **{
        f"anybody who has {what}": of_repository("public_access", "high", allow("ReadFromRepository", to="*", Condition=condition))
        for what, condition in {
            "a role of a name": {"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/ci"}},
            "a role of one of two names": {
                "ForAnyValue:StringLike": {"aws:PrincipalArn": [f"arn:aws:iam::{OTHER}:role/ci", "arn:aws:iam::?23456789012:role/ci"]}
            },
            "a principal at all": {"ArnEquals": {"aws:PrincipalArn": "arn:*"}},
            "a tag": {"StringEquals": {"aws:PrincipalTag/team": "a"}},
            "a name": {"StringEquals": {"aws:username": "ada"}},
            "a session of a name": {"StringLike": {"aws:userid": "*:ci"}},
            "any account": {"StringLike": {"aws:PrincipalAccount": "????????????"}},
            "any organization": {"StringLike": {"aws:PrincipalOrgID": "o-*"}},
            "a unit of any organization": {"ForAnyValue:StringLike": {"aws:PrincipalOrgPaths": "o-*/r-ab12/*"}},
            "one network or any other": {"StringLike": {"aws:SourceVpc": ["vpc-0a1b2c3d", "vpc-*"]}},
        }.items()
    },
    **{
        f"those of {what}": (scope(repository=[allow("ReadFromRepository", to="*", Condition=condition)]), [])
        for what, condition in {
            "roles of an account": {"ArnLike": {"aws:PrincipalArn": f"arn:aws:iam::{OTHER}:role/ci-*"}},
            "an account": {"StringEquals": {"AWS:principalaccount": OTHER}},
            "the owner's organization": {"StringEquals": {"aws:PrincipalOrgID": "${aws:ResourceOrgID}"}},
            "units of an organization": {"ForAnyValue:StringLike": {"aws:PrincipalOrgPaths": "o-a1b2c3d4e5/*"}},
            "a role, any session": {"StringLike": {"aws:userid": "AROAEXAMPLE0123456789:*"}},
            "an account, with a tag": {"StringEquals": {"aws:PrincipalTag/team": "a", "aws:PrincipalAccount": OTHER}},
            "a network": {"IpAddress": {"aws:SourceIp": "192.0.2.0/24"}},
        }.items()
    },
    "anybody logs in": of_domain("public_access", "high", allow("GetAuthorizationToken", to="*")),
    "an organization": (scope(repository=[allow("ReadFromRepository", to="*", Condition=ORGANIZATION)]), []),
    "nobody": (scope(repository=[deny("ReadFromRepository", to="*")]), []),
    "an account reads": of_repository("whole_account", "low", allow("ReadFromRepository", to=ROOT)),
    "an account maintains": (
        scope(repository=[allow("UpdatePackageVersionsStatus", to=[OTHER, RELEASE])]),
        [("others_administer", "medium", "repo", 0), ("whole_account", "medium", "repo", 0)],
    ),
    "the own account": of_repository("own_account", "low", allow("DeletePackage", to=OWNER)),
    "some of an account": (
        scope(repository=[allow("ReadFromRepository", to=ROOT, Condition={"StringEquals": {"aws:PrincipalTag/team": "a"}})]), []
    ),
    "an account creates repositories": of_domain("whole_account", "medium", allow("CreateRepository", to=ROOT)),
    "every action": of_repository("every_action", "high", allow("codeartifact:*")),
    "every action of every service": of_repository("every_action", "high", allow("*", Sid="All")),
    "every action of the domain": (
        scope([allow("*")]), [("domain_wide_read", "high", None, 0), ("every_action", "high", None, 0)]
    ),
    "reading in the domain": of_domain("domain_wide_read", "high", allow("ReadFromRepository", "GetAuthorizationToken")),
    "reading in the domain by a pattern": of_domain(
        "domain_wide_read", "high", allow("codeartifact:Read*", on="arn:aws:codeartifact:eu-west-1:*:repository/dom/*")
    ),
    "reading in the domain by the own account": of_domain(
        "domain_wide_read", "medium", allow("ReadFromRepository", to=f"arn:aws:iam::{OWNER}:role/reader")
    ),
    "reading one repository of the domain": (scope([LOGIN, allow("ReadFromRepository", on=REPOSITORY)]), []),
    "publishing all": of_repository("unbounded_publish", "medium", allow("PublishPackageVersion")),
    "publishing all, more, and reading": (
        scope(repository=[allow("codeartifact:P*", "ReadFromRepository", Sid="Both")]),
        [("others_administer", "medium", "repo", 0), ("unbounded_publish", "medium", "repo", 0)],
    ),
    "publishing all by path": of_repository("unbounded_publish", "medium", allow("PublishPackageVersion", on=f"{PACKAGES}/*")),
    "publishing all but some": of_repository(
        "unbounded_publish", "medium",
        {**{name: value for name, value in PUBLISH.items() if name != "Resource"}, "NotResource": f"{PACKAGES}/npm/*"},
    ),
    "publishing in the domain": of_domain("unbounded_publish", "high", allow("PublishPackageVersion")),
    "changing policies": of_domain("others_change_policies", "high", allow("PutRepositoryPermissionsPolicy", "DescribeDomain")),
    "the own account changes policies": (
        scope([allow("PutRepositoryPermissionsPolicy", to=f"arn:aws:iam::{OWNER}:role/admin")]), []
    ),
    "others delete": of_repository("others_administer", "medium", allow("DeleteRepository", "ReadFromRepository")),
    "others delete and nothing else": of_repository("others_administer", "medium", allow("codeartifact:DeletePackage*")),
    "who is no more": of_repository("dead_principal", "medium", allow("ReadFromRepository", to=[DEAD, RELEASE])),
    "all who are no more": of_repository("dead_principal", "medium", allow("ReadFromRepository", to=DEAD)),
    "one of two statements": of_repository(
        "dead_principal", "medium", allow("ReadFromRepository"), allow("ListPackages", to=DEAD), index=1
    ),
    "a service": of_repository(
        "unjudged_principal", "low",
        {**allow("ReadFromRepository"), "Principal": {"AWS": RELEASE, "Service": "codebuild.amazonaws.com"}},
    ),
    "another repository": of_repository(
        "never_matches", "medium", allow("ReadFromRepository", on=REPOSITORY.replace("/repo", "/other"))
    ),
    "another region too": of_repository(
        "never_matches", "medium", allow("ReadFromRepository", on=[REPOSITORY, REPOSITORY.replace("west", "north")])
    ),
    "a denial of another domain": of_domain(
        "never_matches", "medium", LOGIN, deny("CreateRepository", on=f"arn:aws:codeartifact:eu-west-1:{OWNER}:domain/other"), index=1
    ),
    "an incomplete ARN": of_repository("incomplete_arn", "low", allow("ReadFromRepository", on="arn:aws:codeartifact")),
    "an incomplete ARN of another": of_repository("never_matches", "medium", allow("ReadFromRepository", on="arn:aws:codeartifact:us-east-1")),
    "an action of the domain": of_repository("no_effect", "medium", allow("GetAuthorizationToken", "ListRepositoriesInDomain")),
    "an action of the domain too": of_repository("no_effect", "low", allow("GetAuthorizationToken", "ReadFromRepository")),
    "its own policy": of_repository(
        "no_effect", "medium", allow("PutRepositoryPermissionsPolicy", to=f"arn:aws:iam::{OWNER}:role/admin")
    ),
    "an action of the account": of_domain("no_effect", "low", LOGIN | {"Action": ["codeartifact:GetAuthorizationToken", "codeartifact:ListDomains"]}),
    "the token's other action": (scope([allow("GetAuthorizationToken", "sts:GetServiceBearerToken")]), []),
    "another service": of_repository("no_effect", "low", allow("s3:GetObject", "ReadFromRepository")),
    "reading some packages": of_repository("no_effect", "medium", allow("ReadFromRepository", on=f"{PACKAGES}/npm/*")),
    "publishing to a repository": of_repository("no_effect", "medium", allow("PublishPackageVersion", on=REPOSITORY)),
    "no such action": of_repository("unknown_action", "low", allow("ReadFromRepositories", "ReadFromRepository")),
    "a denied grant": of_repository("overridden", "low", PUBLISH, deny("Publish*", to=ROOT)),
    "a grant denied by the domain": (
        scope([LOGIN, deny("*", to="*", on=f"{PACKAGES}/*")], [PUBLISH]), [("overridden", "low", "repo", 0)]
    ),
    "a login denied": (
        scope([LOGIN, deny("GetAuthorizationToken", to="*")]), [("overridden", "low", None, 0)]
    ),
    "some of it denied": (scope(repository=[PUBLISH, deny("PublishPackageVersion", on=f"{PACKAGES}/npm/parity/ui")]), []),
    "Maven": of_repository("incomplete_publish", "medium", allow("PublishPackageVersion", on=f"{PACKAGES}/maven/com.example/*")),
    "all of Maven": (
        scope(repository=[allow("PublishPackageVersion", "PutPackageMetadata", on=f"{PACKAGES}/maven/com.example/*")]), []
    ),
    "NuGet": of_repository("incomplete_publish", "medium", allow("PublishPackageVersion", on=f"{PACKAGES}/nuget//ours*")),
    "all of NuGet": (
        scope(repository=[allow("PublishPackageVersion", on=f"{PACKAGES}/nuget//ours"), allow("ReadFromRepository", on=REPOSITORY)]), []
    ),
    # Findings follow from answers: what is denied anyway opens nothing to anybody.
    "anybody publishes to a repository": of_repository("no_effect", "medium", allow("PublishPackageVersion", to="*", on=REPOSITORY)),
    "anybody reads the domain": of_repository("never_matches", "medium", allow("ReadFromRepository", to="*", on=THE_DOMAIN)),
    "anybody reads the domain by its policy": of_domain("no_effect", "medium", allow("ReadFromRepository", to="*", on=THE_DOMAIN)),
    "an account publishes to a repository": of_repository("no_effect", "medium", allow("PublishPackageVersion", to=OTHER, on=REPOSITORY)),
    "anybody is denied": of_repository("overridden", "low", allow("ReadFromRepository", to="*"), deny("*", to="*")),
    "anybody of one account": (
        scope(repository=[allow("ReadFromRepository", to="*", Condition={"StringEquals": {"aws:PrincipalAccount": OTHER}})]), []
    ),
    "a role on condition of another account": (
        scope(repository=[allow("DeletePackage", Condition={"StringEquals": {"aws:PrincipalAccount": THIRD}})]), []
    ),
    "everything on packages": (
        scope(repository=[allow("*", on=f"{PACKAGES}/*")]),
        [("others_administer", "medium", "repo", 0), ("unbounded_publish", "medium", "repo", 0)],
    ),
    "the own account and another": (
        scope(repository=[allow("ReadFromRepository", to=[OWNER, OTHER])]),
        [("own_account", "low", "repo", 0), ("whole_account", "low", "repo", 0)],
    ),
    "the own account keeps everything": (scope(repository=[allow("codeartifact:*", to=OWNER)]), []),
    "a role of the own account": (scope(repository=[allow("ReadFromRepository", to=f"arn:aws:iam::{OWNER}:role/dev")]), []),
    "a policy variable": (
        scope(repository=[allow("PublishPackageVersion", on=f"{PACKAGES}/npm/${{aws:PrincipalTag/team}}/*")]), []
    ),
    "no login": (scope((), [PUBLISH]), [("no_login", "medium", None, None)]),
    "no login of one of two": (
        scope([LOGIN], [PUBLISH, PUBLISH | {"Principal": {"AWS": f"arn:aws:iam::{THIRD}:user/eve"}}]),
        [("no_login", "medium", None, None)],
    ),
    "no login of whom a statement leaves out": (scope((), [EXCEPTED]), [("public_access", "high", "repo", 0)]),
    "no login of who is denied something": (
        scope((), [allow("ReadFromRepository", to="*", Condition=ORGANIZATION), deny("PublishPackageVersion", to=RELEASE)]), []
    ),
    "no login of those who need none": (scope((), [allow("ReadFromRepository", to=f"arn:aws:iam::{OWNER}:role/reader")]), []),
}  # fmt: skip


@pytest.mark.parametrize(("of", "expected"), CASES.values(), ids=CASES.keys())
def test_findings(of, expected):
    assert found(of) == expected


@pytest.mark.parametrize(
    "of", [of for of, expected in CASES.values() if expected], ids=[name for name, case in CASES.items() if case[1]]
)
def test_remedies(of):  # fmt: skip
    for finding in find(Matrix(of)):
        (task,) = yaml.safe_load(finding.remedy)
        repository = finding.about["repository"]
        kind = "repository" if repository else "domain"
        options = task.pop(f"pkgops.registry_auth.codeartifact_{kind}_policy")
        assert list(task) == ["name"]
        assert (options.pop("region"), options.pop("domain"), options.pop("domain_owner")) == (
            "eu-west-1",
            "dom",
            OWNER,
        )
        assert options.pop("repository", None) == repository
        after = found(_remedied(of, repository, options))
        assert (finding.code, repository) not in {(code, where) for code, _severity, where, _index in after}, (
            finding.remedy
        )


def _remedied(of, repository, options):
    """The policies after the task."""
    if "grants" in options:
        assert options.pop("mode") == "merge"
        assert list(options) == ["grants"]
        policy = merge(of.domain.policy, parse_grants(options["grants"], "domain"), of.arn("domain"))
    else:
        assert options.pop("policy_revision") == ("of-repository=" if repository else "of-domain=")
        assert len(options) == 1
        policy = options.get("policy")
        assert policy or options == {"state": "absent"}
    governed = of.repositories[0] if repository else of.domain
    changed = replace(governed, policy=policy)
    if policy is not None:
        # That it can be put, so far as it is about what the remedy is for.
        parse_document(policy)
        compact(policy)
    return replace(of, repositories=(changed,)) if repository else replace(of, domain=changed)


def test_messages():
    of = scope((), [allow("PublishPackageVersion", Sid="Publish"), allow("ReadFromRepository", to=OWNER)])
    assert [one.message for one in find(Matrix(of))] == [
        f"The domain policy does not let {RELEASE} log in: it has no statement that allows codeartifact:GetAuthorizationToken to "
        "them. What policies of repositories grant them takes no effect.",
        "Statement 1 (Sid 'Publish') of the policy of repository dom/repo allows codeartifact:PublishPackageVersion on all packages, "
        "names that others use included.",
        f"Statement 2 of the policy of repository dom/repo names account {OWNER} in a policy of its own, which leaves it to identity "
        "policies there: it lets in nobody who was not let in already.",
    ]


def test_many_without_a_login_are_granted_as_their_account():
    many = [allow("ReadFromRepository", to=[f"arn:aws:iam::{OTHER}:role/r{number}" for number in range(30)])]
    (finding,) = find(Matrix(scope((), many)))
    (task,) = yaml.safe_load(finding.remedy)
    assert task["pkgops.registry_auth.codeartifact_domain_policy"]["grants"][0]["principals"] == [OTHER]
    assert "account 333333333333 (among them" in finding.message


_text = st.text(st.characters(exclude_categories=("C", "Z")) | st.sampled_from(" :#-*&!%@'\""))
_json = st.recursive(
    st.none() | st.booleans() | st.integers() | _text | st.sampled_from(["yes", "No", "null", "1e3", "12:30:00", "~", "=", "a: b", "- a", "a #b", ""]),
    lambda inner: st.lists(inner) | st.dictionaries(_text, inner),
)  # fmt: skip


@settings(max_examples=40)
@given(st.lists(_json, min_size=1))
def test_yaml_is_read_back_as_it_was(value):
    assert DataLoader().load(as_yaml(value)) == value


@pytest.mark.parametrize("text", ["{{ 7 * 7 }}", "{% if true %}x{% endif %}", "a {# comment #}", "{{"])
def test_what_others_wrote_is_no_template_when_it_is_pasted(text):
    loader = DataLoader()
    given = [{"Sid": text, "Principal": [text], "Condition": {"StringLike": {"aws:PrincipalTag/team": text}}}]
    pasted = loader.load(trust_as_template(as_yaml(given)))

    assert Templar(loader=loader).template(pasted) == given


def test_templates_of_our_own_are_filled_in():
    loader = DataLoader()
    pasted = loader.load(trust_as_template(as_yaml([Template("{{ item }}"), "{{ item }}"])))

    assert Templar(loader=loader, variables={"item": "filled"}).template(pasted) == ["filled", "{{ item }}"]

# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Grants: what AWS documents for them, what they allow and nothing else, and that they leave the statements of others alone."""

from __future__ import annotations

import copy
from fnmatch import fnmatchcase

import pytest
from ansible_collections.pkgops.registry_auth.plugins.module_utils._base.errors import InvalidInput
from ansible_collections.pkgops.registry_auth.plugins.module_utils._domain.codeartifact.actions import ACTIONS
from ansible_collections.pkgops.registry_auth.plugins.module_utils._domain.codeartifact.evaluation import (
    ALLOWED,
    DENIED,
    Policies,
    evaluate,
)
from ansible_collections.pkgops.registry_auth.plugins.module_utils._domain.codeartifact.grants import (
    ACCESS,
    ENDS,
    Grant,
    parse_grants,
)
from ansible_collections.pkgops.registry_auth.plugins.module_utils._domain.codeartifact.logins import (
    missing_logins,
    outsiders,
)
from ansible_collections.pkgops.registry_auth.plugins.module_utils._domain.codeartifact.merging import (
    dead_principals,
    merge,
    without_dead_principals,
)
from ansible_collections.pkgops.registry_auth.plugins.module_utils._domain.codeartifact.names import DOMAIN, REPOSITORY
from ansible_collections.pkgops.registry_auth.plugins.module_utils._domain.codeartifact.packages import (
    FORMATS,
    PackagePattern,
)
from ansible_collections.pkgops.registry_auth.plugins.module_utils._domain.codeartifact.rules import warnings
from ansible_collections.pkgops.registry_auth.plugins.module_utils._domain.codeartifact.scope import Governed, Scope
from ansible_collections.pkgops.registry_auth.plugins.module_utils._domain.iam.callers import Caller
from ansible_collections.pkgops.registry_auth.plugins.module_utils._domain.iam.documents import (
    parse_document,
    same_meaning,
)
from ansible_collections.pkgops.registry_auth.plugins.module_utils._domain.iam.statements import (
    IDENTITY,
    Request,
    read_statements,
)
from hypothesis import given, settings
from hypothesis import strategies as st

OWNER, ACCOUNT, OTHER = "111122223333", "123456789012", "444455556666"
ARN = f"arn:aws:codeartifact:us-east-1:{OWNER}:repository/my-domain/my-repo"
DOMAIN_ARN = f"arn:aws:codeartifact:us-east-1:{OWNER}:domain/my-domain"
PACKAGES = f"arn:aws:codeartifact:us-east-1:{OWNER}:package/my-domain/my-repo"
ROOT, BOB = f"arn:aws:iam::{ACCOUNT}:root", f"arn:aws:iam::{ACCOUNT}:user/bob"


def grant(name="team", principals=(ACCOUNT,), access=("read",), **more):
    return {"name": name, "principals": list(principals), "access": list(access), **more}


def document(grants, kind="repository"):
    return merge(None, parse_grants(grants, kind), ARN if kind == "repository" else DOMAIN_ARN)


# What AWS documents ---------------------------------------------------------------------------------------------------------------

PUBLISH, READ = "codeartifact:PublishPackageVersion", "codeartifact:ReadFromRepository"
READ_SET = [
    "codeartifact:DescribePackageVersion",
    "codeartifact:DescribeRepository",
    "codeartifact:GetPackageVersionReadme",
    "codeartifact:GetRepositoryEndpoint",
    "codeartifact:ListPackages",
    "codeartifact:ListPackageVersions",
    "codeartifact:ListPackageVersionAssets",
    "codeartifact:ListPackageVersionDependencies",
    READ,
]
BASIC = [
    "codeartifact:GetDomainPermissionsPolicy",
    "codeartifact:ListRepositoriesInDomain",
    "codeartifact:GetAuthorizationToken",
    "codeartifact:DescribeDomain",
    "codeartifact:CreateRepository",
]
IN_ORGANIZATION = {"StringEquals": {"aws:PrincipalOrgID": ["o-xxxxxxxxxxx"]}}


def allow(actions, principal=ROOT, resource="*", **more):
    named = principal if principal == "*" else {"AWS": principal}
    return {"Action": actions, "Effect": "Allow", "Principal": named, "Resource": resource, **more}


#: From the CodeArtifact User Guide, "Repository policies" and "Domain policies"; names are spelled so that the service would take them.
DOCUMENTED = {
    "download": ("repository", grant(access=["download"]), [allow([READ])]),
    "download and look around": ("repository", grant(), [allow(READ_SET)]),
    "download by a user": ("repository", grant(principals=[BOB], access=["download"]), [allow([READ], BOB)]),
    "publish one package of an npm scope": (
        "repository",
        grant(access=["publish"], packages=[{"format": "npm", "namespace": "@parity", "name": "ui"}]),
        [allow([PUBLISH], resource=f"{PACKAGES}/npm/parity/ui")],
    ),
    "publish an npm package without a scope": (
        "repository",
        grant(access=["publish"], packages=[{"format": "npm", "name": "react"}]),
        [allow([PUBLISH], resource=f"{PACKAGES}/npm//react")],
    ),
    "publish all packages": (
        "repository",
        grant(access=["publish"]),
        [allow([PUBLISH], resource=f"{PACKAGES}/*")],
    ),
    "publish to Maven": (
        "repository",
        grant(access=["publish"], packages=[{"format": "maven", "namespace": "com.company", "name": "name"}]),
        [allow([PUBLISH, "codeartifact:PutPackageMetadata"], resource=f"{PACKAGES}/maven/com.company/name")],
    ),
    "publish to NuGet": (
        "repository",
        grant(access=["publish"], packages=[{"format": "nuget", "name": "name"}]),
        [allow([PUBLISH], resource=f"{PACKAGES}/nuget//name"), allow([READ], resource=ARN)],
    ),
    "create repositories": (
        "domain",
        grant(access=["create_repositories"]),
        [allow(["codeartifact:CreateRepository"])],
    ),
    "log in": ("domain", grant(access=["login"]), [allow(["codeartifact:GetAuthorizationToken"])]),
    "full use of a domain": ("domain", grant(access=["contribute"]), [allow(BASIC)]),
    "full use by an organization": (
        "domain",
        grant(principals=["*"], organization="o-xxxxxxxxxxx", access=["contribute"]),
        [allow(BASIC, "*", Condition=IN_ORGANIZATION)],
    ),
}


@pytest.mark.parametrize(("kind", "one", "documented"), DOCUMENTED.values(), ids=DOCUMENTED.keys())
def test_documented_policies_come_out_of_grants(kind, one, documented):
    made = document([one], kind)
    nameless = [{name: value for name, value in statement.items() if name != "Sid"} for statement in made["Statement"]]
    assert same_meaning({**made, "Statement": nameless}, {"Version": "2012-10-17", "Statement": documented})


@pytest.mark.parametrize(("kind", "one", "_documented"), DOCUMENTED.values(), ids=DOCUMENTED.keys())
def test_nothing_is_wrong_with_what_grants_make(kind, one, _documented):
    policy = parse_document(document([one], kind))
    domain = Governed("my-domain", policy=policy if kind == "domain" else None)
    governed = domain if kind == "domain" else Governed("my-domain", "my-repo", policy=policy)
    # What is documented for all packages is for all packages, names that others use included.
    says = ["all packages"] if "publish" in one["access"] and "packages" not in one else []
    found = list(warnings(Scope.at(ARN, domain), governed))
    assert [phrase in sentence for phrase, sentence in zip(says, found, strict=True)] == [True] * len(says)


def test_statements_are_named_after_the_grant():
    formats = [{"format": "npm", "namespace": "a"}, {"format": "maven"}, {"format": "nuget"}]
    made = document([grant("team-a", access=["read", "download", "publish"], packages=formats)])
    assert [statement["Sid"] for statement in made["Statement"]] == ["TeamARead", "TeamAPublish", "TeamAPublishMaven"]


def test_what_another_access_includes_is_not_said_twice():
    (statement,) = document([grant(access=["login", "contribute", "create_repositories"])], "domain")["Statement"]
    assert statement["Sid"] == "TeamContribute"


# Packages

PATTERNS = {
    "npm/*": {"format": "npm"},
    "npm/acme/*": {"format": "npm", "namespace": "acme"},
    "npm/acme/ui-*": {"format": "npm", "namespace": "@acme", "name": "ui-*"},
    "npm/acme/ui": {"format": "npm", "name": "@acme/ui"},
    "npm//react": {"format": "npm", "namespace": "", "name": "react"},
    "npm//*": {"format": "npm", "namespace": ""},
    "npm/*/ui": {"format": "npm", "namespace": "@*", "name": "ui"},
    "pypi//our-package": {"format": "pypi", "name": "Our_.Package"},
    "pypi//our-*": {"format": "pypi", "name": "our_*", "namespace": ""},
    "pypi/*": {"format": "pypi"},
    "nuget//newtonsoft.json": {"format": "nuget", "name": "Newtonsoft.JSON"},
    "swift/acme/parser": {"format": "swift", "namespace": "Acme", "name": "Parser"},
    "maven/com.Company/*": {"format": "maven", "namespace": "com.Company"},
    "generic/builds/a?c": {"format": "generic", "namespace": "builds", "name": "a?c"},
}


@pytest.mark.parametrize(("path", "options"), PATTERNS.items(), ids=PATTERNS.keys())
def test_packages_are_named_as_in_arns(path, options):
    assert PackagePattern.of(options, "packages[0]").path == path


BAD_PACKAGES = {
    "packages[0].format is 'conda'": {"format": "conda"},
    "packages[0].namespace is 'a', but packages of the format pypi have none": {"format": "pypi", "namespace": "a"},
    "packages[0].namespace is missing: each package of the format maven has a groupId": {
        "format": "maven",
        "name": "x",
    },
    "packages[0].namespace is '@'": {"format": "npm", "namespace": "@", "name": "x"},
    "packages[0].name is '@a/b', which has a scope": {"format": "npm", "namespace": "a", "name": "@a/b"},
    "packages[0].name is 'a/b'": {"format": "npm", "name": "a/b"},
    "packages[0].name is ''": {"format": "pypi", "name": ""},
    "packages[0].name is '${aws:username}'": {"format": "pypi", "name": "${aws:username}"},
    "packages[0].namespace is 'a b'": {"format": "generic", "namespace": "a b", "name": "x"},
}


@pytest.mark.parametrize(("sentence", "options"), BAD_PACKAGES.items(), ids=BAD_PACKAGES.keys())
def test_wrong_packages_are_refused_with_a_sentence(sentence, options):
    with pytest.raises(InvalidInput) as error:
        PackagePattern.of(options, "packages[0]")
    assert sentence in str(error.value)
    assert str(error.value).endswith(".")


# Options

BAD = {
    "grants[0].name is ''": [grant("")],
    "grants[0].name is '-'": [grant("-")],
    "grants has 'team-a' and 'TeamA', whose statements would both be called TeamA...": [
        grant("team-a"),
        grant("TeamA"),
    ],
    "grants[0] (team).access is missing: of download, read, publish": [grant(access=[])],
    "grants[0] (team).access has 'login': download, read, publish are accepted for a repository": [
        grant(access=["login"])
    ],
    "grants[0] (team).principals is missing": [grant(principals=[])],
    "grants[0] (team).principals has 'bob', which is not a principal": [grant(principals=["bob"])],
    "grants[0] (team).principals has AIDACKCEVSQ6C2EXAMPLE": [grant(principals=["AIDACKCEVSQ6C2EXAMPLE"])],
    "a group cannot be a principal": [grant(principals=[f"arn:aws:iam::{ACCOUNT}:group/ops"])],
    "grants[0] (team).principals has '*', which is everybody in every AWS account": [grant(principals=["*"])],
    "grants[0] (team).everyone is set, and principals names somebody": [grant(everyone=True)],
    "grants[0] (team).organization is 'acme'": [grant(principals=["*"], organization="acme")],
    "grants[0] (team).packages bounds what may be published": [grant(packages=[{"format": "npm"}])],
    "grants[0] (team).packages is empty": [grant(access=["publish"], packages=[])],
    "grants[1] (two).packages[1].format is 'conda'": [
        grant("one"),
        grant("two", access=["publish"], packages=[{"format": "npm"}, {"format": "conda"}]),
    ],
}


@pytest.mark.parametrize(("sentence", "grants"), BAD.items(), ids=BAD.keys())
def test_wrong_grants_are_refused_with_a_sentence(sentence, grants):
    with pytest.raises(InvalidInput) as error:
        parse_grants(grants, "repository")
    assert sentence in str(error.value)
    assert str(error.value).endswith(".")


def test_everybody_is_said_twice():
    (statement,) = document([grant(principals=["*", ACCOUNT], everyone=True)])["Statement"]
    assert statement["Principal"] == "*"


def test_to_take_back_a_grant_its_name_is_enough():
    assert parse_grants([{"name": "team", "state": "absent"}], "repository") == (Grant("team", present=False),)


# Merging --------------------------------------------------------------------------------------------------------------------------

NAMES = st.text("abAB1-", min_size=1, max_size=6).filter(lambda name: name[0] not in "-" and name[-1] not in "-")
PRINCIPALS = st.lists(st.sampled_from([ACCOUNT, OTHER, BOB, f"arn:aws:iam::{OTHER}:role/ci"]), min_size=1, unique=True)
PACKAGE = st.sampled_from(list(PATTERNS.values()))


@st.composite
def any_grant(draw, kind="repository", name=NAMES):
    access = draw(st.lists(st.sampled_from(ACCESS[kind]), min_size=1, unique=True))
    more = {}
    if "publish" in access and draw(st.booleans()):
        more["packages"] = draw(st.lists(PACKAGE, min_size=1, max_size=4))
    return grant(
        draw(name), draw(PRINCIPALS), access, state=draw(st.sampled_from(["present", "present", "absent"])), **more
    )


def label(one):
    return Grant(one["name"]).label


ANY_GRANTS = st.lists(any_grant(), max_size=4, unique_by=label)
#: Statements of others, with Sids like those of grants and without.
SIDS = st.builds("{}{}".format, st.sampled_from(["", "A", "AB", "B1", "Team"]), st.sampled_from(["", *ENDS, "read"]))
FOREIGN = st.lists(
    st.builds(
        lambda sid, effect, action: {**allow([action]), "Effect": effect, **({"Sid": sid} if sid else {})},
        SIDS,
        st.sampled_from(["Allow", "Deny"]),
        st.sampled_from(READ_SET),
    ),
    max_size=5,
    unique_by=lambda statement: statement.get("Sid") or id(statement),
)


@given(NAMES, NAMES)
def test_grants_of_different_names_never_share_a_statement(one, other):
    one, other = Grant(one), Grant(other)
    assert one.label == other.label or not one.sids & other.sids


@given(ANY_GRANTS, FOREIGN)
def test_statements_of_others_stay_as_and_where_they_are(grants, foreign):
    parsed = parse_grants(grants, "repository")
    owned = {sid for one in parsed for sid in one.sids}
    current = {"Version": "2008-10-17", "Id": "theirs", "Statement": foreign}
    before = copy.deepcopy(current)
    merged = merge(current, parsed, ARN) or {"Statement": []}
    assert current == before
    theirs = [statement for statement in foreign if statement.get("Sid") not in owned]
    assert [statement for statement in merged["Statement"] if statement.get("Sid") not in owned] == theirs
    ours = [statement for statement in merged["Statement"] if statement.get("Sid") in owned]
    wanted = [statement for one in parsed for statement in one.statements(ARN)]
    assert sorted(ours, key=str) == sorted(wanted, key=str)
    assert not merged["Statement"] or (merged["Version"], merged["Id"]) == ("2008-10-17", "theirs")


@given(ANY_GRANTS, FOREIGN)
def test_merging_again_changes_nothing_and_taking_back_leaves_the_others(grants, foreign):
    parsed = parse_grants(grants, "repository")
    current = {"Version": "2012-10-17", "Statement": foreign}
    once = merge(current, parsed, ARN)
    assert merge(once, parsed, ARN) == once
    gone = [Grant(one.name, present=False) for one in parsed]
    assert merge(once, gone, ARN) == merge(current, gone, ARN)


@given(ANY_GRANTS, ANY_GRANTS)
def test_two_writers_of_different_grants_do_not_disturb_each_other(grants, others):
    ours, theirs = parse_grants(grants, "repository"), parse_grants(others, "repository")
    if {one.label for one in ours} & {one.label for one in theirs}:
        return
    both = merge(merge(None, ours, ARN), theirs, ARN)
    assert same_meaning(both, merge(merge(None, theirs, ARN), ours, ARN))
    assert same_meaning(merge(both, ours, ARN), both)


def test_a_statement_is_changed_in_its_place():
    first = parse_grants([grant("one"), grant("two"), grant("three")], "repository")
    changed = parse_grants([grant("two", principals=[BOB], access=["read", "publish"])], "repository")
    merged = merge(merge(None, first, ARN), changed, ARN)
    assert [statement["Sid"] for statement in merged["Statement"]] == ["OneRead", "TwoRead", "ThreeRead", "TwoPublish"]
    assert merged["Statement"][1]["Principal"] == {"AWS": BOB}


def test_a_policy_of_one_statement_that_is_in_no_list():
    merged = merge({"Statement": allow([READ])}, parse_grants([grant()], "repository"), ARN)
    assert [statement.get("Sid") for statement in merged["Statement"]] == [None, "TeamRead"]
    assert "Version" not in merged


# What grants allow ----------------------------------------------------------------------------------------------------------------

CALLERS = {
    ACCOUNT: (f"arn:aws:iam::{ACCOUNT}:user/ada", BOB),
    OTHER: (f"arn:aws:iam::{OTHER}:user/eve", f"arn:aws:iam::{OTHER}:role/ci"),
    "999999999999": ("arn:aws:iam::999999999999:user/mallory",),
}
ANY_CALLER = st.sampled_from([caller for callers in CALLERS.values() for caller in callers])
PUBLISHED = (
    "npm/acme/ui", "npm/acme/ui-kit", "npm/other/ui", "npm//react", "npm//ui", "pypi//our-package", "pypi//other", "nuget//newtonsoft.json",
    "nuget//x", "maven/com.Company/app", "maven/org.other/app", "swift/acme/parser", "swift/acme/Parser", "generic/builds/abc", "ruby//rails",
)  # fmt: skip


def names(principal, caller):
    """Whether a principal of a grant is the caller, or the caller's account."""
    return principal == caller or principal in (caller.split(":")[4], f"arn:aws:iam::{caller.split(':')[4]}:root")


def granted(grants, caller, action, package):
    """Whether grants in words allow an action: written from the documents, not from the code."""
    mine = [
        one
        for one in grants
        if one["state"] == "present" and any(names(principal, caller) for principal in one["principals"])
    ]
    for one in mine:
        patterns = [path for path, options in PATTERNS.items() if options in one.get("packages", ())] or ["*"]
        if action in READ_SET and "read" in one["access"]:
            return True
        if action == READ and ("download" in one["access"] or ("publish" in one["access"] and _has(one, "nuget"))):
            return True
        if "publish" in one["access"] and any(fnmatchcase(package, pattern) for pattern in patterns):
            if action == PUBLISH:
                return True
            if action == "codeartifact:PutPackageMetadata" and package.startswith("maven/") and _has(one, "maven"):
                return True
    return False


def _has(one, kind):
    return any(package["format"] == kind for package in one.get("packages", ()))


@settings(max_examples=300)
@given(ANY_GRANTS, ANY_CALLER, st.sampled_from(sorted(ACTIONS)), st.sampled_from(PUBLISHED))
def test_what_is_granted_is_allowed_and_nothing_else(grants, caller, name, package):
    kinds, action = ACTIONS[name], f"codeartifact:{name}"
    resource = f"{PACKAGES}/{package}" if "package" in kinds else ARN
    policy = merge(None, parse_grants(grants, "repository"), ARN)
    willing = read_statements(IDENTITY, {"Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]})
    policies = Policies(OWNER, OWNER, willing, repository=read_statements(REPOSITORY, policy))
    decision = evaluate(Request(Caller.of(caller), action, resource), policies)
    account_level = not kinds
    expected = ALLOWED if account_level or granted(grants, caller, action, package) else DENIED
    assert decision.outcome == expected, decision.reason


# Principals that are no more ------------------------------------------------------------------------------------------------------

AIDA, AROA = "AIDACKCEVSQ6C2EXAMPLE", "AROADBQP57FF2AEXAMPLE"


def test_dead_principals_are_found_wherever_they_are():
    statements = [
        allow([READ], [BOB, AIDA]),
        {**allow([READ]), "Principal": "*"},
        {"Effect": "Deny", "NotPrincipal": {"AWS": AROA}, "Action": READ, "Resource": "*"},
        {**allow([READ]), "Principal": {"Service": AIDA.lower()}},
    ]
    assert dead_principals({"Statement": statements}) == [AIDA, AROA]
    assert dead_principals(None) == []


def test_dead_principals_are_dropped_and_nobody_else():
    kept = allow([READ], [AIDA, BOB, ROOT])
    service = {**allow([READ]), "Principal": {"AWS": AIDA, "Service": "codebuild.amazonaws.com"}}
    spared = {"Effect": "Deny", "NotPrincipal": {"AWS": [AROA, BOB]}, "Action": READ, "Resource": "*"}
    unspared = {**spared, "NotPrincipal": {"AWS": AROA}}
    policy = {"Version": "2012-10-17", "Statement": [allow([READ], AIDA), kept, service, spared, unspared]}
    before = copy.deepcopy(policy)
    assert without_dead_principals(policy)["Statement"] == [
        {**kept, "Principal": {"AWS": [BOB, ROOT]}},
        {**service, "Principal": {"Service": ["codebuild.amazonaws.com"]}},
        {**spared, "NotPrincipal": {"AWS": [BOB]}},
        # A Deny to all but nobody would need another element.
        unspared,
    ]
    assert policy == before


def test_a_policy_of_dead_principals_alone_is_no_policy():
    assert without_dead_principals({"Statement": [allow([READ], [AIDA, AROA])]}) is None
    assert without_dead_principals(None) is None


# Logging in -----------------------------------------------------------------------------------------------------------------------

CI = f"arn:aws:iam::{OTHER}:role/ci"


def login(*principals, **more):
    named = "*" if principals == ("*",) else {"AWS": list(principals)}
    return {**allow(["codeartifact:GetAuthorizationToken"], "*"), "Principal": named, **more}


def test_who_is_in_another_account():
    grants = parse_grants(
        [
            grant("own", principals=[OWNER, f"arn:aws:iam::{OWNER}:role/release"]),
            grant("others", principals=[ACCOUNT, CI]),
            grant("all", principals=["*"], everyone=True),
            {"name": "gone", "state": "absent"},
        ],
        "repository",
    )
    assert outsiders(grants, OWNER) == [ACCOUNT, CI]


@pytest.mark.parametrize(
    ("statements", "missing"),
    [
        ([], [ACCOUNT, CI]),
        ([login(ACCOUNT)], [CI]),
        ([login(ACCOUNT, OTHER)], []),
        ([login("*")], []),
        # Some of the account may log in, or whoever meets a condition: that is not nobody.
        ([login(BOB, CI)], []),
        ([login("*", Condition={"StringEquals": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}})], []),
        ([{**login(ACCOUNT, CI), "Action": "codeartifact:*"}], []),
        ([{**login(ACCOUNT, CI), "Action": "codeartifact:Read*"}], [ACCOUNT, CI]),
    ],
)
def test_who_cannot_log_in_is_named_with_the_statement(statements, missing):
    said = missing_logins([ACCOUNT, CI], OWNER, DOMAIN_ARN, {"Statement": statements} if statements else None)
    if not missing:
        assert list(said) == []
        return
    (sentence,) = said
    assert sentence.startswith(
        f"The domain policy does not let {', '.join(missing)} log in: it has no statement that allows"
    )
    principals = f'"{missing[0]}"' if len(missing) == 1 else '["' + '", "'.join(missing) + '"]'
    assert (
        f'{{"Effect": "Allow", "Principal": {{"AWS": {principals}}}, "Action": "codeartifact:GetAuthorizationToken", "Resource": "*"}}'
    ) in sentence


def test_who_is_kept_out_is_told_by_what():
    policy = {"Statement": [login("*"), login(CI, Effect="Deny", Sid="NoCi")]}
    (sentence,) = missing_logins([ACCOUNT, CI], OWNER, DOMAIN_ARN, policy)
    assert sentence == (
        f"{CI} cannot log in, so that grants to it cannot work: codeartifact:GetAuthorizationToken is denied by statement 2 (Sid "
        "'NoCi') of the domain policy."
    )


def test_the_domain_of_a_grant_of_login_lets_in():
    policy = document([grant(principals=[ACCOUNT, CI], access=["login"])], "domain")
    assert list(missing_logins([ACCOUNT, CI], OWNER, DOMAIN_ARN, policy)) == []
    assert read_statements(DOMAIN, policy)


def test_formats_are_those_of_the_service():
    botocore = pytest.importorskip("botocore.loaders")
    model = botocore.Loader().load_service_model("codeartifact", "service-2")
    assert set(FORMATS) == set(model["shapes"]["PackageFormat"]["enum"])

# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Who may do what, row by row; packages in place of ARNs; and that no answer is another than the evaluator's own."""

from __future__ import annotations

import time

import hypothesis
import pytest
from ansible_collections.pkgops.registry_auth.plugins.module_utils._domain.codeartifact.actions import OF_A_REPOSITORY
from ansible_collections.pkgops.registry_auth.plugins.module_utils._domain.codeartifact.evaluation import (
    Policies,
    evaluate,
)
from ansible_collections.pkgops.registry_auth.plugins.module_utils._domain.codeartifact.matrix import Matrix, Party
from ansible_collections.pkgops.registry_auth.plugins.module_utils._domain.codeartifact.package_paths import (
    ALL,
    common,
    example,
    paths_in,
)
from ansible_collections.pkgops.registry_auth.plugins.module_utils._domain.codeartifact.rules import find
from ansible_collections.pkgops.registry_auth.plugins.module_utils._domain.codeartifact.scope import Governed, Scope
from ansible_collections.pkgops.registry_auth.plugins.module_utils._domain.codeartifact.verdicts import OUTCOMES
from ansible_collections.pkgops.registry_auth.plugins.module_utils._domain.iam.callers import Caller
from ansible_collections.pkgops.registry_auth.plugins.module_utils._domain.iam.statements import (
    IDENTITY,
    Request,
    read_statements,
)
from ansible_collections.pkgops.registry_auth.plugins.module_utils._domain.iam.wildcards import matches
from hypothesis import given, settings
from hypothesis import strategies as st

OWNER, ADMINISTRATOR, OTHER = "111111111111", "222222222222", "333333333333"
RELEASE = f"arn:aws:iam::{OTHER}:role/release"
READER = f"arn:aws:iam::{OWNER}:role/reader"
BOB = f"arn:aws:iam::{OWNER}:user/bob"
PACKAGES = f"arn:aws:codeartifact:eu-west-1:{OWNER}:package/dom/repo/"


def allow(*actions, to=OTHER, on="*", effect="Allow", **more):
    named = {} if to is None else {"Principal": "*" if to == "*" else {"AWS": to}}
    full = [action if ":" in action or action == "*" else f"codeartifact:{action}" for action in actions]
    return {"Effect": effect, **named, "Action": full, "Resource": on, **more}


def deny(*actions, **more):
    return allow(*actions, effect="Deny", **more)


def document(*statements):
    return {"Version": "2012-10-17", "Statement": list(statements)} if statements else None


def scope(domain=(), repository=(), administrator=OWNER, names=("repo",)):
    repositories = tuple(Governed("dom", name, administrator, document(*repository)) for name in names)
    return Scope(OWNER, "eu-west-1", Governed("dom", policy=document(*domain)), repositories)


def party(arn, *policies):
    return Party(arn, Caller.of(arn), read_statements(IDENTITY, *policies))


def rows(of, *asked, details=False):
    matrix = Matrix(of, asked, details)
    return {row.party.name: row for row in matrix.repository(of.repositories[0])}


def outcomes(row):
    return "".join(
        {"denied": "-", "depends": "?"}.get(one.outcome, one.outcome[0]) for one in row.verdicts.by_access.values()
    )


READ, PUBLISH = allow("ReadFromRepository"), allow("PublishPackageVersion")
ORGANIZATION = {"StringEquals": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}}
EVERYTHING = document(allow("*", to=None))

#: Statements of the domain's and of the repository's policy, and of each row in one character what is answered on read, publish,
#: maintain and administer: (g)ranted, it depends (?), denied (-).
ROWS = {
    "no policies": ((), (), {OWNER: "????"}),
    "an account reads": ((), (READ,), {OWNER: "????", OTHER: "g---"}),
    "a role publishes": ((), (allow("PublishPackageVersion", to=RELEASE),), {OWNER: "????", RELEASE: "-g--"}),
    # It leaves it to identity policies there, of which nothing is known.
    "the owner's own account": ((), (allow("ReadFromRepository", to=OWNER),), {OWNER: "????"}),
    "a role of the owner's account": ((), (allow("ReadFromRepository", to=READER),), {OWNER: "????", READER: "g???"}),
    "by the domain's policy": ((READ,), (), {OWNER: "????", OTHER: "g---"}),
    "who may only log in has no row": ((allow("GetAuthorizationToken"),), (), {OWNER: "????"}),
    "what the account may has no row of a role": ((allow("ReadFromRepository", to=RELEASE),), (READ,), {OWNER: "????", OTHER: "g---"}),
    "a deny": ((deny("PublishPackageVersion", to=RELEASE),), (READ, PUBLISH), {OWNER: "????", OTHER: "g?--", RELEASE: "g---"}),
    "anybody": ((), (allow("ReadFromRepository", to="*"),), {OWNER: "g???", "*": "g---"}),
    "an organization": ((), (allow("ReadFromRepository", to="*", Condition=ORGANIZATION),), {OWNER: "????", "*": "?---"}),
    "all but one": ((), ({**allow("ReadFromRepository", to=None), "NotPrincipal": {"AWS": RELEASE}},), {OWNER: "g???", RELEASE: "----", "*": "g---"}),
    "somebody who is no more": ((), (allow("ReadFromRepository", to="AIDAEXAMPLE0123456789"),), {OWNER: "????"}),
    "some of an access": ((), (allow("UpdateRepository", "DeletePackage"),), {OWNER: "????", OTHER: "--gg"}),
    "its own policy": ((), (allow("PutRepositoryPermissionsPolicy"),), {OWNER: "????", OTHER: "----"}),
}  # fmt: skip


@pytest.mark.parametrize(
    ("on", "first", "second"),
    [
        # Repositories for which the same statements count are judged once; here they are not the same.
        ("arn:aws:codeartifact:::repository/dom/one", "?---", "----"),
        ("arn:aws:codeartifact", "?---", "?---"),
        ("arn:aws:codeartifact:us-east-1", "----", "----"),
    ],
)
def test_incomplete_arns_are_judged_for_each_repository(on, first, second):
    of = scope((allow("ReadFromRepository", on=on),), names=("one", "two"))
    matrix = Matrix(of)
    found = [outcomes(matrix.row(OTHER, repository)) for repository in of.repositories]
    assert found == [first, second]


@pytest.mark.parametrize(
    ("on", "expected"), [("arn:aws:codeartifact:::package/dom/repo/npm//ui", "npm//ui"), ("arn:aws:codeartifact", None)]
)
def test_incomplete_arns_of_packages(on, expected):
    verdict = rows(scope((), (allow("PublishPackageVersion", on=on),)))[OTHER].verdicts.by_access["publish"]
    assert verdict.outcome == "depends"
    assert verdict.packages == (() if expected is None else (expected,))
    assert "incomplete ARN" in verdict.reason


@pytest.mark.parametrize(("domain", "repository", "expected"), ROWS.values(), ids=ROWS.keys())
def test_rows(domain, repository, expected):
    found = rows(scope(domain, repository))
    assert {name: outcomes(row) for name, row in found.items()} == expected


@pytest.mark.parametrize(
    ("name", "outcome", "reason", "of"),
    [
        (OTHER, "granted", "by statement 1 of the repository policy, if an identity policy of the caller allows it too", scope((), [READ])),
        (READER, "granted", "by statement 1 of the repository policy, unless an identity policy denies it", scope((), [allow("*", to=READER)])),
        (OWNER, "depends", "on whether naming an account is enough within it, where IAM leaves it to identity policies: whether statement 1 of "
         "the repository policy allows it; and on the caller's identity policies, which are not known", scope((), [allow("*", to=OWNER)])),
        (OWNER, "depends", "on the caller's identity policies alone, which are not known: they are enough here", scope()),
        (OTHER, "denied", "no domain or repository policy allows it", scope((), [PUBLISH])),
        (OTHER, "denied", "by statement 1 (Sid 'No') of the domain policy", scope([deny("*", Sid="No")], [READ])),
        (ADMINISTRATOR, "depends", "on the caller's identity policies alone, which are not known: they are enough here", scope(administrator=ADMINISTRATOR)),
        ("*", "depends", "on the value of aws:PrincipalOrgID (StringEquals): whether statement 1 of the repository policy allows it; and on the "
         "caller's identity policies, which are not known", scope((), [allow("ReadFromRepository", to="*", Condition=ORGANIZATION)])),
        (OTHER, "depends", "on who of the account it is: whether statement 1 of the repository policy allows it; and on the caller's identity "
         "policies, which are not known", scope((), [allow("ReadFromRepository", to=RELEASE), PUBLISH])),
    ],
)  # fmt: skip
def test_reasons(name, outcome, reason, of):
    read = rows(of)[name].verdicts.by_access["read"]
    assert (read.outcome, read.reason) == (outcome, reason)


ASKED = {
    "both allow": ((), (PUBLISH,), EVERYTHING, "allowed"),
    "only its own policies allow": ((), (), EVERYTHING, "denied"),
    "only the repository's policy allows": ((), (PUBLISH,), None, "denied"),
    "its own policies deny": ((), (PUBLISH,), document(allow("*", to=None), deny("Publish*", to=None)), "denied"),
    "the domain's policy denies": ((deny("*"),), (PUBLISH,), EVERYTHING, "denied"),
}


@pytest.mark.parametrize(("domain", "repository", "own", "expected"), ASKED.values(), ids=ASKED.keys())
def test_callers_with_their_own_policies(domain, repository, own, expected):
    of = scope(domain, repository, names=("repo", "other"))
    caller = party(RELEASE, *([own] if own else []))
    matrix = Matrix(of, (caller,))
    for one in of.repositories:
        (found,) = (row for row in matrix.repository(one) if row.party.name == RELEASE)
        assert found.verdicts.by_access["publish"].outcome == expected


def test_the_domain_has_kinds_of_access_of_its_own():
    of = scope([allow("GetAuthorizationToken", "CreateRepository"), allow("DeletePackageGroup", to=RELEASE)])
    found = {row.party.name: row.verdicts.by_access for row in Matrix(of, (party(BOB, EVERYTHING),)).domain}
    assert [verdict.outcome for verdict in found[OTHER].values()] == ["granted", "granted", "depends"]
    assert [verdict.outcome for verdict in found[RELEASE].values()] == ["granted", "granted", "granted"]
    assert found[RELEASE]["administer"].actions == ("DeletePackageGroup",)
    assert [verdict.outcome for verdict in found[BOB].values()] == ["allowed"] * 3
    assert "*" not in found


def test_a_login_takes_an_action_of_sts_besides():
    own = document(allow("GetAuthorizationToken", to=None))
    (row,) = (row for row in Matrix(scope(), (party(BOB, own),)).domain if row.party.name == BOB)
    assert row.verdicts.by_access["login"].outcome == "denied"
    assert row.verdicts.by_access["login"].reason == "no identity policy allows sts:GetServiceBearerToken"
    service = {"StringEquals": {"sts:AWSServiceName": "codeartifact.amazonaws.com"}}
    more = document(allow("sts:GetServiceBearerToken", to=None, Condition=service))
    (row,) = (row for row in Matrix(scope(), (party(BOB, own, more),)).domain if row.party.name == BOB)
    assert row.verdicts.by_access["login"].outcome == "allowed"


@pytest.mark.parametrize(
    ("to", "name", "reason"),
    [
        (BOB, BOB, "by statement 1 of the domain policy, if an identity policy of the caller allows sts:GetServiceBearerToken"),
        (OTHER, OTHER, "by statement 1 of the domain policy, if an identity policy of the caller allows it and sts:GetServiceBearerToken too"),
        (RELEASE, RELEASE, "by statement 1 of the domain policy, if an identity policy of the caller allows it and sts:GetServiceBearerToken too"),
    ],
)  # fmt: skip
def test_a_login_takes_an_identity_policy_in_any_account(to, name, reason):
    """No policy of a resource can allow the action of STS."""
    found = {
        row.party.name: row.verdicts.by_access["login"]
        for row in Matrix(scope([allow("GetAuthorizationToken", to=to)])).domain
    }
    assert (found[name].outcome, found[name].reason) == ("granted", reason)


@pytest.mark.parametrize("own", [[], [document(deny("*", to=None))]])
def test_a_root_user_is_a_row_of_its_own(own):
    root = f"arn:aws:iam::{OWNER}:root"
    matrix = Matrix(scope([deny("PublishPackageVersion", to="*")]), (party(root, *own),))
    found = {row.party.name: row for row in matrix.repository(matrix.scope.repositories[0])}
    assert outcomes(found[OWNER]) == "?-??"
    assert outcomes(found[root]) == "a-aa"
    logins = {row.party.name: row.verdicts.by_access["login"].outcome for row in matrix.domain}
    assert (logins[root], logins[OWNER]) == ("allowed", "depends")


def test_repositories_of_one_shape_keep_their_own_names():
    """What is remembered of one repository must not be told of another where it is not the same."""
    repositories = [
        Governed("dom", "open", OWNER, document(READ)),
        Governed("dom", "shut", OWNER, None),
        Governed("dom", "theirs", OTHER, document(READ)),
        Governed("dom", "third", OWNER, document(allow("ReadFromRepository", to=OTHER, on="arn:aws:codeartifact:*:*:repository/dom/open"))),
        Governed("dom", "denied", OWNER, document(READ)),
    ]  # fmt: skip
    domain = Governed("dom", policy=document(deny("*", on="arn:aws:codeartifact:*:*:repository/dom/denied")))
    matrix = Matrix(Scope(OWNER, "eu-west-1", domain, tuple(repositories)))
    found = {}
    for repository in repositories:
        row = next((row for row in matrix.repository(repository) if row.party.name == OTHER), None)
        found[repository.repository] = row and row.verdicts.by_access["read"].outcome
    assert found == {"open": "granted", "shut": None, "theirs": "depends", "third": "denied", "denied": "denied"}


@pytest.mark.parametrize("own", [None, [], [document(allow("GetAuthorizationToken", to=None))]])
@pytest.mark.parametrize("caller", [BOB, RELEASE])
def test_details_say_of_a_login_what_the_access_says(own, caller):
    """One result told of a login both that only an identity policy can allow a part of it, and that none has to."""
    asked = Party(caller, Caller.of(caller)) if own is None else party(caller, *own)
    matrix = Matrix(scope([allow("GetAuthorizationToken", to=[BOB, RELEASE])]), (asked,), details=True)
    (row,) = (row for row in matrix.domain if row.party.name == caller)
    (detail,) = (verdict for verdict, actions in row.verdicts.actions if "GetAuthorizationToken" in actions)
    login = row.verdicts.by_access["login"]
    assert (detail.outcome, detail.reason) == (login.outcome, login.reason)


def test_details_have_every_action_once():
    row = rows(scope((), [READ, PUBLISH]), details=True)[OTHER]
    named = [action for _verdict, actions in row.verdicts.actions for action in actions]
    assert sorted(named) == sorted(OF_A_REPOSITORY)
    assert row.verdicts.actions[0][0].outcome == "granted"


# Packages --------------------------------------------------------------------------------------------------------------------------

PATHS = {
    "*": (ALL,),
    f"{PACKAGES}*": (ALL,),
    f"{PACKAGES}*/*/*": (ALL,),
    "arn:aws:codeartifact:*": (ALL,),
    f"{PACKAGES}npm/parity/*": ("npm/parity/*",),
    f"{PACKAGES}npm//react": ("npm//react",),
    "arn:aws:codeartifact:*:*:package/dom/*/npm/parity/ui": ("npm/parity/ui",),
    "arn:aws:codeartifact:*:*:package/d?m/r*o/pypi/*": ("*o/pypi/*", "pypi/*"),
    f"{PACKAGES}npm/parity": (),
    PACKAGES.replace("/repo/", "/other/") + "*": (),
    PACKAGES.replace(":package/", ":repository/") + "*": (),
}


@pytest.mark.parametrize(("pattern", "expected"), PATHS.items(), ids=PATHS.keys())
def test_paths_of_packages(pattern, expected):
    assert paths_in(pattern, PACKAGES) == expected


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("*", "npm/*", "npm/*"),
        ("npm/*", "npm/parity/*", "npm/parity/*"),
        ("npm/*/ui", "*/parity/*", "npm/parity/ui"),
        ("npm/acme-*/ui", "npm/*-internal/*", "npm/acme-*-internal/ui"),
        ("npm/parity/*", "pypi/*", None),
        ("npm/a*b*/ui", "npm/*c*d/ui", None),
    ],
)
def test_what_patterns_have_in_common(one, other, expected):
    assert common(one, other) == common(other, one) == expected


@pytest.mark.parametrize("pattern", ["*", "npm/*", "npm/acme*", "npm/parity/*", "npm//react", "*/parity/u?"])
def test_an_example_is_one(pattern):
    assert matches(pattern, example(pattern))
    assert example(pattern).count("/") == 2


def bounded(*statements, own=None):
    verdict = rows(scope((), statements), *([party(RELEASE, own)] if own else []))[RELEASE].verdicts.by_access[
        "publish"
    ]
    return verdict.outcome, verdict.packages, verdict.exceptions


def publishing(*paths, make=allow, **more):
    return make("PublishPackageVersion", to=RELEASE, on=[PACKAGES + path for path in paths], **more)


BOUNDS = {
    "all": ([publishing("*")], None, ("granted", (), ())),
    "some": ([publishing("npm/parity/*", "npm//react")], None, ("granted", ("npm//react", "npm/parity/*"), ())),
    "the wider": ([publishing("npm/parity/*"), publishing("npm/*")], None, ("granted", ("npm/*",), ())),
    "all but some": ([publishing("*"), publishing("npm/*", make=deny)], None, ("granted", (), ("npm/*",))),
    "a denial elsewhere": ([publishing("npm/*"), publishing("pypi/*", make=deny)], None, ("granted", ("npm/*",), ())),
    "all denied": ([publishing("npm/*"), publishing("*", make=deny)], None, ("denied", (), ())),
    "of a repository, which it is not asked of": (
        [allow("PublishPackageVersion", to=RELEASE, on=PACKAGES.replace(":package", ":repository").rstrip("/"))], None, ("denied", (), ())
    ),
    "what both policies have": (
        [publishing("npm/*/ui")], document(allow("*", to=None, on=f"{PACKAGES}*/parity/*")), ("allowed", ("npm/parity/ui",), ())
    ),
}  # fmt: skip


@pytest.mark.parametrize(("statements", "own", "expected"), BOUNDS.values(), ids=BOUNDS.keys())
def test_bounds(statements, own, expected):
    assert bounded(*statements, own=own) == expected


def test_what_patterns_cannot_say_is_not_guessed():
    own = document(allow("*", to=None, on=f"{PACKAGES}npm/*c*d/ui"))
    caller = party(RELEASE, own)
    verdict = rows(scope((), [publishing("npm/a*b*/ui")]), caller)[RELEASE].verdicts.by_access["publish"]
    assert (verdict.outcome, verdict.reason) == ("depends", "on the packages that npm/*c*d/ui and npm/a*b*/ui match")


def test_not_resource():
    excepted = publishing()
    excepted.pop("Resource")
    assert bounded({**excepted, "NotResource": f"{PACKAGES}npm/*"}) == ("granted", (), ("npm/*",))
    assert bounded(publishing("*"), {**excepted, "Effect": "Deny", "NotResource": f"{PACKAGES}npm/*"}) == (
        "granted", ("npm/*",), (),
    )  # fmt: skip


_names = st.sampled_from(["acme", "ui", ""])
_parts = st.one_of(_names.filter(bool), st.just("*"))
_patterns = st.one_of(
    st.just("*"),
    st.builds(lambda *parts: PACKAGES + "/".join(parts), st.sampled_from(["npm", "pypi", "*"]), _parts, _parts),
    st.builds(lambda kind: f"{PACKAGES}{kind}/*", st.sampled_from(["npm", "pypi"])),
)
_statements = st.builds(
    lambda effect, patterns, to: allow("PublishPackageVersion", effect=effect, on=patterns, to=to),
    st.sampled_from(["Allow", "Allow", "Deny"]),
    st.lists(_patterns, min_size=1, max_size=2),
    st.sampled_from([RELEASE, OTHER, "*"]),
)
_own = st.lists(st.builds(lambda on: allow("*", to=None, on=on), _patterns), min_size=1, max_size=2)
_ALL_PACKAGES = [
    f"{kind}/{space}/{name}" for kind in ("npm", "pypi") for space in ("acme", "ui", "") for name in ("acme", "ui", "x")
]


@settings(max_examples=300)
@given(st.lists(_statements, max_size=3), st.lists(_statements, max_size=2), st.one_of(st.none(), _own))
# No one pattern says which packages the two share, and none of them may be published.
@hypothesis.example(
    [],
    [publishing("npm/acme/*"), {**publishing("*"), "Effect": "Deny"}],
    [allow("*", to=None, on=f"{PACKAGES}*/ui/*")],
)
@hypothesis.example(
    [publishing("npm/acme/*")],
    [allow("PublishPackageVersion", on=[f"{PACKAGES}npm/acme/acme", f"{PACKAGES}*/ui/*"], to=RELEASE)],
    [allow("*", to=None, on=f"{PACKAGES}pypi/acme/*")],
)
@hypothesis.example(
    [],
    [
        publishing("npm/acme/*"),
        allow("PublishPackageVersion", on=[f"{PACKAGES}npm/acme/acme", f"{PACKAGES}*/ui/*"], to=RELEASE),
    ],
    [allow("*", to=None, on=f"{PACKAGES}pypi/acme/*")],
)
def test_bounds_say_what_the_evaluator_says_of_each_package(repository, domain, own):
    of = scope(domain, repository)
    identity = None if own is None else read_statements(IDENTITY, document(*own))
    caller = Party(RELEASE, Caller.of(RELEASE), identity)
    verdict = rows(of, caller)[RELEASE].verdicts.by_access["publish"]
    policies = Policies(OWNER, OWNER, identity, of.domain.statements, of.repositories[0].statements)
    only, rank = verdict.packages or ("*",), OUTCOMES.index(verdict.outcome)
    for path in _ALL_PACKAGES:
        decision = evaluate(Request(caller.caller, "codeartifact:PublishPackageVersion", PACKAGES + path), policies)
        # Nothing is doubtful here but identity policies that are not known.
        best = "granted" if decision.outcome == "depends" else decision.outcome
        inside = any(matches(one, path) for one in only) and not any(matches(one, path) for one in verdict.exceptions)
        if inside:
            assert best == verdict.outcome, path
        elif best != "denied":
            assert any(matches(one, path) for one in verdict.exceptions) or OUTCOMES.index(best) > rank, path


# Speed -----------------------------------------------------------------------------------------------------------------------------


def test_a_thousand_repositories_take_a_second_or_two():
    """Each with statements of its own, so that no two policies are the same text. Bounds are wide: machines are slow at times."""
    repositories = tuple(
        Governed(
            "dom",
            f"repo-{number}",
            OWNER,
            document(
                allow("ReadFromRepository"),
                allow("PublishPackageVersion", to=f"arn:aws:iam::{OTHER}:role/release-{number}", on=f"{PACKAGES[:-5]}repo-{number}/npm/acme/*"),
            ),
        )
        for number in range(1000)
    )  # fmt: skip
    of = Scope(OWNER, "eu-west-1", Governed("dom", policy=document(allow("GetAuthorizationToken"))), repositories)
    began = time.process_time()
    matrix = Matrix(of)
    assert sum(len(matrix.repository(one)) for one in repositories) == 3000
    assert len(find(matrix)) == 1000
    assert time.process_time() - began < 5

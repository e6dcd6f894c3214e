# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whom claims belong to: the observed answers of PyPI's own software, and what follows from its code."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.pkgops.registry_auth.plugins.module_utils._domain.publishing.trusted_publishers import (
    Match,
    Publisher,
    Refusal,
    differences,
    form_problems,
    match,
    named_publisher,
    normalize_name,
)
from hypothesis import given
from hypothesis import strategies as st

OBSERVED = json.loads(Path(__file__).with_name("data").joinpath("trusted_publishing_vectors.json").read_text("utf-8"))
NOW = 1_800_000_000
NOT_FOUND = "valid token, but no corresponding publisher (Publisher with matching claims was not found)"


def publisher(entry: dict[str, str]) -> Publisher:
    return Publisher(
        project=entry["project"],
        owner=entry["repository_owner"],
        repository=entry["repository_name"],
        workflow=entry["workflow_filename"],
        environment=entry["environment"],
        owner_id=entry["repository_owner_id"],
    )


PUBLISHERS = tuple(publisher(entry) for entry in OBSERVED["publishers"])


def played(override: dict[str, Any]) -> dict[str, Any]:
    """The claims of a vector, as its note says how."""
    claims = {**OBSERVED["base_claims"], "iat": NOW, "nbf": NOW, "exp": NOW + 300, "jti": "one", **override}
    for name, value in list(claims.items()):
        if value == "...delete...":
            del claims[name]
        elif isinstance(value, str) and (later := re.fullmatch(r"now([+-][0-9]+)", value)):
            claims[name] = NOW + int(later[1])
    return claims


def judged(override: dict[str, Any], publishers: tuple[Publisher, ...] = PUBLISHERS, **given: Any) -> Match | Refusal:
    return match(played(override), publishers, **{"audience": "pypi", "now": NOW, **given})


@pytest.mark.parametrize("vector", OBSERVED["vectors"], ids=lambda vector: vector["name"])
def test_answers_as_observed(vector: dict[str, Any]):
    answer = judged(vector["override"])

    if vector["status"] == 200:
        assert isinstance(answer, Match)
        assert list(answer.projects) == vector["projects"]
        return
    assert isinstance(answer, Refusal)
    assert answer.status == vector["status"]
    if vector["status"] == 422:
        assert (answer.code, answer.description) == (vector["code"], vector["description"])
    assert answer.reason


def a_ref(path: str, revision: str = "refs/tags/v1") -> str:
    return f"{path}@{revision}"


RELEASE = "octo-org/sampleproject/.github/workflows/release.yml"
YAML = {"repository": "octo-org/yamlrepo", "repository_owner": "octo-org"}

# What a claim is changed to, and which projects the token is then good for, or the code and the description's end.
MORE: dict[str, tuple[dict[str, Any], Any]] = {
    "environment in another case": ({"environment": "PyPI"}, ["sampleproject"]),
    "environment null": ({"environment": None}, ("invalid-publisher", NOT_FOUND)),
    "another environment of two publishers": (
        {
            "repository": "octo-org/multi",
            "job_workflow_ref": a_ref("octo-org/multi/.github/workflows/release.yml"),
            "environment": "staging",
        },
        ["multi-general"],
    ),
    "an @ in the file's name": (
        {**YAML, "job_workflow_ref": a_ref("octo-org/yamlrepo/.github/workflows/publish@v2.yaml")},
        ["yamlwf"],
    ),
    "a branch named like a file": (
        {"job_workflow_ref": a_ref(RELEASE, "refs/heads/x.yml@y"), "ref": "refs/heads/x.yml@y"},
        ["sampleproject"],
    ),
    "an @ and a file's name at the branch's start": (
        {"job_workflow_ref": a_ref(RELEASE, "x.yml@y"), "ref": "x.yml@y"},
        ("invalid-publisher", NOT_FOUND),
    ),
    "by the commit": ({"job_workflow_ref": a_ref(RELEASE, "deadbeef")}, ["sampleproject"]),
    "by the commit, ref empty": ({"job_workflow_ref": a_ref(RELEASE, "deadbeef"), "ref": ""}, ["sampleproject"]),
    "ref and commit empty": ({"ref": "", "sha": ""}, ("invalid-publisher", "(The ref and sha claims are empty)")),
    "one expected only": (
        {"job_workflow_ref": a_ref("octo-org/other/.github/workflows/release.yml"), "sha": ""},
        ("invalid-publisher", f"expecting one of ['{RELEASE}@refs/tags/v1'], "
         "got 'octo-org/other/.github/workflows/release.yml@refs/tags/v1')"),
    ),
    "in a directory": (
        {"job_workflow_ref": a_ref("octo-org/sampleproject/.github/workflows/x/release.yml")},
        ("invalid-publisher", "got 'octo-org/sampleproject/.github/workflows/x/release.yml@refs/tags/v1')"),
    ),
    "owner claimed in another case": (
        {"repository_owner": "Octo-Org"},
        ("invalid-publisher", "(Check failed for required claim 'repository_owner')"),
    ),
    "owner claimed as another": (
        {"repository_owner": "mallory"},
        ("invalid-publisher", "(Check failed for required claim 'repository_owner')"),
    ),
    "registered owner in small letters": (
        {"repository": "octo-org/casedrepo", "job_workflow_ref": a_ref("octo-org/casedrepo/.github/workflows/release.yml")},
        ("invalid-publisher", NOT_FOUND),
    ),
    "a slash too many": ({"repository": "octo-org/sampleproject/x"}, ("invalid-publisher", NOT_FOUND)),
    "repository null": ({"repository": None}, ("invalid-publisher", "(Missing claim 'repository')")),
    "owner id null": ({"repository_owner_id": None}, ("invalid-publisher", "(Missing claim 'repository_owner_id')")),
    "owner missing": ({"repository_owner": "...delete..."}, ("invalid-publisher", "(Missing claim 'repository_owner')")),
    "workflow missing": ({"job_workflow_ref": None}, ("invalid-publisher", "(Missing claim 'job_workflow_ref')")),
    "workflow empty": (
        {"job_workflow_ref": ""},
        ("invalid-publisher", "(Could not job extract workflow filename from OIDC claims)"),
    ),
    "workflow in capitals": (
        {"job_workflow_ref": a_ref("octo-org/sampleproject/.github/workflows/release.YML")},
        ("invalid-publisher", "(Could not job extract workflow filename from OIDC claims)"),
    ),
    "the file's name before the event": (
        {"event_name": "pull_request_target", "job_workflow_ref": a_ref(RELEASE, "other")},
        ("invalid-publisher", f"got '{RELEASE}@other')"),
    ),
    "event empty": ({"event_name": ""}, ["sampleproject"]),
    "schedule": ({"event_name": "schedule"}, ["sampleproject"]),
    "workflow_run": ({"event_name": "workflow_run"}, ["sampleproject"]),
    "ref_protected false": ({"ref_protected": "false"}, ["sampleproject"]),
    "another workflow_ref": ({"workflow_ref": "octo-org/else/.github/workflows/ci.yml@refs/heads/main"}, ["sampleproject"]),
    "repository_id of another": ({"repository_id": "1"}, ["sampleproject"]),
    "sub missing": ({"sub": "...delete..."}, ["sampleproject"]),
    "sub with ids": ({"sub": "repo:octo-org@1234/sampleproject@99:environment:pypi"}, ["sampleproject"]),
    "sub not a text": ({"sub": 1}, ("invalid-token", "malformed or invalid token")),
    "jti not a text": ({"jti": 1}, ("invalid-token", "malformed or invalid token")),
    "audience in a list": ({"aud": ["pypi"]}, ("invalid-token", "malformed or invalid token")),
    "audience empty": ({"aud": ""}, ("invalid-token", "malformed or invalid token")),
    "audience in capitals": ({"aud": "PyPI"}, ("invalid-token", "malformed or invalid token")),
    "expired within the leeway": ({"exp": "now-29"}, ["sampleproject"]),
    "expired at the leeway's end": ({"exp": "now-30"}, ("invalid-token", "malformed or invalid token")),
    "valid at the leeway's end": ({"nbf": "now+30"}, ["sampleproject"]),
    "not yet valid": ({"nbf": "now+31"}, ("invalid-token", "malformed or invalid token")),
    "issued within the leeway": ({"iat": "now+30"}, ["sampleproject"]),
    "issued later": ({"iat": "now+31"}, ("invalid-token", "malformed or invalid token")),
    "exp no time": ({"exp": "soon"}, ("invalid-token", "malformed or invalid token")),
    "exp null": ({"exp": None}, ("invalid-token", "malformed or invalid token")),
    "iss null": ({"iss": None}, ("invalid-payload", "unknown trusted publishing issuer")),
    "iss with a slash": (
        {"iss": "https://token.actions.githubusercontent.com/"},
        ("invalid-payload", "unknown trusted publishing issuer"),
    ),
    "iss before aud": ({"iss": "https://example.com", "aud": "x"}, ("invalid-payload", "unknown trusted publishing issuer")),
    "aud before claims": ({"aud": "x", "repository": "y"}, ("invalid-token", "malformed or invalid token")),
    "repository without an owner": ({"repository": "sampleproject"}, ("server-error", "Internal Server Error")),
    "repository a number": ({"repository": 1}, ("server-error", "Internal Server Error")),
    "environment a number": ({"environment": 1}, ("server-error", "Internal Server Error")),
}  # fmt: skip


@pytest.mark.parametrize(("override", "expected"), MORE.values(), ids=MORE.keys())
def test_answers_as_its_code_says(override: dict[str, Any], expected: Any):
    answer = judged(override)

    if isinstance(expected, list):
        assert isinstance(answer, Match), answer
        assert list(answer.projects) == expected
    else:
        code, end = expected
        assert isinstance(answer, Refusal), answer
        assert answer.code == code
        assert answer.description.endswith(end)


def test_a_token_is_good_once():
    assert judged({}, used={"one"}) == Refusal(
        422, "invalid-reuse-token", "invalid token: already used", "a token with this jti was exchanged before"
    )
    assert isinstance(judged({"jti": "two"}, used={"one"}), Match)


def test_the_audience_and_the_issuer_are_those_of_the_index():
    issuer = "http://127.0.0.1:8085/github"

    assert isinstance(judged({"iss": issuer, "aud": "mine"}, issuer=issuer, audience="mine"), Match)
    assert isinstance(judged({"aud": "mine"}, audience=None), Match)
    assert isinstance(judged({"aud": ["mine"]}, audience=None), Refusal)


def test_times_can_be_left_alone():
    assert isinstance(judged({"exp": 1}, now=None), Match)
    assert isinstance(judged({"exp": "...delete..."}, now=None), Refusal)


@pytest.mark.parametrize("claims", [None, [], "x", {}])
def test_what_holds_no_claims_is_malformed(claims: Any):
    answer = match(claims, PUBLISHERS)

    assert isinstance(answer, Refusal)
    assert (answer.code, answer.description) == ("invalid-payload", "malformed JWT")


SAMPLE = PUBLISHERS[0]
PENDING = Publisher("New.Project", "octo-org", "new", "release.yml", "pypi", "1234", pending=True)
NEW = {"repository": "octo-org/new", "job_workflow_ref": a_ref("octo-org/new/.github/workflows/release.yml")}


def test_a_pending_publisher_creates_its_project():
    answer = judged(NEW, (*PUBLISHERS, PENDING), projects=["sampleproject"])

    assert isinstance(answer, Match)
    assert answer.created == "New.Project"
    assert answer.projects == ("New.Project",)
    assert not answer.publisher.pending


def test_a_pending_publisher_does_not_create_a_project_that_exists():
    answer = judged(NEW, (PENDING,), projects=["new_project"])

    assert isinstance(answer, Refusal)
    assert (answer.code, answer.description) == ("invalid-pending-publisher", "valid token, but project already exists")


def test_a_pending_publisher_comes_before_others_and_joins_them():
    other = Publisher("other", "octo-org", "new", "release.yml", "pypi", "1234")

    answer = judged(NEW, (other, PENDING))

    assert isinstance(answer, Match)
    assert answer.projects == ("other", "New.Project")


def test_a_pending_publisher_that_does_not_match_leaves_others_alone():
    answer = judged({}, (*PUBLISHERS, PENDING))

    assert isinstance(answer, Match)
    assert answer.created is None
    assert judged({**NEW, "environment": "other"}, (PENDING,)).status == 422


def test_projects_that_register_the_same_share_a_token():
    twin = Publisher("twin", "octo-org", "sampleproject", "release.yml", "PyPI", "1234")

    answer = judged({}, (*PUBLISHERS, twin))

    assert isinstance(answer, Match)
    assert answer.projects == ("sampleproject", "twin")


def test_an_unknown_owner_id_is_not_compared():
    stranger = Publisher("sampleproject", "octo-org", "sampleproject", "release.yml")

    assert isinstance(judged({"repository_owner_id": "9999"}, (stranger,)), Match)


DIFFERENCES = {
    "none": ({}, ()),
    "environment": (
        {"environment": "release"},
        ("environment is 'release' in the token and 'pypi' in the publisher",),
    ),
    "no environment": ({"environment": None}, ("environment is '' in the token and 'pypi' in the publisher",)),
    "case": (
        {"repository": "octo-org/SampleProject"},
        ("repository is 'SampleProject' in the token and 'sampleproject' in the publisher (the case differs)",),
    ),
    "owner id": ({"repository_owner_id": "9"}, ("owner id is '9' in the token and '1234' in the publisher",)),
    "file": (
        {"job_workflow_ref": "octo-org/sampleproject/.github/workflows/ci.yml@x"},
        ("workflow is 'ci.yml' in the token and 'release.yml' in the publisher",),
    ),
}


@pytest.mark.parametrize(("override", "phrases"), DIFFERENCES.values(), ids=DIFFERENCES.keys())
def test_differences_are_told(override: dict[str, Any], phrases: tuple[str, ...]):
    assert differences(played(override), SAMPLE) == phrases


FORM = {
    "good": ({}, ()),
    "no environment": ({"environment": ""}, ()),
    "hyphens and periods": ({"owner": "a-b-", "repository": ".github"}, ()),
    "project": ({"project": "-x"}, ("invalid-project",)),
    "no project": ({"project": ""}, ("invalid-project",)),
    "owner with a slash": ({"owner": "octo-org/x"}, ("invalid-owner",)),
    "owner with a hyphen first": ({"owner": "-octo"}, ("invalid-owner",)),
    "owner and a line's end": ({"owner": "octo\n"}, ("invalid-owner",)),
    "owner with an underscore": ({"owner": "octo_org"}, ("invalid-owner",)),
    "repository with an address": ({"repository": "https://example.com/r"}, ("invalid-repository",)),
    "no repository": ({"repository": ""}, ("invalid-repository",)),
    "path": ({"workflow": ".github/workflows/release.yml"}, ("invalid-workflow",)),
    "the workflow's own name": ({"workflow": "Release"}, ("invalid-workflow",)),
    "capitals": ({"workflow": "release.YML"}, ("invalid-workflow",)),
    "spaces around the file": ({"workflow": " release.yml "}, ()),
    "long": ({"environment": "x" * 256}, ("invalid-environment",)),
    "longest": ({"environment": "x" * 255}, ()),
    "space first": ({"environment": " x"}, ("invalid-environment",)),
    "only a space": ({"environment": " "}, ("invalid-environment",)),
    "comma": ({"environment": "a,b"}, ("invalid-environment",)),
    "quote": ({"environment": "a'b"}, ("invalid-environment",)),
    "line's end": ({"environment": "a\nb"}, ("invalid-environment",)),
    "all": (
        {"project": "", "owner": "", "repository": "", "workflow": "", "environment": ";"},
        ("invalid-project", "invalid-owner", "invalid-repository", "invalid-workflow", "invalid-environment"),
    ),
}


@pytest.mark.parametrize(("given", "codes"), FORM.values(), ids=FORM.keys())
def test_the_form_has_rules(given: dict[str, str], codes: tuple[str, ...]):
    fields = {
        "project": "demo",
        "owner": "octo-org",
        "repository": "demo",
        "workflow": "release.yml",
        "environment": "pypi",
    }

    problems = form_problems(Publisher(**{**fields, **given}))

    assert tuple(problem.code for problem in problems) == codes
    assert all(problem.message.endswith(".") and problem.remedy.endswith(".") for problem in problems)


SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text("a1/@.", max_size=5)
JSON = SCALARS | st.lists(SCALARS, max_size=2)


@given(st.dictionaries(st.sampled_from([*played({})]), JSON))
def test_any_claims_have_an_answer(override: dict[str, Any]):
    assert isinstance(judged(override), Match | Refusal)


@given(st.from_regex(r"[A-Za-z0-9._-]{1,20}", fullmatch=True))
def test_names_are_normalized_once_and_for_all(name: str):
    assert normalize_name(normalize_name(name)) == normalize_name(name)


def test_a_long_claim_is_read_at_once():
    """A name of a workflow is looked for once in each part of a path. From each letter on, this takes minutes."""
    assert named_publisher({"job_workflow_ref": "x" * 1_000_000}).workflow == ""
    assert named_publisher({"job_workflow_ref": f"o/r/.github/workflows/{'x' * 1_000_000}.yml@main"}).workflow.endswith(
        "x.yml"
    )

# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is wrong with a scope is said in one sentence each, with the entry that it is in, and without a token."""

from __future__ import annotations

import pytest
from ansible_collections.pkgops.registry_auth.plugins.module_utils._base.errors import InvalidInput
from ansible_collections.pkgops.registry_auth.plugins.module_utils._domain.gcp.names import SecretName
from ansible_collections.pkgops.registry_auth.plugins.module_utils._workflow import codeartifact
from ansible_collections.pkgops.registry_auth.plugins.module_utils._workflow.google_scope import read_scope, tokens_of

TOKEN = "s3cret-of-the-index"
MIRROR = {"repository": "mirror", "location": "us-central1", "secret": "index", "token": TOKEN}
DOMAIN = {"domain": "demo", "repositories": [{"repository": "python", "state": "absent"}]}


def google(**options):
    return read_scope("demo", {"project": "demo-project", **options})


@pytest.mark.parametrize(
    ("entry", "sentence"),
    [
        (
            {"prof": {"package": "a"}},
            "repositories[0] (mirror) has 'prof', which is not an option: did you mean proof?",
        ),
        ({"zzz": 1}, "repositories[0] (mirror) has 'zzz', which is not an option: it takes "),
        ({"token": ""}, "repositories[0] (mirror): token is empty: set what it comes from"),
        (
            {"token": 83},
            "repositories[0] (mirror): token is a number, not text. YAML may have changed what was written: put it in quotes.",
        ),
        (
            {"token": True},
            "repositories[0] (mirror): token is a boolean, not text. YAML may have changed what was written: put it in quotes.",
        ),
        ({"token": [TOKEN]}, "repositories[0] (mirror): token is a list, not text. Give one text."),
        (
            {"secret": 1.5},
            "repositories[0] (mirror): secret is a number, not text. YAML may have changed what was written: put it in quotes.",
        ),
        ({"secret": None}, "repositories[0] (mirror): missing required arguments: secret."),
        ({"secret": "projects/demo-project/locations/europe-west1/secrets/a"}, "secret is a regional one"),
        ({"location": None}, "repositories[0] (mirror): location is missing"),
        ({"location": "us central"}, "location 'us central' is not"),
        ({"repository": "Mirror"}, "repositories[0] (Mirror): repository 'Mirror' is not a repository's id"),
        ({"format": "PYPI"}, "value of format must be one of: "),
        ({"proof": {"packages": "a"}}, "proof has 'packages', which is not an option: did you mean package?"),
        ({"proof": {}}, "proof: missing required arguments: package."),
        ({"proof": {"package": "a b"}}, "package 'a b' is not a package's name."),
        ({"proof": "a"}, "argument 'proof' is of type"),
        ({"username": ""}, "username is empty"),
        (
            {"access": [{"principals": ["group:a@example.com"]}]},
            "has no access: of read, publish, maintain, administer",
        ),
        ({"access": [{"principals": ["allUsers"], "access": ["read"]}]}, "everyone"),
        ({"access": [{"principals": ["a@example.com"], "access": ["read"]}]}, "which is not a member"),
        ({"access": [{"principal": ["a"]}]}, "principal"),
        ({"propagation_timeout": -1}, "propagation_timeout -1 is not a time"),
        ({"token": f"{TOKEN}", "index": "pypi"}, "repositories[0] (mirror): "),
    ],
)
def test_a_mistake_in_an_entry_is_told_with_its_place(entry, sentence):
    with pytest.raises(InvalidInput) as refused:
        google(repositories=[{**MIRROR, **entry}])
    assert sentence in str(refused.value)
    assert TOKEN not in str(refused.value)


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({}, "The scope: missing required arguments: repositories."),
        ({"repositories": "mirror"}, "repositories[0] must be a mapping of options, not text."),
        ({"repositories": [7]}, "repositories[0] must be a mapping of options, not a number."),
        (
            {"repositories": [], "retention": {"keeps": 1}},
            "retention has 'keeps', which is not an option: did you mean keep?",
        ),
        ({"repositories": [], "retention": {"keep": 0}}, "keep is 0: at least 1 is accepted"),
        ({"repositories": [], "retention": {"min_age": "soon"}}, "min_age"),
        ({"repositories": [], "project_number": "12a"}, "project_number is not a number"),
        ({"repositories": [], "project": "No Project"}, "project 'No Project' is not a project"),
        ({"repositories": [], "create_missing": "perhaps"}, "create_missing"),
        (
            {"repositories": [], "repository": []},
            "The scope has 'repository', which is not an option: did you mean repositories?",
        ),
    ],
)
def test_a_mistake_in_a_scope_is_told(options, sentence):
    with pytest.raises(InvalidInput) as refused:
        google(**options)
    assert sentence in str(refused.value)


def test_all_mistakes_are_told_at_once():
    wrong = [
        {**MIRROR, "prof": {}},
        {**MIRROR, "token": ""},
        MIRROR,
        {**MIRROR, "location": "europe-west1", "token": "another"},
    ]
    with pytest.raises(InvalidInput) as refused:
        google(repositories=wrong, retention={"action": "delete"})
    told = str(refused.value)
    assert [told.count(part) for part in ("'prof'", "token is empty", "token is another one", "value of action")] == [
        1
    ] * 4
    assert TOKEN not in told


def test_a_repository_may_be_named_once():
    with pytest.raises(InvalidInput, match="repositories/mirror is there already: name each repository only once"):
        google(repositories=[MIRROR, MIRROR])


def test_text_of_a_survey_is_as_good_as_a_value():
    scope = google(
        repositories=[{**MIRROR, "propagation_timeout": "5", "disable_upstream_validation": "yes"}],
        create_missing="false",
        retention={"keep": "3", "min_age": "0"},
        proof_retries="0",
        project_number=123456789012,
        location="us-central1",
    )
    assert not scope.create_missing
    assert scope.number == "123456789012"
    assert scope.retire(SecretName("demo-project", "index"), ()).keep == 3
    assert scope.login(scope.entries[0], "projects/1/secrets/index/versions/1").propagation_timeout == 5


def test_without_leave_to_create_what_a_repository_is_to_be_is_ignored():
    """Each entry keeps saying it, so that the same inventory creates a scope's repositories and then only cares for logins."""
    said = {**MIRROR, "format": "NPM", "upstream": {"preset": "NPMJS"}}
    assert google(repositories=[said]).entries[0].repository.format is None
    assert google(repositories=[said], create_missing=True).entries[0].repository.format == "NPM"


def test_the_tokens_of_what_is_no_scope_are_found_as_far_as_they_can_be():
    entries = [MIRROR, 7, {"token": 8}, {"proof": {"password": "word"}}]
    assert list(tokens_of({"repositories": entries})) == [TOKEN, "word"]
    assert list(tokens_of({"repositories": "mirror"})) == []


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"domain": None}, "The scope: missing required arguments: domain."),
        ({"domain": "d"}, "domain 'd' is not a domain's name"),
        (
            {"domain_owner": 1402433619},
            "domain_owner '1402433619' is not an account's id: give its 12 digits, in quotes.",
        ),
        ({"domain_grants": [{"name": "a", "acess": ["login"]}]}, "acess"),
        ({"domain_policy": "{"}, "The policy of the domain: "),
        (
            {"repositories": [{"repository": "python", "grant": []}]},
            "repositories[0] (python) has 'grant', which is not an option",
        ),
        ({"repositories": [{"repository": "python"}]}, "repositories[0] (python): policy is missing"),
        ({"repositories": [DOMAIN["repositories"][0]] * 2}, "is there already: name each repository only once."),
    ],
)
def test_a_mistake_in_a_domain_is_told(options, sentence):
    with pytest.raises(InvalidInput) as refused:
        codeartifact.read_scope("eu-west-1", "packages", {**DOMAIN, **options})
    assert sentence in str(refused.value)


def test_a_repository_that_is_only_created_keeps_its_policy():
    given = {
        "domain": "demo",
        "create_missing": True,
        "repositories": [{"repository": "python", "description": "Ours"}],
    }
    scope = codeartifact.read_scope("eu-west-1", "packages", given)
    assert [str(one.name) for one in scope.repositories] == ["repository demo/python"]
    assert scope.policies == []


@pytest.mark.parametrize("option", ["proof_retries", "proof_delay"])
def test_there_is_no_time_before_now(option):
    with pytest.raises(InvalidInput, match=f"{option} is -1: at least 0 is accepted"):
        google(repositories=[], **{option: -1})

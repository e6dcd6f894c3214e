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
from ansible_collections.pkgops.registry_auth.plugins.module_utils._workflow.naming import Naming
from ansible_collections.pkgops.registry_auth.plugins.plugin_utils._families import CodeArtifactWorkflow, GoogleWorkflow

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
        ({"domain_policy": "{"}, "domain_policy is not JSON: "),
        (
            {"domain_policy": "{}", "domain_grants": []},
            "domain_policy and domain_grants are both given: give one of the two.",
        ),
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


#: What is wrong in the variables of a host: the options, what is said of them, and how often, whatever the number of entries.
IN_PROJECTS = [
    ({"project": "No Project"}, "registry_auth_project 'No Project' is not a project: give an id"),
    ({"project": ""}, "registry_auth_project is missing: give the project's id or number."),
    ({"project": ["a"]}, "registry_auth_project is a list, not text."),
    ({"project_number": "12a"}, "registry_auth_project_number is not a number: give for example"),
    ({"repositories": {"a": 1}}, "argument 'registry_auth_repositories' is of type "),
    ({"repositories": [7]}, "registry_auth_repositories[0] must be a mapping of options, not a number."),
    ({"repositories": [{**MIRROR, "token": ""}]}, "registry_auth_repositories[0] (mirror): token is empty: "),
    # Source of the limit: Secret Manager's quotas, 64 KiB.
    (
        {"repositories": [{**MIRROR, "token": "x" * 65537}]},
        "registry_auth_repositories[0] (mirror): The payload has 65537 bytes: ",
    ),
    ({"repositories": [{**MIRROR, "prof": {}}]}, "registry_auth_repositories[0] (mirror) has 'prof', which is not"),
    ({"repositories": [{**MIRROR, "location": "us c"}]}, "registry_auth_repositories[0] (mirror): location 'us c' is"),
    ({"repositories": [{**MIRROR, "location": None}]}, "registry_auth_repositories[0] (mirror): location is missing"),
    (
        {"repositories": [{**MIRROR, "labels": {"A": "b"}}], "create_missing": True},
        "registry_auth_repositories[0] (mirror): labels has the key",
    ),
    ({"location": "us central"}, "registry_auth_location 'us central' is not a location: give"),
    ({"create_missing": "perhaps"}, "argument 'registry_auth_create_missing' is of type "),
    ({"preflight": "perhaps"}, "argument 'registry_auth_preflight' is of type "),
    ({"shared_secrets": {"a": 1}}, "registry_auth_shared_secrets is a mapping, not text."),
    ({"shared_secrets": [{"a": 1}]}, "registry_auth_shared_secrets[0] is a mapping, not text."),
    ({"retention": {"keeps": 1}}, "registry_auth_retention has 'keeps', which is not an option: did you mean keep?"),
    ({"retention": {"action": "delete"}}, "registry_auth_retention: value of action must be one of: "),
    ({"retention": {"keep": 0}, "keep": 0}, "registry_auth_retention.keep is 0: at least 1 is accepted"),
    ({"retention": {"min_age": "soon"}}, "registry_auth_retention.min_age 'soon' is not a duration: "),
    ({"keep": 0}, "secret_retention_keep is 0: at least 1 is accepted"),
    ({"keep": "many"}, "argument 'secret_retention_keep' is of type "),
    ({"min_age": "soon"}, "secret_retention_min_age 'soon' is not a duration: "),
    ({"action": "delete"}, "value of secret_retention_action must be one of: "),
    ({"index": 1.5}, "secret_version_index is a number, not text."),
    ({"labels": {"Team": "build"}}, "secret_version_labels has the key 'Team': "),
    ({"labels": {"team": "a b"}}, "secret_version_labels.team is 'a b': "),
    ({"labels": "team"}, "argument 'secret_version_labels' is of type "),
    ({"replication": {}}, "secret_version_replication takes one of automatic and user_managed."),
    (
        {"replication": {"user_managed": [{}]}},
        "missing required arguments: location found in secret_version_replication -> user_managed.",
    ),
    (
        {"replication": {"automatic": {"kms_key_name": "k"}}},
        "secret_version_replication: kms_key_name 'k' is not a key's",
    ),
    ({"compare": "hash"}, "value of secret_version_compare must be one of: "),
    (
        {"without_fingerprint": "add"},
        "secret_version_without_fingerprint is for secret_version_compare=fingerprint only: set that, or leave it out.",
    ),
    ({"role": True}, "iam_binding_role is a boolean, not text."),
    ({"username": ""}, "remote_repository_credentials_username is empty: leave it out"),
    ({"proof_retries": -1}, "remote_repository_credentials_proof_retries is -1: at least 0 is accepted."),
    ({"proof_delay": "soon"}, "argument 'remote_repository_credentials_proof_delay' is of type "),
]
IN_DOMAINS = [
    ({"domain": "d"}, "codeartifact_domain 'd' is not a domain's name"),
    ({"domain": ""}, "codeartifact_domain is missing: give the name of a CodeArtifact domain."),
    ({"domain_owner": "1"}, "codeartifact_domain_owner '1' is not an account's id"),
    ({"encryption_key": "a b", "create_missing": True}, "codeartifact_encryption_key 'a b' names no key of KMS"),
    ({"domain_policy": "{"}, "codeartifact_domain_policy is not JSON: "),
    (
        {"domain_policy": {"Version": "2012-10-17", "Statement": [{}]}},
        "codeartifact_domain_policy.Statement[0].Effect is",
    ),
    (
        {"domain_policy": "{}", "domain_grants": []},
        "codeartifact_domain_policy and codeartifact_domain_grants are both given: give one of the two.",
    ),
    ({"domain_grants": [{}]}, "missing required arguments: name found in codeartifact_domain_grants."),
    ({"domain_grants": [{"name": "a"}]}, "codeartifact_domain_grants[0] (a).access is missing: of login"),
    ({"domain_grants": [7]}, "codeartifact_domain_grants[0] must be a mapping of options, not a number."),
    ({"mode": "add"}, "value of codeartifact_policy_mode must be one of: "),
    ({"drop_dead_principals": "perhaps"}, "argument 'codeartifact_policy_drop_dead_principals' is of type "),
    ({"repositories": [{"repository": "python"}]}, "codeartifact_repositories[0] (python): policy is missing"),
    ({"repositories": "python"}, "codeartifact_repositories[0] must be a mapping of options, not text."),
]


def told_of_variables(read, family, given):
    """What is said of options that come from the variables of a host. None of it names an option in place of its variable."""
    naming = Naming(family.variables)
    with pytest.raises(InvalidInput) as refused:
        read(given, naming)
    told = naming.told(str(refused.value))
    assert TOKEN not in told
    # The variable ends with the option's name, after an underscore.
    wrong = [
        option for option in given if f"'{option}'" in told or told.startswith(f"{option} ") or f"of {option} " in told
    ]
    assert wrong == [], told
    return told


@pytest.mark.parametrize(("options", "sentence"), IN_PROJECTS)
def test_a_mistake_in_a_host_of_a_project_names_its_variable_once(options, sentence):
    entries = [MIRROR, {**MIRROR, "location": "europe-west1"}]
    bare = [{name: value for name, value in entry.items() if name != "location"} for entry in entries]
    given = {"project": "demo-project", "repositories": bare if "location" in options else entries, **options}
    told = told_of_variables(lambda said, naming: read_scope("demo", said, naming), GoogleWorkflow, given)
    assert told.count(sentence) == 1, told


@pytest.mark.parametrize(("options", "sentence"), IN_DOMAINS)
def test_a_mistake_in_a_host_of_a_domain_names_its_variable_once(options, sentence):
    told = told_of_variables(
        lambda said, naming: codeartifact.read_scope("eu-west-1", "demo", said, naming),
        CodeArtifactWorkflow,
        {**DOMAIN, **options},
    )
    assert told.count(sentence) == 1, told


@pytest.mark.parametrize(
    ("family", "cases", "rest"),
    [
        (GoogleWorkflow, IN_PROJECTS, set()),
        # It is the option of the module, which no scope has.
        (CodeArtifactWorkflow, IN_DOMAINS, {"region", "create_missing", "preflight"}),
    ],
)
def test_each_variable_is_tried(family, cases, rest):
    assert {option for options, _sentence in cases for option in options} | rest == set(family.variables)


def test_a_proofs_own_user_name_is_not_that_of_all():
    entry = {**MIRROR, "proof": {"package": "a", "username": "me"}}
    given = {"project": "demo-project", "repositories": [entry], "username": "somebody"}
    with pytest.raises(InvalidInput) as refused:
        read_scope("demo", given, Naming(GoogleWorkflow.variables))
    assert "registry_auth_repositories[0] (mirror): proof: username and password go together" in str(refused.value)


@pytest.mark.parametrize(
    ("sentence", "told"),
    [
        ("With create_missing, it is created.", "With registry_auth_create_missing, it is created."),
        ("With preflight=false, nobody asks.", "With registry_auth_preflight=false, nobody asks."),
        (
            "run with compare=both (secret_version_compare in an inventory) or without_fingerprint=add "
            "(secret_version_without_fingerprint).",
            "run with secret_version_compare=both or secret_version_without_fingerprint=add.",
        ),
        # Names of other things, and words of English.
        *[
            (same, same)
            for same in (
                "projects/demo/secrets/shared_secrets has no project in this location.",
                "'min_age' and \"min_age\" are not min_ages.",
                "registry_auth_project_number is there already.",
                "retention.min_age is what it is.",
                "Ask for an access-project_number-token.",
            )
        ],
    ],
)
def test_an_option_is_found_where_it_is_one(sentence, told):
    assert Naming(GoogleWorkflow.variables).told(sentence) == told
    assert Naming().told(sentence) == sentence

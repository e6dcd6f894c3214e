# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What scopes must know of others before they are worked on, and what of them does not go together."""

from __future__ import annotations

import re

import pytest
import yaml
from ansible.parsing.dataloader import DataLoader
from ansible.plugins.loader import lookup_loader
from ansible_collections.pkgops.registry_auth.plugins.module_utils._domain.gcp.projects import Projects
from ansible_collections.pkgops.registry_auth.plugins.plugin_utils import _families
from ansible_collections.pkgops.registry_auth.plugins.plugin_utils._families import CodeArtifactWorkflow, GoogleWorkflow
from ansible_collections.pkgops.registry_auth.plugins.plugin_utils._misspelled import Spelling
from checkout import CHECKOUT


@pytest.mark.parametrize(
    ("given", "shared"),
    [
        (None, ["theirs"]),
        (["a"], ["a", "theirs"]),
        # As extra variables are, and as Ansible reads a list.
        ("token", ["token", "theirs"]),
        ("a, b", ["a", "b", "theirs"]),
        (2024, ["2024", "theirs"]),
        # The module says what is wrong with it.
        ({"a": 1}, {"a": 1}),
    ],
)
def test_shared_secrets_are_a_list_however_they_are_given(given, shared):
    entries = [{"secret": "own"}, {"secret": "projects/elsewhere/secrets/theirs"}]
    options = {"project": "demo", "repositories": entries} | ({} if given is None else {"shared_secrets": given})
    GoogleWorkflow._complete(None, {"one": (options, {})}, {"hostvars": {}})
    assert options["shared_secrets"] == shared


def test_hosts_that_name_a_secret_with_different_tokens_are_not_worked_on():
    """They may log in differently, and so be worked on by processes that know nothing of each other."""

    def host(secret, token, project="demo"):
        return {"project": project, "repositories": [{"secret": secret, "token": token}]}, {}

    scopes = {
        "one": ({"project": "demo", "project_number": 123, "repositories": [{"secret": "same", "token": "first"}]}, {}),
        "numbered": host("same", "first", project="123"),
        "two": host("projects/demo/secrets/same", "second"),
        "alike": host("own", "first"),
        "agrees": host("projects/demo/secrets/own", "first"),
        "apart": host("same", "third", project="another"),
        "odd": ({"project": "demo", "repositories": "none"}, {}),
    }
    refused = GoogleWorkflow._complete(None, scopes, {"hostvars": {}})
    sentence = "projects/demo/secrets/same would hold two tokens: one, numbered, two name it with different ones."
    assert refused == {"one": sentence, "numbered": sentence, "two": sentence}


def two_hosts(**environment):
    """One names the project by its id, and one by its number."""
    repositories = [[{"secret": "same", "token": token}] for token in ("first", "second")]
    return {
        "one": ({"project": "demo", "repositories": repositories[0]}, {}),
        "two": ({"project": "123", "repositories": repositories[1]}, environment),
    }


def test_where_a_number_is_not_known_hosts_that_may_mean_one_secret_are_warned(monkeypatch):
    """Processes of their own cannot find it out together. In one, the module does."""
    told = []
    monkeypatch.setattr(_families.Display, "warning", lambda _display, sentence: told.append(sentence))
    assert GoogleWorkflow._complete(None, two_hosts(), {"hostvars": {}}) == {}
    assert told == []
    assert GoogleWorkflow._complete(None, two_hosts(GCP_ACCESS_TOKEN="other"), {"hostvars": {}}) == {}
    (sentence,) = told
    assert sentence.startswith(
        "projects/demo/secrets/same, projects/123/secrets/same may be one secret, and one, two name it with different tokens."
    )


def test_a_number_that_a_host_gives_for_itself_hides_nothing():
    scopes = two_hosts()
    for options, _environment in scopes.values():
        options["project_number"] = 123
    refused = GoogleWorkflow._complete(None, scopes, {"hostvars": {}})
    sentence = "projects/demo/secrets/same would hold two tokens: one, two name it with different ones."
    assert refused == {"one": sentence, "two": sentence}


@pytest.mark.parametrize(
    ("projects", "sentence"),
    [
        (
            {"one": ("alpha", 111), "two": ("beta", "111"), "three": ("alpha", "111"), "four": ("other", 222)},
            "registry_auth_project_number 111 is given for alpha (one, three) and beta (two): a number is one project's.",
        ),
        (
            {"one": ("alpha", 111), "two": ("alpha", "112"), "four": ("other", 222)},
            "registry_auth_project_number of alpha is given as 111 (one) and 112 (two): a project has one number.",
        ),
        ({"one": ("alpha", 111), "two": ("111", None), "three": ("alpha", None)}, None),
    ],
)
def test_numbers_of_projects_that_cannot_all_be_right_are_refused(projects, sentence):
    """The secrets of two ids are two secrets, whatever number is given for them."""
    scopes = {
        host: ({"project": project, "project_number": number, "repositories": [{"secret": "same", "token": host}]}, {})
        for host, (project, number) in projects.items()
    }
    refused = GoogleWorkflow._complete(None, scopes, {"hostvars": {}})
    if sentence:
        assert refused == dict.fromkeys((host for host in projects if host != "four"), sentence)
    else:
        assert all("would hold two tokens" in one for one in refused.values())


def test_two_ids_are_two_projects_whatever_number_is_given_for_them():
    """Source: Resource Manager's documentation, "Creating and managing projects"."""
    projects = Projects()
    for project in ("alpha", "beta"):
        projects.learn(project, "111")
    assert projects.same("alpha", "beta") is False
    assert projects.same("alpha", "111") is True


GOOGLE, CODEARTIFACT = Spelling(GoogleWorkflow.known()), Spelling(CodeArtifactWorkflow.known())
SENTENCE = "{} is not a variable of the workflow. Did you mean {}?"


@pytest.mark.parametrize(
    ("known", "wrong", "right"),
    [
        (GOOGLE, "registry_auth_shared_secerts", "registry_auth_shared_secrets"),
        (GOOGLE, "registry_auth_retension", "registry_auth_retention"),
        (GOOGLE, "registry_auth_preflght", "registry_auth_preflight"),
        (GOOGLE, "registry_auth_createmissing", "registry_auth_create_missing"),
        (GOOGLE, "registry_auth_enviroment", "registry_auth_environment"),
        (GOOGLE, "registry_auth_projcet", "registry_auth_project"),
        (GOOGLE, "registry_auth_Location", "registry_auth_location"),
        (GOOGLE, "registry_auth_hosst", "registry_auth_hosts"),
        (GOOGLE, "registry_auth_frok", "registry_auth_fork"),
        (GOOGLE, "secret_retention_min_aeg", "secret_retention_min_age"),
        (GOOGLE, "secret_version_replicaton", "secret_version_replication"),
        (GOOGLE, "remote_repository_credentials_user_name", "remote_repository_credentials_username"),
        (CODEARTIFACT, "codeartifact_domian_grants", "codeartifact_domain_grants"),
        (CODEARTIFACT, "codeartifact_repostories", "codeartifact_repositories"),
        (CODEARTIFACT, "codeartifact_policy_mdoe", "codeartifact_policy_mode"),
        (CODEARTIFACT, "registry_auth_create_mising", "registry_auth_create_missing"),
        # Two typos in a long name.
        (CODEARTIFACT, "codeartifact_repostoires", "codeartifact_repositories"),
        # The singular for the plural, and the other way round.
        (CODEARTIFACT, "codeartifact_repository", "codeartifact_repositories"),
        (CODEARTIFACT, "codeartifact_domain_policies", "codeartifact_domain_policy"),
        (GOOGLE, "registry_auth_projects", "registry_auth_project"),
    ],
)
def test_a_misspelled_variable_is_told_with_the_one_that_is_meant(known, wrong, right):
    sentence = SENTENCE.format(wrong, right)
    assert known.mistakes({wrong: 1, "ansible_host": "a"}) == ([sentence], [])
    # Where the right one is set as well, it may be that somebody keeps a helper, and the wrong one changes less.
    assert known.mistakes({wrong: 1, right: 2}) == ([], [sentence])
    # What another variable uses is somebody's own.
    for used in (f"{{{{ {wrong} }}}}", ["a", {"b": f"{{{{ {wrong} | first }}}}"}]):
        assert known.mistakes({wrong: 1, right: used}) == ([], [])
    assert known.mistakes({wrong: 1, "mine": f"{{{{ {wrong}s }}}}"})[0] == [sentence]


@pytest.mark.parametrize(
    "own",
    [
        "registry_auth_token",
        "registry_auth_index_token",
        "registry_auth_new_token",
        "registry_auth_team",
        "registry_auth_keep",
        "registry_auth_owner",
        # Other words that look alike: location, and fork.
        "registry_auth_rotation",
        "registry_auth_form",
        # More words than the workflow's own.
        "registry_auth_repositories_eu",
        "registry_auth_default_location",
        "registry_auth_project_id",
        "registry_auth_",
        "registry_auth",
        "regstry_auth_project",
        "codeartifact_token",
        "codeartifact_account",
        "codeartifact_default_region",
        "secret_version_of_mine",
    ],
)
def test_a_variable_of_ones_own_is_left_alone(own):
    for known in (GOOGLE, CODEARTIFACT):
        assert known.mistakes({own: 1}) == ([], [])


ROLES = sorted(path.parents[1].name for path in (CHECKOUT / "roles").glob("*/meta/argument_specs.yml"))


def misspelled(role, variables):
    """What the lookup says of variables, which has those of the role's defaults besides."""
    loader = DataLoader()
    folder = str(CHECKOUT / "roles" / role)
    defaults = loader.load_from_file(f"{folder}/defaults/main.yml")
    lookup = lookup_loader.get("pkgops.registry_auth.misspelled_variables", loader=loader)
    texts = "".join(path.read_text() for path in (CHECKOUT / "roles" / role).glob("*/main.yml"))
    also = re.findall(r"misspelled_variables', role_path(?:, also=(\[.*?\]))?\)", texts)
    return lookup.run([folder], variables={**defaults, **variables}, also=yaml.safe_load(also[0]) or [])


@pytest.mark.parametrize(
    ("role", "wrong", "right"),
    [
        ("access_report", "directry", "directory"),
        ("access_report", "max_token_agee", "max_token_age"),
        ("access_report", "read_machine", "read_machines"),
        ("awx_setup", "slice", "slices"),
        ("package_clients", "client", "clients"),
        ("package_clients", "becom", "become"),
        # Of another entry point.
        ("package_clients", "chekout", "checkout"),
        ("package_protection", "name", "names"),
        ("package_protection", "fromats", "formats"),
        ("codeartifact_policy", "repository", "repositories"),
        ("repository", "projects", "project"),
        ("trusted_publishing", "indexs", "indexes"),
        ("secret_version", "secret", "secrets"),
        ("iam_binding", "binding", "bindings"),
        ("local_cloud", "owner", "owners"),
    ],
)
def test_a_misspelled_variable_of_a_role_is_told(role, wrong, right):
    wrong, right = f"{role}_{wrong}", f"{role}_{right}"
    assert misspelled(role, {wrong: 1}) == [f"{wrong} is not a variable of the role {role}. Did you mean {right}?"]
    # Set as well, or using it.
    assert misspelled(role, {wrong: 1, right: "2"}) == []
    assert misspelled(role, {wrong: 1, right: f"{{{{ {wrong} }}}}"}) == []


@pytest.mark.parametrize(
    ("role", "own"),
    [
        # Other words that look alike: protection, replication, location, and mode.
        ("trusted_publishing", {"production": True}),
        ("secret_version", {"application": "shop"}),
        ("remote_repository", {"rotation": "30d"}),
        ("repository_access", {"node": "one"}),
        # Many of what the role has one of.
        ("repository", {"projects": ["demo-project", "other-project"]}),
        ("codeartifact_repository", {"domains": [{"name": "demo"}]}),
        ("package_protection", {"Projects": []}),
    ],
)
def test_a_variable_of_ones_own_that_begins_with_the_name_of_a_role_is_left_alone(role, own):
    for name, value in own.items():
        assert misspelled(role, {f"{role}_{name}": value}) == []


def test_a_list_of_another_misspelled_name_is_told():
    assert misspelled("repository", {"repository_projcet": ["demo-project"]}) != []
    # Where several are taken, a list under the singular can be meant.
    assert misspelled("repository", {"repository_repository": [{"repository": "python"}]}) != []


@pytest.mark.parametrize("role", ROLES)
def test_no_variable_of_a_role_itself_is_taken_for_a_misspelled_one(role):
    folders = [CHECKOUT / name for name in ("playbooks", "roles", "docs", "extensions", "tests/integration")]
    paths = [path for folder in folders for path in folder.rglob("*") if path.suffix in (".yml", ".md", ".rst", ".j2")]
    names = {name for path in paths for name in re.findall(rf"(?<![._`])\b{role}_[a-z_]*[a-z]\b", path.read_text())}
    assert len(names) > 2
    assert {name: misspelled(role, {name: "x"}) for name in names if misspelled(role, {name: "x"})} == {}


def test_no_variable_of_the_collection_itself_is_taken_for_a_misspelled_one():
    """What playbooks and roles set, register and take, and what examples do."""
    folders = [CHECKOUT / name for name in ("playbooks", "roles", "plugins", "docs", "extensions")]
    paths = [
        path for folder in folders for path in folder.rglob("*") if path.suffix in (".yml", ".md", ".rst", ".py", ".j2")
    ]
    prefix = re.compile(r"\b(?:registry_auth|codeartifact|secret|iam_binding|remote_repository)_\w+")
    texts = [path.read_text() for path in paths]
    names = {name for text in texts for name in prefix.findall(text)}
    specs = [yaml.safe_load(path.read_text()) for path in (CHECKOUT / "roles").glob("*/meta/argument_specs.yml")]
    names |= {name for spec in specs for entry in spec["argument_specs"].values() for name in entry.get("options", {})}
    assert len(names) > 100
    # The documentation's example of one, and a role.
    names -= {"registry_auth_retension", "codeartifact_repository"}
    for known in (GOOGLE, CODEARTIFACT):
        assert {name: known.mistakes({name: 1}) for name in names if known.mistakes({name: 1}) != ([], [])} == {}

# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which hosts the workflow takes for scopes, and that it starts from nothing when asked to, and only then."""

from __future__ import annotations

import json
import re
from collections import Counter
from typing import Any

import pytest
from aws_clients import OTHER_ACCOUNT, document, statement
from cloud_control import LocalCloud
from cloud_fixtures import NUMBER, OWNER, PROJECT, UPSTREAM_TOKEN
from harness import COLLECTION, Ansible, Given, Run

DOMAIN = {
    "codeartifact_domain": "demo",
    "codeartifact_domain_policy": document(statement("codeartifact:GetAuthorizationToken", {"AWS": OTHER_ACCOUNT})),
}


def workflow(ansible: Ansible, groups: dict[str, dict[str, Any]], *options: str) -> Run:
    """Run it with these hosts, by group."""
    inventory = ansible.folder / "hosts.yml"
    inventory.write_text(json.dumps({name: {"hosts": hosts} for name, hosts in groups.items()}))
    return ansible.playbook(f"{COLLECTION}.auth_workflow", f"--inventory={inventory}", *options)


def test_no_scope_is_a_failure(ansible: Ansible, cloud: LocalCloud) -> None:
    run = workflow(ansible, {"others": {"elsewhere": {}}}, "--extra-vars=codeartifact_hosts=domains")
    assert run.code != 0
    assert (
        "None of the hosts of this run matches 'registry_auth', 'domains' or 'trusted_publishing': there is nothing to work on."
        in run.stdout
    )
    assert cloud.calls() == []


def test_a_limit_that_leaves_no_scope_is_named(ansible: Ansible, cloud: LocalCloud) -> None:
    run = workflow(ansible, {"codeartifact": {"packages": DOMAIN}, "others": {"elsewhere": {}}}, "--limit=elsewhere")
    assert run.code != 0
    assert (
        "None of the hosts of this run (it is limited to elsewhere) matches 'registry_auth', 'codeartifact' or"
        in run.stdout
    )
    assert cloud.calls() == []


def test_scopes_of_one_kind_are_enough(ansible: Ansible, given: Given) -> None:
    given.domain("demo")
    run = workflow(ansible, {"codeartifact": {"packages": DOMAIN}})
    assert run.code == 0, run.tail
    assert "changed=1 " in run.stdout, run.tail
    # Of a group that is not there, for one.
    assert "[WARNING]" not in run.stdout + run.stderr, run.tail


def test_one_kind_can_be_chosen(ansible: Ansible, cloud: LocalCloud, given: Given) -> None:
    given.domain("demo")
    groups = {"registry_auth": {"broken": {}}, "domains": {"packages": DOMAIN}}
    run = workflow(ansible, groups, "--limit=packages", "--extra-vars=codeartifact_hosts=domains")
    assert run.code == 0, run.tail
    assert len(cloud.calls("PutDomainPermissionsPolicy")) == 1


def test_a_scope_that_says_nothing_fails(ansible: Ansible, cloud: LocalCloud) -> None:
    run = workflow(ansible, {"codeartifact": {"packages": {"codeartifact_domain": "demo"}}})
    assert run.code != 0
    assert (
        "packages must set codeartifact_domain, and codeartifact_domain_grants, codeartifact_domain_policy or"
        in run.stdout
    )
    assert cloud.calls() == []


READ = document(statement("codeartifact:ReadFromRepository", {"AWS": OTHER_ACCOUNT}))


def from_nothing(cloud: LocalCloud, *, create: bool) -> dict[str, dict[str, Any]]:
    """A scope of each kind, of which nothing exists."""
    index = f"{cloud.index_host()}/{PROJECT}/mirror/simple/"
    repository = {
        "repository": "mirror",
        "location": "us-central1",
        "format": "PYTHON",
        "upstream": {"preset": "PYPI"},
        "labels": {"team": "build"},
        "secret": "token",
        "token": UPSTREAM_TOKEN,
        "proof": {"package": "demo-package", "index_url": index},
        "access": [{"principals": ["group:developers@example.com"], "access": ["read"]}],
    }
    project = {"registry_auth_project": PROJECT, "registry_auth_repositories": [repository]}
    repositories = [
        {"repository": "team", "upstreams": ["public"], "description": "Ours", "policy": READ},
        {"repository": "public", "external_connection": "public:pypi"} | ({} if create else {"policy": READ}),
    ]
    domain = {**DOMAIN, "codeartifact_repositories": repositories}
    asked = {"registry_auth_create_missing": True} if create else {}
    return {"registry_auth": {"demo": {**project, **asked}}, "codeartifact": {"packages": {**domain, **asked}}}


def test_from_nothing_when_asked_to(ansible: Ansible, cloud: LocalCloud) -> None:
    groups = from_nothing(cloud, create=True)
    checked = workflow(ansible, groups, "--check", "--diff")
    assert checked.code == 0, checked.tail
    # What the run itself would create is nothing to warn about.
    assert "[WARNING]" not in checked.stdout + checked.stderr, checked.tail
    written = [
        call["method"]
        for call in cloud.calls()
        if not re.search("[.](Get|List|Access|Describe|Test)[A-Za-z]*$", call["method"])
    ]
    assert written == []
    first = workflow(ansible, groups)
    assert first.code == 0, first.tail
    # What check mode said of each host.
    changed = [re.findall(r"^(\w+) .* changed=(\d+)", run.stdout, re.MULTILINE) for run in (checked, first)]
    assert changed[0] == changed[1]
    second = workflow(ansible, groups)
    assert second.code == 0, second.tail
    assert set(re.findall(r"changed=(\d+)", second.stdout)) == {"0"}, second.tail
    assert len(cloud.calls("CreateRepository")) == 3
    assert len(cloud.calls("CreateDomain")) == 1


@pytest.mark.parametrize("kind", ["registry_auth", "codeartifact"])
def test_nothing_is_created_unasked(ansible: Ansible, cloud: LocalCloud, kind: str) -> None:
    run = workflow(ansible, {kind: from_nothing(cloud, create=False)[kind]})
    assert run.code != 0
    assert cloud.calls("CreateRepository") == cloud.calls("CreateDomain") == []


def written(cloud: LocalCloud) -> list[str]:
    """The methods that were called and may change something."""
    called = (call["method"].rpartition(".")[2] for call in cloud.calls())
    return [
        method for method in called if not method.startswith(("Get", "List", "Access", "Describe", "Fetch", "Test"))
    ]


@pytest.mark.parametrize("mode", [["--check"], []])
@pytest.mark.parametrize(
    ("change", "sentences"),
    [
        ({"repository": "miror"}, ["repositories/miror does not exist. With registry_auth_create_missing, "]),
        (
            {"prof": {"package": "demo-package"}, "token": ""},
            ["registry_auth_repositories[0] (mirror) has 'prof', which is not an option: did you mean proof?"],
        ),
        ({"token": ""}, ["registry_auth_repositories[0] (mirror): token is empty: set what it comes from"]),
        ({"token": "{{ nowhere }}"}, ["registry_auth_repositories cannot be read: ", "'nowhere' is undefined"]),
    ],
)
def test_a_mistake_is_told_before_anything_is_written(
    ansible: Ansible, cloud: LocalCloud, change: dict[str, Any], sentences: list[str], mode: list[str]
) -> None:
    """Check mode fails as the real run does, and says nothing else."""
    scope = from_nothing(cloud, create=False)["registry_auth"]["demo"]
    scope["registry_auth_repositories"][0] |= change
    run = workflow(ansible, {"registry_auth": {"demo": scope}}, *mode)
    assert run.code != 0
    for sentence in sentences:
        assert sentence in run.stdout, run.tail
    assert "[WARNING]" not in run.stdout + run.stderr, run.tail
    assert written(cloud) == []
    assert UPSTREAM_TOKEN not in run.stdout + run.stderr


@pytest.mark.parametrize("mode", [["--check"], []])
def test_a_secret_that_cannot_be_kept_elsewhere_is_told_before_anything_is_written(
    ansible: Ansible, cloud: LocalCloud, mode: list[str]
) -> None:
    scope = from_nothing(cloud, create=True)["registry_auth"]["demo"]
    first = workflow(ansible, {"registry_auth": {"demo": scope}})
    assert first.code == 0, first.tail
    before = written(cloud)
    scope["registry_auth_repositories"].insert(0, scope["registry_auth_repositories"][0] | {"repository": "another"})
    scope["secret_version_replication"] = {"user_managed": [{"location": "europe-west1"}]}
    run = workflow(ansible, {"registry_auth": {"demo": scope}}, *mode)
    assert run.code != 0
    assert (
        "Could not look at what is there: projects/123456789012/secrets/token has replication automatic" in run.stdout
    )
    assert written(cloud) == before


@pytest.mark.parametrize("mode", [["--check"], []])
def test_a_secret_does_not_get_two_tokens_by_two_names_of_its_project(
    ansible: Ansible, cloud: LocalCloud, mode: list[str]
) -> None:
    """Nothing is there that would say which project has the number, so it is asked for."""
    first = from_nothing(cloud, create=True)["registry_auth"]["demo"]
    second = from_nothing(cloud, create=True)["registry_auth"]["demo"]
    second["registry_auth_project"] = NUMBER
    second["registry_auth_repositories"][0] |= {"repository": "other", "token": "the-token-of-the-other"}
    run = workflow(ansible, {"registry_auth": {"one": first, "two": second}}, *mode)
    assert run.code != 0
    sentence = f"projects/{PROJECT}/secrets/token would hold two tokens: one, two name it with different ones."
    # For both scopes; Ansible says it once more above them.
    assert run.stdout.count(f'"msg": "Could not look at what is there: {sentence}"') == 2, run.tail
    assert written(cloud) == []
    assert len(cloud.calls("GetProject")) == 1


def test_scopes_leave_each_other_alone(ansible: Ansible, cloud: LocalCloud, given: Given) -> None:
    """One of each kind fails. The others are worked on, and the last task says of each how it ended."""
    given.domain("demo")
    sound = from_nothing(cloud, create=True)["registry_auth"]["demo"]
    nowhere = {**sound, "registry_auth_project": "no-such-project"}
    groups = {
        "registry_auth": {"sound": sound, "nowhere": nowhere, "silent": {"registry_auth_project": PROJECT}},
        "codeartifact": {"packages": DOMAIN, "missing": {**DOMAIN, "codeartifact_domain": "no-such-domain"}},
        "trusted_publishing": {"sample": {"trusted_publishing_project": "sampleproject"}},
    }
    run = workflow(ansible, groups)
    assert run.code != 0
    assert len(cloud.calls("PutDomainPermissionsPolicy")) == 1
    assert len(cloud.calls("AddSecretVersion")) == 1
    last = run.stdout.partition("TASK [Say how the scope ended]")[2].partition("TASK [Sum up")[0]
    assert sorted(re.findall(r"^(ok|changed|fatal): \[(\w+)\]", last, re.MULTILINE)) == [
        ("changed", "packages"),
        ("changed", "sound"),
        ("fatal", "missing"),
        ("fatal", "nowhere"),
        ("fatal", "sample"),
        ("fatal", "silent"),
    ]
    recap = dict(re.findall(r"^(\w+) +: .*failed=(\d)", run.stdout, re.MULTILINE))
    failed = {"nowhere", "silent", "missing", "sample"}
    assert {name for name, count in recap.items() if count != "0"} == failed
    for sentence in (
        "silent must set registry_auth_project and registry_auth_repositories.",
        "no-such-project",
        "There is no domain no-such-domain",
        "sample: trusted_publishing_owner is missing.",
    ):
        assert sentence in last, last


def fleet(cloud: LocalCloud, number: int) -> dict[str, dict[str, Any]]:
    """Projects and domains with two repositories each, of which nothing exists."""
    projects, domains = {}, {}
    for index in range(number):
        project = f"fleet-{index}"
        cloud.add_project(project, str(200_000_000_000 + index), OWNER)
        entries = [
            {
                "repository": name,
                "location": "us-central1",
                "format": "PYTHON",
                "upstream": {"preset": "PYPI"},
                "secret": f"{name}-token",
                "token": UPSTREAM_TOKEN,
                "proof": {"package": "demo-package"},
            }
            for name in ("first", "second")
        ]
        projects[project] = {"registry_auth_project": project, "registry_auth_repositories": entries}
        domains[f"domain-{index}"] = {
            **DOMAIN,
            "codeartifact_domain": f"domain-{index}",
            "codeartifact_repositories": [{"repository": name, "policy": READ} for name in ("first", "second")],
        }
    return {
        "registry_auth": {name: {**scope, "registry_auth_create_missing": True} for name, scope in projects.items()},
        "codeartifact": {name: {**scope, "registry_auth_create_missing": True} for name, scope in domains.items()},
    }


def test_a_converged_fleet_is_asked_only_what_is_in_question(ansible: Ansible, cloud: LocalCloud) -> None:
    """Five calls for each repository with a proof; of CodeArtifact one for each policy, which proves what it is the policy of."""
    ansible.environment["ARTIFACT_REGISTRY_PACKAGES_URL"] = cloud.url
    groups = fleet(cloud, 3)
    first = workflow(ansible, groups)
    assert first.code == 0, first.tail
    assert len(cloud.calls("GenerateServiceIdentity")) <= 3
    cloud.clear_calls()
    second = workflow(ansible, groups)
    assert second.code == 0, second.tail
    assert set(re.findall(r"changed=(\d+)", second.stdout)) == {"0"}, second.tail
    called = Counter(call["method"].rpartition(".")[2] for call in cloud.calls())
    assert called == {
        "GetRepository": 6,
        "AccessSecretVersion": 6,
        "GetIamPolicy": 6,
        "Fetch": 12,
        "GetDomainPermissionsPolicy": 3,
        "GetRepositoryPermissionsPolicy": 6,
    }


def test_another_strategy_of_the_configuration_changes_nothing(ansible: Ansible, cloud: LocalCloud) -> None:
    """With Ansible's strategy free, what is to run once for all hosts would run for each of them at the same time."""
    ansible.environment |= {"ANSIBLE_STRATEGY": "free", "ARTIFACT_REGISTRY_PACKAGES_URL": cloud.url}
    run = workflow(ansible, {"registry_auth": fleet(cloud, 2)["registry_auth"]})
    assert run.code == 0, run.tail
    assert len(cloud.calls("CreateSecret")) == len(cloud.calls("AddSecretVersion")) == 4


@pytest.mark.thorough
def test_check_mode_foresees_a_rotation_with_its_retirement(ansible: Ansible, cloud: LocalCloud) -> None:
    """What a run would retire counts the version that it would store."""
    ansible.environment["ARTIFACT_REGISTRY_PACKAGES_URL"] = cloud.url
    cloud.set_upstream_tokens(UPSTREAM_TOKEN, "the-second-token", "the-third-token")
    (name, scope), *_others = fleet(cloud, 1)["registry_auth"].items()
    scope["registry_auth_retention"] = {"keep": 1, "min_age": "0"}

    def run(token: str, *options: str) -> tuple[list[str], list[str]]:
        for entry in scope["registry_auth_repositories"]:
            entry["token"] = token
        cloud.clear_calls()
        done = workflow(ansible, {"registry_auth": {name: scope}}, *options)
        assert done.code == 0, done.tail
        assert token not in done.stdout
        told = re.search(r'"msg": "(.*)"', done.stdout.partition("Say how the scope ended")[2])
        assert told
        sentences = re.findall(r"(?:Would (?:store|set|grant|retire)|Stored|Set|Granted|Retired) ([^.]+[^ ]*)", told[1])
        return sentences, [call["resource"] for call in cloud.calls("DisableSecretVersion")]

    run(UPSTREAM_TOKEN)
    assert cloud.calls("ListLocations") == []
    foreseen, none = run("the-second-token", "--check")
    assert none == []
    done, retired = run("the-second-token")
    assert foreseen == done
    assert sorted(retired) == [f"projects/{name}/secrets/{one}-token/versions/1" for one in ("first", "second")]
    assert run("the-second-token") == ([], [])
    # Nothing is due, so nobody asked what is in use anywhere.
    assert cloud.calls("ListLocations") == []


def test_scopes_that_log_in_differently_get_processes_of_their_own(
    ansible: Ansible, cloud: LocalCloud, given: Given
) -> None:
    given.domain("demo")
    given.domain("other")
    other = {
        **DOMAIN,
        "codeartifact_domain": "other",
        "registry_auth_environment": {"AWS_ACCESS_KEY_ID": "AKIANOBODY0000000000"},
    }
    run = workflow(ansible, {"codeartifact": {"packages": DOMAIN, "stranger": other}})
    assert run.code != 0
    assert [call["resource"] for call in cloud.calls("PutDomainPermissionsPolicy")] == ["demo"]
    assert dict(re.findall(r"^(\w+) +: .*failed=(\d)", run.stdout, re.MULTILINE))["stranger"] == "1"


def test_a_play_that_imports_the_workflow_may_say_what_scopes_want(
    ansible: Ansible, cloud: LocalCloud, given: Given
) -> None:
    """Variables of the import count, each in the sense of the host that it is read for."""
    for name in ("packages", "tools"):
        given.domain(name)
    inventory = ansible.folder / "hosts.yml"
    inventory.write_text(json.dumps({"domains": {"hosts": {"packages": {}, "tools": {}}}}))
    site = ansible.folder / "site.yml"
    variables = {
        "codeartifact_hosts": "domains",
        "codeartifact_domain": "{{ inventory_hostname }}",
        "codeartifact_domain_policy": DOMAIN["codeartifact_domain_policy"],
    }
    site.write_text(json.dumps([{"import_playbook": f"{COLLECTION}.auth_workflow", "vars": variables}]))
    run = ansible.playbook(str(site), f"--inventory={inventory}")
    assert run.code == 0, run.tail
    assert sorted(call["resource"] for call in cloud.calls("PutDomainPermissionsPolicy")) == ["packages", "tools"]


def named(hosts: dict[str, dict[str, Any]], odd: dict[str, dict[str, Any]], base: dict[str, Any]) -> dict[str, Any]:
    """Hosts, and more of them that have something odd in place of what the base says."""
    return hosts | {name: {**base, **variables} for name, variables in odd.items()}


def test_what_is_odd_about_a_host_is_no_other_hosts_failure(ansible: Ansible, cloud: LocalCloud, given: Given) -> None:
    """Some fail, each with its own reason, and those that do not are worked on."""
    given.domain("demo")
    sound = from_nothing(cloud, create=True)["registry_auth"]["demo"]
    projects = {
        "sharednumber": {"registry_auth_shared_secrets": 5},
        "sharedmapping": {"registry_auth_shared_secrets": {"a": 1}},
        "omitted": {"registry_auth_retention": "{{ nothing | default(omit) }}"},
        "elsewhere": {"registry_auth_environment": {"HOME": str(ansible.folder)}},
        "unsettable": {"registry_auth_environment": {"A=B": "c"}},
        "unnamed": {"registry_auth_environment": {"": "c"}},
        "valueless": {"registry_auth_environment": {"HTTPS_PROXY": None}},
        "looping": {"registry_auth_retention": "{{ first }}", "first": "{{ second }}", "second": "{{ first }}"},
    }
    domains = {"listed": {"codeartifact_region": ["eu-west-1"]}, "plain": {"codeartifact_region": "eu-west-1"}}
    groups = {
        "registry_auth": named({"sound": sound}, projects, sound),
        "codeartifact": named({"packages": DOMAIN}, domains, DOMAIN),
        "others": {"outsider": {"registry_auth_repositories": "{{ nowhere }}"}},
    }
    run = workflow(ansible, groups)
    last = run.stdout.partition("TASK [Say how the scope ended]")[2].partition("TASK [Sum up")[0]
    ended = re.findall(r"^(ok|changed|fatal): \[(\w+)\]", last, re.MULTILINE)
    assert {name for how, name in ended if how == "fatal"} == {
        "sharedmapping",
        "unsettable",
        "unnamed",
        "valueless",
        "looping",
        "listed",
    }, run.tail
    assert len(ended) == 12
    # Two hosts have the domain, one of them with its region, so each has a process of its own: both may find no policy.
    assert len(cloud.calls("PutDomainPermissionsPolicy")) in (1, 2)
    for sentence in (
        "registry_auth_shared_secrets is a mapping, not text",
        "registry_auth_environment of unsettable has 'A=B', which cannot be set",
        "registry_auth_environment of valueless gives HTTPS_PROXY no value",
        "codeartifact_region is a list, not text",
    ):
        assert sentence in last
    # What a host out of this run uses may be retired in it.
    assert "Which secrets outsider shares with others is not known" in run.stdout + run.stderr


def test_what_is_wrong_is_named_by_its_variable(ansible: Ansible, cloud: LocalCloud, given: Given) -> None:
    """Options of modules are not what somebody with an inventory knows. A misspelled name is found before any call."""
    sound = from_nothing(cloud, create=True)["registry_auth"]["demo"]
    (mirror,) = sound["registry_auth_repositories"]
    projects = {
        "project": ({"registry_auth_project": "No Project"}, "registry_auth_project 'No Project' is not a project: "),
        "kind": ({"registry_auth_create_missing": "perhaps"}, "argument 'registry_auth_create_missing' is of type "),
        "choice": ({"secret_retention_action": "delete"}, "value of secret_retention_action must be one of: "),
        "nested": ({"registry_auth_retention": {"keep": 0}}, "registry_auth_retention.keep is 0: at least 1"),
        "entry": (
            {"registry_auth_repositories": [mirror, {**mirror, "repository": "b", "token": ""}]},
            "registry_auth_repositories[1] (b): token is empty",
        ),
        "misspelled": (
            {"registry_auth_shared_secerts": ["a"]},
            "registry_auth_shared_secerts is not a variable of the workflow. Did you mean registry_auth_shared_secrets?",
        ),
        "role": (
            {"secret_retention_kep": 3},
            "secret_retention_kep is not a variable of the workflow. Did you mean secret_retention_keep?",
        ),
    }
    domains = {
        "owner": ({"codeartifact_domain_owner": "1"}, "codeartifact_domain_owner '1' is not an account's id"),
        "both": (
            {"codeartifact_domain_grants": [{"name": "a", "access": ["login"]}]},
            "codeartifact_domain_policy and codeartifact_domain_grants are both given",
        ),
        "misspelt": (
            {"codeartifact_repostories": []},
            "codeartifact_repostories is not a variable of the workflow. Did you mean codeartifact_repositories?",
        ),
    }
    # In place of a sentence on what must be set.
    needed = {"registry_auth_projet": PROJECT, "registry_auth_repositories": [mirror]}
    projects["needed"] = (
        needed,
        "registry_auth_projet is not a variable of the workflow. Did you mean registry_auth_project?",
    )
    groups = {
        "registry_auth": named(
            {"needed": needed}, {name: wrong for name, (wrong, _told) in projects.items() if name != "needed"}, sound
        ),
        "codeartifact": named({}, {name: wrong for name, (wrong, _told) in domains.items()}, DOMAIN),
    }
    run = workflow(ansible, groups)
    assert cloud.calls() == []
    last = run.stdout.partition("TASK [Say how the scope ended]")[2].partition("TASK [Sum up")[0]
    for name, (_wrong, told) in {**projects, **domains}.items():
        (said,) = re.findall(rf'^fatal: \[{name}\]: .*?"msg": "(.*?)"', last, re.MULTILINE | re.DOTALL)
        assert told in said, said
    assert UPSTREAM_TOKEN not in run.stdout + run.stderr

    # boto3 knows first what a region is called.
    given.domain("demo")
    run = workflow(ansible, {"codeartifact": {"packages": {**DOMAIN, "codeartifact_region": "eu west"}}})
    assert "codeartifact_region 'eu west' is not the name of a region" in run.stdout, run.tail


def test_variables_of_ones_own_are_left_alone(ansible: Ansible, cloud: LocalCloud, given: Given) -> None:
    """Those with other names, and those that another variable uses. Next to the one that is meant, a name is warned of."""
    given.domain("demo")
    own = {
        "registry_auth_team": "build",
        "registry_auth_domain_policy": "{{ codeartifact_domain_polcy }}",
        "codeartifact_domain_polcy": DOMAIN["codeartifact_domain_policy"],
        "codeartifact_domain_policy": "{{ registry_auth_domain_policy }}",
        "codeartifact_domain": "demo",
    }
    run = workflow(ansible, {"codeartifact": {"packages": own}})
    assert run.code == 0, run.tail
    assert len(cloud.calls("PutDomainPermissionsPolicy")) == 1
    assert "[WARNING]" not in run.stdout + run.stderr, run.tail
    run = workflow(ansible, {"codeartifact": {"packages": {**own, "codeartifact_domian": "demo"}}})
    assert run.code == 0, run.tail
    assert "codeartifact_domian is not a variable of the workflow. Did you mean codeartifact_domain?" in " ".join(
        (run.stdout + run.stderr).split()
    )


def scopes_play(ansible: Ansible, *options: str, **play: Any) -> Run:
    """A play of one's own over domains, named as its hosts are."""
    inventory = ansible.folder / "hosts.yml"
    inventory.write_text(json.dumps({"domains": {"hosts": {"packages": {}, "tools": {}}}}))
    variables = {
        "codeartifact_domain": "{{ inventory_hostname }}",
        "ansible_python_interpreter": "{{ ansible_playbook_python }}",
        **DOMAIN_POLICY,
    }
    site = ansible.folder / "site.yml"
    site.write_text(
        json.dumps([{"hosts": "domains", "connection": "local", "gather_facts": False, "vars": variables, **play}])
    )
    return ansible.playbook(str(site), f"--inventory={inventory}", *options)


DOMAIN_POLICY = {"codeartifact_domain_policy": DOMAIN["codeartifact_domain_policy"]}
WORKFLOW = {"name": "Set policies", f"{COLLECTION}.codeartifact_auth_workflow": {}, "run_once": True}


def test_a_batch_of_hosts_is_worked_on_before_the_next(ansible: Ansible, cloud: LocalCloud, given: Given) -> None:
    """The first batch fails, so that Ansible does not come to the second, and nothing is done for its hosts."""
    given.domain("tools")
    run = scopes_play(ansible, serial=1, tasks=[WORKFLOW])
    assert run.code != 0
    assert "There is no domain packages" in run.stdout
    assert cloud.calls("PutDomainPermissionsPolicy") == []


def test_a_host_that_is_not_there_is_no_scope(ansible: Ansible, cloud: LocalCloud, given: Given) -> None:
    """What the play says for its hosts is not taken to be said for a name that is misspelled."""
    given.domain("demo")
    cloud.clear_calls()
    module = f"{COLLECTION}.codeartifact_auth_workflow"
    task = {**WORKFLOW, module: {"hosts": ["pakcages"]}, "vars": {"codeartifact_domain": "demo"}}
    run = scopes_play(ansible, tasks=[task])
    assert run.code != 0
    assert "There is no host pakcages in the inventory." in run.stdout
    assert cloud.calls() == []


def test_a_host_for_which_nothing_ran_does_not_end_well(ansible: Ansible) -> None:
    """As when its task was skipped by --start-at-task or --step."""
    task = {"name": "Say", f"{COLLECTION}.auth_workflow_result": {"results": ["registry_auth_google"]}}
    run = scopes_play(ansible, tasks=[task])
    assert run.code != 0
    assert "Nothing says what became of packages: none of registry_auth_google is registered for it" in run.stdout


PUBLISHING = {
    "trusted_publishing_project": "sampleproject",
    "trusted_publishing_owner": "octo-org",
    "trusted_publishing_repository": "sampleproject",
    "trusted_publishing_indexes": [
        {"index": "testpypi", "environment": "testpypi"},
        {"environment": "pypi", "reviewers": {"teams": ["Release managers"]}},
    ],
}
REPOSITORY = "github/repos/octo-org/sampleproject"


def changed(run: Run) -> int:
    assert run.code == 0, run.tail
    (count,) = re.findall(r"^sample +: .*changed=(\d+)", run.stdout, re.MULTILINE)
    return int(count)


def writes(cloud: LocalCloud) -> list[str]:
    """What was written to GitHub, by the names of its methods."""
    made = [call["method"].removeprefix("github.") for call in cloud.calls() if call["status"] < 400]
    return [name for name in made if not re.search("/(get|list)", name)]


def ask(given: Given, path: str, method: str | None = None, body: object = None) -> Any:
    return given.call(f"{REPOSITORY}/{path}", body, method, caller="octocat")


@pytest.mark.thorough
def test_a_publishing_repository(ansible: Ansible, cloud: LocalCloud, given: Given) -> None:
    """Environments, one pull request, a form; after the merge nothing, and the secret goes when it is named."""
    ansible.environment |= cloud.github_environment()
    key = ask(given, "actions/secrets/public-key")["key_id"]
    ask(given, "actions/secrets/INDEX_TOKEN", "PUT", {"encrypted_value": "c2VzYW1l", "key_id": key})
    cloud.clear_calls()
    scope = {"trusted_publishing": {"sample": PUBLISHING}}

    # Two steps, and the scope that says at the end whether it changed.
    run = workflow(ansible, scope, "--check", "--diff")
    assert changed(run) == 2 + 1
    assert "Scopes: 1 would change, 0 unchanged, 0 failed." in run.stdout
    assert writes(cloud) == []
    assert "pull request that would be opened" in run.stdout

    run = workflow(ansible, scope)
    assert changed(run) == 2 + 1
    assert "Scopes: 1 changed, 0 unchanged, 0 failed." in run.stdout
    made = writes(cloud)
    # The environments are there before the workflow names them.
    protected = ["repos/create-or-update-environment", "repos/create-deployment-branch-policy"]
    assert sorted(made[:4]) == sorted(protected * 2)
    assert made[4:] == ["git/create-ref", "repos/create-or-update-file-contents", "pulls/create"]
    assert run.stdout.count("settings/publishing/?provider=github&owner=octo-org&repository=sampleproject") == 2
    assert "Environment name: testpypi" in run.stdout
    cloud.clear_calls()

    keep = "--extra-vars={trusted_publishing_retire_secrets: [INDEX_TOKEN]}"
    run = workflow(ansible, scope, keep)
    assert changed(run) == 0
    assert "Scopes: 0 changed, 1 unchanged, 0 failed." in run.stdout
    assert "INDEX_TOKEN kept: " in run.stdout, run.tail
    assert "/github/octo-org/sampleproject/pull/1" in run.stdout, run.tail
    assert writes(cloud) == []

    ask(given, "pulls/1/merge", "PUT", {})
    assert len(ask(given, "pulls?state=all")) == 1
    cloud.clear_calls()
    assert changed(workflow(ansible, scope)) == 0
    assert changed(workflow(ansible, scope, keep, "--check")) == 1 + 1
    assert writes(cloud) == []
    assert changed(workflow(ansible, scope, keep)) == 1 + 1
    assert changed(workflow(ansible, scope, keep)) == 0
    assert writes(cloud) == ["actions/delete-repo-secret"]


def test_a_repository_that_says_nothing_fails(ansible: Ansible, cloud: LocalCloud) -> None:
    run = workflow(ansible, {"trusted_publishing": {"sample": {"trusted_publishing_project": "sampleproject"}}})
    assert run.code != 0
    assert "sample: trusted_publishing_owner is missing." in run.stdout
    assert cloud.calls() == []

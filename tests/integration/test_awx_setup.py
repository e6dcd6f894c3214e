# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""AWX is set up twice by C(awx.awx), and each template's job runs as AWX runs it. No secret is in what AWX keeps of jobs.

The API is a stand-in, which tests/unit/test_awx_stand_in.py holds to answers of AWX 24.6.1.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from aws_clients import OWNER_KEY
from awx import PROJECT_URL, Served, stand_in
from cloud_control import LocalCloud
from cloud_fixtures import PROJECT
from harness import COLLECTION, SERVICES, Ansible, Given, Run

EMAIL = f"awx@{PROJECT}.iam.gserviceaccount.com"
#: Each is looked for in all that AWX keeps.
TOKEN, ROTATED = "pypi-planted-index-token", "pypi-planted-rotated-token"
AWS_SECRET = "planted/aws+secret/key"
GITHUB_TOKEN = "ghp_planted0123456789"
LOCATION = "us-central1"
#: Digits that are not to become a number on the way.
NUMBER = "012345670123"
SCOPES = ("scope-0", "scope-1")


def inventory(cloud: LocalCloud) -> dict[str, Any]:
    """Scopes of each kind, and a machine. Tokens are taken from the environment by the job."""

    def repository(scope: str) -> dict[str, Any]:
        index = f"{cloud.index_host(LOCATION)}/{scope}/mirror/simple/"
        return {
            "repository": "mirror",
            "location": LOCATION,
            "format": "PYTHON",
            "upstream": {"preset": "PYPI"},
            "secret": "index-token",
            "token": "{{ lookup('ansible.builtin.env', 'INDEX_TOKEN') }}",
            "proof": {"package": "demo-package", "index_url": index},
        }

    scopes = {
        scope: {"registry_auth_project": scope, "registry_auth_repositories": [repository(scope)]} for scope in SCOPES
    }
    machine = {
        "ansible_connection": "local",
        "ansible_python_interpreter": "{{ ansible_playbook_python }}",
        "package_clients_become": False,
        "package_clients_level": "user",
        "package_clients_clients": ["pip"],
        "package_clients_indexes": [{"name": "ours", "url": "https://machine.example.com/simple/"}],
    }
    publisher = {
        "trusted_publishing_project": "sampleproject",
        "trusted_publishing_owner": "octo-org",
        "trusted_publishing_repository": "sampleproject",
    }
    return {
        "registry_auth": {
            "hosts": scopes,
            "vars": {"registry_auth_create_missing": True, "registry_auth_retention": {"keep": 1, "min_age": "0"}},
        },
        "codeartifact": {
            "hosts": {"domain-0": {"codeartifact_domain": "demo", "billing_account": NUMBER}},
            "vars": {"codeartifact_repositories": [{"repository": "python", "state": "absent"}]},
        },
        "trusted_publishing": {"hosts": {"publisher": publisher}},
        "package_clients": {"hosts": {"machine": machine}},
        "everything": {"children": {"registry_auth": None, "codeartifact": None}},
    }


def variables(ansible: Ansible, cloud: LocalCloud, key: str, token: str = TOKEN) -> dict[str, Any]:
    """What is given to the playbook."""
    overrides = {f"CLOUDSDK_API_ENDPOINT_OVERRIDES_{name.upper()}": f"{{{{ url }}}}/{name}/" for name in SERVICES}
    aws = {"AWS_ENDPOINT_URL_CODEARTIFACT": "{{ url }}/codeartifact", "AWS_EC2_METADATA_DISABLED": "true"}
    local = {
        "name": "Local cloud",
        "inputs": {"fields": [{"id": "url", "type": "string", "label": "URL"}], "required": ["url"]},
        "injectors": {"env": {name: {"__ansible_unsafe": value} for name, value in (overrides | aws).items()}},
    }
    google = {"username": EMAIL, "project": PROJECT, "ssh_key_data": key}
    return {
        "awx_setup_image": "registry.example.com/packages/registry-auth:1",
        "awx_setup_project_url": PROJECT_URL,
        "awx_setup_inventory_source": str(ansible.folder / "scopes.yml"),
        "awx_setup_playbooks": {
            "workflow": "auth_workflow.yml",
            "report": "access_report.yml",
            "clients": "package_clients.yml",
            "notify": "notify.yml",
        },
        "awx_setup_slices": 2,
        "awx_setup_credential_types": [local],
        "awx_setup_credentials": [
            {"name": "index", "type": "Package index tokens", "inputs": {"index_token": token}},
            {"name": "google", "type": "Google Compute Engine", "inputs": google},
            {"name": "aws", "type": "Amazon Web Services", "inputs": {"username": OWNER_KEY, "password": AWS_SECRET}},
            {"name": "region", "type": "AWS region", "inputs": {"region": "eu-west-1"}},
            {"name": "github", "type": "GitHub API", "inputs": {"token": GITHUB_TOKEN, "url": f"{cloud.url}/github"}},
            {"name": "cloud", "type": "Local cloud", "inputs": {"url": cloud.url}},
        ],
    }


class Setup:
    """The playbook that sets AWX up."""

    def __init__(self, ansible: Ansible, cloud: LocalCloud, served: Served) -> None:
        self._ansible, self._cloud, self.served = ansible, cloud, served
        self.folder = ansible.folder
        self.key = cloud.service_account_key(EMAIL)["private_key"]
        (ansible.folder / "scopes.yml").write_text(yaml.safe_dump(inventory(cloud)))

    def run(self, *options: str, token: str = TOKEN, **more: Any) -> Run:
        file = self._ansible.folder / "awx.json"
        text = json.dumps(variables(self._ansible, self._cloud, self.key, token) | more)
        file.write_text(text)
        arguments = [f"{COLLECTION}.awx_setup", f"--extra-vars=@{file}", *options]
        return self._ansible.playbook(*arguments, env=self.served.environment)

    @property
    def secrets(self) -> list[str]:
        """The planted secrets; a line of the key is enough."""
        return [TOKEN, ROTATED, AWS_SECRET, GITHUB_TOKEN, self.key.splitlines()[5]]


@pytest.fixture
def setup(ansible: Ansible, cloud: LocalCloud, given: Given) -> Iterator[Setup]:
    for number, scope in enumerate(SCOPES, 100_000_000_001):
        cloud.add_project(scope, str(number), f"serviceAccount:{EMAIL}")
    cloud.add_project(PROJECT, "123456789012", f"serviceAccount:{EMAIL}")
    cloud.set_upstream_tokens(TOKEN, ROTATED)
    given.github(tokens={GITHUB_TOKEN: {"login": "octocat"}})
    given.domain("demo", "python")
    token_uri = cloud.service_account_key(EMAIL)["token_uri"]
    with stand_in(ansible.folder / "awx", token_uri) as served:
        yield Setup(ansible, cloud, served)


def found(served: Served, secret: str) -> list[str]:
    """Where a secret is, in what AWX shows: all objects, and all events."""
    store = served.awx.store
    shown = [store.shown(one) for objects in store.objects.values() for one in objects.values()]
    shown += [event for job in store.objects["job"].values() for event in served.events(job)]
    forms = {secret, json.dumps(secret)[1:-1]}
    return [json.dumps(one)[:200] for one in shown if any(form in json.dumps(one) for form in forms)]


def kept(served: Served) -> str:
    """All that AWX has."""
    store = served.awx.store
    return json.dumps({kind: [store.shown(one) for one in each.values()] for kind, each in store.objects.items()})


def foretold(run: Run) -> str:
    """What check mode names that it did not ask AWX about."""
    assert run.code == 0, run.tail
    _before, named_, after = run.stdout.partition("These would be set up, too.")
    return after.partition("PLAY RECAP")[0] if named_ else ""


def test_check_mode_names_what_an_empty_awx_would_get(setup: Setup) -> None:
    before = kept(setup.served)
    run = setup.run("--check")
    told = foretold(run)
    for line in (
        "credentials: index, google, aws, region, github, cloud",
        "execution environment: Registry auth",
        "hosts: scope-0, scope-1, domain-0, publisher, machine",
        "groups: registry_auth, codeartifact, trusted_publishing, package_clients, everything",
        "job templates: workflow, rotate, report, publishers, clients, notify",
        "workflow template: chain",
        "schedules: Registry auth report, every Monday",
    ):
        kind, _colon, names = line.partition(": ")
        (there,) = (one for one in told.splitlines() if f'"{kind}: ' in one)
        assert sorted(there.strip(' ,"').partition(": ")[2].split(", ")) == sorted(names.split(", "))
    # Types of credentials belong to no organization: AWX says of each that it would be new.
    assert "changed: [localhost] => (item=Local cloud)" in run.stdout
    assert kept(setup.served) == before


@pytest.mark.thorough
def test_awx_is_set_up_and_its_jobs_run(setup: Setup, cloud: LocalCloud) -> None:
    served = setup.served
    first = setup.run()
    assert first.code == 0, first.tail
    second = setup.run()
    assert second.code == 0, second.tail
    assert "changed=0" in second.stdout, second.tail
    before = kept(served)
    third = setup.run("--check")
    assert (third.code, foretold(third)) == (0, "")
    assert "changed=0" in third.stdout, third.tail
    for run in first, second, third, check_mode_names_what_is_new(setup):
        assert not any(secret in run.stdout + run.stderr for secret in setup.secrets)
    assert kept(served) == before

    hosts = {host["name"]: json.loads(host["variables"]) for host in served.get("hosts/?inventory=2")["results"]}
    assert (
        hosts["scope-0"]["registry_auth_repositories"][0]["token"]
        == "{{ lookup('ansible.builtin.env', 'INDEX_TOKEN') }}"
    )
    assert hosts["domain-0"]["billing_account"] == NUMBER
    jobs_run(setup, cloud)


def check_mode_names_what_is_new(setup: Setup) -> Run:
    """A run in check mode, where something new is below something that is there, and below something that is new."""
    file = setup.folder / "scopes.yml"
    scopes = file.read_text()
    more = {"registry_auth": {"hosts": {"scope-2": None}, "children": {"newest": {"hosts": {"scope-3": None}}}}}
    given = yaml.safe_load(scopes)
    given["registry_auth"]["hosts"].update(more["registry_auth"]["hosts"])
    given["registry_auth"]["children"] = more["registry_auth"]["children"]
    file.write_text(yaml.safe_dump(given))
    own = {"name": "Newest", "inputs": {"fields": [{"id": "a", "type": "string", "label": "A"}]}, "injectors": {}}
    wanted = variables(setup._ansible, setup._cloud, setup.key)
    run = setup.run(
        "--check",
        awx_setup_credential_types=[*wanted["awx_setup_credential_types"], own],
        awx_setup_credentials=[
            *wanted["awx_setup_credentials"],
            {"name": "new", "type": "Newest", "templates": ["report"]},
        ],
    )
    file.write_text(scopes)
    told = [line.strip(' ,"') for line in foretold(run).splitlines() if '": ' not in line and ": " in line]
    # In which order the inventory has its groups is not ours to say.
    assert {kind: set(names.split(", ")) for kind, _colon, names in (line.partition(": ") for line in told)} == {
        "credentials": {"new"},
        # registry_auth has a new host, and everything has registry_auth.
        "groups": {"newest", "registry_auth", "everything"},
        "job templates": {"report"},
        "workflow template": {"chain"},
        "schedules": {"Registry auth report", "every Monday"},
    }
    # It can be asked about: its inventory is there.
    assert "changed: [localhost] => (item=scope-2)" in run.stdout
    return run


def jobs_run(setup: Setup, cloud: LocalCloud) -> None:
    """Each template's job, as AWX runs it."""
    served = setup.served
    slices = served.launch(named("workflow"), extra_vars={"registry_auth_create_missing": "true"})
    for job in slices:
        assert job["status"] == "successful", served.output(job)[-5000:]
    # Hosts by name, dealt out to slices.
    assert [processed(served, job) for job in slices] == [{"domain-0", "publisher", "scope-1"}, {"scope-0"}]
    assert [len(cloud.calls(method)) for method in ("AddSecretVersion", "UpdateRepository")] == [2, 2]

    rotate(served)
    rotated, reported, told = served.launch(named("chain"), "workflow_job_templates")
    for job in rotated, reported, told:
        assert job["status"] == "successful", served.output(job)[-5000:]
    summary = rotated["artifacts"]["registry_auth_workflow"]
    assert (summary["failed"], summary["changed"]) == (0, 2), summary
    versions = [version for scope in SCOPES for version in summary["scopes"][scope]["versions"].values()]
    assert all(version.endswith("/versions/2") for version in versions), versions
    assert all(summary["scopes"][scope]["proofs"] for scope in SCOPES)
    assert len(cloud.calls("DisableSecretVersion")) == len(SCOPES)
    report = reported["artifacts"]["registry_auth_report"]
    assert report["findings"] == report["report"]["summary"]["findings"]
    # A later job of the chain gets what an earlier one passed on, and the page itself is gone.
    assert json.dumps(report["findings"]) in served.output(told).replace("\\", "")
    assert not Path(report["page"]).exists()

    [checked] = served.launch(named("publishers"))
    assert checked["status"] == "successful", served.output(checked)[-5000:]
    assert processed(served, checked) == {"publisher"}
    [client] = served.launch(named("clients"), limit="machine")
    assert client["status"] == "successful", served.output(client)[-5000:]

    for secret in setup.secrets:
        assert found(served, secret) == []
    # The search finds one that is there.
    store = served.awx.store
    store.objects["job"][told["id"]]["_events"][0]["stdout"] = f"token: {TOKEN}"
    assert len(found(served, TOKEN)) == 1
    assert list((setup.folder / "awx").glob("node-*/runner")) == []


def named(template: str) -> str:
    """The named URL of a template."""
    return f"Registry auth: {template}++Packages"


def rotate(served: Served) -> None:
    """What a person enters in the form of a credential."""
    [credential] = served.get("credentials/?name=index")["results"]
    status, answer = served.awx.answer("PATCH", credential["url"], {"inputs": {"index_token": ROTATED}})
    assert status == 200, answer


def processed(served: Served, job: dict[str, Any]) -> set[str]:
    """The hosts that a job worked on."""
    [stats] = [event for event in served.events(job) if event["event"] == "playbook_on_stats"]
    return set(stats["event_data"]["processed"]) - {"localhost"}


@pytest.mark.thorough
def test_the_default_branch_when_none_is_named_any_more(setup: Setup) -> None:
    for branch in ("dev", ""):
        run = setup.run(awx_setup_project_branch=branch)
        assert run.code == 0, run.tail
        assert setup.served.get("projects/")["results"][0]["scm_branch"] == branch


def test_mistakes_are_said_before_anything_is_written(setup: Setup) -> None:
    credentials = [
        {"name": "index", "type": "Package index tokens", "templates": ["workflow"]},
        {"name": "index", "type": "GitHub API"},
    ]
    run = setup.run(awx_setup_credentials=credentials, awx_setup_index_tokens=["index-token"])
    assert run.code != 0
    assert "awx_setup_credentials has index twice." in run.stdout, run.tail
    assert "index-token is no name of an environment variable." in run.stdout
    # Texts with commas, which Ansible accepts for a list, are read as one.
    credentials[0]["templates"] = "workflow,rotate"
    run = setup.run(awx_setup_credentials=credentials, awx_setup_index_tokens="INDEX_TOKEN,index-token")
    assert "awx_setup_credentials has index twice. awx_setup_index_tokens: index-token is no name" in run.stdout, (
        run.tail
    )
    (setup.folder / "scopes.yml").write_text("registry_auth: {hosts: {a: {token: !unsafe 'x'}}}")
    run = setup.run()
    assert "has values with the tag !vault or !unsafe" in run.stdout.replace("\n", " "), run.tail
    assert setup.served.get("organizations/")["count"] == 1

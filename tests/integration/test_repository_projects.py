# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What belongs to a repository stays as its projects need it, and as others keep it, whichever the role is run for."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest
import requests
import yaml
from cloud_control import LocalCloud
from harness import COLLECTION, Ansible, Run

pytestmark = pytest.mark.thorough

A: dict[str, Any] = {"project": "a", "workflow": "release-a.yml"}
B: dict[str, Any] = {"project": "b", "workflow": "release-b.yml", "protection": {"tags": ["b-v*"]}}
NEWER = "f" * 40


class Repository:
    """The repository on the local cloud, as its API shows it."""

    def __init__(self, cloud: LocalCloud) -> None:
        self.url = f"{cloud.url}/github/repos/octo-org/sampleproject"
        self.session = requests.Session()
        self.session.trust_env = False
        self.session.headers["Authorization"] = "Bearer octocat"

    def call(self, method: str, path: str, **given: Any) -> Any:
        response = self.session.request(method, f"{self.url}/{path}", timeout=30, **given)
        return response.json() if response.ok else response.status_code

    def tags(self) -> set[str]:
        found = self.call("GET", "environments/pypi/deployment-branch-policies")
        return {one["name"] for one in found["branch_policies"]}

    def pull_requests(self) -> dict[str, set[str]]:
        """The open ones by their branches, with the workflows that these have."""
        heads = [one["head"]["ref"] for one in self.call("GET", "pulls")]
        listed = {head: self.call("GET", "contents/.github/workflows", params={"ref": head}) for head in heads}
        return {head: {file["name"] for file in files} for head, files in listed.items()}

    def workflow(self, name: str, ref: str) -> tuple[str, str]:
        """Text and hash."""
        found = self.call("GET", f"contents/.github/workflows/{name}", params={"ref": ref})
        return base64.b64decode(found["content"]).decode(), found["sha"]

    def secrets(self) -> set[str]:
        return {one["name"] for one in self.call("GET", "actions/secrets")["secrets"]}

    def store(self, *names: str) -> None:
        key = self.call("GET", "actions/secrets/public-key")["key_id"]
        for name in names:
            body = {"encrypted_value": "c2VzYW1l", "key_id": key}
            self.session.put(f"{self.url}/actions/secrets/{name}", json=body, timeout=30).raise_for_status()


@pytest.fixture
def repository(ansible: Ansible, cloud: LocalCloud) -> Repository:
    ansible.environment |= cloud.github_environment()
    return Repository(cloud)


def role(ansible: Ansible, *options: str, **variables: Any) -> Run:
    given = {"owner": "octo-org", "repository": "sampleproject", **variables}
    included = {"ansible.builtin.include_role": {"name": f"{COLLECTION}.trusted_publishing"}}
    names = {f"trusted_publishing_{name}": value for name, value in given.items()}
    return ansible.play([{"name": "Run the role", **included}], *options, vars=names)


def test_names_may_be_numbers_and_lists_text(ansible: Ansible, repository: Repository) -> None:
    """YAML reads a project's name of digits as a number, and Ansible's modules take a text with commas for a list."""
    given = {"project": 2048, "workflow": "release.yml", "protection": {"tags": "v*, rc*"}, "attestations": "no"}
    for changed in True, False:
        run = role(ansible, **given)
        assert run.code == 0, run.tail
        assert (" changed=0 " not in run.stdout) is changed, run.tail

    assert repository.tags() == {"v*", "rc*"}


def test_one_project_after_the_other(ansible: Ansible, repository: Repository) -> None:
    for given in A, B:
        run = role(ansible, **given)
        assert run.code == 0, run.tail
    again = role(ansible, **A)
    assert again.code == 0, again.tail

    assert " changed=0 " in again.stdout, again.tail
    assert "also takes tags b-v*" in again.stdout
    assert repository.tags() == {"v*", "b-v*"}
    assert repository.pull_requests() == {
        "trusted-publishing-release-a": {"release-a.yml"},
        "trusted-publishing-release-b": {"release-b.yml"},
    }
    texts = [repository.workflow(f"release-{name}.yml", f"trusted-publishing-release-{name}")[0] for name in "ab"]
    read = [yaml.load(text, yaml.BaseLoader) for text in texts]
    assert [one["name"] for one in read] == ["Release by release-a.yml", "Release by release-b.yml"]
    assert [one["concurrency"]["group"] for one in read] == [
        "release-a.yml-${{ github.ref }}",
        "release-b.yml-${{ github.ref }}",
    ]


def listed(*names: str) -> dict[str, Any]:
    indexes = {name: [{"environment": "pypi", "tags": [f"{name}-v*"]}] for name in names}
    return {
        "projects": [{"project": name, "workflow": f"release-{name}.yml", "indexes": indexes[name]} for name in names]
    }


def test_the_projects_of_a_repository_are_listed(ansible: Ansible, repository: Repository) -> None:
    checked = role(ansible, "--check", **listed("a", "b", "c"))
    assert checked.code == 0, checked.tail
    assert "[WARNING]" not in checked.stdout + checked.stderr, checked.tail
    run = role(ansible, **listed("a", "b", "c"))
    assert run.code == 0, run.tail
    assert "Mind: " not in run.stdout
    again = role(ansible, **listed("a", "b", "c"))

    assert " changed=0 " in again.stdout, again.tail
    assert repository.tags() == {"a-v*", "b-v*", "c-v*"}
    assert repository.pull_requests() == {"trusted-publishing": {"release-a.yml", "release-b.yml", "release-c.yml"}}
    fewer = role(ansible, **listed("a", "b"))
    assert fewer.code == 0, fewer.tail
    assert repository.tags() == {"a-v*", "b-v*"}


def test_a_newer_pin_stays_and_an_older_one_does_not(ansible: Ansible, repository: Repository) -> None:
    run = role(ansible, project="a")
    assert run.code == 0, run.tail
    merged = repository.call("PUT", "pulls/1/merge", json={})
    assert merged["merged"]
    text, sha = repository.workflow("release.yml", "main")
    (line,) = [line for line in text.splitlines() if "uses: actions/checkout@" in line]
    for version, unchanged in (("v99.0.0", True), ("v1.0.0", False)):
        pinned = text.replace(line, f"        uses: actions/checkout@{NEWER} # {version}")
        body = {"message": "Move a pin", "sha": sha, "content": base64.b64encode(pinned.encode()).decode()}
        sha = repository.call("PUT", "contents/.github/workflows/release.yml", json=body)["content"]["sha"]
        again = role(ansible, "--check", project="a")
        assert again.code == 0, again.tail
        assert (" changed=0 " in again.stdout) is unchanged, again.tail


def test_in_a_checkout_a_newer_pin_stays(ansible: Ansible, repository: Repository) -> None:
    checkout = ansible.folder / "checkout"
    checkout.mkdir()
    given = {"project": "a", "checkout": str(checkout)}
    run = role(ansible, **given)
    assert run.code == 0, run.tail
    file = checkout / ".github" / "workflows" / "release.yml"
    text = file.read_text()
    (line,) = [line for line in text.splitlines() if "uses: pypa/gh-action-pypi-publish@" in line]
    assert line.endswith("@dc37677b2e1c63e2034f94d8a5b11f265b73ba33 # v1.14.2")
    file.write_text(text.replace(line, f"        uses: pypa/gh-action-pypi-publish@{NEWER} # v1.15.0"))

    again = role(ansible, **given)

    assert " changed=0 " in again.stdout, again.tail
    assert f"@{NEWER} # v1.15.0" in file.read_text()


#: tests/unit/test_release_plan.py has all that the variables can have wrong.
WRONG: dict[str, tuple[dict[str, Any], str]] = {
    "branches that the environment does not take": (
        {"events": {"push": {"branches": ["main"]}}},
        "The workflow is started by push of the branch main, and the environment 'pypi' does not take that",
    ),
    "several values": (
        {
            "owner": "octo-org",
            "python_version": 3.10,
            "attestations": "maybe",
            "indexes": [{"enviroment": "pypi"}],
            "publish_action": "release/v1",
        },
        "octo-org/sampleproject: trusted_publishing_indexes[0] has the unknown key enviroment: perhaps environment is meant. "
        "octo-org/sampleproject: trusted_publishing_indexes[0] has no environment. "
        "octo-org/sampleproject: trusted_publishing_python_version is the number 3.1, which may have been written with a zero at its "
        "end: write it in quotes. "
        "octo-org/sampleproject: trusted_publishing_attestations is 'maybe': give true or false. "
        "octo-org/sampleproject: trusted_publishing_publish_action is a text: give a mapping with commit and version.",
    ),
}


@pytest.mark.parametrize("wrong", WRONG)
def test_what_is_wrong_is_said_before_anything_is_written(ansible: Ansible, repository: Repository, wrong: str) -> None:
    variables, sentence = WRONG[wrong]
    run = role(ansible, **{"project": "a", **variables})

    assert run.code != 0
    assert sentence in " ".join((run.stdout + run.stderr).split()), run.tail
    assert repository.call("GET", "environments/pypi") == 404
    assert repository.call("GET", "pulls") == []


def test_commands_may_have_expressions_of_github(ansible: Ansible, repository: Repository) -> None:
    checkout = ansible.folder / "checkout"
    checkout.mkdir()
    playbook = ansible.folder / "unsafe.yml"
    variables = {"owner": "octo-org", "repository": "sampleproject", "project": "a", "checkout": str(checkout)}
    names = {f"trusted_publishing_{name}": value for name, value in variables.items()}
    playbook.write_text(
        f"""\
- hosts: all
  connection: local
  gather_facts: false
  vars:
    ansible_python_interpreter: "{{{{ ansible_playbook_python }}}}"
    trusted_publishing_build_commands:
      - !unsafe echo "${{{{ github.ref_name }}}}"
      - python -m build
  tasks:
    - ansible.builtin.include_role: {{name: {COLLECTION}.trusted_publishing}}
      vars: {json.dumps(names)}
"""
    )
    run = ansible.playbook(str(playbook), "--inventory=localhost,")

    assert run.code == 0, run.tail
    assert 'echo "${{ github.ref_name }}"' in (checkout / ".github" / "workflows" / "release.yml").read_text()


#: It publishes without a secret, and next to that elsewhere with one; another file gives one to an action that nobody knows.
IN_FORCE = {
    ".github/workflows/release.yml": """\
on: {release: {types: [published]}}
permissions: {}
jobs:
  publish:
    runs-on: ubuntu-latest
    environment: pypi
    permissions: {id-token: write}
    steps:
      - uses: pypa/gh-action-pypi-publish@dc37677b2e1c63e2034f94d8a5b11f265b73ba33
  rehearse:
    runs-on: ubuntu-latest
    permissions: {}
    steps:
      - uses: pypa/gh-action-pypi-publish@dc37677b2e1c63e2034f94d8a5b11f265b73ba33
        with: {repository-url: TESTPYPI, password: "${{ secrets.REHEARSAL_TOKEN }}"}
""",
    ".github/workflows/nightly.yml": """\
on: {schedule: [{cron: "0 0 * * *"}]}
jobs:
  nightly:
    runs-on: ubuntu-latest
    steps: [{uses: octo-org/upload@v1, with: {anything: "${{ secrets['NIGHTLY_TOKEN'] }}"}}]
""",
}


def test_secrets_that_other_jobs_use_are_kept(ansible: Ansible, cloud: LocalCloud, repository: Repository) -> None:
    other = "https://other.example.com/legacy/"
    files = {path: text.replace("TESTPYPI", other) for path, text in IN_FORCE.items()}
    cloud.set_up_github(repositories=[{"full_name": "octo-org/sampleproject", "files": files}])
    names = ("INDEX_TOKEN", "REHEARSAL_TOKEN", "NIGHTLY_TOKEN")
    repository.store(*names)

    for _once_more in range(2):
        run = role(ansible, project="a", retire_secrets=list(names))
        assert run.code == 0, run.tail
        assert repository.secrets() == {"REHEARSAL_TOKEN", "NIGHTLY_TOKEN"}
    said = " ".join((run.stdout + run.stderr).split())
    assert "The secret REHEARSAL_TOKEN of octo-org/sampleproject is kept: release.yml:15 uses it." in said
    assert "The secret NIGHTLY_TOKEN of octo-org/sampleproject is kept: nightly.yml:5 uses it." in said
    assert " changed=0 " in run.stdout, run.tail


def test_the_variables_can_be_checked_alone(ansible: Ansible, cloud: LocalCloud) -> None:
    """As a play does that checks those of all its hosts before the first of them is worked on."""
    included = {"name": f"{COLLECTION}.trusted_publishing", "tasks_from": "validate"}
    names = {"owner": "octo-org", "repository": "sampleproject", "project": "a"}
    for more, sentence in ({}, ""), ({"repository": ""}, "localhost: trusted_publishing_repository is missing."):
        variables = {f"trusted_publishing_{name}": value for name, value in {**names, **more}.items()}
        run = ansible.play([{"name": "Check", "ansible.builtin.include_role": included}], vars=variables)
        assert (run.code != 0) is bool(sentence), run.tail
        assert sentence in run.stdout + run.stderr, run.tail
    assert cloud.calls() == []

# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whatever is wrong with trusted publishers and API tokens: the task fails with a sentence."""

from __future__ import annotations

from urllib.parse import urlsplit

import pypitoken
import pytest
from cloud_control import LocalCloud
from harness import COLLECTION, Ansible, Task
from pypi_simple import PYPI_SIMPLE_ENDPOINT
from test_wrong_inputs import Wrong, check, twice, wrong

PUBLISHER = {"project": "demo", "owner": "octo-org", "repository": "demo", "workflow": "release.yml"}
MODULE = "pypi_trusted_publisher_check"


def publisher(*says: str, **options: object) -> Wrong:
    return wrong(MODULE, *says, **{**PUBLISHER, **options})


CASES = {
    "no project": wrong(MODULE, "project is missing", owner="octo-org"),
    "no workflow": publisher("workflow is missing", workflow=""),
    "an index's name": publisher("index 'PyPI'", "pypi nor testpypi", index="PyPI"),
    "an index with a password": publisher("index holds a user name or password", index="https://u:sesame@index.example.com/"),
    "an index with a query": publisher("index has a query", index="https://index.example.com/?sesame"),
    "two workflows": publisher("one of workflow_path and workflow_content", workflow_path="release.yml", workflow_content="on: push"),
    "two tokens": publisher("one of claims and id_token", claims={"iss": "x"}, id_token="sesame"),
    "a token in clear": publisher("api_url", "loopback", api_url="http://github.example.com/", github_token="sesame"),
    "no GitHub": publisher("not a URL", api_url="github.example.com", github_token="sesame"),
    "a folder as workflow": publisher("workflow_path", "cannot be read", workflow_path="."),
    "a publisher twice": twice(MODULE, "demo at pypi from octo-org/demo/release.yml", **PUBLISHER),
    "two wrong publishers": publisher("batch[0]: owner is missing", "batch[1]: index 'x'", batch=[{"owner": ""}, {"index": "x"}]),
    "what is no GitHub": publisher("127.0.0.1", "not GitHub's API", github_token="sesame", api_url="{{ cloud }}/_local/health?"),
}  # fmt: skip


def test_wrong_options(ansible: Ansible, cloud: LocalCloud, subtests: pytest.Subtests) -> None:
    ansible.environment["GITHUB_TOKEN"] = ""
    tasks: list[Task] = [case.task() | {"vars": {"cloud": cloud.url}} for case in CASES.values()]
    check(subtests, CASES, ansible.results(tasks), cloud)


PYPI = str(urlsplit(PYPI_SIMPLE_ENDPOINT).hostname)


def token(domain: str) -> str:
    made = pypitoken.Token.create(domain, "3f9e5b6a-8f0c-4f1e-9d3b-0123456789ab", "the index's own key")
    return str(made.restrict(user_id="3f9e5b6a-8f0c-4f1e-9d3b-0123456789ab").dump())


@pytest.mark.parametrize(
    ("bad", "sentence"),
    [
        (token(f"test.{PYPI}"), "The API token is one of testpypi, and not of pypi."),
        (token(PYPI) + "\n", "The API token ends with white space"),
        ("sesame", "The API token is not one of a package index"),
    ],
)
def test_the_role_stores_no_token_of_another_index(
    ansible: Ansible, cloud: LocalCloud, bad: str, sentence: str
) -> None:
    secrets = [
        {"secret": "good", "payload": token(PYPI)},
        {"secret": "test", "payload": token(f"test.{PYPI}"), "index": "testpypi"},
        {"secret": "bytes", "payload_base64": "c2VzYW1l"},
    ]
    role = {"name": "Store tokens", "ansible.builtin.include_role": {"name": f"{COLLECTION}.secret_version"}}

    def run(given: list[dict[str, str]]) -> tuple[int, str]:
        cloud.clear_calls()
        variables = {"secret_version_index": "pypi", "secret_version_secrets": given}
        done = ansible.play([{**role, "vars": variables}], "-vvv")
        return done.code, done.stdout + done.stderr

    code, shown = run([*secrets, {"secret": "bad", "payload": bad}])
    assert code != 0
    assert sentence in shown
    assert "item=bad" in shown
    assert not any(secret["payload"].strip() in shown for secret in secrets[:2])
    assert bad.strip() not in shown
    assert cloud.calls() == []
    assert run(secrets)[0] == 0

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


#: {"alg": "RS256"} and {"aud": "theirs"}.
JWT = "eyJhbGciOiAiUlMyNTYifQ.eyJhdWQiOiAidGhlaXJzIn0.sesame"


def publisher(*says: str, **options: object) -> Wrong:
    return wrong(MODULE, *says, **{**PUBLISHER, **options})


def exchange(*says: str, **options: object) -> Wrong:
    return wrong("pypi_oidc_token", *says, **options)


def release(*says: str, **options: object) -> Wrong:
    return wrong("pypi_provenance_info", *says, **{"project": "ours", "version": "1.0", **options})


RELEASE = {"project": "ours", "version": "1.0"}
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
    "no job": exchange("ACTIONS_ID_TOKEN_REQUEST_URL", "id-token: write"),
    "a job's address in clear": exchange("request token over plain http", id_token_request_url="http://example.com", id_token_request_token="sesame"),
    "tokens in clear": exchange("index would send tokens over plain http", index="http://index.example.com", id_token="sesame"),
    "no ID token": exchange("id_token is no ID token", id_token="sesame"),
    "an ID token of another index": exchange("index 'PyPI'", index="PyPI", id_token="sesame"),
    "nothing to take back": exchange("token is missing", state="absent"),
    "no upload token": exchange("not one of a package index", state="absent", token="sesame"),
    "an upload token to have": exchange("with state absent only", token="sesame"),
    "no index with tokens": exchange("has no trusted publishing (404)", index="{{ cloud }}/nowhere", id_token=JWT),
    "a job that is none": exchange(
        "does not accept the request token",
        index="{{ cloud }}/index",
        id_token_request_url="{{ cloud }}/github/_actions/runs/1/idtoken",
        id_token_request_token="sesame",
    ),
    "a token for another": exchange("was made for the audience 'theirs'", index="{{ cloud }}/index", id_token=JWT),
    "no project of a release": release("project is missing", project=""),
    "no version": release("version is missing", version=""),
    "half a repository": release("owner and repository go together", owner="octo-org"),
    "a workflow's path": release("workflow cannot be", owner="o", repository="r", workflow="a/b.yml"),
    "a release's index": release("index 'PyPI'", index="PyPI"),
    "a release in clear": release("plain http", index="http://index.example.com"),
    "a download of no use": release("no use without verify", download=True, verify=False),
    "a release twice": twice("pypi_provenance_info", "ours 1.0 at pypi", **RELEASE),
    "two wrong releases": wrong("pypi_provenance_info", "batch[0]: project", "batch[1]: index 'x'", batch=[{"version": "1"}, {**RELEASE, "index": "x"}]),
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

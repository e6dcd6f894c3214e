# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Options and findings of pypi_trusted_publisher_check, with a GitHub that is there for one test, on the loopback."""

from __future__ import annotations

import base64
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.pkgops.registry_auth.plugins.module_utils._base.errors import (
    InvalidInput,
    PermissionDenied,
    Refused,
    RegistryAuthError,
    Stranger,
    Throttled,
    Unauthenticated,
    Unavailable,
    Unreachable,
)
from ansible_collections.pkgops.registry_auth.plugins.module_utils._clients.github.calls import (
    GitHub,
    on_github_com,
)
from ansible_collections.pkgops.registry_auth.plugins.module_utils._clients.github.repositories import read_repository
from ansible_collections.pkgops.registry_auth.plugins.module_utils._clients.github.zizmor import (
    find_zizmor,
    zizmor_problems,
)
from ansible_collections.pkgops.registry_auth.plugins.module_utils._domain.publishing.id_tokens import read_parts
from ansible_collections.pkgops.registry_auth.plugins.module_utils._domain.publishing.registration import (
    registration_url,
)
from ansible_collections.pkgops.registry_auth.plugins.module_utils._domain.publishing.trusted_publishers import (
    Publisher,
)
from ansible_collections.pkgops.registry_auth.plugins.module_utils._resources import (
    pypi_trusted_publisher_check as check_resource,
)
from ansible_collections.pkgops.registry_auth.plugins.module_utils._resources.pypi_trusted_publisher_check import (
    DesiredCheck,
    TrustedPublisherChecks,
)

TOKEN = "ghp_a-secret-token"
ENDPOINT = "https://index.example.com/simple/"
NOW = 1_800_000_000
HASH = "0123456789abcdef0123456789abcdef01234567"

VECTORS = json.loads(Path(__file__).with_name("data").joinpath("trusted_publishing_vectors.json").read_text("utf-8"))

WORKFLOW = f"""\
on: {{release: {{types: [published]}}}}
permissions: {{}}
jobs:
  publish:
    runs-on: ubuntu-latest
    environment: pypi
    permissions: {{id-token: write}}
    steps:
      - uses: actions/download-artifact@{HASH}
      - uses: pypa/gh-action-pypi-publish@{HASH}
"""
OPTIONS = {
    "project": "demo",
    "owner": "octo-org",
    "repository": "demo",
    "workflow": "release.yml",
    "environment": "pypi",
}

BAD = {
    "no project": ({"project": None}, "project is missing"),
    "empty workflow": ({"workflow": ""}, "workflow is missing"),
    "an index's host": ({"index": "index.example.com"}, "neither pypi nor testpypi nor the URL"),
    "an index with a query": ({"index": "https://index.example.com/?x"}, "index has a query"),
    "an index with a password": ({"index": f"https://u:{TOKEN}@index.example.com/"}, "user name or password"),
    "two workflows": (
        {"workflow_path": "x.yml", "workflow_content": ""},
        "Give one of workflow_path and workflow_content",
    ),
    "two tokens": ({"claims": {}, "id_token": TOKEN}, "Give one of claims and id_token"),
    "API in clear": ({"api_url": "http://github.example.com/api/v3"}, "plain http"),
    "no API": ({"api_url": "github.example.com"}, "api_url is not a URL"),
}


@pytest.mark.parametrize(("given", "sentence"), BAD.values(), ids=BAD.keys())
def test_wrong_options_are_refused_with_a_sentence(given: dict[str, Any], sentence: str):
    with pytest.raises(InvalidInput) as error:
        DesiredCheck.from_options({**OPTIONS, **given})

    assert sentence in str(error.value)
    assert str(error.value).endswith(".")
    assert TOKEN not in str(error.value)


def check(**given: Any) -> dict[str, Any]:
    """The result for one publisher, without GitHub and zizmor."""
    checks = TrustedPublisherChecks(ENDPOINT, given.pop("github", None), given.pop("zizmor", None), lambda: NOW)
    desired = DesiredCheck.from_options({**OPTIONS, **given})
    return checks.result(checks.read(desired), desired)


def codes(result: dict[str, Any]) -> list[str]:
    return [problem["code"] for problem in result["findings"]]


def test_the_form_alone():
    result = check()

    assert (result["valid"], result["findings"], result["checked"]) == (True, [], ["form"])
    assert "answer" not in result
    assert result["registration_fields"] == {
        "owner": "octo-org",
        "repository": "demo",
        "workflow_filename": "release.yml",
        "environment": "pypi",
    }
    assert result["registration_url"] == (
        "https://index.example.com/manage/project/demo/settings/publishing/"
        "?provider=github&owner=octo-org&repository=demo&workflow_filename=release.yml&environment=pypi"
    )


def test_links_for_other_projects_and_indexes():
    assert check(index="testpypi", project="My_Demo", environment=None)["registration_url"] == (
        "https://test.index.example.com/manage/project/my-demo/settings/publishing/"
        "?provider=github&owner=octo-org&repository=demo&workflow_filename=release.yml"
    )
    pending = check(index="https://other.example.com/index/", pending=True)
    assert pending["registration_url"] == "https://other.example.com/index/manage/account/publishing/"
    assert pending["registration_fields"]["project_name"] == "demo"
    assert pending["index"] == "https://other.example.com/index"
    assert check()["index"] == check(index="https://index.example.com/")["index"] == "pypi"


def test_links_are_quoted():
    publisher = Publisher("a/b", "o&p", "r?", "x y.yml", "ü#")

    assert registration_url(publisher, "https://x").endswith(
        "/a%2Fb/settings/publishing/?provider=github&owner=o%26p&repository=r%3F&workflow_filename=x+y.yml&environment=%C3%BC%23"
    )


def test_a_name_that_the_form_refuses():
    result = check(workflow=".github/workflows/release.yml")

    assert not result["valid"]
    assert codes(result) == ["invalid-workflow"]


def test_a_given_workflow():
    assert check(workflow_content=WORKFLOW)["checked"] == ["form", "workflow"]
    assert check(workflow_content=WORKFLOW)["valid"]
    assert codes(check(workflow_content=WORKFLOW, environment="release")) == ["environment-differs"]
    assert codes(check(workflow_content="jobs: [")) == ["unreadable-workflow"]


def workflows(folder: Path) -> Path:
    path = folder / ".github" / "workflows"
    path.mkdir(parents=True)
    return path


def test_a_workflow_on_this_machine(tmp_path: Path):
    path = workflows(tmp_path) / "release.yml"
    path.write_text(WORKFLOW)
    elsewhere = tmp_path / "release.yml"
    elsewhere.write_text(WORKFLOW)

    assert check(workflow_path=str(path))["valid"]
    assert codes(check(workflow_path=str(path), workflow="Release.yml")) == ["workflow-name-differs"]
    assert codes(check(workflow_path=str(elsewhere))) == ["workflow-elsewhere"]


def test_no_workflow_on_this_machine(tmp_path: Path):
    path = workflows(tmp_path) / "release.yml"
    path.with_name("publish.yml").write_text(WORKFLOW)

    result = check(workflow_path=str(path))

    assert codes(result) == ["workflow-not-found"]
    assert result["checked"] == ["form"]
    assert "There are publish.yml" in result["findings"][0]["remedy"]


def test_a_workflow_that_is_no_text(tmp_path: Path):
    path = workflows(tmp_path) / "release.yml"
    path.write_bytes(b"\xff\xfe\x00")

    with pytest.raises(InvalidInput, match="cannot be read"):
        check(workflow_path=str(path))


def played(override: dict[str, Any]) -> dict[str, Any]:
    claims = {**VECTORS["base_claims"], "iat": NOW, "nbf": NOW, "exp": NOW + 300, "jti": "one", **override}
    for name, value in list(claims.items()):
        if value == "...delete...":
            del claims[name]
        elif isinstance(value, str) and value.startswith("now"):
            claims[name] = NOW + int(value[3:])
    return claims


def batch(**shared: Any) -> list[dict[str, Any]]:
    """The publishers of the vectors as entries."""
    names = ("project", "owner_id", "owner", "repository", "workflow", "environment")
    keys = ("project", "repository_owner_id", "repository_owner", "repository_name", "workflow_filename", "environment")
    return [
        {**{name: entry[key] for name, key in zip(names, keys, strict=True)}, **shared}
        for entry in VECTORS["publishers"]
    ]


@pytest.mark.parametrize("vector", VECTORS["vectors"], ids=lambda vector: vector["name"])
def test_the_answer_is_the_observed_one(vector: dict[str, Any]):
    entries = tuple(DesiredCheck.from_options(entry) for entry in batch(claims=played(vector["override"])))
    checks = TrustedPublisherChecks(ENDPOINT, clock=lambda: NOW)
    checks.begin(entries)

    results = [checks.result(checks.read(entry), entry) for entry in entries]

    # Whichever is asked, all publishers of the task count.
    assert all(result["answer"] == results[0]["answer"] for result in results)
    answer = results[0]["answer"]
    accepted = vector["status"] == 200
    assert answer["accepted"] is accepted
    assert {result["valid"] for result in results} == {accepted}
    assert answer["status"] == vector["status"]
    assert answer["projects"] == vector.get("projects", [])
    if vector["status"] == 422:
        assert (answer["code"], answer["description"]) == (vector["code"], vector["description"])
        problem = results[0]["findings"][0]
        assert problem["code"] == vector["code"]
        assert vector["description"] in problem["message"]
        assert problem["where"] == "token"


def test_a_refusal_says_what_differs():
    result = check(repository="sampleproject", owner_id="1234", claims=played({"environment": "release"}))

    assert result["findings"][0]["message"].endswith(
        "Here environment is 'release' in the token and 'pypi' in the publisher."
    )


def raw(claims: Any, header: Any = None) -> str:
    parts = (header or {"alg": "RS256", "kid": "k"}, claims)
    encoded = [base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode() for part in parts]
    return ".".join([*encoded, "a-secret-signature"])


def test_a_token_is_read_without_its_signature():
    result = check(repository="sampleproject", id_token=raw(played({})))

    assert result["answer"]["accepted"]
    assert result["answer"]["signature_verified"] is False
    assert "a-secret-signature" not in json.dumps(result)


TOKENS = {
    "no token": ("sesame", "invalid-payload"),
    "two parts": ("a.b", "invalid-payload"),
    "no JSON": ("a.b.c", "invalid-payload"),
    "a list": (raw([]), "invalid-payload"),
    "a header that is a list": (raw(played({}), [1]), "invalid-payload"),
    "a header that cannot be read": (f"x.{raw(played({})).partition('.')[2]}", "invalid-payload"),
    "no header": (f".{raw(played({})).partition('.')[2]}", "invalid-payload"),
    "unsigned": (raw(played({}), {"alg": "none", "kid": "k"}), "invalid-token"),
    "another algorithm": (raw(played({}), {"alg": "HS256", "kid": "k"}), "invalid-token"),
    "no key": (raw(played({}), {"alg": "RS256"}), "invalid-token"),
    "another index": (raw(played({"aud": "testpypi"})), "invalid-token"),
}


@pytest.mark.parametrize(("token", "code"), TOKENS.values(), ids=TOKENS.keys())
def test_bad_tokens_are_refused_and_not_shown(token: str, code: str):
    result = check(repository="sampleproject", id_token=token)

    assert result["answer"]["code"] == code
    assert token not in json.dumps(result)


def test_another_audience_and_issuer():
    claims = played({"aud": "mine", "iss": "https://issuer.example.com"})

    given = {"index": "https://other.example.com", "repository": "sampleproject", "claims": claims}
    assert check(**given, issuer="https://issuer.example.com", audience="mine")["valid"]
    assert check(**given, issuer="https://issuer.example.com")["valid"]
    assert codes(check(**given, issuer="https://issuer.example.com", audience="other")) == ["invalid-token"]
    assert codes(check(**given)) == ["invalid-payload"]


def test_the_parts_of_a_token():
    assert read_parts(raw({"a": 1})) == ({"alg": "RS256", "kid": "k"}, {"a": 1})
    assert read_parts("") == (None, None)
    assert read_parts("é.é.é") == (None, None)


class FakeGitHub:
    """Answers by path and query, and remembers who asked."""

    def __init__(self) -> None:
        self.answers: dict[str, Any] = {}
        self.asked: list[tuple[str, str | None]] = []
        fake = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                fake.asked.append((self.path, self.headers["Authorization"]))
                status, body, headers = fake.answers.get(self.path, (404, {"message": "Not Found"}, {}))
                content = body if isinstance(body, bytes) else json.dumps(body).encode()
                self.send_response(status)
                for name, value in {"Content-Length": str(len(content)), **headers}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, format: str, *args: Any) -> None:
                """Say nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}/api/v3"
        self._thread = threading.Thread(target=self._server.serve_forever)
        self._thread.start()

    def client(self) -> GitHub:
        return GitHub(self.url, TOKEN)

    def answer(self, path: str, body: Any, status: int = 200, **headers: str) -> None:
        self.answers[f"/api/v3/repos/{path}"] = (status, body, headers)

    def repository(self, asked: str = "octo-org/demo", owner: str = "octo-org", name: str = "demo") -> None:
        repository = {"name": name, "full_name": f"{owner}/{name}", "owner": {"login": owner, "id": 1234}}
        self.answer(asked, {**repository, "private": False, "default_branch": "main"})

    def environment(self, name: str, *rules: str) -> None:
        body = {"name": name, "protection_rules": [{"id": 1, "type": rule} for rule in rules]}
        self.answer(f"octo-org/demo/environments/{name}", body)

    def file(self, path: str, text: str, query: str = "") -> None:
        content = base64.encodebytes(text.encode()).decode()
        self.answer(f"octo-org/demo/contents/{path}{query}", {"content": content, "encoding": "base64"})

    def stop(self) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


@pytest.fixture
def fake() -> Iterator[FakeGitHub]:
    made = FakeGitHub()
    yield made
    made.stop()


@pytest.fixture
def github(fake: FakeGitHub) -> FakeGitHub:
    """One that has all that the publisher names."""
    fake.repository()
    fake.environment("pypi", "branch_policy")
    fake.file(".github/workflows/release.yml", WORKFLOW)
    return fake


def test_all_is_well_on_github(github: FakeGitHub):
    result = check(github=github.client())

    assert result["findings"] == []
    assert result["checked"] == ["form", "github", "workflow"]
    assert result["publisher"]["owner_id"] == "1234"
    assert {login for _path, login in github.asked} == {f"Bearer {TOKEN}"}


ROLES = {"admin": False, "push": True, "pull": True}
PULL = {"admin": False, "push": False, "pull": True}


@pytest.mark.parametrize(
    ("private", "scopes", "roles", "writes", "missing"),
    [
        # Source: GitHub's documentation, "Scopes for OAuth apps", and of the methods, who may call them.
        (True, "repo, workflow", {"admin": True, "push": True}, ["environment", "workflow"], None),
        (True, "public_repo, workflow", {"admin": True, "push": True}, ["workflow"], "the scope repo"),
        (False, "public_repo, workflow", {"admin": True, "push": True}, ["workflow"], None),
        (False, "read:org", {"admin": True, "push": True}, ["workflow"], "the scope repo, the scope workflow"),
        (True, "repo", ROLES, ["environment"], "a holder who administers the repository"),
        (True, "repo, workflow", PULL, ["workflow"], "a holder who may push to the repository"),
        (True, "repo", PULL, [], None),
        # Of an app's token these say nothing, and other kinds may come with an empty list.
        (True, None, PULL, ["environment", "workflow"], None),
        (True, "", PULL, ["environment", "workflow"], None),
        (True, "repo, workflow", None, ["environment", "workflow"], None),
    ],
)
def test_what_a_token_certainly_lacks(github: FakeGitHub, private, scopes, roles, writes, missing):
    github.repository()
    status, body, _headers = github.answers["/api/v3/repos/octo-org/demo"]
    more = {} if roles is None else {"permissions": roles}
    headers = {} if scopes is None else {"X-OAuth-Scopes": scopes}
    github.answers["/api/v3/repos/octo-org/demo"] = (status, {**body, "private": private, **more}, headers)

    result = check(github=github.client(), writes=writes, workflow_content=WORKFLOW + "# new\n")

    lacking = [one["message"] for one in result["findings"] if one["code"] == "token-lacks"]
    assert lacking == (
        []
        if missing is None
        else [f"github_token lacks what it takes to write to octo-org/demo: {missing}. Nothing was written."]
    )


def test_a_fine_grained_token_has_its_holders_role(github: FakeGitHub):
    github.repository()
    status, body, headers = github.answers["/api/v3/repos/octo-org/demo"]
    github.answers["/api/v3/repos/octo-org/demo"] = (status, {**body, "permissions": ROLES}, headers)

    result = check(github=GitHub(github.url, "github_pat_0"), writes=["environment"])

    assert codes(result) == ["token-lacks"]


@pytest.mark.parametrize("query", ["", "?ref=proposed"])
def test_a_workflow_that_is_there_or_proposed_takes_nothing(github: FakeGitHub, query):
    github.repository()
    status, body, _headers = github.answers["/api/v3/repos/octo-org/demo"]
    github.answers["/api/v3/repos/octo-org/demo"] = (status, {**body, "permissions": PULL}, {"X-OAuth-Scopes": "repo"})
    text = WORKFLOW + "# new\n"
    github.file(".github/workflows/release.yml", text, query)

    result = check(github=github.client(), writes=["workflow"], branch="proposed", workflow_content=text)

    assert codes(result) == []


def test_names_are_those_of_github(github: FakeGitHub):
    github.repository("Octo-Org/Demo")

    result = check(owner="Octo-Org", repository="Demo", github=github.client())

    # The form asks GitHub how the owner is written, so that only the repository is refused.
    assert [(finding["code"], finding["severity"]) for finding in result["findings"]] == [
        ("repository-differs", "high"),
        ("owner-differs", "medium"),
    ]
    assert result["registration_fields"]["owner"] == "octo-org"
    assert "owner=octo-org&repository=demo" in result["registration_url"]


def test_a_renamed_repository(github: FakeGitHub):
    github.answer("octo-org/old", {"message": "Moved"}, 301, Location="/api/v3/repos/octo-org/demo")

    result = check(repository="old", github=github.client())

    assert codes(result) == ["repository-differs"]
    assert "is now called demo" in result["findings"][0]["message"]


def test_another_account_of_the_same_name(github: FakeGitHub):
    assert codes(check(owner_id="99", github=github.client())) == ["owner-id-differs"]


def test_the_owners_number_counts_for_tokens(github: FakeGitHub):
    claims = played(
        {
            "repository": "octo-org/demo",
            "job_workflow_ref": "octo-org/demo/.github/workflows/release.yml@refs/tags/v1",
            "repository_owner_id": "99",
        }
    )

    assert check(claims=claims)["valid"]
    assert codes(check(claims=claims, github=github.client())) == ["invalid-publisher"]


def test_no_such_repository(fake: FakeGitHub):
    result = check(github=fake.client())

    assert codes(result) == ["repository-not-found"]
    assert result["checked"] == ["form", "github"]


def test_environments(github: FakeGitHub):
    github.environment("bare")

    assert codes(
        check(environment="none", workflow_content=WORKFLOW.replace("pypi", "none", 1), github=github.client())
    ) == ["environment-not-found"]
    bare = check(environment="bare", workflow_content=WORKFLOW.replace("pypi", "bare", 1), github=github.client())
    assert codes(bare) == ["environment-unprotected"]
    assert bare["valid"]
    rule = {"id": 1, "enabled": True, "app": {"slug": "release-gate"}}
    rules = {"total_count": 1, "custom_deployment_protection_rules": [rule]}
    github.answer("octo-org/demo/environments/bare/deployment_protection_rules?per_page=100&page=1", rules)
    gated = check(environment="bare", workflow_content=WORKFLOW.replace("pypi", "bare", 1), github=github.client())
    assert codes(gated) == []


def test_what_github_says_an_environment_takes(github: FakeGitHub):
    policy = {"protected_branches": False, "custom_branch_policies": True}
    rules = [{"id": 1, "type": "branch_policy"}]
    body = {"name": "pypi", "protection_rules": rules, "deployment_branch_policy": policy}
    github.answer("octo-org/demo/environments/pypi", body)
    for name, found in (("main", ["start-not-taken"]), ("v*", [])):
        kind = "branch" if name == "main" else "tag"
        policies = {"total_count": 1, "branch_policies": [{"id": 1, "name": name, "type": kind}]}
        github.answer("octo-org/demo/environments/pypi/deployment-branch-policies?per_page=100&page=1", policies)
        assert codes(check(workflow_content=WORKFLOW, github=github.client())) == found


def test_names_in_paths_are_quoted(github: FakeGitHub):
    check(environment="a/b c", github=github.client())

    assert "/api/v3/repos/octo-org/demo/environments/a%2Fb%20c" in [path for path, _login in github.asked]


def test_a_workflow_of_another_revision(github: FakeGitHub):
    github.file(".github/workflows/release.yml", WORKFLOW.replace("pypi", "x", 1), "?ref=v1%2Fx")

    assert codes(check(ref="v1/x", github=github.client())) == ["environment-differs"]


def test_no_workflow_on_github(github: FakeGitHub):
    github.answer("octo-org/demo/contents/.github/workflows", [{"name": "Release.yml"}, {"name": "ci.yml"}])
    del github.answers["/api/v3/repos/octo-org/demo/contents/.github/workflows/release.yml"]

    problem = check(github=github.client())["findings"][0]

    assert problem["code"] == "workflow-not-found"
    assert problem["remedy"].startswith("There are Release.yml, ci.yml: register one of these")
    assert (
        "There is no .github/workflows/release.yml on v1."
        in check(ref="v1", github=github.client())["findings"][0]["message"]
    )


def test_names_that_the_form_refuses_are_not_asked_for(github: FakeGitHub):
    check(repository="../x", github=github.client())

    assert github.asked == []


FAILURES: dict[str, tuple[tuple[int, Any, dict[str, str]], type[RegistryAuthError], str]] = {
    "login": ((401, {"message": TOKEN}, {}), Unauthenticated, "does not accept github_token"),
    "permission": ((403, {"message": TOKEN}, {}), PermissionDenied, "may not read the repository octo-org/demo"),
    "limit": ((403, {}, {"X-RateLimit-Remaining": "0"}), Throttled, "too often"),
    "second limit": ((403, {}, {"Retry-After": "7"}), Throttled, "too often"),
    "too many": ((429, {}, {"Retry-After": "7"}), Throttled, "too often"),
    "down": ((502, b"<html>", {}), Unavailable, "answers 502"),
    "odd": ((418, {}, {}), Refused, "answers 418"),
    "no JSON": ((200, b"<html>", {}), Stranger, "is not GitHub's API"),
    "other JSON": ((200, [], {}), Stranger, "is not GitHub's API"),
    "no owner": ((200, {"name": "x", "owner": None}, {}), Stranger, "is not GitHub's API"),
}


@pytest.mark.parametrize(("answer", "kind", "sentence"), FAILURES.values(), ids=FAILURES.keys())
def test_failures_are_told_without_bodies(fake: FakeGitHub, answer: Any, kind: type[RegistryAuthError], sentence: str):
    status, body, headers = answer
    fake.answer("octo-org/demo", body, status, **headers)

    with pytest.raises(kind) as error:
        read_repository(fake.client(), "octo-org", "demo")

    assert error.value.__class__ is kind
    assert sentence in str(error.value)
    assert TOKEN not in str(error.value)
    assert getattr(error.value, "retry_after", 0) == float(headers.get("Retry-After", 0))


def test_nobody_there():
    with pytest.raises(Unreachable, match="cannot be reached"):
        read_repository(GitHub("http://127.0.0.1:9/", TOKEN), "octo-org", "demo")


def test_only_github_com_can_publish_to_pypi(github: FakeGitHub):
    assert on_github_com("https://api.github.com")
    assert not on_github_com("https://github.example.com/api/v3")
    assert not on_github_com("https://api.github.com.example.com")


def test_a_server_of_ones_own_cannot_publish_to_pypi(github: FakeGitHub, monkeypatch: pytest.MonkeyPatch):
    client = github.client()
    # On this machine's loopback it would pass for GitHub's, and nowhere else may it be asked over plain http.
    monkeypatch.setattr(check_resource, "on_github_com", lambda _url: False)

    assert codes(check(github=client)) == ["not-github-com"]
    assert codes(check(github=client, index="https://other.example.com")) == ["other-index"]


@pytest.fixture
def program(tmp_path: Path) -> Path:
    """A stand-in for zizmor, to be written."""
    path = tmp_path / "zizmor"
    path.touch(0o700)
    return path


def test_zizmors_findings():
    found = find_zizmor()
    assert found
    text = WORKFLOW + "      - run: echo ${{ github.event.release.name }}\n"

    problems = zizmor_problems(found, text, "release.yml")

    assert ("zizmor/template-injection", "release.yml:11") in [(problem.code, problem.where) for problem in problems]
    assert "zizmor/unpinned-uses" not in [problem.code for problem in problems]
    assert zizmor_problems(found, WORKFLOW.replace("@" + HASH, "@v1"), "release.yml") == zizmor_problems(
        found, WORKFLOW, "release.yml"
    )
    result = check(workflow_content=text, zizmor=found)
    assert result["checked"] == ["form", "workflow", "zizmor"]
    assert "zizmor/template-injection" in codes(result)


def test_zizmor_knows_the_rules_of_workflow_files():
    found = find_zizmor()
    assert found

    (problem,) = zizmor_problems(found, WORKFLOW.replace("id-token: write", "id-token: wrote"), "release.yml")

    assert (problem.code, problem.where, problem.severity) == ("invalid-workflow-file", "release.yml", "medium")
    assert "jobs.publish.permissions.id-token" in problem.message


def test_what_zizmor_alone_cannot_read_is_no_error():
    """GitHub strips a byte order mark, and its own schema of workflow files knows image_version. zizmor knows neither."""
    found = find_zizmor()

    marked = check(workflow_content="\ufeff" + WORKFLOW, zizmor=found)
    newer = WORKFLOW.replace("release: {", "image_version: {}, release: {")
    described = check(workflow_content=newer, zizmor=found)
    wrong = check(workflow_content="descripton: Releases\n" + WORKFLOW, zizmor=found)

    assert [codes(marked), codes(described)] == [
        codes(check(workflow_content=WORKFLOW, zizmor=found)),
        ["invalid-workflow-file"],
    ]
    assert (described["valid"], wrong["valid"]) == (True, False)
    assert codes(wrong) == ["invalid-workflow-file"]


SCRIPTS = {"exits": "exit 101", "says nothing": "true", "says something else": "echo '[{}]'"}


@pytest.mark.parametrize("script", SCRIPTS.values(), ids=SCRIPTS.keys())
def test_a_zizmor_that_does_not_work_is_a_failure(program: Path, script: str):
    program.write_text(f"#!/bin/sh\n{script}\n")

    with pytest.raises(Refused, match="did not do its work"):
        zizmor_problems(str(program), WORKFLOW, "release.yml")


def test_zizmor_is_given_no_token(program: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("GH_TOKEN", TOKEN)
    monkeypatch.setenv("GITHUB_TOKEN", TOKEN)
    program.write_text(f"#!/bin/sh\nenv | grep -q {TOKEN} && exit 101\ncat >/dev/null\necho '[]'\n")

    assert zizmor_problems(str(program), WORKFLOW, "release.yml") == ()

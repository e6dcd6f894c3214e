# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Parts of the local cloud's GitHub: git, rules, callers, limits, workflow files and jobs."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from local_cloud.platform.errors import ApiError
from local_cloud.services.github import access, rules, runs, setup
from local_cloud.services.github.access import Need
from local_cloud.services.github.api import Received, operations
from local_cloud.services.github.bodies import check, read
from local_cloud.services.github.errors import GitHubError, as_github, validation_failed
from local_cloud.services.github.git import Author, Directory, File, Git, MergeConflictError
from local_cloud.services.github.id_tokens import SigningKey
from local_cloud.services.github.rate import RateLimits
from local_cloud.services.github.store import GitHub, Repository
from local_cloud.services.github.tokens import Caller, Token
from local_cloud.services.github.workflows import Job, read_job

NOW = datetime(2026, 7, 1, 12, tzinfo=UTC)
ADA = Author("ada", "ada@example.com")
FULL_NAME = "octo-org/sampleproject"
KEY = SigningKey()


@pytest.fixture
def state() -> GitHub:
    state = GitHub(KEY)
    setup.apply(state, setup.SEED, NOW)
    return state


def repository(state: GitHub) -> Repository:
    found = state.repository(FULL_NAME)
    assert found is not None
    return found


def test_git_has_the_hashes_that_git_has() -> None:
    git = Git()
    first = git.write(None, {"a/b.txt": b"hi\n", "c.txt": b"c"}, "First", ADA, NOW)
    assert git.look_up(first, "a/b.txt") == File("a/b.txt", "45b983be36b73c0788dc9cbcb76cbb80fc7bb057", b"hi\n")
    root = git.look_up(first, "")
    assert isinstance(root, Directory)
    assert [(name, is_directory) for name, _sha, is_directory in root.entries] == [("a", True), ("c.txt", False)]
    for path in ("a/none", "c.txt/below", "none"):
        assert git.look_up(first, path) is None
    second = git.write(first, {"a/b.txt": None}, "Second", ADA, NOW)
    assert git.look_up(second, "a") is None
    git.set("refs/heads/main", second)
    git.set("refs/tags/v1", first)
    assert [git.resolve(name) for name in ("main", "v1", "refs/tags/v1", first)] == [second, first, first, first]
    assert [git.resolve(name) for name in ("none", "0" * 40, root.sha)] == [None] * 3
    assert git.descends(second, first)
    assert not git.descends(first, second)
    assert git.commits_between(first, second) == [second]
    assert git.changed_files(first, second) == 1
    git.delete("refs/tags/v1")
    assert list(git.refs()) == ["refs/heads/main"]


def test_git_merges_what_does_not_conflict() -> None:
    git = Git()
    text = b"".join(b"%d\n" % number for number in range(9))
    start = git.write(None, {"a.txt": text}, "Start", ADA, NOW)
    ours = git.write(start, {"a.txt": b"ours\n" + text}, "Ours", ADA, NOW)
    theirs = git.write(start, {"a.txt": text + b"theirs\n"}, "Theirs", ADA, NOW)
    merged = git.look_up(git.merge(ours, theirs, "Merge", ADA, NOW), "a.txt")
    assert isinstance(merged, File)
    assert merged.content == b"ours\n" + text + b"theirs\n"
    with pytest.raises(MergeConflictError):
        git.merge(ours, git.write(start, {"a.txt": b"other\n" + text}, "Other", ADA, NOW), "Merge", ADA, NOW)


@pytest.mark.parametrize(
    ("pattern", "name", "fits"),
    [
        ("v*", "v1", True),
        ("v*", "v1/x", False),
        ("releases/**", "releases/a/b", True),
        ("releases/**/x", "releases/x", True),
        ("main", "mainly", False),
        ("v?.0", "v1.0", True),
        ("v?.0", "v1x0", False),
    ],
)
def test_patterns(pattern: str, name: str, fits: bool) -> None:
    assert rules.matches(pattern, name) is fits


@pytest.mark.parametrize(
    ("roles", "token", "need", "status"),
    [
        ({}, None, access.SEE, 404),
        ({}, Token("bob"), access.SEE, 404),
        ({"bob": "read"}, Token("bob"), access.SEE, None),
        ({"bob": "read"}, Token("bob"), access.WRITE_CONTENTS, 404),
        ({"bob": "write"}, Token("bob"), access.WRITE_CONTENTS, None),
        ({"bob": "write"}, Token("bob"), access.ADMINISTER, 403),
        ({}, Token("octocat"), access.ADMINISTER, None),
        ({}, Token("octocat", scopes=("workflow",)), access.SEE, 404),
        ({}, Token("octocat", scopes=("repo",)), access.WRITE_WORKFLOWS, 404),
        ({}, Token("octocat", permissions={}), access.SEE, None),
        ({}, Token("octocat", permissions={"administration": "read"}), access.ADMINISTER, 403),
        ({}, Token("octocat", permissions={"administration": "write"}), access.ADMINISTER, None),
    ],
)
def test_access(state: GitHub, roles: dict[str, str], token: Token | None, need: Need, status: int | None) -> None:
    found = repository(state)
    found.private, found.collaborators = True, roles
    if status is None:
        access.check(state, Caller(token), found, need)
        return
    with pytest.raises(GitHubError) as refused:
        access.check(state, Caller(token), found, need)
    assert refused.value.http_status == status


def test_callers(state: GitHub) -> None:
    assert str(access.caller_of(state, None)) == ""
    for header in ("Bearer octocat", "token octocat", "bearer  octocat"):
        assert str(access.caller_of(state, header)) == "octocat"
    for header in ("Basic octocat", "Bearer nobody", "octocat"):
        with pytest.raises(GitHubError, match="Bad credentials"):
            access.caller_of(state, header)


def test_rates() -> None:
    rates = RateLimits()
    rates.limit = 2
    assert [rates.count("ada", NOW).exceeded for _number in range(3)] == [False, False, True]
    assert rates.of("ada", NOW).counts == {
        "limit": 2,
        "remaining": 0,
        "reset": int((NOW + timedelta(hours=1)).timestamp()),
        "used": 2,
    }
    assert not rates.count("bob", NOW).exceeded
    assert not rates.count("ada", NOW + timedelta(hours=1)).exceeded
    rates.limit = None
    assert [rates.of(who, NOW).counts["limit"] for who in ("ada", "")] == [5000, 60]


def test_bodies() -> None:
    assert read(b"") == read(b"null") == {}
    for body in (b"{", b"[]", b"\xff"):
        with pytest.raises(GitHubError) as refused:
            read(body)
        assert refused.value.http_status == 400
    check({"a": 1, "b": None, "c": "x"}, {"a": int, "b": str})
    for wrong in ({"a": True}, {"a": "1"}, {}):
        with pytest.raises(GitHubError, match="Invalid request"):
            check(wrong, {"a": int}, required=("a",))
    with pytest.raises(GitHubError, match='"c" is not a permitted key'):
        check({"c": 1}, {"a": int}, closed=True)


def test_errors() -> None:
    error = as_github(ApiError("UNAVAILABLE", "m", headers={"Retry-After": "1"}))
    assert (error.http_status, error.headers, error.body()["message"]) == (503, {"Retry-After": "1"}, "m")
    assert as_github(error) is error
    body = validation_failed("PullRequest", "head", "invalid").body()
    assert body["errors"] == [{"resource": "PullRequest", "field": "head", "code": "invalid"}]


def test_requests_are_found_by_both_roots() -> None:
    for root, enterprise in (("", False), ("api/v3/", True)):
        path = f"{root}repos/o/r/environments/a%2Fb/deployment-branch-policies/7"
        received = Received.parse("GET", path, {}, b"", "http://here")
        assert (received.method, received.enterprise) == ("github.repos/get-deployment-branch-policy", enterprise)
        assert received.path == {"owner": "o", "repo": "r", "environment_name": "a/b", "branch_policy_id": "7"}
        assert received.links.repository("o/r") == f"http://here/github/{root}repos/o/r"
    contents = Received.parse("GET", "repos/o/r/contents/a/b.txt", {}, b"", "http://here")
    assert contents.resource == "o/r/a/b.txt"
    for verb, path in (("GET", "repos/o"), ("PATCH", "user"), ("GET", "api/v4/user")):
        with pytest.raises(GitHubError, match="Not Found"):
            Received.parse(verb, path, {}, b"", "http://here")
    assert len({(verb, path) for verb, path, _name in operations()}) == len(operations())


WORKFLOW = """\
on: push
permissions: %s
jobs:
  publish:
    environment: %s
    %s
"""


@pytest.mark.parametrize(
    ("of_workflow", "environment", "of_job", "expected"),
    [
        ("{}", "release", "permissions: {id-token: write}", Job("release", True)),
        ("write-all", "{name: release, url: x}", "steps: []", Job("release", True)),
        ("{id-token: write}", "", "permissions: {contents: read}", Job("", False)),
        ("{id-token: write}", "", "permissions:", Job("", False)),
        ("read-all", "", "steps: []", Job("", False)),
    ],
)
def test_jobs(of_workflow: str, environment: str, of_job: str, expected: Job) -> None:
    assert read_job((WORKFLOW % (of_workflow, environment, of_job)).encode(), "publish") == expected


@pytest.mark.parametrize("content", [b"", b"- a", b"jobs: []", b"jobs: {publish: 5}", b"a: b: c", b"\xff\xfe\x00"])
def test_what_is_no_workflow(content: bytes) -> None:
    with pytest.raises(ApiError):
        read_job(content, "publish")


def start(state: GitHub, **wanted: Any) -> runs.Run:
    return runs.start(state, {"repository": FULL_NAME, **wanted}, NOW)


def test_claims_of_jobs(state: GitHub) -> None:
    run = start(state, environment="Release")
    claims = runs.id_token_claims(run, "pypi", NOW)
    assert claims["sub"] == f"repo:{FULL_NAME}:environment:Release"
    assert claims["job_workflow_ref"] == f"{FULL_NAME}/.github/workflows/release.yml@refs/heads/main"
    assert (claims["exp"] - claims["iat"], claims["sha"]) == (300, repository(state).branch("main"))
    assert runs.id_token_claims(run, "pypi", NOW)["jti"] != claims["jti"]
    assert "environment" not in runs.id_token_claims(start(state), "", NOW)
    assert runs.id_token_claims(start(state), "", NOW)["sub"] == f"repo:{FULL_NAME}:ref:refs/heads/main"
    assert (
        runs.id_token_claims(start(state, event_name="pull_request"), "", NOW)["sub"]
        == f"repo:{FULL_NAME}:pull_request"
    )
    odd = runs.id_token_claims(start(state, claims={"aud": ["pypi"], "ref": None}), "", NOW)
    assert (odd["aud"], "ref" in odd) == (["pypi"], False)


def test_who_asks_for_id_tokens(state: GitHub) -> None:
    run = start(state)
    token = runs.variables(run, "http://here")["ACTIONS_ID_TOKEN_REQUEST_TOKEN"]
    assert runs.id_token_request(state, f"{run.id}/idtoken", f"Bearer {token}") is run
    for path, authorization, status in (
        (f"{run.id}/idtoken", None, 401),
        (f"{run.id}/idtoken", "Bearer octocat", 401),
        (f"{start(state).id}/idtoken", f"Bearer {token}", 401),
        (f"{run.id}/other", f"Bearer {token}", 404),
        ("0/idtoken", f"Bearer {token}", 404),
    ):
        with pytest.raises(GitHubError) as refused:
            runs.id_token_request(state, path, authorization)
        assert refused.value.http_status == status


@pytest.mark.parametrize(
    "wanted",
    [
        {"repository": "octo-org/none"},
        {"repository": 5},
        {"ref": "none"},
        {"job": "publish"},
        {"colour": "red"},
        {"environment": 5},
        {"claims": []},
        {"actor": "nobody"},
    ],
)
def test_jobs_that_cannot_run(state: GitHub, wanted: dict[str, Any]) -> None:
    with pytest.raises(ApiError) as refused:
        start(state, **wanted)
    assert refused.value.code == "INVALID_ARGUMENT"


@pytest.mark.parametrize(
    "document",
    [
        {"colour": "red"},
        {"users": [{}]},
        {"users": [{"login": "a b"}]},
        {"users": [{"login": "ada", "plan": "gold"}]},
        {"organizations": [{"login": "o", "owners": ["nobody"]}]},
        {"repositories": [{"full_name": "nobody/x"}]},
        {"repositories": [{"full_name": "octo-org"}]},
        {"repositories": [{"full_name": FULL_NAME, "teams": {"none": "read"}}]},
        {"repositories": [{"full_name": FULL_NAME, "collaborators": {"octocat": "owner"}}]},
        {"tokens": {"t": {"login": "nobody"}}},
        {"tokens": {"t": {"login": "octocat", "permissions": {"actions": "all"}}}},
        {"rate_limit": True},
        {"version": "new"},
    ],
)
def test_documents_that_mean_nothing(state: GitHub, document: dict[str, Any]) -> None:
    with pytest.raises(ApiError) as refused:
        setup.apply(state, document, NOW)
    assert refused.value.code == "INVALID_ARGUMENT"

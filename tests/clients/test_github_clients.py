# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The local cloud as GitHub, for PyGithub and for callers who may less than everything."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from typing import Any

import github
import pytest
import requests
from cloud_control import LocalCloud

FULL_NAME = "octo-org/sampleproject"
RELEASE = b"name: Release\njobs: {}\n"
FILE = {"message": "Add", "content": base64.b64encode(RELEASE).decode()}


@pytest.fixture
def client(cloud: LocalCloud) -> Iterator[github.Github]:
    """The real client of people's scripts, as for an enterprise server."""
    root = cloud.endpoint("github/api/v3")
    with github.Github(base_url=root, auth=github.Auth.Token("octocat"), retry=None) as client:
        yield client


def call(cloud: LocalCloud, verb: str, path: str, token: str | None = "octocat", body: Any = None) -> requests.Response:
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    return requests.request(
        verb, cloud.endpoint(f"github/{path}"), headers=headers, json=body, allow_redirects=False, timeout=10
    )


def test_a_script_sets_a_repository_up(client: github.Github) -> None:
    repository = client.get_repo("Octo-Org/SampleProject")
    assert (repository.full_name, repository.owner.id, repository.default_branch) == (FULL_NAME, 1234, "main")
    team = client.get_organization("octo-org").get_team_by_slug("release-managers")
    reviewers = [
        github.EnvironmentProtectionRuleReviewer.ReviewerParams("User", client.get_user("octocat").id),
        github.EnvironmentProtectionRuleReviewer.ReviewerParams("Team", team.id),
    ]
    environment = repository.create_environment("release", 5, reviewers, prevent_self_review=True)
    (wait, review) = repository.get_environment("Release").protection_rules
    assert (wait.wait_timer, review.prevent_self_review) == (5, True)
    assert [reviewer.reviewer.id for reviewer in review.reviewers] == [583, team.id]
    environment.create_secret("PYPI_API_TOKEN", "secret")
    repository.create_secret("PYPI_API_TOKEN", "secret")
    assert [secret.name for secret in repository.get_secrets()] == ["PYPI_API_TOKEN"]
    repository.delete_secret("PYPI_API_TOKEN")
    environment.delete_secret("PYPI_API_TOKEN")
    assert list(repository.get_secrets()) == list(environment.get_secrets()) == []
    repository.delete_environment("release")
    assert repository.get_environments().totalCount == 0


def test_a_script_opens_a_pull_request(client: github.Github) -> None:
    repository = client.get_repo(FULL_NAME)
    path = ".github/workflows/release.yml"
    repository.create_git_ref("refs/heads/release", repository.get_branch("main").commit.sha)
    made = repository.create_file(path, "Add the workflow", RELEASE, branch="release")["content"]
    with pytest.raises(github.UnknownObjectException):
        repository.get_contents(path)
    repository.update_file(path, "Change it", RELEASE + b"\n", made.sha, branch="release")
    pull = repository.create_pull("main", "release", title="Release", body="By trusted publishing.")
    assert (pull.number, pull.commits, pull.mergeable_state) == (1, 2, "clean")
    assert [found.number for found in repository.get_pulls(head="octo-org:release")] == [1]
    assert pull.merge().merged
    assert repository.get_contents(path).decoded_content == RELEASE + b"\n"
    assert repository.get_commit("main").commit.message.startswith("Merge pull request #1")


@pytest.mark.parametrize("path", ["README.md/below", ".github//a.yml", "a/../b", "a/.git/config"])
def test_paths_that_cannot_be(cloud: LocalCloud, path: str) -> None:
    answer = call(cloud, "PUT", f"repos/{FULL_NAME}/contents/{path.replace('..', '%2E%2E')}", body=FILE)
    assert answer.status_code == 422


def test_two_branches_meet(client: github.Github) -> None:
    repository = client.get_repo(FULL_NAME)
    start = repository.get_branch("main").commit.sha
    for branch in ("one", "two", "three"):
        repository.create_git_ref(f"refs/heads/{branch}", start)
    repository.create_file("a.txt", "A", "a\n", branch="one")
    repository.create_file("b.txt", "B", "b\n", branch="two")
    repository.create_file("a.txt", "Another", "c\n", branch="three")
    assert repository.create_pull("main", "one", title="One").merge().merged
    assert repository.create_pull("main", "two", title="Two").merge().merged
    assert {entry.name for entry in repository.get_contents("")} == {"README.md", "a.txt", "b.txt"}
    with pytest.raises(github.GithubException, match="not mergeable"):
        repository.create_pull("main", "three", title="Three").merge()


def test_lists_come_in_pages(cloud: LocalCloud, client: github.Github) -> None:
    repository = client.get_repo(FULL_NAME)
    for number in range(7):
        call(cloud, "PUT", f"repos/{FULL_NAME}/environments/e{number}")
    client.per_page = 3
    assert [environment.name for environment in repository.get_environments()] == [f"e{number}" for number in range(7)]
    first = call(cloud, "GET", f"repos/{FULL_NAME}/environments?per_page=3")
    assert (first.json()["total_count"], len(first.json()["environments"])) == (7, 3)
    assert first.links["last"]["url"].endswith("page=3")
    assert "prev" not in first.links


READS = (f"repos/{FULL_NAME}", f"repos/{FULL_NAME}/environments", f"repos/{FULL_NAME}/contents/README.md")
ENVIRONMENT = f"repos/{FULL_NAME}/environments/release"
WORKFLOW = f"repos/{FULL_NAME}/contents/.github/workflows/release.yml"


def make_private(cloud: LocalCloud, **more: Any) -> None:
    cloud.set_up_github(
        users=[{"login": "ada"}, {"login": "bob"}, {"login": "stranger"}],
        repositories=[
            {"full_name": FULL_NAME, "private": True, "collaborators": {"ada": "write", "bob": "read"}, **more}
        ],
    )


def test_who_may_see_and_do_what(cloud: LocalCloud) -> None:
    assert [call(cloud, "GET", path, None).status_code for path in READS] == [200, 200, 200]
    assert call(cloud, "GET", f"repos/{FULL_NAME}/actions/secrets", None).status_code == 401
    assert call(cloud, "PUT", ENVIRONMENT, None).status_code == 401
    assert call(cloud, "GET", "user", "nobody's").json()["message"] == "Bad credentials"
    make_private(cloud)
    statuses = {
        who: [call(cloud, "GET", path, who).status_code for path in READS]
        + [call(cloud, "PUT", WORKFLOW, who, FILE).status_code, call(cloud, "PUT", ENVIRONMENT, who).status_code]
        for who in (None, "stranger", "bob", "ada", "octocat")
    }
    assert statuses == {
        None: [404] * 5,
        "stranger": [404] * 5,
        "bob": [200, 200, 200, 404, 403],
        "ada": [200, 200, 200, 201, 403],
        "octocat": [200, 200, 200, 422, 200],
    }
    refused = call(cloud, "PUT", ENVIRONMENT, "ada").json()
    assert refused["message"] == "Must have admin rights to Repository."


def test_what_tokens_permit(cloud: LocalCloud) -> None:
    make_private(cloud)
    cloud.set_up_github(
        tokens={
            "fine": {"login": "octocat", "permissions": {"actions": "read", "contents": "write"}},
            "classic": {"login": "octocat", "scopes": ["repo"]},
            "powerless": {"login": "octocat", "scopes": []},
        }
    )
    assert [call(cloud, "GET", path, "fine").status_code for path in READS] == [200, 200, 200]
    refused = call(cloud, "PUT", ENVIRONMENT, "fine")
    assert (refused.status_code, refused.headers["X-Accepted-GitHub-Permissions"]) == (403, "administration=write")
    assert refused.json()["message"] == "Resource not accessible by personal access token"
    assert call(cloud, "PUT", WORKFLOW, "fine", FILE).status_code == 403
    readme = f"repos/{FULL_NAME}/contents/NEWS.md"
    assert call(cloud, "PUT", readme, "fine", FILE).status_code == 201
    # Without the scope for workflows they seem not to be there.
    assert call(cloud, "PUT", WORKFLOW, "classic", FILE).status_code == 404
    assert call(cloud, "GET", "user", "classic").headers["X-OAuth-Scopes"] == "repo"
    assert [call(cloud, "GET", path, "powerless").status_code for path in READS] == [404] * 3
    assert call(cloud, "GET", "orgs/octo-org/teams/release-managers", "powerless").status_code == 404


@pytest.mark.parametrize(
    ("plan", "plain", "protected"), [("enterprise", 200, 200), ("team", 200, 422), ("free", 404, 404)]
)
def test_plans_limit_environments_of_private_repositories(
    cloud: LocalCloud, plan: str, plain: int, protected: int
) -> None:
    organization = {"login": "octo-org", "id": 1234, "owners": ["octocat"], "plan": plan}
    cloud.set_up_github(organizations=[organization], repositories=[{"full_name": FULL_NAME, "private": True}])
    policy = {"deployment_branch_policy": {"protected_branches": True, "custom_branch_policies": False}}
    assert call(cloud, "PUT", ENVIRONMENT, body=policy).status_code == plain
    for absence in ({"wait_timer": 0}, {"reviewers": None}, {"prevent_self_review": False}):
        answer = call(cloud, "PUT", ENVIRONMENT, body=absence)
        assert answer.status_code == protected
        assert (protected != 422) or "Failed to create the environment protection rule" in answer.json()["message"]
    cloud.set_up_github(repositories=[{"full_name": FULL_NAME}])
    assert call(cloud, "PUT", ENVIRONMENT, body={"wait_timer": 5}).status_code == 200


def test_old_servers_do_not_know_self_review(cloud: LocalCloud) -> None:
    cloud.set_up_github(version="3.10.0")
    refused = call(cloud, "PUT", ENVIRONMENT, body={"prevent_self_review": False})
    assert refused.status_code == 422
    assert 'Invalid input: "prevent_self_review" is not a permitted key.' in refused.json()["message"]
    answer = call(cloud, "GET", f"api/v3/repos/{FULL_NAME}")
    assert answer.headers["X-GitHub-Enterprise-Version"] == "3.10.0"
    assert "X-GitHub-Enterprise-Version" not in call(cloud, "GET", f"repos/{FULL_NAME}").headers


@pytest.mark.parametrize(
    "body",
    [
        {"wait_timer": "5"},
        {"wait_timer": -1},
        {"wait_timer": True},
        {"colour": "red"},
        {"reviewers": [{"type": "User", "id": 999}]},
        {"reviewers": [{"type": "User", "id": 1234}]},
        {"reviewers": ["octocat"]},
        {"reviewers": [{"type": "User", "id": 583}] * 7},
        {"prevent_self_review": True},
        {"deployment_branch_policy": {"protected_branches": True}},
        {"deployment_branch_policy": {"protected_branches": True, "custom_branch_policies": True}},
    ],
)
def test_wrong_environments_are_refused_whole(cloud: LocalCloud, body: dict[str, Any]) -> None:
    assert call(cloud, "PUT", ENVIRONMENT, body=body).status_code == 422
    assert call(cloud, "GET", ENVIRONMENT).status_code == 404


def test_rulesets_hold_for_those_not_on_the_list(cloud: LocalCloud) -> None:
    make_private(cloud)
    rules = f"repos/{FULL_NAME}/rulesets"
    ruleset = {
        "name": "main",
        "target": "branch",
        "enforcement": "active",
        "bypass_actors": [{"actor_id": 5, "actor_type": "RepositoryRole", "bypass_mode": "always"}],
        "conditions": {"ref_name": {"include": ["~DEFAULT_BRANCH"], "exclude": []}},
        "rules": [{"type": "pull_request"}, {"type": "deletion"}],
    }
    assert call(cloud, "POST", rules, body=ruleset).status_code == 201
    refused = call(cloud, "PUT", WORKFLOW, "ada", FILE)
    assert (refused.status_code, "through a pull request" in refused.json()["message"]) == (409, True)
    assert call(cloud, "GET", f"repos/{FULL_NAME}/branches/main").json()["protected"] is True
    assert call(cloud, "DELETE", f"repos/{FULL_NAME}/git/refs/heads/main", "ada").status_code == 409
    assert (
        "bypass_actors" not in call(cloud, "GET", f"{rules}/{call(cloud, 'GET', rules).json()[0]['id']}", "ada").json()
    )
    assert call(cloud, "PUT", WORKFLOW, "octocat", FILE).status_code == 201


def test_archived_and_renamed(cloud: LocalCloud) -> None:
    cloud.set_up_github(repositories=[{"full_name": FULL_NAME, "archived": True, "former_names": ["octo-org/old"]}])
    refused = call(cloud, "PUT", ENVIRONMENT)
    assert (refused.status_code, refused.json()["message"]) == (403, "Repository was archived so is read-only.")
    moved = call(cloud, "GET", "repos/Octo-Org/Old/branches/main")
    assert moved.status_code == 301
    followed = requests.get(moved.headers["Location"], timeout=10).json()
    assert (followed["name"], moved.headers["Location"].rpartition("/repositories/")[2].partition("/")[2]) == (
        "main",
        "branches/main",
    )
    assert call(cloud, "PUT", "repos/octo-org/old/environments/release").status_code == 307


def test_rate_limits_count_down(cloud: LocalCloud) -> None:
    assert call(cloud, "GET", READS[0], None).headers["X-RateLimit-Limit"] == "60"
    cloud.set_up_github(rate_limit=2)
    remaining = [call(cloud, "GET", READS[0]) for _number in range(3)]
    assert [answer.status_code for answer in remaining] == [200, 200, 403]
    assert [answer.headers["X-RateLimit-Remaining"] for answer in remaining] == ["1", "0", "0"]
    assert "rate limit exceeded" in remaining[2].json()["message"]
    left = call(cloud, "GET", "rate_limit")
    assert (left.status_code, left.json()["rate"]["remaining"]) == (200, 0)


def test_faults_and_the_log(cloud: LocalCloud) -> None:
    cloud.fault("github.repos/*", status=503)
    refused = call(cloud, "GET", READS[0])
    assert (refused.status_code, set(refused.json())) == (503, {"message", "documentation_url", "status"})
    assert call(cloud, "GET", READS[0]).status_code == 200
    assert [(call["caller"], call["status"]) for call in cloud.calls("repos/get")] == [
        ("octocat", 503),
        ("octocat", 200),
    ]
    assert call(cloud, "GET", "repos/octo-org").status_code == 404
    assert call(cloud, "PUT", ENVIRONMENT, body=["no object"]).status_code == 400

# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the local cloud answers as GitHub, judged by GitHub's own description of its API."""

from __future__ import annotations

import base64
import hashlib
import re
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import cloud_control
import pytest
import requests
from cloud_control import LocalCloud
from github_openapi import Description, description

sys.path.insert(0, str(cloud_control.SOURCE))

from local_cloud.services.github.api import operations

OWNER = "octocat"
REPOSITORY = {"owner": "octo-org", "repo": "sampleproject"}
ROOTS = {"api.github.com": "github", "ghes-3.17": "github/api/v3", "ghes-3.19": "github/api/v3"}


@dataclass
class Judge:
    """Calls operations by their names, and keeps what is wrong with the answers."""

    root: str
    description: Description
    complaints: list[str] = field(default_factory=list)
    answered: set[str] = field(default_factory=set)

    def __call__(
        self, name: str, body: Any = None, *, token: str | None = OWNER, status: int | None = None, **values: Any
    ) -> Any:
        """Call one: path variables by name, and C(query)."""
        verb, template = self.description.place(name)
        query = values.pop("query", None)
        path = template.lstrip("/").format(**REPOSITORY | {key: str(value) for key, value in values.items()})
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        answer = requests.request(
            verb, f"{self.root}/{path}", json=body, params=query, headers=headers, allow_redirects=False, timeout=10
        )
        content = answer.json() if answer.content else None
        said = self.description.complaints(name, answer.status_code, content)
        self.complaints += [f"{name} {answer.status_code} {complaint}" for complaint in said]
        assert answer.status_code == (status or answer.status_code), (name, content)
        assert status or answer.ok, (name, content)
        if answer.ok:
            self.answered.add(name)
        return content


def encoded(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


@pytest.fixture(params=sorted(ROOTS))
def judge(request: pytest.FixtureRequest, cloud: LocalCloud) -> Iterator[Judge]:
    app = {"slug": "release-gate", "id": 71}
    cloud.set_up_github(
        repositories=[{"full_name": "octo-org/sampleproject", "teams": {"release-managers": "write"}, "apps": [app]}]
    )
    judge = Judge(cloud.endpoint(ROOTS[request.param]), description(request.param))
    yield judge
    assert "\n".join(judge.complaints) == ""


def people(call: Judge) -> None:
    call("meta/get", token=None)
    call("rate-limit/get")
    call("users/get-authenticated")
    call("users/get-authenticated", token=None, status=401)
    call("users/get-by-username", username="OctoCat")
    call("users/get-by-username", username="octo-org")
    call("users/get-by-username", username="nobody", status=404)
    call("orgs/get", org="octo-org")
    call("teams/list", org="octo-org")
    call("teams/get-by-name", org="octo-org", team_slug="release-managers")
    call("teams/get-by-name", org="octo-org", team_slug="none", status=404)


def branches_and_files(call: Judge) -> None:
    call("repos/get", owner="Octo-Org", repo="SampleProject")
    call("repos/get", repo="none", status=404)
    call("repos/list-branches")
    call("repos/get-branch", branch="main")
    call("repos/get-branch", branch="none", status=404)
    tip = call("git/get-ref", ref="heads/main")["object"]["sha"]
    call("git/get-ref", ref="heads/none", status=404)
    call("git/create-ref", {"ref": "refs/heads/release", "sha": tip})
    call("git/create-ref", {"ref": "refs/heads/release", "sha": tip}, status=422)
    call("git/create-ref", {"ref": "refs/heads/old", "sha": tip})
    call("git/list-matching-refs", ref="heads/")
    call("repos/get-content", path="README.md")
    call("repos/get-content", path="none", status=404)
    file = {"message": "Add", "content": encoded("jobs: {}\n"), "branch": "release"}
    made = call("repos/create-or-update-file-contents", file, path=".github/workflows/release.yml", status=201)
    folder = call("repos/get-content", path=".github/workflows", query={"ref": "release"})
    assert folder[0]["sha"] == made["content"]["sha"]
    call("repos/create-or-update-file-contents", file, path=".github/workflows/release.yml", status=422)
    changed = {**file, "content": encoded("jobs:\n"), "sha": made["content"]["sha"]}
    call("repos/create-or-update-file-contents", changed, path=".github/workflows/release.yml", status=200)
    call("repos/create-or-update-file-contents", changed, path=".github/workflows/release.yml", status=409)
    commit = call("repos/get-commit", ref="release")
    call("git/get-commit", commit_sha=commit["sha"])
    call("git/update-ref", {"sha": tip}, ref="heads/release", status=422)
    call("git/update-ref", {"sha": commit["sha"]}, ref="heads/old")
    readme = call("repos/get-content", path="README.md")["sha"]
    call("repos/delete-file", {"message": "Remove", "sha": readme, "branch": "old"}, path="README.md")
    call("git/delete-ref", ref="heads/old")
    call("git/delete-ref", ref="heads/old", status=422)


def pull_requests(call: Judge) -> None:
    wanted = {"title": "Release by trusted publishing", "head": "release", "base": "main", "body": "Why."}
    number = call("pulls/create", wanted, status=201)["number"]
    call("pulls/create", wanted, status=422)
    call("pulls/create", {**wanted, "head": "none"}, status=422)
    assert [pull["number"] for pull in call("pulls/list", query={"head": "octo-org:release"})] == [number]
    assert call("pulls/list", query={"head": "other:release"}) == []
    call("pulls/update", {"title": "Another"}, pull_number=number)
    assert call("pulls/get", pull_number=number)["changed_files"] == 1
    call("pulls/merge", {}, pull_number=number)
    call("pulls/merge", {}, pull_number=number, status=405)
    assert call("pulls/get", pull_number=number)["merged"] is True
    assert call("repos/get-content", path=".github/workflows/release.yml")["type"] == "file"


def environments(call: Judge) -> None:
    team = call("teams/get-by-name", org="octo-org", team_slug="release-managers")["id"]
    reviewers = [{"type": "User", "id": 583}, {"type": "Team", "id": team}]
    custom = {"protected_branches": False, "custom_branch_policies": True}
    whole = {
        "wait_timer": 30,
        "prevent_self_review": True,
        "reviewers": reviewers,
        "deployment_branch_policy": custom,
    }
    named = {"environment_name": "release%2Fpypi"}
    call("repos/create-or-update-environment", whole, **named)
    shown = call("repos/get-environment", environment_name="Release%2FPyPI")
    assert (shown["name"], [rule["type"] for rule in shown["protection_rules"]]) == (
        "release/pypi",
        ["wait_timer", "required_reviewers", "branch_policy"],
    )
    call("repos/create-or-update-environment", None, environment_name="plain")
    call("repos/get-all-environments")
    call("repos/get-environment", environment_name="none", status=404)
    call("repos/create-or-update-environment", {"wait_timer": 43201}, **named, status=422)
    policy = call("repos/create-deployment-branch-policy", {"name": "v*", "type": "tag"}, **named)["id"]
    call("repos/create-deployment-branch-policy", {"name": "v*", "type": "tag"}, **named, status=303)
    call("repos/create-deployment-branch-policy", {"name": "v*"}, environment_name="plain", status=404)
    call("repos/list-deployment-branch-policies", **named)
    call("repos/get-deployment-branch-policy", **named, branch_policy_id=policy)
    call("repos/update-deployment-branch-policy", {"name": "v1*"}, **named, branch_policy_id=policy)
    call("repos/delete-deployment-branch-policy", **named, branch_policy_id=policy)
    protection_apps(call, **named)
    secrets(call, "environment", **named)
    call("repos/delete-an-environment", environment_name="plain")


def protection_apps(call: Judge, **named: str) -> None:
    key = "available_custom_deployment_protection_rule_integrations"
    (app,) = call("repos/list-custom-deployment-rule-integrations", **named)[key]
    assert (app["id"], app["slug"]) == (71, "release-gate")
    call("repos/list-custom-deployment-rule-integrations", environment_name="none", status=404)
    call("repos/create-deployment-protection-rule", {"integration_id": 70}, **named, status=422)
    rule = call("repos/create-deployment-protection-rule", {"integration_id": 71}, **named, status=201)["id"]
    call("repos/create-deployment-protection-rule", {"integration_id": 71}, **named, status=422)
    listed = call("repos/get-all-deployment-protection-rules", **named)
    assert (listed["total_count"], listed["custom_deployment_protection_rules"][0]["app"]) == (1, app)
    call("repos/get-custom-deployment-protection-rule", **named, protection_rule_id=rule)
    # The rules of an environment that it has by itself are another list.
    shown = call("repos/get-environment", **named)
    assert "release-gate" not in str(shown["protection_rules"])
    call("repos/disable-deployment-protection-rule", **named, protection_rule_id=rule)
    call("repos/disable-deployment-protection-rule", **named, protection_rule_id=rule, status=404)
    call("repos/get-custom-deployment-protection-rule", **named, protection_rule_id=rule, status=404)


def secrets(call: Judge, kind: str, **named: str) -> None:
    key = call(f"actions/get-{kind}-public-key", **named)
    wanted = {"encrypted_value": encoded("x"), "key_id": key["key_id"]}
    assert len(base64.b64decode(key["key"])) == 32
    call(f"actions/create-or-update-{kind}-secret", wanted, **named, secret_name="PYPI_API_TOKEN", status=201)
    call(f"actions/create-or-update-{kind}-secret", wanted, **named, secret_name="PYPI_API_TOKEN", status=204)
    assert call(f"actions/list-{kind}-secrets", **named)["total_count"] == 1
    call(f"actions/get-{kind}-secret", **named, secret_name="pypi_api_token")
    call(f"actions/delete-{kind}-secret", **named, secret_name="PYPI_API_TOKEN")
    call(f"actions/get-{kind}-secret", **named, secret_name="PYPI_API_TOKEN", status=404)


def rulesets(call: Judge) -> None:
    wanted = {
        "name": "Release tags",
        "target": "tag",
        "enforcement": "active",
        "bypass_actors": [{"actor_id": 5, "actor_type": "RepositoryRole", "bypass_mode": "always"}],
        "conditions": {"ref_name": {"include": ["refs/tags/v*"], "exclude": []}},
        "rules": [{"type": "creation"}, {"type": "deletion"}],
    }
    number = call("repos/create-repo-ruleset", wanted, status=201)["id"]
    call("repos/create-repo-ruleset", wanted, status=422)
    call("repos/get-repo-rulesets")
    call("repos/update-repo-ruleset", {"enforcement": "disabled"}, ruleset_id=number)
    assert call("repos/get-repo-ruleset", ruleset_id=number)["rules"] == wanted["rules"]
    call("repos/delete-repo-ruleset", ruleset_id=number)
    call("repos/get-repo-ruleset", ruleset_id=number, status=404)


STEPS: tuple[Callable[[Judge], None], ...] = (
    people,
    branches_and_files,
    pull_requests,
    environments,
    lambda call: secrets(call, "repo"),
    rulesets,
)


def test_answers_are_as_described(judge: Judge) -> None:
    for step in STEPS:
        step(judge)
    # Nothing is served that no step has asked for, and all of it where it is described.
    assert {name for _verb, _path, name in operations()} == judge.answered
    for verb, path, name in operations():
        described_verb, described_path = judge.description.place(name)
        # A folder's root has a path of its own in front of the one that has variables.
        if name != "repos/get-content":
            assert (verb, re.sub(r"{\w+}", "{}", path)) == (described_verb, re.sub(r"{\w+}", "{}", described_path))


def test_hashes_are_those_of_git(cloud: LocalCloud) -> None:
    url = f"{cloud.endpoint('github')}/repos/octo-org/sampleproject/contents/README.md"
    shown = requests.get(url, timeout=10).json()
    content = base64.b64decode(shown["content"])
    assert shown["sha"] == hashlib.sha1(b"blob %d\0%s" % (len(content), content)).hexdigest()

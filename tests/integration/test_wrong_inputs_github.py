# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whatever is wrong with environments and files on GitHub: the task fails with a sentence."""

from __future__ import annotations

from typing import Any

import pytest
from cloud_control import LocalCloud
from harness import Ansible, Given, Task
from test_wrong_inputs import Wrong, check, wrong

AT = {"owner": "octo-org", "repository": "sampleproject", "github_token": "sesame"}
ENVIRONMENT = {**AT, "environment": "pypi"}
FILE = {**AT, "path": "x", "content": "y"}


def environment(*says: str, **options: Any) -> Wrong:
    return wrong("github_environment", *says, **{**ENVIRONMENT, **options})


def file(*says: str, **options: Any) -> Wrong:
    return wrong("github_file", *says, **{**FILE, **options})


def secret(*says: str, **options: Any) -> Wrong:
    return wrong("github_actions_secret", *says, **{**AT, "secret": "X", "state": "absent", **options})


CASES = {
    "no token": environment("github_token is missing", "GITHUB_TOKEN", github_token=""),
    "no environment": environment("environment", "not the name of one", environment=""),
    "an owner's address": environment("owner 'github.example.com/o'", owner="github.example.com/o"),
    "a full name": environment("repository", "without its owner", repository="octo-org/sampleproject"),
    "a long wait": environment("wait_timer 50000", "between 0 and 43200 minutes", wait_timer=50000),
    "many reviewers": environment("names 7 users and teams", reviewers={"users": list("abcdef"), "teams": ["g"]}),
    "an unknown kind of reviewer": environment("Unsupported parameters", reviewers={"apps": ["x"]}),
    "self-review of nobody": environment("prevent_self_review needs reviewers", reviewers={}, prevent_self_review=True),
    "tags of all": environment("deployment_policy is all", deployment_policy="all", tags=["v*"]),
    "whole refs": environment("tags has names and patterns", tags=["refs/tags/v*"]),
    "a token in clear": environment("api_url", "loopback", api_url="http://github.example.com/"),
    "no address": environment("not a URL", api_url="github.example.com"),
    "an environment twice": environment("batch[0] and batch[1]", "the environment pypi of", batch=[{}, {"environment": "PyPI"}]),
    "two wrong environments": environment("batch[0]: owner", "batch[1]: environment", batch=[{"owner": ".."}, {"environment": " x"}]),
    "no path": file("path", "not that of a file", path=""),
    "a path from the root": file("path '/x'", path="/x"),
    "a path out of it": file("path '../x'", path="../x"),
    "no content": wrong("github_file", "content is missing", **{name: value for name, value in FILE.items() if name != "content"}),
    "a whole ref as base": file("base 'a b' is not the name of a branch", base="a b"),
    "no secret": secret("secret is not the name of one", secret=""),
    "a secret's address": secret("secret is not the name of one", secret="a/b"),
    "nothing to do": wrong("github_actions_secret", "state is missing", **AT, secret="X"),
    "no branch": file("branch 'x..y'", branch="x..y"),
    "a file twice": file("batch[0] and batch[1]", "x in octo-org/sampleproject", batch=[{}, {"content": "z"}]),
}  # fmt: skip


def test_wrong_options(ansible: Ansible, cloud: LocalCloud, subtests: pytest.Subtests) -> None:
    tasks: list[Task] = [case.task() for case in CASES.values()]
    check(subtests, CASES, ansible.results(tasks), cloud)
    assert cloud.calls() == []


READ_ONLY = {"metadata": "read", "actions": "read", "contents": "read", "pull_requests": "read"}
REFUSALS = {
    "nobody's token": environment("does not accept github_token (401)", github_token="sesame-2"),
    "no right to read": environment("github_token may not read the environment pypi", "actions=read", repository="private", github_token="blind"),
    "no right to write": environment("may not write the environment pypi", "administration=write", github_token="reader"),
    "no right to workflows": file(
        "may not write .github/workflows/x.yml", "workflows=write", path=".github/workflows/x.yml", github_token="writer"
    ),
    "no right to branches": file("may not create the branch ours", "contents=write", branch="ours", github_token="reader"),
    "no right to secrets": secret("may not read the secret X", "secrets=read", github_token="reader"),
    "no role": environment("GitHub has no octo-org/private that github_token may see.", repository="private", github_token="eve"),
    "an old scope": environment("does not let github_token write", "Administration", github_token="scopeless"),
    "no user": environment("reviewers: GitHub has no user nobody.", github_token="octocat", reviewers={"users": ["nobody"]}),
    "an organization": environment("GitHub has no user octo-org.", github_token="octocat", reviewers={"users": ["octo-org"]}),
    "no team": environment("the organization octo-org has no team none", github_token="octocat", reviewers={"teams": ["None"]}),
    "self-review without reviewers": environment("the environment pypi has none", github_token="octocat", prevent_self_review=True),
    "no GitHub": environment("127.0.0.1", "not GitHub's API", api_url="{{ cloud }}/_local/health?"),
}  # fmt: skip


def test_what_github_refuses(ansible: Ansible, cloud: LocalCloud, given: Given, subtests: pytest.Subtests) -> None:
    given.github(
        users=[{"login": "eve"}],
        repositories=[{"full_name": "octo-org/private", "private": True}],
        tokens={
            "blind": {"login": "octocat", "permissions": {"metadata": "read"}},
            "reader": {"login": "octocat", "permissions": READ_ONLY},
            "writer": {"login": "octocat", "permissions": {**READ_ONLY, "contents": "write"}},
            "scopeless": {"login": "octocat", "scopes": []},
        },
    )
    tasks: list[Task] = []
    for case in REFUSALS.values():
        task = case.task() | {"vars": {"cloud": cloud.url}}
        task[f"pkgops.registry_auth.{case.module}"].setdefault("api_url", f"{cloud.url}/github")
        tasks.append(task)
    check(subtests, REFUSALS, ansible.results(tasks), cloud)


MISSING = {
    "no repository for an environment": environment("GitHub has no octo-org/nowhere", repository="nowhere", github_token="octocat"),
    "no repository for a file": file("GitHub has no octo-org/nowhere", repository="nowhere", github_token="octocat"),
    "no repository for a branch": file("GitHub has no octo-org/nowhere", repository="nowhere", branch="ours", github_token="octocat"),
    "no base": file("has no branch nowhere", base="nowhere", branch="ours", github_token="octocat"),
    "no repository of a secret": secret("GitHub has no octo-org/nowhere", repository="nowhere", github_token="octocat"),
}  # fmt: skip


def test_what_nothing_creates(ansible: Ansible, cloud: LocalCloud, subtests: pytest.Subtests) -> None:
    """Check mode foresees the failure of the real run, in the same words."""
    tasks: list[Task] = []
    for case in MISSING.values():
        task = case.task()
        task[f"pkgops.registry_auth.{case.module}"]["api_url"] = f"{cloud.url}/github"
        tasks += [{**task, "check_mode": True}, task]
    results = ansible.results(tasks)
    foreseen, happened = results[::2], results[1::2]
    check(subtests, MISSING, happened, cloud)
    assert [one["msg"] for one in foreseen] == [one["msg"] for one in happened]
    assert not any(one.get("warnings") for one in results)

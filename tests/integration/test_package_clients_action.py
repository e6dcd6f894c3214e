# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The step of GitHub Actions that the role package_clients writes: judged by zizmor and actionlint, and its scripts run by bash."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml
from aws_clients import ACCOUNT
from harness import COLLECTION, Ansible, Run
from workflow_judges import judge_by_actionlint, judge_by_zizmor

GOOGLE = {"project": "demo-project", "location": "us-central1", "repository": "python-all"}
AWS = {"domain": "dom", "domain_owner": ACCOUNT, "region": "eu-west-1", "repository": "npm"}
VARIABLES: dict[str, Any] = {
    "indexes": [
        {"name": "ours", "artifact_registry": GOOGLE},
        {"name": "ours-npm", "codeartifact": AWS, "format": "npm", "scope": "@acme"},
    ],
    "clients": ["pip", "uv", "npm"],
    "workload_identity_provider": "projects/123456789012/locations/global/workloadIdentityPools/github/providers/github",
    "service_account": "ci@demo-project.iam.gserviceaccount.com",
    "role_to_assume": f"arn:aws:iam::{ACCOUNT}:role/ci",
}
WORKFLOW = """\
name: Test
on: push
permissions: {}
jobs:
  test:
    runs-on: ubuntu-latest
    permissions:
      contents: read
      id-token: write
    steps:
      - uses: ./.github/actions/package-clients
      - run: python -m pip install our-package
"""


def role(ansible: Ansible, *options: str, **variables: Any) -> Run:
    given = {**VARIABLES, "checkout": str(ansible.folder / "checkout"), **variables}
    (ansible.folder / "checkout" / ".git").mkdir(parents=True, exist_ok=True)
    names = {f"package_clients_{name}": value for name, value in given.items()}
    included = {
        "ansible.builtin.include_role": {"name": f"{COLLECTION}.package_clients", "tasks_from": "github_action"}
    }
    return ansible.play([{"name": "Write the step", **included}], *options, vars=names)


@pytest.mark.thorough
def test_linters_have_nothing_to_say(ansible: Ansible) -> None:
    run = role(ansible)
    assert run.code == 0, run.tail
    checkout = ansible.folder / "checkout"
    file = checkout / ".github" / "actions" / "package-clients" / "action.yml"
    judge_by_zizmor(file)
    again = role(ansible)
    assert again.stdout.count("changed=0 ") == 1, again.tail

    workflow = checkout / ".github" / "workflows" / "test.yml"
    workflow.parent.mkdir()
    workflow.write_text(WORKFLOW)
    judge_by_actionlint(workflow, checkout)


def test_what_the_scripts_leave_to_the_job(ansible: Ansible, tmp_path: Path) -> None:
    """Variables of the job, and a login for npm that only the runner's user may read; nothing secret in any of it that is printed."""
    run = role(ansible)
    assert run.code == 0, run.tail
    action = yaml.safe_load((ansible.folder / "checkout/.github/actions/package-clients/action.yml").read_text())
    scripts = [step["run"] for step in action["runs"]["steps"] if "run" in step]
    assert [step["uses"].split("@")[0] for step in action["runs"]["steps"] if "uses" in step] == [
        "google-github-actions/auth",
        "aws-actions/configure-aws-credentials",
    ]
    # In place of what would be installed.
    keyring = tmp_path / "package-clients" / "bin" / "keyring"
    keyring.parent.mkdir(parents=True)
    keyring.write_text('#!/bin/sh\necho "$*" >> "$RUNNER_TEMP/asked"\necho sesame\n')
    keyring.chmod(0o755)
    variables = {"PATH": os.environ["PATH"], "RUNNER_TEMP": str(tmp_path)}
    for name in ("GITHUB_ENV", "GITHUB_PATH"):
        (tmp_path / name).touch()
        variables[name] = str(tmp_path / name)
    for script in scripts[1:]:
        done = subprocess.run(
            ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", script],
            env=variables,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
    left = dict(line.split("=", 1) for line in (tmp_path / "GITHUB_ENV").read_text().splitlines())
    index = "https://oauth2accesstoken@us-central1-python.pkg.dev/demo-project/python-all/simple/"
    npmrc = tmp_path / "package-clients" / "npmrc"
    assert left == {
        "PIP_KEYRING_PROVIDER": "subprocess",
        "PIP_NO_INPUT": "1",
        "PIP_INDEX_URL": index,
        "UV_KEYRING_PROVIDER": "subprocess",
        "UV_DEFAULT_INDEX": index,
        "NPM_CONFIG_USERCONFIG": str(npmrc),
    }
    assert (tmp_path / "GITHUB_PATH").read_text() == f"{keyring.parent}\n"
    host = f"dom-{ACCOUNT}.d.codeartifact.eu-west-1.amazonaws.com"
    assert npmrc.read_text() == f"@acme:registry=https://{host}/npm/npm/\n//{host}/npm/npm/:_authToken=sesame\n"
    assert npmrc.stat().st_mode & 0o777 == 0o600
    assert done.stdout == "::add-mask::sesame\n"
    assert (tmp_path / "asked").read_text() == f"get https://{host}/pypi/npm/simple/ aws\n"


@pytest.mark.parametrize(
    ("variables", "sentence"),
    [
        ({"role_to_assume": ""}, "package_clients_role_to_assume is missing, which says whom a job becomes."),
        (
            {"clients": ["pip", "twine", "npm"]},
            "package_clients_clients has twine, which the step for GitHub Actions does not set up",
        ),
        (
            {"indexes": [{"name": "a", "url": "https://x.example/simple/"}]},
            "a in package_clients_indexes is not at the address of",
        ),
    ],
)
def test_what_cannot_work_is_told(ansible: Ansible, variables: dict[str, Any], sentence: str) -> None:
    run = role(ansible, **variables)
    assert run.code != 0
    assert sentence in " ".join((run.stdout + run.stderr).split()), run.tail
    assert not (ansible.folder / "checkout" / ".github").exists()

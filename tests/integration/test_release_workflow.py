# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The workflow that the role trusted_publishing writes, judged by zizmor as an auditor, and by actionlint."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from cloud_control import LocalCloud
from harness import COLLECTION, Ansible, Run
from workflow_judges import judge_by_actionlint, judge_by_zizmor

pytestmark = pytest.mark.thorough

PLACE = {"project": "sampleproject", "owner": "octo-org", "repository": "sampleproject"}
VARIANTS: dict[str, dict[str, Any]] = {
    "as it is": {},
    "four indexes": {
        "workflow": "publish it.yaml",
        "indexes": [
            {"index": "testpypi", "environment": "test/pypi"},
            {"environment": "pypi", "pending": True},
            {"index": "https://index.example.com/own/", "environment": "own: index"},
            {
                "index": "https://other.example.com",
                "environment": "other",
                "upload_url": "https://other.example.com/up/",
            },
        ],
        "events": {"push": {"tags": ["v*"]}, "workflow_dispatch": {}},
        "python_version": 3.12,
        "build_commands": ["python -m pip install hatch", 'python -c "print(1)"\nhatch build'],
        "attestations": False,
    },
}


def role(ansible: Ansible, *options: str, **variables: Any) -> Run:
    """Run the role into a checkout."""
    checkout = ansible.folder / "checkout"
    checkout.mkdir(exist_ok=True)
    given = {**PLACE, "checkout": str(checkout), **variables}
    included = {"ansible.builtin.include_role": {"name": f"{COLLECTION}.trusted_publishing"}}
    names = {f"trusted_publishing_{name}": value for name, value in given.items()}
    return ansible.play([{"name": "Run the role", **included}], *options, vars=names)


def written(ansible: Ansible) -> list[Path]:
    return sorted((ansible.folder / "checkout").rglob("*.y*ml"))


@pytest.mark.parametrize("variant", VARIANTS)
def test_linters_have_nothing_to_say(ansible: Ansible, cloud: LocalCloud, variant: str) -> None:
    ansible.environment |= cloud.github_environment()
    checked = role(ansible, "--check", **VARIANTS[variant])
    assert checked.code == 0, checked.tail
    assert written(ansible) == []
    run = role(ansible, **VARIANTS[variant])
    assert run.code == 0, run.tail
    assert role(ansible, **VARIANTS[variant]).stdout.count("changed=0 ") == 1
    (file,) = written(ansible)
    assert "Mind: " not in run.stdout, run.tail

    judge_by_zizmor(file)

    text = file.read_text()
    workflow = yaml.load(text, yaml.BaseLoader)
    publishing = [job for name, job in workflow["jobs"].items() if name != "build"]
    assert workflow["permissions"] == {}
    assert workflow["jobs"]["build"]["permissions"] == {"contents": "read"}
    assert [job["permissions"] for job in publishing] == [{"id-token": "write"}] * len(publishing)
    assert [len(job["steps"]) for job in publishing] == [2] * len(publishing)
    assert all(re.search(r"@[0-9a-f]{40} # v\d", line) for line in text.splitlines() if "uses:" in line)

    judge_by_actionlint(file)


def test_jobs_publish_one_after_the_other(ansible: Ansible, cloud: LocalCloud) -> None:
    ansible.environment |= cloud.github_environment()
    run = role(ansible, **VARIANTS["four indexes"])
    assert run.code == 0, run.tail
    jobs = yaml.safe_load(written(ansible)[0].read_text())["jobs"]
    assert {name: job.get("needs") for name, job in jobs.items()} == {
        "build": None,
        "publish-test-pypi": ["build"],
        "publish-pypi": ["build", "publish-test-pypi"],
        "publish-own--index": ["build", "publish-pypi"],
        "publish-other": ["build", "publish-own--index"],
    }
    urls = [job["steps"][-1].get("with", {}).get("repository-url", "") for job in list(jobs.values())[1:]]
    assert re.fullmatch(r"https://test\.[a-z]+\.org/legacy/", urls[0])
    assert urls[1:] == ["", "https://index.example.com/own/legacy/", "https://other.example.com/up/"]
    assert [job.get("environment") for job in jobs.values()] == [None, "test/pypi", "pypi", "own: index", "other"]


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"checkout": "/none"}, "Make sure that there is a checkout"),
        ({"owner": "octo org"}, "not the name of a GitHub user or organization"),
        ({"workflow": "release"}, "release"),
        ({"repository": "SampleProject"}, "Register sampleproject."),
        ({"indexes": [{"index": "pypi"}]}, "octo-org/sampleproject: trusted_publishing_indexes[0] has no environment."),
        ({"indexes": []}, "must have an index"),
        (
            {"indexes": [{"environment": "py.pi"}, {"index": "testpypi", "environment": "Py-Pi"}]},
            "differ in letters or digits: py.pi, Py-Pi.",
        ),
    ],
)
def test_what_cannot_work_is_told(ansible: Ansible, cloud: LocalCloud, wrong: dict[str, Any], sentence: str) -> None:
    ansible.environment |= cloud.github_environment()
    run = role(ansible, **wrong)
    assert run.code != 0
    assert sentence in run.stdout + run.stderr, run.tail
    assert written(ansible) == []


def test_white_space_around_the_file_is_left_out_as_by_the_form(ansible: Ansible, cloud: LocalCloud) -> None:
    ansible.environment |= cloud.github_environment()
    run = role(ansible, workflow=" release.yml ")
    assert run.code == 0, run.tail
    assert [file.name for file in (ansible.folder / "checkout").rglob("*.*") if file.is_file()] == ["release.yml"]

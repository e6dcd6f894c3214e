# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What keeps a version from being released, and that all that names a version names the same."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
import release
import yaml
from checkout import CHECKOUT

pytestmark = pytest.mark.checkout


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A project whose version 1.2.0 is ready."""
    (tmp_path / "galaxy.yml").write_text("version: 1.2.0\n")
    (tmp_path / "changelogs" / "fragments").mkdir(parents=True)
    (tmp_path / "changelogs" / "changelog.yaml").write_text("releases: {1.1.0: {}, 1.2.0: {}}\n")
    return tmp_path


def test_a_version_that_is_ready(checkout: Path) -> None:
    assert release.obstacles("1.2.0", checkout) == []


def test_a_tag_that_is_another_version(checkout: Path) -> None:
    assert release.obstacles("1.1.0", checkout) == ["galaxy.yml has version 1.2.0, not 1.1.0."]


def test_a_version_without_its_changelog(checkout: Path) -> None:
    (checkout / "galaxy.yml").write_text("version: 1.3.0\n")
    (checkout / "changelogs" / "fragments" / "new.yml").touch()
    assert release.obstacles("1.3.0", checkout) == [
        "The changelog does not have version 1.3.0: run antsibull-changelog release.",
        "1 changelog fragments are in no release, new.yml for one.",
    ]


VERSION: str = yaml.safe_load((CHECKOUT / "galaxy.yml").read_text())["version"]
RELEASES: set[str] = set(yaml.safe_load((CHECKOUT / "changelogs" / "changelog.yaml").read_text())["releases"])


@pytest.mark.parametrize("folder", ["plugins", "roles"])
def test_what_was_added_was_added_in_a_version_that_users_get(folder: str) -> None:
    """antsibull-changelog lists a plugin or role as new only in the release of exactly that version."""
    texts = [path.read_text() for path in (CHECKOUT / folder).rglob("*") if path.suffix in (".py", ".yml")]
    versions = {
        version for text in texts for version in re.findall(r"^ *version_added: *[\"']?([^\s\"']+)", text, re.M)
    }
    assert versions
    assert versions <= RELEASES | {VERSION}


def test_each_role_says_in_which_version_it_was_added() -> None:
    for path in (CHECKOUT / "roles").glob("*/meta/argument_specs.yml"):
        for entry in yaml.safe_load(path.read_text())["argument_specs"].values():
            assert "version_added" in entry, path


def test_the_changelog_has_each_release() -> None:
    text = (CHECKOUT / "CHANGELOG.md").read_text().replace("\\", "")
    assert set(re.findall(r"^## v(\S+)$", text, re.M)) == RELEASES


def test_the_changelog_lists_each_playbook_and_role() -> None:
    listed = yaml.safe_load((CHECKOUT / "changelogs" / "changelog.yaml").read_text())["releases"].values()
    for kind, there in (
        ("playbook", {path.stem for path in (CHECKOUT / "playbooks").glob("*.yml")}),
        ("role", {path.name for path in (CHECKOUT / "roles").iterdir()}),
    ):
        named = {one["name"] for release_ in listed for one in release_.get("objects", {}).get(kind, [])}
        assert named <= there
        # What is not listed waits for its release.
        assert named == there or VERSION not in RELEASES


def test_the_local_cloud_has_the_version_of_its_collection() -> None:
    project = tomllib.loads((CHECKOUT / "roles" / "local_cloud" / "files" / "pyproject.toml").read_text())["project"]
    assert project["version"] == VERSION


JOBS = {
    f"{path.stem} {name}": job["steps"]
    for path in (CHECKOUT / ".github" / "workflows").glob("*.yml")
    for name, job in yaml.safe_load(path.read_text())["jobs"].items()
}


@pytest.mark.parametrize("steps", JOBS.values(), ids=JOBS.keys())
def test_no_job_installs_into_the_python_of_its_machine(steps: list[dict[str, Any]]) -> None:
    """It is marked as the package manager's on Ubuntu 24.04, and pip refuses. Source: PEP 668."""
    done = [step.get("uses", "").partition("@")[0] for step in steps]
    runs = [number for number, step in enumerate(steps) if re.search(r"\b(pip|make|\.ci/run)\b", step.get("run", ""))]
    assert all("actions/setup-python" in done[:number] for number in runs)


@pytest.mark.parametrize("steps", JOBS.values(), ids=JOBS.keys())
def test_no_step_that_has_a_secret_installs_anything(steps: list[dict[str, Any]]) -> None:
    for step in steps:
        if "secrets." in str(step.get("env", "")):
            assert "install" not in step["run"]

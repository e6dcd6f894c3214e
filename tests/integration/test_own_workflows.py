# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The workflows of the project itself, judged by zizmor as an auditor, and by actionlint."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml
from checkout import CHECKOUT
from matrix import ROWS
from workflow_judges import judge_by_actionlint, judge_by_zizmor

WORKFLOWS = sorted((CHECKOUT / ".github" / "workflows").glob("*.yml"))


@pytest.mark.parametrize("file", WORKFLOWS, ids=lambda file: file.name)
def test_linters_have_nothing_to_say(file: Path) -> None:
    judge_by_zizmor(file)
    judge_by_actionlint(file)


@pytest.mark.parametrize("file", WORKFLOWS, ids=lambda file: file.name)
def test_everything_is_pinned_and_may_do_little(file: Path) -> None:
    text = file.read_text()
    assert yaml.safe_load(text)["permissions"] == {}
    assert all(re.search(r"@[0-9a-f]{40} # v\d", line) for line in text.splitlines() if "uses:" in line)


def test_each_row_of_the_matrix_has_a_job_with_its_python() -> None:
    """But for the newest libraries on the oldest Python, with which all tests run."""
    workflow = yaml.safe_load((CHECKOUT / ".github" / "workflows" / "ci.yml").read_text())
    jobs = {one["row"]: one["python"] for one in workflow["jobs"]["matrix"]["strategy"]["matrix"]["include"]}
    assert jobs == {row.name: row.python for row in ROWS if row.name != "core-2.19"}

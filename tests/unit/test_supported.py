# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""That every place which names supported releases of ansible-core and Python names those that `make matrix` installs."""

from __future__ import annotations

import re
from pathlib import Path

import matrix
import pytest
import yaml
from checkout import CHECKOUT

OLDEST, *_BETWEEN, NEWEST = matrix.releases()
#: The first release that nobody has tested.
(NEXT,) = matrix.releases(may_fail=True)
OLDEST_PYTHON = min((row.python for row in matrix.ROWS), key=lambda one: int(one.split(".")[1]))


def text(name: str) -> str:
    """A file as one line."""
    return " ".join((CHECKOUT / name).read_text().split())


def test_the_readme_says_what_is_tested() -> None:
    assert matrix.told() in text("README.md")


def test_the_next_release_is_that_after_the_newest() -> None:
    assert f"2.{int(NEWEST.split('.')[1]) + 1}" == NEXT


def test_ansible_is_told_the_oldest() -> None:
    runtime = yaml.safe_load((CHECKOUT / "meta" / "runtime.yml").read_text())
    assert runtime["requires_ansible"] == f">={matrix.FLOOR}"


@pytest.mark.parametrize("role", sorted((CHECKOUT / "roles").iterdir()), ids=lambda role: role.name)
def test_each_role_is_told_the_oldest(role: Path) -> None:
    meta = yaml.safe_load((role / "meta" / "main.yml").read_text())
    assert meta["galaxy_info"]["min_ansible_version"] == OLDEST


@pytest.mark.parametrize("page", ["README.md", "playbooks/README.md", "docs/docsite/rst/limits.rst"])
def test_pages_name_the_oldest(page: str) -> None:
    named = re.findall(r"ansible-core (2[.\d]+) or newer", text(page))
    assert named
    assert set(named) == {matrix.FLOOR}
    assert set(re.findall(r"Python (3\.\d+) or newer", text(page))) <= {OLDEST_PYTHON}


@pytest.mark.parametrize(
    ("file", "oldest"),
    [
        # Tests are developed with the newest of the oldest release.
        ("requirements-dev.txt", rf"{OLDEST}\.\d+"),
        ("docs/docsite/rst/awx.rst", re.escape(matrix.FLOOR)),
        (".github/workflows/release.yml", re.escape(matrix.FLOOR)),
    ],
)
def test_what_is_installed_is_tested(file: str, oldest: str) -> None:
    assert re.findall(rf"ansible-core>={oldest},<(2\.\d+)", text(file)) == [NEXT]

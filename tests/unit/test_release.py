# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What keeps a version from being released."""

from __future__ import annotations

from pathlib import Path

import pytest
import release


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

# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Every block of code of the guides works as it stands. Guides that start from the same things are read one after the other.

What a block must do is in PAGES of test_documented_blocks.
"""

from __future__ import annotations

import json
import shutil

import pytest
from aws_clients import OWNER_KEY
from cloud_control import LocalCloud
from cloud_fixtures import OWNER, UPSTREAM_TOKEN
from documentation import Reader
from harness import Given
from test_documented_blocks import collections, read_page, reader

pytestmark = pytest.mark.thorough

__all__ = ["collections", "reader"]


def guide(name: str) -> str:
    return f"docs/docsite/rst/{name}.rst"


def test_the_tutorial(reader: Reader, cloud: LocalCloud) -> None:
    read_page(reader, guide("tutorial"))


def test_the_guides_on_tokens(reader: Reader, cloud: LocalCloud, given: Given) -> None:
    cloud.add_project("shared-secrets", "2", OWNER)
    reader.environment["PARTNER_TOKEN"] = UPSTREAM_TOKEN
    read_page(reader, guide("artifact_registry"))

    cloud.set_upstream_tokens(UPSTREAM_TOKEN, "new-token")
    reader.environment["NEW_TOKEN"] = "new-token"
    read_page(reader, guide("rotation"))
    assert '"1": "ENABLED"' in reader.last.stdout
    assert '"2": "ENABLED"' in reader.last.stdout


def test_the_guides_on_access(reader: Reader, cloud: LocalCloud, given: Given) -> None:
    given.repository("python-private", mode="STANDARD_REPOSITORY", location="europe-west1")
    read_page(reader, guide("repository_access"))
    assert "by roles/artifactregistry.writer of the repository policy" in reader.last.stdout
    read_page(reader, guide("troubleshooting"))
    read_page(reader, guide("playbooks"))


def test_the_guide_on_codeartifact(reader: Reader, cloud: LocalCloud, given: Given) -> None:
    read_page(reader, guide("codeartifact"))
    path = "codeartifact/v1/repository/permissions/policy?domain=packages&repository=python"
    document = given.call(path, caller=OWNER_KEY)["policy"]["document"]
    # The grant "release" was taken back.
    assert [one["Sid"] for one in json.loads(document)["Statement"]] == ["BuildRead"]


def test_the_guide_on_package_clients(reader: Reader, cloud: LocalCloud) -> None:
    read_page(reader, guide("package_clients"))
    assert list((reader.folder / "packages").glob("demo_package-*.whl"))
    # Only the machine has been set up, and nothing is left of that.
    for home in ("home", "machine"):
        assert not (reader.folder / home / ".netrc").exists()
        assert not (reader.folder / home / ".config" / "pip" / "pip.conf").exists()


def test_the_guide_on_package_protection(reader: Reader, cloud: LocalCloud, given: Given) -> None:
    given.domain("demo", "python")
    given.repository("python-ours", mode="STANDARD_REPOSITORY")
    read_page(reader, guide("package_protection"))
    # Its last block protects one name with one repository, which has no public upstream. How many there are, the page itself shows.
    assert (
        "Names in the project demo-project: 1. Repositories that serve these names: 1, of which 1 changed. "
        "Public packages that could be installed in place of ours: none found." in reader.last.stdout
    )


def test_the_guide_on_publishing(reader: Reader, cloud: LocalCloud) -> None:
    read_page(reader, guide("trusted_publishing"))
    assert "Add 'environment: pypi' to the job." in reader.last.stdout
    assert "the whole hash of a commit" in reader.last.stdout


def test_the_guide_on_awx(reader: Reader, cloud: LocalCloud) -> None:
    read_page(reader, guide("awx"))


def test_the_guide_on_molecule(reader: Reader) -> None:
    read_page(reader, guide("molecule"))


def test_the_guide_on_migration(reader: Reader, cloud: LocalCloud, given: Given) -> None:
    """What check mode compares was made by the vendors' own programs, where they are installed."""
    given.agent()
    if not shutil.which("gcloud"):
        given.readable_secret("index-token", UPSTREAM_TOKEN)
        given.repository("pypi-remote", location="europe-west1", secret="index-token")
    read_page(reader, guide("migration"))

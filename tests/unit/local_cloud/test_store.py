# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from google.cloud.secretmanager_v1.types import resources

from local_cloud.platform.errors import ApiError
from local_cloud.services.resourcemanager.projects import Project, Projects
from local_cloud.services.secretmanager.store import SecretEntry, SecretName, Secrets, State, VersionEntry

NOW = datetime(2026, 7, 1, tzinfo=UTC)
PROJECT = Project("demo-project", "123", NOW)


def secret(secret_id: str = "s", location: str = "", **fields: object) -> SecretEntry:
    name = SecretName("", location, secret_id, "").canonical("123")
    return SecretEntry(PROJECT, location, secret_id, resources.Secret.pb()(name=name, **fields))


def add_version(entry: SecretEntry) -> VersionEntry:
    number = len(entry.versions) + 1
    message = resources.SecretVersion.pb()(name=f"{entry.message.name}/versions/{number}", state=State.ENABLED)
    version = VersionEntry(message, b"payload")
    entry.add_version(version)
    return version


@pytest.mark.parametrize(
    ("name", "canonical"),
    [
        ("projects/demo-project/secrets/s", "projects/123/secrets/s"),
        ("projects/123/secrets/s/versions/latest", "projects/123/secrets/s/versions/latest"),
        ("projects/p/locations/us-east1/secrets/s/versions/7", "projects/123/locations/us-east1/secrets/s/versions/7"),
    ],
)
def test_names(name: str, canonical: str) -> None:
    assert SecretName.parse(name).canonical("123") == canonical


@pytest.mark.parametrize("name", ["", "secrets/s", "projects/p/secrets/", "projects/p/secrets/s/versions/1/x"])
def test_malformed_names(name: str) -> None:
    with pytest.raises(ApiError):
        SecretName.parse(name)


def test_an_expired_secret_is_gone() -> None:
    secrets = Secrets()
    secrets.add(secret("kept"))
    secrets.add(secret("gone", expire_time=NOW + timedelta(minutes=1)))
    secrets.add(secret("regional", "us-east1"))
    assert [entry.secret_id for entry in secrets.within(PROJECT, "", NOW)] == ["gone", "kept"]
    later = NOW + timedelta(minutes=1)
    assert [entry.secret_id for entry in secrets.within(PROJECT, "", later)] == ["kept"]
    assert secrets.find(PROJECT, "", "gone", NOW) is None


def test_a_postponed_destruction_happens() -> None:
    secrets, entry = Secrets(), secret()
    secrets.add(entry)
    version = add_version(entry)
    version.message.state = State.DISABLED
    entry.postpone_destruction(version, NOW + timedelta(days=1))
    secrets.find(PROJECT, "", "s", NOW)
    assert version.payload == b"payload"
    secrets.find(PROJECT, "", "s", NOW + timedelta(days=1))
    assert (version.payload, version.message.state) == (None, State.DESTROYED)
    assert not version.message.HasField("scheduled_destroy_time")


def test_versions_by_number_alias_and_latest() -> None:
    entry = secret()
    assert entry.version("latest", aliases=True) is None
    first, second = add_version(entry), add_version(entry)
    entry.message.version_aliases["stable"] = 1
    assert entry.version("latest", aliases=True) is second
    assert entry.version("stable", aliases=True) is first
    assert entry.version("stable", aliases=False) is None
    assert entry.version("2", aliases=False) is second
    assert entry.version("3", aliases=True) is None


def test_projects_by_id_and_number() -> None:
    projects = Projects()
    projects.add(PROJECT)
    assert projects.find("demo-project") is projects.find("123") is PROJECT
    assert projects.find("other") is None

# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from google.cloud.artifactregistry_v1.types import repository
from google.cloud.secretmanager_v1.types import resources

from local_cloud.platform.errors import ApiError
from local_cloud.platform.masks import apply_mask, check_mask

Repository = repository.Repository.pb()
Secret = resources.Secret.pb()
LOGIN = "remote_repository_config.upstream_credentials.username_password_credentials"


def remote(username: str, version: str = "v") -> Repository:
    made = Repository(description="d", labels={"a": "b"})
    login = made.remote_repository_config.upstream_credentials.username_password_credentials
    login.username, login.password_secret_version = username, version
    made.remote_repository_config.python_repository.public_repository = 1
    return made


def test_leaf_leaves_its_neighbours_alone() -> None:
    target = remote("old", "kept")
    apply_mask(target, remote("new", "other"), [f"{LOGIN}.username"])
    login = target.remote_repository_config.upstream_credentials.username_password_credentials
    assert (login.username, login.password_secret_version) == ("new", "kept")


@pytest.mark.parametrize("source", [Repository(), Repository(remote_repository_config={})])
def test_absent_in_the_request_is_cleared(source: Repository) -> None:
    target = remote("old")
    apply_mask(target, source, ["remote_repository_config.upstream_credentials", "description", "labels"])
    assert not target.remote_repository_config.HasField("upstream_credentials")
    assert target.remote_repository_config.HasField("python_repository")
    assert (target.description, dict(target.labels)) == ("", {})


def test_absent_leaf_is_cleared_only_where_there_is_something() -> None:
    target = Repository()
    apply_mask(target, Repository(), [f"{LOGIN}.username"])
    assert target == Repository()


def test_maps_and_lists_are_replaced_whole() -> None:
    target = Secret(labels={"a": "1"}, topics=[{"name": "old"}])
    apply_mask(target, Secret(labels={"b": "2"}, topics=[{"name": "new"}]), ["labels", "topics"])
    assert target == Secret(labels={"b": "2"}, topics=[{"name": "new"}])


def test_optional_scalars_keep_their_absence() -> None:
    target = resources.SecretPayload.pb()(data_crc32c=7)
    apply_mask(target, resources.SecretPayload.pb()(), ["data_crc32c"])
    assert not target.HasField("data_crc32c")


@pytest.mark.parametrize("path", ["colour", "labels.a", "description.x", "remote_repository_config.colour", ""])
def test_paths_that_are_no_fields(path: str) -> None:
    with pytest.raises(ApiError) as refused:
        check_mask(Repository.DESCRIPTOR, [path])
    assert refused.value.code == "INVALID_ARGUMENT"


def test_a_name_that_python_has_taken() -> None:
    check_mask(Repository.DESCRIPTOR, ["format"])
    target = Repository(format_=8)
    apply_mask(target, Repository(format_=3), ["format"])
    assert target.format_ == 3

# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Google's Python client of Artifact Registry: repositories, their credentials and what is proved about them."""

from __future__ import annotations

from typing import Any

import pytest
from cloud_control import LocalCloud
from cloud_fixtures import NUMBER, OWNER, PROJECT, UPSTREAM_VERSION
from google.api_core.exceptions import BadRequest, Conflict, Forbidden, NotFound
from google.cloud import artifactregistry_v1 as ar
from google_clients import Clients, error_info

PARENT = f"projects/{PROJECT}/locations/us-central1"
NAME = f"{PARENT}/repositories/mirror"
Format, Mode = ar.Repository.Format, ar.Repository.Mode
PYPI = {"python_repository": {"public_repository": "PYPI"}}
MASK = "remote_repository_config.upstream_credentials"
LEAF = f"{MASK}.username_password_credentials"


def remote(package_format: str = "PYTHON", source: dict[str, Any] | None = None) -> ar.Repository:
    return ar.Repository(
        format_=Format[package_format], mode=Mode.REMOTE_REPOSITORY, remote_repository_config=source or PYPI
    )


def create(client: Any, repository: ar.Repository, repository_id: str = "mirror") -> ar.Repository:
    return client.create_repository(parent=PARENT, repository_id=repository_id, repository=repository).result(timeout=5)


def login(version: str = UPSTREAM_VERSION, username: str = "__token__", **config: Any) -> ar.Repository:
    credentials = {"username": username, "password_secret_version": version}
    config["upstream_credentials"] = {"username_password_credentials": credentials}
    return ar.Repository(name=NAME, remote_repository_config=config)


def update(client: Any, repository: ar.Repository, *paths: str) -> ar.Repository:
    return client.update_repository(repository=repository, update_mask={"paths": list(paths)})


def credentials(repository: ar.Repository) -> tuple[str, str]:
    found = repository.remote_repository_config.upstream_credentials.username_password_credentials
    return found.username, found.password_secret_version


@pytest.mark.parametrize(
    ("package_format", "source"),
    [
        ("NPM", {"npm_repository": {"public_repository": "NPMJS"}}),
        ("MAVEN", {"maven_repository": {"public_repository": "MAVEN_CENTRAL"}}),
        ("DOCKER", {"docker_repository": {"public_repository": "DOCKER_HUB"}}),
        (
            "APT",
            {
                "apt_repository": {
                    "public_repository": {"repository_base": "DEBIAN", "repository_path": "debian/dists/bookworm"}
                }
            },
        ),
        (
            "YUM",
            {"yum_repository": {"public_repository": {"repository_base": "EPEL", "repository_path": "9/Everything"}}},
        ),
        ("GO", {"common_repository": {"uri": "https://proxy.golang.org"}}),
        ("GENERIC", {"common_repository": {"uri": "https://files.example.com"}}),
        ("PYTHON", {"python_repository": {"custom_repository": {"uri": "https://packages.example.com"}}}),
    ],
)
def test_remote_repositories_of_all_formats(
    artifact_registry: Clients, package_format: str, source: dict[str, Any]
) -> None:
    client = artifact_registry()
    made = create(client, remote(package_format, source))
    assert made == client.get_repository(name=NAME)
    assert made.registry_uri == f"us-central1-{package_format.lower()}.pkg.dev/{PROJECT}/mirror"
    client.delete_repository(name=NAME).result(timeout=5)
    with pytest.raises(NotFound):
        client.get_repository(name=NAME)


def test_standard_and_virtual_repositories(artifact_registry: Clients) -> None:
    client = artifact_registry()
    assert create(client, ar.Repository(format_=Format.PYTHON), "own").mode == Mode.STANDARD_REPOSITORY
    policies = [{"id": "own", "repository": f"{PARENT}/repositories/own", "priority": 10}]
    virtual = ar.Repository(
        format_=Format.PYTHON,
        mode=Mode.VIRTUAL_REPOSITORY,
        virtual_repository_config={"upstream_policies": policies},
    )
    assert create(client, virtual, "all").virtual_repository_config.upstream_policies[0].id == "own"
    listed = client.list_repositories(request={"parent": PARENT, "page_size": 1})
    assert [page.repositories[0].name.rpartition("/")[2] for page in listed.pages] == ["all", "own"]


@pytest.mark.parametrize(
    "repository",
    [
        pytest.param(ar.Repository(mode=Mode.REMOTE_REPOSITORY, remote_repository_config=PYPI), id="no format"),
        pytest.param(ar.Repository(format_=Format.PYTHON, mode=Mode.REMOTE_REPOSITORY), id="no upstream"),
        pytest.param(ar.Repository(format_=Format.PYTHON, remote_repository_config=PYPI), id="standard with upstream"),
        pytest.param(remote("NPM"), id="upstream of another format"),
        pytest.param(remote("GO", {"common_repository": {"uri": "https://go.example.com"}}), id="go"),
        pytest.param(remote("PYTHON", {"common_repository": {"uri": "example.com"}}), id="no URI"),
        pytest.param(ar.Repository(format_=Format.PYTHON, labels={"Bad": "x"}), id="label"),
    ],
)
def test_refused_repositories(artifact_registry: Clients, repository: ar.Repository) -> None:
    client = artifact_registry()
    with pytest.raises(BadRequest):
        create(client, repository)
    assert not list(client.list_repositories(parent=PARENT))


def test_ids_locations_and_duplicates(artifact_registry: Clients) -> None:
    client = artifact_registry()
    for repository_id in ("Mirror", "1mirror", "mirror-", "x" * 64):
        with pytest.raises(BadRequest):
            create(client, remote(), repository_id)
    with pytest.raises(NotFound):
        client.list_repositories(parent=f"projects/{PROJECT}/locations/moon-base1")
    create(client, remote())
    with pytest.raises(Conflict, match="already exists"):
        create(client, remote())
    with pytest.raises(Forbidden) as refused:
        artifact_registry("user:stranger@example.com").get_repository(name=NAME)
    message = (
        f"Permission 'artifactregistry.repositories.get' denied on resource '//artifactregistry.googleapis.com/{NAME}'"
    )
    assert message in str(refused.value)


@pytest.mark.usefixtures("granted")
@pytest.mark.parametrize(
    "paths",
    [(MASK,), (f"{LEAF}.username", f"{LEAF}.password_secret_version"), ("remote_repository_config",)],
    ids=["whole", "leaves", "everything"],
)
def test_credentials_are_set_and_cleared(artifact_registry: Clients, paths: tuple[str, ...]) -> None:
    client = artifact_registry()
    made = create(client, remote())
    wanted = login(**PYPI) if paths == ("remote_repository_config",) else login()
    changed = update(client, wanted, *paths)
    assert credentials(changed) == ("__token__", UPSTREAM_VERSION)
    assert changed.create_time == made.create_time
    other = UPSTREAM_VERSION.replace(NUMBER, PROJECT)
    assert credentials(update(client, login(other), f"{LEAF}.password_secret_version")) == ("__token__", other)
    assert credentials(client.get_repository(name=NAME)) == ("__token__", other)
    cleared = update(client, ar.Repository(name=NAME), MASK)
    assert "upstream_credentials" not in cleared.remote_repository_config
    assert cleared.remote_repository_config.python_repository == made.remote_repository_config.python_repository


@pytest.mark.usefixtures("granted")
def test_names_of_password_versions(artifact_registry: Clients) -> None:
    client = artifact_registry()
    create(client, remote())
    latest = f"projects/{PROJECT}/secrets/upstream/versions/latest"
    assert credentials(update(client, login(latest), MASK)) == ("__token__", latest)
    for version in (
        f"projects/{PROJECT}/locations/us-central1/secrets/upstream/versions/1",
        f"projects/{PROJECT}/secrets/upstream",
        "upstream/versions/1",
        f"projects/{PROJECT}/secrets/upstream/versions/0",
    ):
        with pytest.raises(BadRequest, match=r"projects/\{project\}/secrets/\{secret\}/versions/\{version\}"):
            update(client, login(version), MASK)
    with pytest.raises(BadRequest, match="both"):
        update(client, login(username=""), MASK)
    assert credentials(client.get_repository(name=NAME)) == ("__token__", latest)


def test_agent_must_be_able_to_read(artifact_registry: Clients, secret_manager: Clients) -> None:
    client, secrets = artifact_registry(), secret_manager()
    create(client, remote())
    secret = {"parent": f"projects/{PROJECT}", "secret_id": "upstream", "secret": {"replication": {"automatic": {}}}}
    secrets.create_secret(request=secret)
    for wanted in (login(), login(disable_upstream_validation=True)):
        with pytest.raises(Forbidden) as refused:
            update(client, wanted, MASK)
        assert f"service-{NUMBER}@gcp-sa-artifactregistry" in str(refused.value)
        missing = {"permission": "secretmanager.versions.access", "resource": UPSTREAM_VERSION}
        assert error_info(refused.value)["metadata"] == missing


def test_agent_is_that_of_the_repository_s_project(cloud: LocalCloud, artifact_registry: Clients, granted: str) -> None:
    cloud.add_project("other-project", "210987654321", OWNER)
    client, parent = artifact_registry(), PARENT.replace(PROJECT, "other-project")
    client.create_repository(parent=parent, repository_id="mirror", repository=remote()).result(timeout=5)
    wanted = login(granted)
    wanted.name = f"{parent}/repositories/mirror"
    with pytest.raises(Forbidden, match="service-210987654321@gcp-sa-artifactregistry"):
        update(client, wanted, MASK)


@pytest.mark.usefixtures("granted")
def test_version_must_be_enabled_and_upstream_must_take_it(
    cloud: LocalCloud, artifact_registry: Clients, secret_manager: Clients
) -> None:
    client, secrets = artifact_registry(), secret_manager()
    create(client, remote())
    cloud.set_upstream_tokens("another")
    with pytest.raises(BadRequest, match=r"Failed to validate remote upstream: .*generic::unauthenticated"):
        update(client, login(), MASK)
    unproved = update(client, login(disable_upstream_validation=True), MASK)
    assert not unproved.remote_repository_config.disable_upstream_validation
    secrets.disable_secret_version(name=UPSTREAM_VERSION)
    with pytest.raises(BadRequest, match="DISABLED state"):
        update(client, login(disable_upstream_validation=True), MASK)
    with pytest.raises(NotFound):
        secrets.get_secret_version(name=UPSTREAM_VERSION.rpartition("/")[0] + "/2")


@pytest.mark.usefixtures("granted")
def test_what_is_for_life(artifact_registry: Clients) -> None:
    client = artifact_registry()
    create(client, remote())
    npm = {"common_repository": {"uri": "https://packages.example.com"}}
    for wanted, path in (
        (ar.Repository(name=NAME, format_=Format.NPM), "format"),
        (ar.Repository(name=NAME, mode=Mode.STANDARD_REPOSITORY), "mode"),
        (ar.Repository(name=NAME, remote_repository_config=npm), "remote_repository_config"),
        (ar.Repository(name=NAME, remote_repository_config=npm), "remote_repository_config.common_repository"),
    ):
        with pytest.raises(BadRequest, match="cannot be changed"):
            update(client, wanted, path)
    with pytest.raises(BadRequest, match="mask"):
        update(client, ar.Repository(name=NAME), "colour")
    changed = client.update_repository(repository=ar.Repository(name=NAME, description="ours", labels={"a": "b"}))
    assert (changed.description, dict(changed.labels)) == ("ours", {"a": "b"})


def test_upstreams_on_the_loopback(cloud: LocalCloud, artifact_registry: Clients, granted: str) -> None:
    client = artifact_registry()
    upstream_credentials = login(granted).remote_repository_config.upstream_credentials

    def at(uri: str) -> ar.Repository:
        return remote("PYTHON", {"common_repository": {"uri": uri}, "upstream_credentials": upstream_credentials})

    with pytest.raises(BadRequest, match=r"Failed to validate remote upstream: generic::unavailable"):
        create(client, at("http://127.0.0.1:9"))
    assert credentials(create(client, at(cloud.upstream_url))) == ("__token__", granted)


def test_policy_of_a_repository(cloud: LocalCloud, artifact_registry: Clients) -> None:
    client = artifact_registry()
    create(client, remote())
    binding = {"role": "roles/artifactregistry.reader", "members": ["user:reader@example.com"]}
    client.set_iam_policy(request={"resource": NAME, "policy": {"bindings": [binding]}})
    reader = artifact_registry("user:reader@example.com")
    assert reader.get_repository(name=NAME).name == NAME
    wanted = ["artifactregistry.repositories.downloadArtifacts", "artifactregistry.repositories.update"]
    assert (
        list(reader.test_iam_permissions(request={"resource": NAME, "permissions": wanted}).permissions) == wanted[:1]
    )
    assert cloud.calls("SetIamPolicy")[0]["caller"] == OWNER

# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Packages through remote repositories, with real pip: whatever is revoked stops them at once."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import urllib.error
import urllib.request
from pathlib import Path
from urllib.parse import quote

import pytest
import requests
from cloud_control import LocalCloud
from cloud_fixtures import AGENT, OWNER, PROJECT, UPSTREAM_TOKEN, Gcloud
from google.cloud import artifactregistry_v1 as ar
from google_clients import Clients
from wheels import build

PARENT = f"projects/{PROJECT}/locations/us-central1"
PYPI = {"python_repository": {"public_repository": "PYPI"}}
READER = "serviceAccount:ci@demo-project.iam.gserviceaccount.com"


def make_mirror(client: ar.ArtifactRegistryClient, version: str | None, **repository: object) -> None:
    config: dict[str, object] = dict(PYPI)
    if version:
        login = {"username": "__token__", "password_secret_version": version}
        config["upstream_credentials"] = {"username_password_credentials": login}
    wanted = {"format_": "PYTHON", "mode": "REMOTE_REPOSITORY", "remote_repository_config": config, **repository}
    client.create_repository(parent=PARENT, repository_id="pyr", repository=ar.Repository(**wanted)).result(timeout=5)


@pytest.fixture
def mirror(artifact_registry: Clients, granted: str) -> str:
    """A remote repository that serves."""
    client = artifact_registry()
    make_mirror(client, granted)
    binding = {"role": "roles/artifactregistry.reader", "members": [READER]}
    request = {"resource": f"{PARENT}/repositories/pyr", "policy": {"bindings": [binding]}}
    client.set_iam_policy(request=request)
    return granted


def pip_download(cloud: LocalCloud, directory: Path, caller: str = READER) -> subprocess.CompletedProcess[str]:
    host = cloud.index_host().removeprefix("http://")
    index = f"http://oauth2accesstoken:{quote(caller, safe='')}@{host}/{PROJECT}/pyr/simple/"
    options = ["--no-deps", "--no-cache-dir", "--no-input", "--disable-pip-version-check", "--retries=0"]
    return subprocess.run(
        [sys.executable, "-m", "pip", "download", *options, "--dest", directory, "--index-url", index, "demo-package"],
        env={key: value for key, value in os.environ.items() if not key.startswith("PIP_")}
        | {"PIP_CONFIG_FILE": os.devnull},
        capture_output=True,
        text=True,
        check=False,
    )


def fetch(cloud: LocalCloud, path: str, caller: str | None = READER, accept: str = "") -> tuple[int, bytes, str]:
    headers = {"Authorization": f"Bearer {caller}"} if caller else {}
    request = urllib.request.Request(f"{cloud.index_host()}/{PROJECT}/pyr/{path}", headers=headers | {"Accept": accept})
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            return answer.status, answer.read(), answer.headers["Content-Type"]
    except urllib.error.HTTPError as error:
        return error.code, error.read(), error.headers["Content-Type"]


@pytest.mark.usefixtures("mirror")
def test_what_was_downloaded_is_listed(cloud: LocalCloud, gcloud: Gcloud, tmp_path: Path) -> None:
    packages = ("artifacts", "packages", "list", "--repository=pyr", "--location=us-central1", "--format=value(name)")
    fetch(cloud, "simple/demo-package/")
    assert gcloud(*packages).stdout.split() == []
    pip_download(cloud, tmp_path)
    assert [name.rpartition("/")[2] for name in gcloud(*packages).stdout.split()] == ["demo-package"]
    stranger = gcloud(*packages, caller="user:stranger@example.com", fails=True)
    assert "artifactregistry.packages.list" in stranger.stderr


@pytest.mark.usefixtures("mirror")
def test_pip_downloads_until_the_token_is_revoked(cloud: LocalCloud, tmp_path: Path) -> None:
    done = pip_download(cloud, tmp_path / "one")
    assert done.returncode == 0, done.stderr
    assert [path.name for path in (tmp_path / "one").iterdir()] == ["demo_package-1.1.0-py3-none-any.whl"]
    cloud.set_upstream_tokens("another")
    done = pip_download(cloud, tmp_path / "two")
    assert done.returncode == 1
    assert "No matching distribution found" in done.stderr
    assert {call["caller"] for call in cloud.calls("Fetch")} == {READER}


def test_pip_without_credentials_upstream(cloud: LocalCloud, artifact_registry: Clients, tmp_path: Path) -> None:
    make_mirror(artifact_registry(), None)
    assert pip_download(cloud, tmp_path, OWNER).returncode == 1


@pytest.mark.usefixtures("mirror")
def test_pages_in_both_forms(cloud: LocalCloud) -> None:
    status, body, content_type = fetch(cloud, "simple/demo-package/")
    assert (status, content_type) == (200, "text/html; charset=utf-8")
    assert b'href="../../packages/demo_package-1.0.0-py3-none-any.whl#sha256=' in body
    assert cloud.upstream_url.encode() not in body

    accept = "application/vnd.pypi.simple.v1+json, text/html;q=0.5"
    status, body, content_type = fetch(cloud, "simple/Demo_Package/", accept=accept)
    assert (status, content_type) == (200, "application/vnd.pypi.simple.v1+json")
    files = json.loads(body)["files"]
    assert [file["filename"] for file in files] == [
        "demo_package-1.0.0-py3-none-any.whl",
        "demo_package-1.1.0-py3-none-any.whl",
    ]
    status, body, _type = fetch(cloud, files[0]["url"].removeprefix("../../"))
    assert status == 200
    assert body.startswith(b"PK")
    assert fetch(cloud, "simple/no-such-package/")[0] == 404


@pytest.mark.usefixtures("mirror")
def test_callers(cloud: LocalCloud) -> None:
    page = "simple/demo-package/"
    assert fetch(cloud, page, None)[0] == 401
    assert fetch(cloud, page, "garbled")[0] == 401
    status, body, _type = fetch(cloud, page, "user:stranger@example.com")
    assert status == 403
    assert b"artifactregistry.repositories.downloadArtifacts" in body
    assert fetch(cloud, page)[0] == 200


def test_revocations_show_at_once(cloud: LocalCloud, mirror: str, secret_manager: Clients) -> None:
    client, secret, page = secret_manager(), mirror.partition("/versions/")[0], "simple/demo-package/"

    def grant(*members: str) -> None:
        binding = {"role": "roles/secretmanager.secretAccessor", "members": list(members)}
        client.set_iam_policy(request={"resource": secret, "policy": {"bindings": [binding]}})

    assert fetch(cloud, page)[0] == 200
    grant()
    assert fetch(cloud, page)[0] == 403
    grant(AGENT)
    assert fetch(cloud, page)[0] == 200
    client.disable_secret_version(name=mirror)
    assert fetch(cloud, page)[0] == 403
    client.enable_secret_version(name=mirror)
    assert fetch(cloud, page)[0] == 200
    cloud.set_upstream_tokens()
    assert fetch(cloud, page)[0] == 403
    cloud.set_upstream_tokens(UPSTREAM_TOKEN)
    assert fetch(cloud, page)[0] == 200
    client.destroy_secret_version(name=mirror)
    assert fetch(cloud, page)[0] == 403
    client.delete_secret(name=secret)
    status, body, _type = fetch(cloud, page)
    assert status == 403
    assert UPSTREAM_TOKEN.encode() not in body


@pytest.mark.usefixtures("granted")
def test_conditions_hold_for_the_agent(cloud: LocalCloud, mirror: str, secret_manager: Clients) -> None:
    secret = mirror.partition("/versions/")[0]
    for expression, status in (('resource.name.endsWith("/versions/1")', 200), ("false", 403)):
        condition = {"title": "t", "expression": expression}
        binding = {"role": "roles/secretmanager.secretAccessor", "members": [AGENT], "condition": condition}
        policy = {"version": 3, "bindings": [binding]}
        secret_manager().set_iam_policy(request={"resource": secret, "policy": policy})
        assert fetch(cloud, "simple/demo-package/")[0] == status


def test_other_formats_pass_paths_through(cloud: LocalCloud, artifact_registry: Clients, granted: str) -> None:
    login = {"username": "__token__", "password_secret_version": granted}
    repository = ar.Repository(
        format_="NPM",
        mode="REMOTE_REPOSITORY",
        remote_repository_config={
            "npm_repository": {"public_repository": "NPMJS"},
            "upstream_credentials": {"username_password_credentials": login},
        },
    )
    artifact_registry().create_repository(parent=PARENT, repository_id="npmr", repository=repository)
    host, header = cloud.index_host(package_format="npm"), {"Authorization": f"Bearer {OWNER}"}
    path = "packages/demo_package-1.0.0-py3-none-any.whl"
    request = urllib.request.Request(f"{host}/{PROJECT}/npmr/{path}", headers=header)
    with urllib.request.urlopen(request, timeout=10) as answer:
        assert answer.read().startswith(b"PK")
    wrong = urllib.request.Request(f"{cloud.index_host()}/{PROJECT}/npmr/{path}", headers=header)
    with pytest.raises(urllib.error.HTTPError, match="404"):
        urllib.request.urlopen(wrong, timeout=10)


def by_name(project: str, repository: str) -> dict[str, object]:
    """A repository of Artifact Registry as an upstream, as gcloud writes one."""
    name = f"projects/{project}/locations/us-central1/repositories/{repository}"
    return {"common_repository": {"uri": name}}


def create(client: ar.ArtifactRegistryClient, repository_id: str, project: str = PROJECT, **repository: object) -> None:
    parent = f"projects/{project}/locations/us-central1"
    wanted = ar.Repository(format_="PYTHON", **repository)
    client.create_repository(parent=parent, repository_id=repository_id, repository=wanted).result(timeout=5)


def chained(client: ar.ArtifactRegistryClient, project: str, repository: str) -> None:
    """Have the repository that is fetched from get its packages from another one."""
    make_mirror(client, None, remote_repository_config=by_name(project, repository))
    binding = {"role": "roles/artifactregistry.reader", "members": [READER]}
    request = {"resource": f"{PARENT}/repositories/pyr", "policy": {"bindings": [binding]}}
    client.set_iam_policy(request=request)


def test_a_repository_is_fetched_from_through_another(
    cloud: LocalCloud, artifact_registry: Clients, granted: str, tmp_path: Path
) -> None:
    """The caller needs nothing on the other one, and the login is the other one's."""
    client = artifact_registry()
    login = {"username_password_credentials": {"username": "__token__", "password_secret_version": granted}}
    upstream = {**PYPI, "upstream_credentials": login}
    create(client, "inner", mode="REMOTE_REPOSITORY", remote_repository_config=upstream)
    chained(client, PROJECT, "inner")

    done = pip_download(cloud, tmp_path)

    assert done.returncode == 0, done.stderr
    assert [file.name for file in tmp_path.iterdir()] == ["demo_package-1.1.0-py3-none-any.whl"]
    for repository in ("pyr", "inner"):
        packages = client.list_packages(parent=f"{PARENT}/repositories/{repository}")
        assert [package.display_name for package in packages] == ["demo-package"]
    cloud.set_upstream_tokens("another")
    assert fetch(cloud, "simple/demo-package/")[0] == 403


def upload(cloud: LocalCloud, project: str, folder: Path) -> None:
    """Upload demo-package to the repository ours."""
    wheel = build(folder, name="demo-package")
    fields = {":action": "file_upload", "name": "demo-package", "version": "1.0.0"}
    answer = requests.post(
        f"{cloud.index_host()}/{project}/ours/",
        fields,
        files={"content": (wheel.name, wheel.read_bytes())},
        headers={"Authorization": f"Bearer {OWNER}"},
        timeout=10,
    )
    answer.raise_for_status()


def test_a_standard_repository_may_be_the_upstream(
    cloud: LocalCloud, artifact_registry: Clients, tmp_path: Path
) -> None:
    client = artifact_registry()
    create(client, "ours", mode="STANDARD_REPOSITORY")
    chained(client, PROJECT, "ours")
    assert fetch(cloud, "simple/demo-package/")[0] == 404
    upload(cloud, PROJECT, tmp_path)
    assert fetch(cloud, "simple/demo-package/")[0] == 200


def test_an_upstream_of_another_project_takes_a_grant(
    cloud: LocalCloud, artifact_registry: Clients, tmp_path: Path
) -> None:
    client = artifact_registry()
    cloud.add_project("other-project", "555555555555", OWNER)
    create(client, "ours", "other-project", mode="STANDARD_REPOSITORY")
    upload(cloud, "other-project", tmp_path)
    chained(client, "other-project", "ours")
    assert fetch(cloud, "simple/demo-package/")[0] == 403
    resource = "projects/other-project/locations/us-central1/repositories/ours"
    binding = {"role": "roles/artifactregistry.reader", "members": [AGENT]}
    client.set_iam_policy(request={"resource": resource, "policy": {"bindings": [binding]}})
    assert fetch(cloud, "simple/demo-package/")[0] == 200


def test_an_upstream_that_leads_nowhere(cloud: LocalCloud, artifact_registry: Clients) -> None:
    client = artifact_registry()
    create(client, "inner", mode="REMOTE_REPOSITORY", remote_repository_config=by_name(PROJECT, "pyr"))
    chained(client, PROJECT, "inner")
    assert fetch(cloud, "simple/demo-package/")[0] == 403
    client.delete_repository(name=f"{PARENT}/repositories/inner").result(timeout=5)
    assert fetch(cloud, "simple/demo-package/")[0] == 403

# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Standard and virtual repositories, with real twine, pip, uv and npm: who wins, who reads, and what is refused.

What is expected is Google's documentation, "Virtual repositories overview", and for the listing the one public report that versions of
all upstreams are merged; the other reading is a switch of the local cloud.
"""

from __future__ import annotations

import base64
import json
import os
import shutil
import subprocess
import sys
import tarfile
import urllib.error
import urllib.request
import zipfile
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from aws_packages import build
from cloud_control import LocalCloud
from cloud_fixtures import AGENT, NUMBER, OWNER, PROJECT, SERVICE_IDENTITY

READER = "serviceAccount:ci@demo-project.iam.gserviceaccount.com"
PARTNER, PARTNER_NUMBER = "partner-project", "444444444444"
PYPI = {"pythonRepository": {"publicRepository": "PYPI"}}


def parent(project: str = PROJECT) -> str:
    return f"projects/{project}/locations/us-central1"


def create(cloud: LocalCloud, repository: str, project: str = PROJECT, **body: Any) -> None:
    path = f"artifactregistry/v1/{parent(project)}/repositories?repositoryId={repository}"
    cloud.call(OWNER, "POST", path, {"format": "PYTHON", **body})


def create_virtual(
    cloud: LocalCloud, repository: str = "all", /, package_format: str = "PYTHON", **priorities: int
) -> None:
    """C(priorities): by id in this project."""
    policies = [
        {"id": one, "repository": f"{parent()}/repositories/{one}", "priority": priority}
        for one, priority in priorities.items()
    ]
    config = {"upstreamPolicies": policies}
    create(cloud, repository, mode="VIRTUAL_REPOSITORY", format=package_format, virtualRepositoryConfig=config)


def create_remote(cloud: LocalCloud, version: str) -> None:
    """In front of the cloud's index, which has demo-package 1.0.0 and 1.1.0."""
    login = {"username": "__token__", "passwordSecretVersion": version}
    config = {**PYPI, "upstreamCredentials": {"usernamePasswordCredentials": login}}
    create(cloud, "public", mode="REMOTE_REPOSITORY", remoteRepositoryConfig=config)


def grant(cloud: LocalCloud, role: str, member: str, repository: str, project: str = PROJECT) -> None:
    binding = {"role": f"roles/artifactregistry.{role}", "members": [member]}
    path = f"artifactregistry/v1/{parent(project)}/repositories/{repository}:setIamPolicy"
    cloud.call(OWNER, "POST", path, {"policy": {"bindings": [binding]}})


def address(cloud: LocalCloud, repository: str, caller: str = OWNER, package_format: str = "python") -> str:
    host = cloud.index_host(package_format=package_format).removeprefix("http://")
    return f"http://oauth2accesstoken:{quote(caller, safe='')}@{host}/{PROJECT}/{repository}/"


def run(*command: str | Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """A program that is kept away from the user's own settings and from the network."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("PIP_", "UV_", "TWINE_", "npm_"))}
    nowhere = {"PIP_CONFIG_FILE": os.devnull, "UV_NO_CONFIG": "1", "no_proxy": "127.0.0.1"}
    return subprocess.run(
        [str(part) for part in command],
        env={**kept, **nowhere, **environment},
        capture_output=True,
        text=True,
        check=False,
    )


def upload(cloud: LocalCloud, repository: str, wheel: Path, caller: str = OWNER) -> subprocess.CompletedProcess[str]:
    url = f"{cloud.index_host()}/{PROJECT}/{repository}/"
    options = (
        "--verbose",
        "--non-interactive",
        "--disable-progress-bar",
        "--config-file",
        os.devnull,
        "--repository-url",
        url,
    )
    login = {"TWINE_USERNAME": "oauth2accesstoken", "TWINE_PASSWORD": caller}
    return run(sys.executable, "-m", "twine", "upload", *options, wheel, **login)


def download(cloud: LocalCloud, target: Path, wanted: str, repository: str = "all", caller: str = OWNER) -> list[str]:
    """What pip downloads; nothing when it fails."""
    options = ("--no-deps", "--no-cache-dir", "--no-input", "--disable-pip-version-check", "--retries=0")
    index = f"--index-url={address(cloud, repository, caller)}simple/"
    done = run(sys.executable, "-m", "pip", "download", *options, index, f"--dest={target}", wanted)
    return sorted(path.name for path in target.iterdir()) if done.returncode == 0 else []


@pytest.fixture
def ours(cloud: LocalCloud, granted: str, tmp_path: Path) -> LocalCloud:
    """A standard repository with our demo-package 1.0.0, and a remote one with the public 1.0.0 and 1.1.0."""
    create(cloud, "private")
    create_remote(cloud, granted)
    wheel = build(tmp_path, "1.0.0", "demo-package")
    done = upload(cloud, "private", wheel)
    assert done.returncode == 0, done.stdout
    return cloud


def is_ours(directory: Path) -> bool:
    """The public wheel is built from another project, and so has other metadata."""
    [wheel] = directory.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        return b"Ours." in archive.read("demo_package.py") if "demo_package.py" in archive.namelist() else False


@pytest.mark.parametrize("priorities", [{"private": 100, "public": 10}, {"private": 10, "public": 100}])
def test_the_priority_decides_who_serves_a_version_that_both_have(
    ours: LocalCloud, tmp_path: Path, priorities: dict[str, int]
) -> None:
    create_virtual(ours, **priorities)
    assert download(ours, tmp_path / "one", "demo-package==1.0.0") == ["demo_package-1.0.0-py3-none-any.whl"]
    assert is_ours(tmp_path / "one") == (priorities["private"] == 100)


def test_the_greatest_version_of_all_upstreams_wins_unless_they_shadow_each_other(
    ours: LocalCloud, tmp_path: Path
) -> None:
    create_virtual(ours, private=100, public=10)
    assert download(ours, tmp_path / "merged", "demo-package") == ["demo_package-1.1.0-py3-none-any.whl"]
    options = ("--no-deps", "--no-cache", "--no-python-downloads", f"--default-index={address(ours, 'all')}simple/")
    for listing, version in ("merge", "1.1.0"), ("shadow", "1.0.0"):
        ours.set_virtual_listing(listing)
        done = run(
            sys.executable, "-m", "uv", "pip", "install", *options, f"--target={tmp_path / listing}", "demo-package"
        )
        assert done.returncode == 0, done.stderr
        assert (tmp_path / listing / f"demo_package-{version}.dist-info").exists()
    ours.reset()


def test_a_name_that_no_upstream_of_ours_has_comes_from_the_public_one(ours: LocalCloud, tmp_path: Path) -> None:
    create(ours, "empty")
    create_virtual(ours, empty=100, public=10)
    for listing in "merge", "shadow":
        ours.set_virtual_listing(listing)
        assert download(ours, tmp_path / listing, "demo-package") == ["demo_package-1.1.0-py3-none-any.whl"]


def test_a_virtual_repository_without_a_public_upstream_has_only_ours(ours: LocalCloud, tmp_path: Path) -> None:
    create_virtual(ours, private=100)
    assert download(ours, tmp_path / "ours", "demo-package") == ["demo_package-1.0.0-py3-none-any.whl"]
    assert download(ours, tmp_path / "none", "demo-package==1.1.0") == []


def test_who_reads_the_virtual_repository_reads_its_upstreams(ours: LocalCloud, tmp_path: Path) -> None:
    create_virtual(ours, private=100)
    assert download(ours, tmp_path / "before", "demo-package", caller=READER) == []
    grant(ours, "reader", READER, "all")
    assert download(ours, tmp_path / "upstream", "demo-package", "private", caller=READER) == []
    assert download(ours, tmp_path / "virtual", "demo-package", caller=READER) != []


def test_the_agent_of_the_virtual_repository_reads_upstreams_of_other_projects(
    ours: LocalCloud, tmp_path: Path
) -> None:
    ours.add_project(PARTNER, PARTNER_NUMBER, OWNER)
    create(ours, "shared", PARTNER)
    # By the number of its project, which is as good as the id.
    shared = f"{parent(PARTNER_NUMBER)}/repositories/shared"
    policies = [{"id": "shared", "repository": shared, "priority": 100}]
    create(ours, "all", mode="VIRTUAL_REPOSITORY", virtualRepositoryConfig={"upstreamPolicies": policies})
    assert status(ours, "all/simple/demo-package/") == 403
    grant(ours, "reader", AGENT, "shared", PARTNER)
    assert status(ours, "all/simple/demo-package/") == 404


def status(cloud: LocalCloud, path: str, method: str = "GET", caller: str = OWNER) -> int:
    request = urllib.request.Request(
        f"{cloud.index_host()}/{PROJECT}/{path}", method=method, headers={"Authorization": f"Bearer {caller}"}
    )
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code


def test_uploads(ours: LocalCloud, tmp_path: Path) -> None:
    """The words for a file that is there are those that twine knows of Artifact Registry (its commands/upload.py)."""
    wheel = next(tmp_path.glob("*.whl"))
    again = upload(ours, "private", wheel)
    assert again.returncode == 1
    assert "400" in again.stdout + again.stderr
    assert "already exist" in " ".join((again.stdout + again.stderr).split())

    reader = upload(ours, "private", build(tmp_path, "1.0.1", "demo-package"), READER)
    assert "403" in reader.stdout + reader.stderr
    grant(ours, "writer", READER, "private")
    assert upload(ours, "private", tmp_path / "demo_package-1.0.1-py3-none-any.whl", READER).returncode == 0
    by_uv = build(tmp_path, "1.0.2", "demo-package")
    options = ("--username=oauth2accesstoken", f"--password={OWNER}", "--trusted-publishing=never")
    url = f"{ours.index_host()}/{PROJECT}/private/"
    done = run(sys.executable, "-m", "uv", "publish", *options, f"--publish-url={url}", by_uv)
    assert done.returncode == 0, done.stderr
    create_virtual(ours, private=1)
    for repository in "all", "public":
        assert upload(ours, repository, wheel).returncode == 1
    assert {call["method"] for call in ours.calls("Upload")} == {"pkg.dev.Upload"}
    listed = ours.call(OWNER, "GET", f"artifactregistry/v1/{parent()}/repositories/private/packages")
    assert [one["name"].rpartition("/")[2] for one in listed["packages"]] == ["demo-package"]


BAD = {
    "no configuration": ({}, "Virtual repository config is not specified"),
    "a missing upstream": (("nowhere", 1), "does not exist"),
    "a virtual upstream": (("inner", 1), "is virtual"),
    "an upstream of another format": (("npm", 1), "has the format NPM, not PYTHON"),
    "an upstream elsewhere": (("elsewhere", 1), "is not in us-central1"),
    "an id twice": (("private", 1, "private", 2), "an id of its own"),
    "too many": (tuple(part for number in range(31) for part in (f"p{number}", number)), "at most 30"),
}


@pytest.fixture
def others(cloud: LocalCloud) -> LocalCloud:
    create(cloud, "private")
    create(cloud, "npm", format="NPM")
    create_virtual(cloud, "inner")
    path = f"artifactregistry/v1/projects/{PROJECT}/locations/europe-west1/repositories?repositoryId=elsewhere"
    cloud.call(OWNER, "POST", path, {"format": "PYTHON"})
    return cloud


def test_what_a_virtual_repository_cannot_have(others: LocalCloud, subtests: pytest.Subtests) -> None:
    for name, (given, sentence) in BAD.items():
        pairs = list(zip(given[::2], given[1::2], strict=True)) if given else []
        location = "europe-west1" if "elsewhere" in given else "us-central1"
        policies = [
            {
                "id": one,
                "repository": f"projects/{PROJECT}/locations/{location}/repositories/{one}",
                "priority": priority,
            }
            for one, priority in pairs
        ]
        config = {"virtualRepositoryConfig": {"upstreamPolicies": policies}} if pairs else {}
        with subtests.test(name), pytest.raises(urllib.error.HTTPError) as error:
            create(others, "all", mode="VIRTUAL_REPOSITORY", **config)
        with subtests.test(name):
            assert error.value.code == 400
            assert sentence in json.load(error.value)["error"]["message"]


@pytest.fixture
def npm(tmp_path: Path) -> Callable[..., subprocess.CompletedProcess[str]]:
    """npm in a directory of its own, on a repository."""
    program = shutil.which("npm")
    if program is None:
        pytest.skip("npm is not installed")
    (tmp_path / "home").mkdir()

    def call(cloud: LocalCloud, repository: str, *command: str) -> subprocess.CompletedProcess[str]:
        registry = f"{cloud.index_host(package_format='npm')}/{PROJECT}/{repository}/"
        settings = {"registry": registry, f"{registry.removeprefix('http:')}:_authToken": OWNER, "fetch-retries": "0"}
        quiet = dict.fromkeys(("audit", "fund", "update-notifier", "save", "package-lock"), "false")
        lines = [f"{key}={value}\n" for key, value in {**settings, **quiet}.items()]
        (tmp_path / "home" / ".npmrc").write_text("".join(lines))
        return run(program, *command, f"--prefix={tmp_path}", "--prefer-online", HOME=str(tmp_path / "home"))

    return call


@pytest.mark.parametrize("name", ["ours", pytest.param("@acme/ours", marks=pytest.mark.thorough)])
def test_npm(
    cloud: LocalCloud, npm: Callable[..., subprocess.CompletedProcess[str]], tmp_path: Path, name: str
) -> None:
    """The public upstream is another repository of this cloud: 1.0.0 is in both, 2.0.0 in the public one only."""
    for repository, version in ("private", "1.0.0"), ("registry", "1.0.0"), ("registry", "2.0.0"):
        if version == "1.0.0":
            create(cloud, repository, format="NPM")
        (tmp_path / "package.tgz").write_bytes(tarball(name, version, repository))
        done = npm(cloud, repository, "publish", str(tmp_path / "package.tgz"))
        assert done.returncode == 0, done.stderr
    assert npm(cloud, "registry", "publish", str(tmp_path / "package.tgz")).returncode == 1

    store(cloud, "npm-login", OWNER)
    credentials = {
        "username": "oauth2accesstoken",
        "passwordSecretVersion": f"projects/{NUMBER}/secrets/npm-login/versions/1",
    }
    remote = {
        "commonRepository": {"uri": f"{cloud.index_host(package_format='npm')}/{PROJECT}/registry"},
        "upstreamCredentials": {"usernamePasswordCredentials": credentials},
    }
    create(cloud, "public", format="NPM", mode="REMOTE_REPOSITORY", remoteRepositoryConfig=remote)
    create_virtual(cloud, "all", package_format="NPM", private=100, public=10)
    create_virtual(cloud, "reversed", package_format="NPM", private=10, public=100)

    cases = (
        ("merge", "all", name, "registry", "2.0.0"),
        ("merge", "all", f"{name}@^1", "private", "1.0.0"),
        ("merge", "reversed", f"{name}@1.0.0", "registry", "1.0.0"),
        ("shadow", "all", name, "private", "1.0.0"),
    )
    for listing, repository, wanted, source, version in cases:
        cloud.set_virtual_listing(listing)
        shutil.rmtree(tmp_path / "home" / ".npm", ignore_errors=True)
        done = npm(cloud, repository, "install", wanted)
        assert done.returncode == 0, done.stderr
        manifest = json.loads((tmp_path / "node_modules" / name / "package.json").read_text())
        assert (manifest["description"], manifest["version"]) == (source, version)
    assert npm(cloud, "all", "install", f"{name}@3.0.0").returncode == 1


def tarball(name: str, version: str, description: str) -> bytes:
    manifest = json.dumps({"name": name, "version": version, "description": description}).encode()
    packed = BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as archive:
        member = tarfile.TarInfo("package/package.json")
        member.size = len(manifest)
        archive.addfile(member, BytesIO(manifest))
    return packed.getvalue()


def store(cloud: LocalCloud, secret: str, payload: str) -> None:
    """A secret that the agent may read."""
    secrets = f"secretmanager/v1/projects/{PROJECT}/secrets"
    cloud.call(OWNER, "POST", f"{secrets}?secretId={secret}", {"replication": {"automatic": {}}})
    data = base64.b64encode(payload.encode()).decode()
    cloud.call(OWNER, "POST", f"{secrets}/{secret}:addVersion", {"payload": {"data": data}})
    cloud.call(OWNER, "POST", SERVICE_IDENTITY)
    binding = {"role": "roles/secretmanager.secretAccessor", "members": [AGENT]}
    cloud.call(OWNER, "POST", f"{secrets}/{secret}:setIamPolicy", {"policy": {"bindings": [binding]}})

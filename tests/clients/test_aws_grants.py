# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Policies that are made from grants, with real pip, twine and npm: exactly what is granted goes through."""

from __future__ import annotations

import base64
import gzip
import io
import json
import shutil
import subprocess
import tarfile
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from ansible_collections.pkgops.registry_auth.plugins.module_utils._domain.codeartifact.grants import parse_grants
from ansible_collections.pkgops.registry_auth.plugins.module_utils._domain.codeartifact.merging import merge
from aws_clients import ACCOUNT, ADA_KEY, ADMINISTRATOR, BOB_KEY, OTHER_ACCOUNT, OWNER_KEY, Clients
from aws_packages import build, pip_download, token_of, twine_upload, with_login
from cloud_control import LocalCloud

ADA, BOB = (f"arn:aws:iam::{OTHER_ACCOUNT}:user/{name}" for name in ("ada", "bob"))
REPOSITORY = {"domain": "dom", "repository": "repo"}
ARN = f"arn:aws:codeartifact:eu-west-1:{ACCOUNT}"
DEMO = "demo-package"


@pytest.fixture
def python(cloud: LocalCloud, codeartifact: Clients) -> str:
    """The endpoint of a repository with demo packages, whose domain a grant lets another account log in to."""
    owner = codeartifact()
    cloud.set_identities(
        **{key: {"arn": arn, "policies": [ADMINISTRATOR]} for key, arn in ((ADA_KEY, ADA), (BOB_KEY, BOB))}
    )
    owner.create_domain(domain="dom")
    owner.create_repository(**REPOSITORY)
    owner.associate_external_connection(**REPOSITORY, externalConnection="public:pypi")
    login = [{"name": "others", "principals": [OTHER_ACCOUNT], "access": ["login"]}]
    policy = merge(None, parse_grants(login, "domain"), f"{ARN}:domain/dom")
    owner.put_domain_permissions_policy(domain="dom", policyDocument=json.dumps(policy))
    shown: str = owner.get_repository_endpoint(**REPOSITORY, format="pypi")["repositoryEndpoint"]
    return shown


@pytest.fixture
def npm(python: str) -> str:
    """The endpoint for npm of the same repository."""
    return python.replace("/pypi/", "/npm/")


def grant(owner: Any, *grants: dict[str, Any]) -> None:
    """Put the policy that these grants make."""
    policy = merge(None, parse_grants(grants, "repository"), f"{ARN}:repository/dom/repo")
    owner.put_repository_permissions_policy(**REPOSITORY, policyDocument=json.dumps(policy))


def to(principal: str, *access: str, **more: Any) -> dict[str, Any]:
    return {"name": principal.rpartition("/")[2], "principals": [principal], "access": list(access), **more}


@pytest.mark.parametrize(
    ("principal", "readers"),
    [(OTHER_ACCOUNT, {ADA_KEY, BOB_KEY}), (BOB, {BOB_KEY}), (ACCOUNT, set())],
    ids=["an account", "a user", "another account"],
)
@pytest.mark.parametrize("access", ["download", "read"])
def test_pip(
    codeartifact: Clients,
    python: str,
    tmp_path: Path,
    aws_environment: dict[str, str],
    principal: str,
    readers: set[str],
    access: str,
) -> None:
    grant(codeartifact(), to(principal, access))
    for key in (ADA_KEY, BOB_KEY):
        index = with_login(python, token_of(codeartifact, key))
        assert (pip_download(index, tmp_path / key, aws_environment, DEMO) == 0) == (key in readers)
        assert lists(codeartifact(key)) == (key in readers and access == "read")


def lists(client: Any) -> bool:
    """Whether the caller may list packages, which no package manager does."""
    try:
        client.list_packages(**REPOSITORY, domainOwner=ACCOUNT)
    except client.exceptions.AccessDeniedException:
        return False
    return True


#: Names of projects, and patterns of those that may be published.
UPLOADS = {
    "all": (None, {"our-package", "our-tool", "theirs"}),
    "all of the format": ([{"format": "pypi"}], {"our-package", "our-tool", "theirs"}),
    "some": ([{"format": "pypi", "name": "Our_*"}], {"our-package", "our-tool"}),
    "one": ([{"format": "pypi", "name": "Our.Package"}], {"our-package"}),
    "another format": ([{"format": "npm"}, {"format": "maven"}], set()),
}


@pytest.mark.parametrize(("packages", "published"), UPLOADS.values(), ids=UPLOADS.keys())
def test_twine(
    codeartifact: Clients,
    python: str,
    tmp_path: Path,
    aws_environment: dict[str, str],
    packages: list[dict[str, str]] | None,
    published: set[str],
) -> None:
    grant(codeartifact(), to(ADA, "publish", **({} if packages is None else {"packages": packages})))
    ada, bob = (token_of(codeartifact, key) for key in (ADA_KEY, BOB_KEY))
    for project in ("our-package", "our-tool", "theirs"):
        done = twine_upload(python, ada, build(tmp_path, "1.0.0", project), aws_environment)
        assert (done.returncode == 0) == (project in published), done.stdout
    assert "403" in twine_upload(python, bob, build(tmp_path, "2.0.0", "our-package"), aws_environment).stdout
    # To publish is not to read.
    assert pip_download(with_login(python, ada), tmp_path / "got", aws_environment, DEMO) == 1


#: Patterns of packages, and which of them may be published. The first two are the guide's.
PUBLICATIONS = {
    "one of a scope": ([{"format": "npm", "namespace": "@parity", "name": "ui"}], {"@parity/ui"}),
    "one without a scope": ([{"format": "npm", "name": "react"}], {"react"}),
    "as npm calls it": ([{"format": "npm", "name": "@parity/ui"}], {"@parity/ui"}),
    "a scope": ([{"format": "npm", "namespace": "parity"}], {"@parity/ui", "@parity/react"}),
    "all without a scope": ([{"format": "npm", "namespace": ""}], {"react"}),
    "all of the format": ([{"format": "npm"}], {"@parity/ui", "@parity/react", "@other/ui", "react"}),
    "all": (None, {"@parity/ui", "@parity/react", "@other/ui", "react"}),
    "another format": ([{"format": "pypi"}], set()),
}


@pytest.mark.parametrize(("packages", "published"), PUBLICATIONS.values(), ids=PUBLICATIONS.keys())
def test_requests_as_npm_makes_them(
    codeartifact: Clients, npm: str, packages: list[dict[str, str]] | None, published: set[str]
) -> None:
    grant(codeartifact(), to(ADA, "publish", **({} if packages is None else {"packages": packages})), to(BOB, "read"))
    ada, bob = (token_of(codeartifact, key) for key in (ADA_KEY, BOB_KEY))
    for name in ("@parity/ui", "@parity/react", "@other/ui", "react"):
        allowed = name in published
        assert send(npm, name, bob, publication(name)) == 403
        assert send(npm, name, ada, publication(name)) == (201 if allowed else 403)
        assert send(npm, name, ada) == 403
        assert send(npm, name, bob) == (200 if allowed else 404)


def publication(name: str, version: str = "1.0.0") -> bytes:
    """What npm sends to publish a package of one file."""
    manifest = json.dumps({"name": name, "version": version}).encode()
    archive = io.BytesIO()
    with tarfile.open(fileobj=archive, mode="w") as target:
        entry = tarfile.TarInfo("package/package.json")
        entry.size = len(manifest)
        target.addfile(entry, io.BytesIO(manifest))
    attachment = {"data": base64.b64encode(gzip.compress(archive.getvalue())).decode()}
    body = {"name": name, "versions": {version: {}}, "_attachments": {f"{name}-{version}.tgz": attachment}}
    return json.dumps(body).encode()


def send(endpoint: str, name: str, token: str, body: bytes | None = None) -> int:
    """The status of the answer to a package's publication, or to the question for it."""
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    method = "GET" if body is None else "PUT"
    request = urllib.request.Request(f"{endpoint}{quote(name, safe='@')}", body, headers, method=method)
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            status: int = answer.status
    except urllib.error.HTTPError as error:
        status = error.code
    return status


def test_npm(
    codeartifact: Clients, cloud: LocalCloud, npm: str, tmp_path: Path, aws_environment: dict[str, str]
) -> None:
    program = shutil.which("npm")
    if program is None:
        pytest.skip("npm is not on PATH")
    packages = [{"format": "npm", "namespace": "@acme", "name": "*"}]
    grant(codeartifact(), to(ADA, "read", "publish", packages=packages), to(BOB, "download"))

    def run(key: str, command: str, *arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
        login = f"{npm.removeprefix('http:')}:_authToken={token_of(codeartifact, key)}\n"
        settings = cwd / ".npmrc"
        settings.write_text(f"registry={npm}\naudit=false\nfund=false\nupdate-notifier=false\n{login}")
        settings.chmod(0o600)
        return subprocess.run(
            [program, command, *arguments],
            cwd=cwd,
            env=aws_environment | {"npm_config_cache": str(tmp_path / "cache"), "npm_config_fetch_retries": "0"},
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    def package(name: str) -> Path:
        folder = tmp_path / name.replace("/", "-")
        folder.mkdir(exist_ok=True)
        (folder / "package.json").write_text(json.dumps({"name": name, "version": "1.0.0"}))
        (folder / "index.js").write_text("module.exports = 1\n")
        return folder

    ours, theirs = package("@acme/ui"), package("@other/ui")
    assert run(BOB_KEY, "publish", cwd=ours).returncode != 0
    done = run(ADA_KEY, "publish", cwd=ours)
    assert done.returncode == 0, done.stderr
    assert run(ADA_KEY, "publish", cwd=theirs).returncode != 0
    assert run(OWNER_KEY, "publish", cwd=theirs).returncode == 0
    published = [(call["caller"], call["status"]) for call in cloud.calls("codeartifact.PublishPackageVersion")]
    assert published == [(BOB, 403), (ADA, 201), (ADA, 403), (f"arn:aws:iam::{ACCOUNT}:user/owner", 201)]

    for key in (ADA_KEY, BOB_KEY):
        target = tmp_path / key
        target.mkdir()
        # Reading knows no bounds.
        installed = run(key, "install", "@acme/ui", "@other/ui", cwd=target)
        assert installed.returncode == 0, installed.stderr
        assert (target / "node_modules" / "@acme" / "ui" / "index.js").read_text() == "module.exports = 1\n"
    grant(codeartifact(), to(ADA, "publish", packages=packages))
    fresh = tmp_path / "fresh"
    fresh.mkdir()
    assert run(BOB_KEY, "install", "@acme/ui", "--prefer-online", cwd=fresh).returncode != 0

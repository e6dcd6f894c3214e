# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Packages in CodeArtifact, with real pip, uv, twine and npm: the policies decide at each request."""

from __future__ import annotations

import base64
import json
import subprocess
import sys
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

import pytest
from aws_clients import (
    ACCOUNT,
    ADA_KEY,
    ADMINISTRATOR,
    BOB_KEY,
    OTHER_ACCOUNT,
    OWNER_KEY,
    Clients,
    document,
    statement,
)
from aws_packages import build, pip_download, token_of, twine_upload, with_login
from cloud_control import LocalCloud

ADA = f"arn:aws:iam::{OTHER_ACCOUNT}:user/ada"
BOB = f"arn:aws:iam::{OTHER_ACCOUNT}:user/bob"
REPOSITORY = {"domain": "dom", "repository": "repo"}
OWNED = {**REPOSITORY, "domainOwner": ACCOUNT}
JSON = "application/vnd.pypi.simple.v1+json"
PACKAGE = f"arn:aws:codeartifact:eu-west-1:{ACCOUNT}:package/dom/repo/pypi//our-package"


@pytest.fixture
def endpoint(cloud: LocalCloud, codeartifact: Clients) -> str:
    """A repository on top of one with an external connection, which ada may read and bob may ask tokens for."""
    owner = codeartifact()
    cloud.set_identities(
        **{key: {"arn": arn, "policies": [ADMINISTRATOR]} for key, arn in ((ADA_KEY, ADA), (BOB_KEY, BOB))}
    )
    owner.create_domain(domain="dom")
    owner.create_repository(domain="dom", repository="up")
    owner.associate_external_connection(domain="dom", repository="up", externalConnection="public:pypi")
    owner.create_repository(**REPOSITORY, upstreams=[{"repositoryName": "up"}])
    tokens = document(statement(["codeartifact:GetAuthorizationToken"], {"AWS": OTHER_ACCOUNT}))
    owner.put_domain_permissions_policy(domain="dom", policyDocument=json.dumps(tokens))
    allow(owner, statement(["codeartifact:ReadFromRepository"], {"AWS": ADA}))
    shown: str = owner.get_repository_endpoint(**REPOSITORY, format="pypi")["repositoryEndpoint"]
    return shown


def allow(owner: Any, *statements: dict[str, Any]) -> None:
    owner.put_repository_permissions_policy(**REPOSITORY, policyDocument=json.dumps(document(*statements)))


def fetch(url: str, token: str | None, accept: str = "", user: str = "aws") -> tuple[int, bytes, Any]:
    headers = {"Accept": accept}
    if token is not None:
        headers["Authorization"] = "Basic " + base64.b64encode(f"{user}:{token}".encode()).decode()
    try:
        with urllib.request.urlopen(urllib.request.Request(url, headers=headers), timeout=10) as answer:
            return answer.status, answer.read(), answer.headers
    except urllib.error.HTTPError as error:
        return error.code, error.read(), error.headers


def test_pip(
    cloud: LocalCloud, codeartifact: Clients, endpoint: str, tmp_path: Path, aws_environment: dict[str, str]
) -> None:
    ada, bob = (with_login(endpoint, token_of(codeartifact, key)) for key in (ADA_KEY, BOB_KEY))
    assert pip_download(ada, tmp_path / "ada", aws_environment) == 0
    assert [path.name for path in (tmp_path / "ada").iterdir()] == ["demo_package-1.1.0-py3-none-any.whl"]
    assert pip_download(bob, tmp_path / "bob", aws_environment) == 1
    reads = {(call["caller"], call["status"]) for call in cloud.calls("codeartifact.ReadFromRepository")}
    assert reads == {(ADA, 200), (BOB, 403)}
    allow(codeartifact(), statement(["codeartifact:ReadFromRepository"], {"AWS": BOB}))
    assert pip_download(bob, tmp_path / "bob", aws_environment) == 0
    assert pip_download(ada, tmp_path / "again", aws_environment) == 1


def test_uv(codeartifact: Clients, endpoint: str, tmp_path: Path, aws_environment: dict[str, str]) -> None:
    uv = Path(sys.executable).with_name("uv")
    if not uv.exists():
        pytest.skip("uv is not installed")
    for key, allowed in ((ADA_KEY, True), (BOB_KEY, False)):
        target = ["--no-cache", "--no-config", "--no-deps", "--target", str(tmp_path / key)]
        index = f"{with_login(endpoint, token_of(codeartifact, key))}simple/"
        done = subprocess.run(
            [uv, "pip", "install", *target, "--python", sys.executable, "--index-url", index, "demo-package==1.0.0"],
            capture_output=True,
            text=True,
            env=aws_environment,
            check=False,
        )
        assert (done.returncode == 0) == allowed, done.stderr
    assert (tmp_path / ADA_KEY / "demo_package" / "__init__.py").exists()


def test_twine(
    cloud: LocalCloud, codeartifact: Clients, endpoint: str, tmp_path: Path, aws_environment: dict[str, str]
) -> None:
    owner, wheel = codeartifact(), build(tmp_path, "1.0.0")
    ada, bob = (token_of(codeartifact, key) for key in (ADA_KEY, BOB_KEY))
    allow(
        owner,
        statement(["codeartifact:ReadFromRepository"], {"AWS": OTHER_ACCOUNT}),
        statement(["codeartifact:PublishPackageVersion"], {"AWS": ADA}, Resource=PACKAGE),
    )
    refused = twine_upload(endpoint, bob, wheel, aws_environment)
    assert refused.returncode == 1
    assert "403" in refused.stdout
    done = twine_upload(endpoint, ada, wheel, aws_environment)
    assert done.returncode == 0, done.stdout
    assert pip_download(with_login(endpoint, bob), tmp_path / "got", aws_environment, "our-package") == 0
    assert (tmp_path / "got" / wheel.name).read_bytes() == wheel.read_bytes()
    page = json.loads(fetch(f"{endpoint}simple/our-package/", bob, accept=JSON)[1])
    assert page["files"][0]["requires-python"] == ">=3.9"
    assert "409" in twine_upload(endpoint, ada, wheel, aws_environment).stdout
    other = build(tmp_path, "1.0.0", "other-package")
    assert "403" in twine_upload(endpoint, ada, other, aws_environment).stdout
    uploads = [(call["caller"], call["status"]) for call in cloud.calls("codeartifact.PublishPackageVersion")]
    assert uploads == [(BOB, 403), (ADA, 200), (ADA, 409), (ADA, 403)]
    assert ada not in json.dumps(cloud.calls())

    package = {**REPOSITORY, "format": "pypi", "package": "Our_Package"}
    (listed,) = owner.list_packages(**REPOSITORY)["packages"]
    assert (listed["package"], listed["originConfiguration"]["restrictions"]) == (
        "our-package",
        {"publish": "ALLOW", "upstream": "BLOCK"},
    )
    (version,) = owner.list_package_versions(**package)["versions"]
    assert (version["version"], version["status"], version["origin"]["originType"]) == (
        "1.0.0",
        "Published",
        "INTERNAL",
    )
    described = owner.describe_package_version(**package, packageVersion="1.0.0")["packageVersion"]
    assert (described["packageName"], described["summary"]) == ("our-package", "Ours.")
    (asset,) = owner.list_package_version_assets(**package, packageVersion="1.0.0")["assets"]
    assert (asset["name"], asset["size"]) == (wheel.name, wheel.stat().st_size)
    assert owner.describe_domain(domain="dom")["domain"]["assetSizeBytes"] == asset["size"]

    gone = owner.dispose_package_versions(**package, versions=["1.0.0", "9"], expectedStatus="Published")
    assert gone["successfulVersions"]["1.0.0"]["status"] == "Disposed"
    assert gone["failedVersions"]["9"]["errorCode"] == "NOT_FOUND"
    assert fetch(f"{endpoint}simple/our-package/", bob)[0] == 404
    assert "409" in twine_upload(endpoint, ada, wheel, aws_environment).stdout
    owner.delete_package_versions(**package, versions=["1.0.0"])
    assert twine_upload(endpoint, ada, wheel, aws_environment).returncode == 0


def test_pages_in_both_forms(codeartifact: Clients, endpoint: str) -> None:
    token = token_of(codeartifact, ADA_KEY)
    status, body, headers = fetch(f"{endpoint}simple/demo-package/", token)
    assert (status, headers["Content-Type"]) == (200, "text/html; charset=utf-8")
    assert b'href="../../simple/demo-package/1.0.0/demo_package-1.0.0-py3-none-any.whl#sha256=' in body
    status, body, headers = fetch(f"{endpoint}simple/Demo.Package/", token, accept=JSON)
    assert (status, headers["Content-Type"]) == (200, JSON)
    first = json.loads(body)["files"][0]
    status, content, _headers = fetch(urljoin(f"{endpoint}simple/demo-package/", first["url"]), token)
    assert status == 200
    assert content.startswith(b"PK")
    for missing in ("", "simple/", "simple/no-such-package/", "simple/demo-package/1.0.0/other.whl"):
        assert fetch(endpoint + missing, token)[0] == 404
    for package_format in ("npm", "maven"):
        assert fetch(endpoint.replace("/pypi/", f"/{package_format}/") + "react", token)[0] == 404


def test_logins(cloud: LocalCloud, codeartifact: Clients, endpoint: str) -> None:
    page, token = f"{endpoint}simple/demo-package/", token_of(codeartifact, ADA_KEY)
    assert fetch(page, token)[0] == 200
    for wrong in ({"token": None}, {"token": "garbled"}, {"token": token, "user": "ada"}):
        status, _body, headers = fetch(page, **wrong)
        assert (status, headers["WWW-Authenticate"]) == (401, 'Basic realm="codeartifact"')
    codeartifact().create_domain(domain="another")
    other = codeartifact().get_authorization_token(domain="another")["authorizationToken"]
    assert fetch(page, other)[0] == 401
    # What the identity may do now counts, not what it might when it asked for the token.
    cloud.set_identities(**{ADA_KEY: {"arn": ADA}})
    assert fetch(page, token)[0] == 403
    cloud.set_identities(**{ADA_KEY: None})
    assert fetch(page, token)[0] == 401


def test_upstreams_in_order(
    codeartifact: Clients, endpoint: str, tmp_path: Path, aws_environment: dict[str, str]
) -> None:
    owner, token = codeartifact(), token_of(codeartifact, OWNER_KEY)
    page = f"{endpoint}simple/demo-package/"
    assert owner.list_packages(**REPOSITORY)["packages"] == []
    assert fetch(f"{page}1.0.0/demo_package-1.0.0-py3-none-any.whl", token)[0] == 200
    for repository in ("repo", "up"):
        named = {"domain": "dom", "repository": repository, "format": "pypi", "package": "demo-package"}
        (kept,) = owner.list_package_versions(**named)["versions"]
        assert (kept["version"], kept["origin"]["originType"]) == ("1.0.0", "EXTERNAL")
    # What came from upstream cannot be published to.
    mine = build(tmp_path, "1.0.1", "demo-package")
    assert "403" in twine_upload(endpoint, token, mine, aws_environment).stdout

    owner.create_repository(domain="dom", repository="first")
    first = endpoint.replace("/repo/", "/first/")
    assert twine_upload(first, token, mine, aws_environment).returncode == 0
    owner.update_repository(domain="dom", repository="first", upstreams=[{"repositoryName": "up"}])
    # What was published takes nothing from upstream.
    body = fetch(f"{first}simple/demo-package/", token)[1]
    assert [version in body for version in (b"-1.0.0-", b"-1.0.1-", b"-1.1.0-")] == [False, True, False]
    owner.update_repository(**REPOSITORY, upstreams=[{"repositoryName": "first"}])
    body = fetch(page, token)[1]
    # Of what a repository in between blocks AWS says nothing: that it lets it through is the riskier reading.
    assert [version in body for version in (b"-1.0.0-", b"-1.0.1-", b"-1.1.0-")] == [True, True, True]

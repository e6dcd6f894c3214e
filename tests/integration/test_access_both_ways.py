# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What codeartifact_access_info answers is what happens: each caller makes the requests, with the AWS CLI, botocore and HTTP."""

from __future__ import annotations

import itertools
import urllib.error
import urllib.request
from base64 import b64encode
from dataclasses import dataclass
from typing import Any

import pytest
from aws_clients import (
    ACCOUNT,
    ADA_KEY,
    ADMINISTRATOR,
    BOB_KEY,
    OTHER_ACCOUNT,
    REGION,
    Aws,
    Clients,
    document,
    statement,
)
from botocore.exceptions import ClientError
from cloud_control import LocalCloud
from harness import Ansible, Given, task

OTHERS = {"AWS": f"arn:aws:iam::{OTHER_ACCOUNT}:root"}
ROLE = {"AWS": f"arn:aws:iam::{OTHER_ACCOUNT}:role/release"}
PACKAGES = f"arn:aws:codeartifact:{REGION}:{ACCOUNT}:package/demo/python/pypi/"


def can(*actions: str, **more: Any) -> dict[str, Any]:
    """A statement for a user or role."""
    return statement([action if ":" in action else f"codeartifact:{action}" for action in actions], **more)


LOGIN = can("GetAuthorizationToken", "sts:GetServiceBearerToken")
#: By access key: who calls, and with which policies of their own.
CALLERS: dict[str, tuple[str, list[dict[str, Any]]]] = {
    ADA_KEY: (f"arn:aws:iam::{OTHER_ACCOUNT}:user/ada", [ADMINISTRATOR]),
    BOB_KEY: (f"arn:aws:iam::{ACCOUNT}:user/bob", [document(LOGIN, can("ReadFromRepository"))]),
    "AKIALOCALCAROL000000": (f"arn:aws:iam::{OTHER_ACCOUNT}:user/carol", [document(LOGIN)]),
    "AKIALOCALDAVE0000000": (f"arn:aws:sts::{OTHER_ACCOUNT}:assumed-role/release/ci", [ADMINISTRATOR]),
    "AKIALOCALEVE00000000": ("arn:aws:iam::444455556666:user/eve", [ADMINISTRATOR]),
    "AKIALOCALFRANK000000": (f"arn:aws:iam::{ACCOUNT}:user/frank", []),
    "AKIALOCALGRACE000000": (
        f"arn:aws:iam::{ACCOUNT}:user/grace",
        [ADMINISTRATOR, document(can("Publish*", effect="Deny", Resource=f"{PACKAGES}*/inside"))],
    ),
}
DOMAIN_POLICY = document(
    statement("codeartifact:GetAuthorizationToken", OTHERS, Sid="Login"),
    statement("codeartifact:CreateRepository", ROLE),
    statement("codeartifact:ReadFromRepository", {"AWS": "444455556666"}),
    statement("codeartifact:DeleteRepository", "*", "Deny"),
)
PYTHON_POLICY = document(
    statement("codeartifact:ReadFromRepository", OTHERS, Sid="Read"),
    statement("codeartifact:PublishPackageVersion", ROLE, Sid="Publish", Resource=f"{PACKAGES}/inside*"),
    statement(["codeartifact:UpdateRepository", "codeartifact:DisposePackageVersions"], ROLE),
    statement("codeartifact:PublishPackageVersion", {"AWS": f"arn:aws:iam::{ACCOUNT}:user/frank"}),
    statement("codeartifact:ReadFromRepository", {"AWS": f"arn:aws:iam::{OTHER_ACCOUNT}:user/ada"}, "Deny"),
)
_versions = itertools.count(1)


@dataclass(frozen=True)
class Requests:
    """What one caller tries; each answers whether it was let through."""

    aws: Aws
    client: Any
    url: str
    key: str

    def login(self, *, expected: bool) -> None:
        """With the AWS CLI, whose failure is one of the test where it is not expected, and the other way round."""
        ran = self.aws(
            "get-authorization-token", "--domain=demo", f"--domain-owner={ACCOUNT}", key=self.key, fails=not expected
        )
        assert expected or "AccessDenied" in ran.stderr

    def read(self, repository: str) -> bool:
        return self._passes(f"{repository}/simple/demo-package/", None)

    def publish(self, repository: str, package: str) -> bool:
        version = f"{next(_versions)}.0"
        fields = {":action": "file_upload", "name": package, "version": version}
        parts = [f'Content-Disposition: form-data; name="{key}"\r\n\r\n{value}' for key, value in fields.items()]
        parts.append(f'Content-Disposition: form-data; name="content"; filename="{package}-{version}.tar.gz"\r\n\r\nx')
        return self._passes(f"{repository}/", "".join(f"--form\r\n{part}\r\n" for part in parts) + "--form--\r\n")

    def call(self, operation: str, repository: str, **more: Any) -> bool:
        try:
            getattr(self.client, operation)(domain="demo", domainOwner=ACCOUNT, repository=repository, **more)
        except ClientError as error:
            return error.response["ResponseMetadata"]["HTTPStatusCode"] != 403
        return True

    def _passes(self, path: str, form: str | None) -> bool:
        token = self.client.get_authorization_token(domain="demo", domainOwner=ACCOUNT)["authorizationToken"]
        headers = {"Authorization": f"Basic {b64encode(f'aws:{token}'.encode()).decode()}"}
        if form:
            headers["Content-Type"] = "multipart/form-data; boundary=form"
        request = urllib.request.Request(
            f"{self.url}/codeartifact.d/demo-{ACCOUNT}/{REGION}/pypi/{path}",
            data=form.encode() if form else None,
            headers=headers,
        )
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        try:
            with opener.open(request, timeout=10):
                return True
        except urllib.error.HTTPError as error:
            return error.code != 403


def test_the_matrix_is_what_happens(
    ansible: Ansible,
    cloud: LocalCloud,
    aws: Aws,
    codeartifact: Clients,
    given: Given,
    subtests: pytest.Subtests,
) -> None:
    given.domain("demo", "python", "scratch")
    given.domain_policy("demo", DOMAIN_POLICY)
    given.repository_policy("demo", "python", PYTHON_POLICY)
    for key, (arn, policies) in CALLERS.items():
        given.identity(key, arn, *policies)
    callers = [{"arn": arn, "identity_policies": policies} for arn, policies in CALLERS.values()]
    (result,) = ansible.results([task("codeartifact_access_info", domain="demo", callers=callers)])
    assert not result["failed"], result
    access = result["access"]
    outcomes = set()
    for key, (arn, _policies) in CALLERS.items():
        requests = Requests(aws, codeartifact(key), cloud.url, key)
        (domain,) = (row for row in access["principals"] if row["principal"] == arn)
        with subtests.test(arn, what="login"):
            requests.login(expected=domain["access"]["login"] == "allowed")
        for repository in access["repositories"]:
            name = repository["repository"]
            (row,) = _rows(access, name, arn)
            outcomes |= set(row["access"].values())
            for what, happens in _tried(requests, name, logs_in=domain["access"]["login"] == "allowed").items():
                with subtests.test(arn, what=what, repository=name):
                    assert happens == _answered(row, what), row
    # Identity policies are known, and conditions there are none.
    assert outcomes == {"allowed", "denied"}


def _rows(access: dict[str, Any], name: str, arn: str) -> list[dict[str, Any]]:
    """What is told of one principal and one repository."""
    return [
        row
        for row in access["repository_access"]
        for who in row["principals"]
        if who["principal"] == arn and name in who["repositories"]
    ]


def _tried(requests: Requests, name: str, *, logs_in: bool) -> dict[str, bool]:
    package = {"format": "pypi", "package": "none", "versions": ["1"]}
    tried = {
        "maintain DisposePackageVersions": requests.call("dispose_package_versions", name, **package),
        "maintain DeletePackageVersions": requests.call("delete_package_versions", name, **package),
        "administer UpdateRepository": requests.call("update_repository", name, description="x"),
        "administer DeleteRepository": requests.call("delete_repository", name),
    }
    if logs_in:
        tried["read"] = requests.read(name)
        tried["publish inside"] = requests.publish(name, "inside")
        tried["publish outside"] = requests.publish(name, "outside")
    return tried


def _answered(row: dict[str, Any], what: str) -> bool:
    """What the matrix says of a kind of access, and of one of its actions or of a package."""
    access, _space, detail = what.partition(" ")
    if row["access"][access] != "allowed":
        return False
    if access == "publish":
        bounds = row.get("packages", {}).get("publish", {"only": ["*"], "except": []})
        covered = any(pattern == "*" or f"pypi//{detail}".startswith(pattern.rstrip("*")) for pattern in bounds["only"])
        return covered and not any(pattern.endswith(f"/{detail}") for pattern in bounds["except"])
    return not detail or detail in row.get("only_actions", {}).get(access, [detail])

# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Callers of CodeArtifact, what codeartifact_access_info says that they may do, and what they can do when they try."""

from __future__ import annotations

import itertools
import urllib.error
import urllib.request
from base64 import b64encode
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

from aws_clients import ACCOUNT, ADA_KEY, ADMINISTRATOR, BOB_KEY, OTHER_ACCOUNT, REGION, Clients, document, statement
from botocore.exceptions import ClientError
from cloud_control import LocalCloud
from harness import Given

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
#: Of a repository: the account as a whole may update it, which lets in only those whom an identity policy lets.
DELEGATING_POLICY = document(statement("codeartifact:UpdateRepository", {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}))
_versions = itertools.count(1)


class Try(NamedTuple):
    """What a principal tries: a kind of access, with an action or a package, to a repository or, for "", to the domain."""

    principal: str
    repository: str
    what: str


def set_up(given: Given, *, delegating: bool = False) -> None:
    """A domain with two repositories and, if wanted, one whose policy is about the account as a whole; and the callers."""
    given.domain("demo", "python", "scratch", *(["shared"] if delegating else []))
    given.domain_policy("demo", DOMAIN_POLICY)
    given.repository_policy("demo", "python", PYTHON_POLICY)
    if delegating:
        given.repository_policy("demo", "shared", DELEGATING_POLICY)
    for key, (arn, policies) in CALLERS.items():
        given.identity(key, arn, *policies)


#: What the module is given to say it of them.
QUESTION: dict[str, Any] = {
    "domain": "demo",
    "callers": [{"arn": arn, "identity_policies": policies} for arn, policies in CALLERS.values()],
}


@dataclass(frozen=True)
class Requests:
    """What one caller tries; each answers whether it was let through."""

    client: Any
    url: str

    def logs_in(self) -> bool:
        return self.call("get_authorization_token")

    def read(self, repository: str) -> bool:
        return self._passes(f"{repository}/simple/demo-package/", None)

    def publish(self, repository: str, package: str) -> bool:
        version = f"{next(_versions)}.0"
        fields = {":action": "file_upload", "name": package, "version": version}
        parts = [f'Content-Disposition: form-data; name="{key}"\r\n\r\n{value}' for key, value in fields.items()]
        parts.append(f'Content-Disposition: form-data; name="content"; filename="{package}-{version}.tar.gz"\r\n\r\nx')
        return self._passes(f"{repository}/", "".join(f"--form\r\n{part}\r\n" for part in parts) + "--form--\r\n")

    def call(self, operation: str, **named: Any) -> bool:
        try:
            getattr(self.client, operation)(domain="demo", domainOwner=ACCOUNT, **named)
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


def happened(cloud: LocalCloud, codeartifact: Clients, repositories: list[str]) -> dict[Try, bool]:
    """What each caller was let do, with botocore and HTTP."""
    found = {}
    for key, (arn, _policies) in CALLERS.items():
        requests = Requests(codeartifact(key), cloud.url)
        found[Try(arn, "", "login")] = logs_in = requests.logs_in()
        for name in repositories:
            for what, happens in _tried(requests, name, logs_in=logs_in).items():
                found[Try(arn, name, what)] = happens
    return found


def answered(access: dict[str, Any], tries: dict[Try, bool]) -> dict[Try, bool | None]:
    """What the module says of the same; None where it says that it depends."""
    return {each: _answer(access, each) for each in tries}


def differences(access: dict[str, Any], tries: dict[Try, bool]) -> set[Try]:
    """Where what the module says is not what happened."""
    said = answered(access, tries)
    return {each for each, happens in tries.items() if said[each] not in {None, happens}}


def _answer(access: dict[str, Any], each: Try) -> bool | None:
    if each.repository:
        return _answered(next(rows(access, each.repository, each.principal)), each.what)
    (row,) = (row for row in access["principals"] if row["principal"] == each.principal)
    return _answered(row, each.what)


def rows(access: dict[str, Any], name: str, arn: str) -> Iterator[dict[str, Any]]:
    """What the module says of one principal and one repository."""
    return (
        row
        for row in access["repository_access"]
        for who in row["principals"]
        if who["principal"] == arn and name in who["repositories"]
    )


def _tried(requests: Requests, name: str, *, logs_in: bool) -> dict[str, bool]:
    package = {"repository": name, "format": "pypi", "package": "none", "versions": ["1"]}
    tried = {
        "maintain DisposePackageVersions": requests.call("dispose_package_versions", **package),
        "maintain DeletePackageVersions": requests.call("delete_package_versions", **package),
        "administer UpdateRepository": requests.call("update_repository", repository=name, description="x"),
        "administer DeleteRepository": requests.call("delete_repository", repository=name),
    }
    if logs_in:
        tried["read"] = requests.read(name)
        tried["publish inside"] = requests.publish(name, "inside")
        tried["publish outside"] = requests.publish(name, "outside")
    return tried


def _answered(row: dict[str, Any], what: str) -> bool | None:
    """What the matrix says of a kind of access, and of one of its actions or of a package; None where it depends."""
    access, _space, detail = what.partition(" ")
    answer = row["access"][access]
    if answer == "denied" or not _is_about(row, access, detail):
        return False
    return None if answer == "depends" else True


def _is_about(row: dict[str, Any], access: str, detail: str) -> bool:
    """Whether what the matrix says of a kind of access is about an action or a package. What it is not about is denied."""
    if access == "publish":
        bounds = row.get("packages", {}).get("publish", {"only": ["*"], "except": []})
        covered = any(pattern == "*" or f"pypi//{detail}".startswith(pattern.rstrip("*")) for pattern in bounds["only"])
        return covered and not any(pattern.endswith(f"/{detail}") for pattern in bounds["except"])
    return not detail or detail in row.get("only_actions", {}).get(access, [detail])

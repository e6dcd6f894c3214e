# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Requests that fill the local cloud with what a subject needs."""

from __future__ import annotations

import hashlib
import json
from base64 import b64encode
from collections.abc import Iterable

from subject import Entry
from world import LOCATION, NUMBER, PROJECT, Request, World

ACCESSOR = "roles/secretmanager.secretAccessor"
READER = "roles/artifactregistry.reader"
ACCOUNT = "111122223333"
#: What the index behind remote repositories has.
PACKAGE = "demo-package"


def token(index: int) -> str:
    """As long as tokens are."""
    return f"token-{hashlib.sha256(str(index).encode()).hexdigest()}"


def agent(number: str = NUMBER) -> str:
    """The service agent of Artifact Registry, as a member."""
    return f"serviceAccount:service-{number}@gcp-sa-artifactregistry.iam.gserviceaccount.com"


def service_identity(project: str = PROJECT) -> Request:
    path = f"projects/{project}/services/artifactregistry.googleapis.com:generateServiceIdentity"
    return "POST", f"serviceusage/v1beta1/{path}", {}


def secret(name: str, project: str = PROJECT) -> Request:
    return "POST", f"{_secrets(project)}?secretId={name}", {"replication": {"automatic": {}}}


def version(name: str, payload: str, project: str = PROJECT) -> Request:
    data = b64encode(payload.encode()).decode()
    return "POST", f"{_secrets(project)}/{name}:addVersion", {"payload": {"data": data}}


def policy(name: str, members: Iterable[str], project: str = PROJECT) -> Request:
    binding = {"role": ACCESSOR, "members": list(members)}
    return "POST", f"{_secrets(project)}/{name}:setIamPolicy", {"policy": {"version": 3, "bindings": [binding]}}


def make_readable_secrets(world: World, payloads: dict[str, str]) -> None:
    """Secrets that the service agent may read, with payloads that the upstream takes for a password."""
    world.fill([service_identity(), *(secret(name) for name in payloads)])
    world.fill(version(name, payload) for name, payload in payloads.items())
    world.fill(policy(name, [agent()]) for name in payloads)
    world.accept(payloads.values())


def login(password: str) -> Entry:
    """The credentials of a repository, with a version of a secret by its full name."""
    credentials = {"username": "__token__", "passwordSecretVersion": password}
    return {"upstreamCredentials": {"usernamePasswordCredentials": credentials}, "disableUpstreamValidation": True}


def repository(name: str, credentials: Entry, project: str = PROJECT) -> Request:
    config = {"pythonRepository": {"publicRepository": "PYPI"}, **credentials}
    body = {"format": "PYTHON", "mode": "REMOTE_REPOSITORY", "remoteRepositoryConfig": config}
    return "POST", f"{_repositories(project)}?repositoryId={name}", body


def standard_repository(name: str, project: str = PROJECT) -> Request:
    return "POST", f"{_repositories(project)}?repositoryId={name}", {"format": "PYTHON"}


def repository_policy(name: str, members: Iterable[str], project: str = PROJECT) -> Request:
    binding = {"role": READER, "members": list(members)}
    return "POST", f"{_repositories(project)}/{name}:setIamPolicy", {"policy": {"version": 3, "bindings": [binding]}}


def domain(name: str) -> Request:
    return "POST", f"codeartifact/v1/domain?domain={name}", {}


def domain_policy(name: str, document: str) -> Request:
    body = {"domain": name, "policyDocument": document}
    return "PUT", "codeartifact/v1/domain/permissions/policy", body


def domain_repository(of: str, name: str) -> Request:
    return "POST", f"codeartifact/v1/repository?domain={of}&repository={name}", {}


def domain_repository_policy(of: str, name: str, document: str) -> Request:
    path = f"codeartifact/v1/repository/permissions/policy?domain={of}&repository={name}"
    return "PUT", path, {"policyDocument": document}


def document(*statements: Entry) -> str:
    """As files have it; a document in YAML takes Ansible longer to load."""
    return json.dumps({"Version": "2012-10-17", "Statement": statements})


def statement(action: str, who: str) -> Entry:
    principal = {"AWS": f"arn:aws:iam::{ACCOUNT}:{who}"}
    return {"Effect": "Allow", "Principal": principal, "Action": action, "Resource": "*"}


def _secrets(project: str) -> str:
    return f"secretmanager/v1/projects/{project}/secrets"


def _repositories(project: str) -> str:
    return f"artifactregistry/v1/projects/{project}/locations/{LOCATION}/repositories"

# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is brought to its desired state: kinds of things, each as a user would write them down, and how they come to be.

A subject has a state C(nothing), in which only what its module does not make is there, and a state C(converged).
"""

from __future__ import annotations

import hashlib
import json
import math
from base64 import b64encode
from collections.abc import Iterable
from typing import Any, ClassVar

from world import AGENT, DOMAIN, LOCATION, NUMBER, PROJECT, Request, World

Entry = dict[str, Any]

ACCESSOR = "roles/secretmanager.secretAccessor"
SECRETS = f"secretmanager/v1/projects/{PROJECT}/secrets"
REPOSITORIES = f"artifactregistry/v1/projects/{PROJECT}/locations/{LOCATION}/repositories"
SERVICE_IDENTITY = (
    f"serviceusage/v1beta1/projects/{PROJECT}/services/artifactregistry.googleapis.com:generateServiceIdentity"
)
PACKAGE = "demo-package"


class Subject:
    """One kind."""

    name: ClassVar[str]
    title: ClassVar[str]
    #: What the entries have in common.
    common: ClassVar[Entry]
    #: How an entry is called.
    key: ClassVar[str]
    #: The module, when it is one task.
    module: ClassVar[str] = ""
    #: Options of google.cloud.gcp_secret_manager for an entry, when that can do it.
    peer: ClassVar[Entry | None] = None
    #: What a user would type for one entry.
    gcloud: ClassVar[str] = ""
    aws: ClassVar[str] = ""
    #: Whether it makes what is not there yet. What only reads is measured in one state, and in one task of no batch.
    writes: ClassVar[bool] = True

    def calls_besides(self, size: int) -> int:
        """The API calls that a task of so many entries makes for all of them together."""
        return 0

    def entries(self, size: int) -> list[Entry]:
        raise NotImplementedError

    def make_nothing(self, world: World, entries: list[Entry]) -> None:
        """Make, in an empty cloud, what must be there before."""
        raise NotImplementedError

    def make_converged(self, world: World, entries: list[Entry]) -> None:
        """Make, in an empty cloud, what the entries ask for too."""
        raise NotImplementedError


class SecretVersions(Subject):
    name, title, key = "secret_versions", "Secret versions", "secret"
    module = "gcp_secret_version"
    common: ClassVar[Entry] = {"project": PROJECT}
    peer: ClassVar[Entry] = {"name": "{{ item.secret }}", "value": "{{ item.payload }}", "return_value": False}
    gcloud = "secrets versions access latest --secret={}"

    def entries(self, size: int) -> list[Entry]:
        return [{"secret": f"index-token-{index:05}", "payload": _token(index)} for index in range(size)]

    def make_nothing(self, world: World, entries: list[Entry]) -> None:
        world.fill(_secret(entry["secret"]) for entry in entries)

    def make_converged(self, world: World, entries: list[Entry]) -> None:
        self.make_nothing(world, entries)
        world.fill(_version(entry["secret"], entry["payload"]) for entry in entries)


class IamBindings(Subject):
    name, title, key = "iam_bindings", "IAM bindings", "secret"
    module = "gcp_secret_iam_binding"
    common: ClassVar[Entry] = {"project": PROJECT, "role": ACCESSOR}
    gcloud = "secrets get-iam-policy {} --format=json"

    def entries(self, size: int) -> list[Entry]:
        return [
            {"secret": f"index-token-{index:05}", "members": [AGENT, "group:operators@example.com"]}
            for index in range(size)
        ]

    def make_nothing(self, world: World, entries: list[Entry]) -> None:
        world.fill([("POST", SERVICE_IDENTITY, {}), *(_secret(entry["secret"]) for entry in entries)])

    def make_converged(self, world: World, entries: list[Entry]) -> None:
        self.make_nothing(world, entries)
        world.fill(_policy(entry["secret"], entry["members"]) for entry in entries)


class RemoteRepositories(Subject):
    """All with the same login, as when they have one upstream."""

    name, title, key = "remote_repositories", "Remote repository credentials", "repository"
    module = "gcp_remote_repository_credentials"
    common: ClassVar[Entry] = {
        "project": PROJECT,
        "location": LOCATION,
        "username": "__token__",
        "password_secret_version": f"projects/{NUMBER}/secrets/index-token/versions/1",
    }
    gcloud = f"artifacts repositories describe {{}} --location={LOCATION} --format=json"

    def entries(self, size: int) -> list[Entry]:
        return [{"repository": f"remote-{index:05}"} for index in range(size)]

    def make_nothing(self, world: World, entries: list[Entry]) -> None:
        self._make(world, entries, {})

    def make_converged(self, world: World, entries: list[Entry]) -> None:
        self._make(world, entries, _login(self.common["password_secret_version"]))

    def _make(self, world: World, entries: list[Entry], login: Entry) -> None:
        _readable_secrets(world, {"index-token": _token(0)})
        world.fill(_repository(entry["repository"], login) for entry in entries)


class CodeArtifactPolicies(Subject):
    name, title, key = "codeartifact_policies", "CodeArtifact repository policies", "repository"
    module = "codeartifact_repository_policy"
    common: ClassVar[Entry] = {"domain": DOMAIN}
    aws = f"codeartifact get-repository-permissions-policy --domain={DOMAIN} --repository={{}}"

    def entries(self, size: int) -> list[Entry]:
        return [
            {
                "repository": f"python-{index:05}",
                "policy": _document(
                    _statement("codeartifact:ReadFromRepository", "root"),
                    _statement("codeartifact:PublishPackageVersion", f"role/release-{index:05}"),
                ),
            }
            for index in range(size)
        ]

    def make_nothing(self, world: World, entries: list[Entry]) -> None:
        world.fill([("POST", f"codeartifact/v1/domain?domain={DOMAIN}", {})])
        path = f"codeartifact/v1/repository?domain={DOMAIN}&repository="
        world.fill(("POST", f"{path}{entry['repository']}", {}) for entry in entries)

    def make_converged(self, world: World, entries: list[Entry]) -> None:
        self.make_nothing(world, entries)
        path = f"codeartifact/v1/repository/permissions/policy?domain={DOMAIN}&repository="
        world.fill(("PUT", f"{path}{entry['repository']}", {"policyDocument": entry["policy"]}) for entry in entries)


class CodeArtifactAccess(CodeArtifactPolicies):
    """Who may do what in a domain, of whose repositories each has a policy of its own."""

    name, title = "codeartifact_access", "CodeArtifact access, read and judged"
    module = "codeartifact_access_info"
    aws = ""
    writes = False

    def calls_besides(self, size: int) -> int:
        """The domain's policy, and a page of the list for each thousand repositories."""
        return 1 + math.ceil(size / 1000)


class AuthWorkflow(Subject):
    """The playbook, on one project: each repository with a secret of its own and a proof."""

    name, title, key = "auth_workflow", "The whole workflow", "repository"
    common: ClassVar[Entry] = {"project": PROJECT, "location": LOCATION}

    def entries(self, size: int) -> list[Entry]:
        return [
            {
                "repository": f"remote-{index:05}",
                "secret": f"index-token-{index:05}",
                "token": _token(index),
                "package": PACKAGE,
            }
            for index in range(size)
        ]

    def make_nothing(self, world: World, entries: list[Entry]) -> None:
        world.accept(entry["token"] for entry in entries)
        world.fill(_repository(entry["repository"], {}) for entry in entries)

    def make_converged(self, world: World, entries: list[Entry]) -> None:
        _readable_secrets(world, {entry["secret"]: entry["token"] for entry in entries})
        version = f"projects/{NUMBER}/secrets/{{}}/versions/1"
        world.fill(_repository(entry["repository"], _login(version.format(entry["secret"]))) for entry in entries)


SUBJECTS = {
    subject.name: subject
    for subject in (
        SecretVersions(),
        IamBindings(),
        RemoteRepositories(),
        CodeArtifactPolicies(),
        CodeArtifactAccess(),
        AuthWorkflow(),
    )
}


def _token(index: int) -> str:
    """As long as tokens are."""
    return f"token-{hashlib.sha256(str(index).encode()).hexdigest()}"


def _secret(name: str) -> Request:
    return "POST", f"{SECRETS}?secretId={name}", {"replication": {"automatic": {}}}


def _version(name: str, payload: str) -> Request:
    return "POST", f"{SECRETS}/{name}:addVersion", {"payload": {"data": b64encode(payload.encode()).decode()}}


def _policy(name: str, members: Iterable[str]) -> Request:
    binding = {"role": ACCESSOR, "members": list(members)}
    return "POST", f"{SECRETS}/{name}:setIamPolicy", {"policy": {"version": 3, "bindings": [binding]}}


def _readable_secrets(world: World, payloads: dict[str, str]) -> None:
    """Secrets that the service agent may read, with payloads that the upstream takes for a password."""
    world.fill([("POST", SERVICE_IDENTITY, {}), *(_secret(name) for name in payloads)])
    world.fill(_version(name, payload) for name, payload in payloads.items())
    world.fill(_policy(name, [AGENT]) for name in payloads)
    world.accept(payloads.values())


def _login(password: str) -> Entry:
    login = {"username": "__token__", "passwordSecretVersion": password}
    return {"upstreamCredentials": {"usernamePasswordCredentials": login}, "disableUpstreamValidation": True}


def _repository(name: str, login: Entry) -> Request:
    config = {"pythonRepository": {"publicRepository": "PYPI"}, **login}
    body = {"format": "PYTHON", "mode": "REMOTE_REPOSITORY", "remoteRepositoryConfig": config}
    return "POST", f"{REPOSITORIES}?repositoryId={name}", body


def _document(*statements: Entry) -> str:
    """As files have it; a document in YAML takes Ansible longer to load."""
    return json.dumps({"Version": "2012-10-17", "Statement": statements})


def _statement(action: str, who: str) -> Entry:
    principal = {"AWS": f"arn:aws:iam::111122223333:{who}"}
    return {"Effect": "Allow", "Principal": principal, "Action": action, "Resource": "*"}

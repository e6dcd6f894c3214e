# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is brought to its desired state: whole fleets of scopes first, and then kinds of things in one scope."""

from __future__ import annotations

import math
from typing import ClassVar

import filling
from scopes import AuthWorkflow, CodeArtifactFleet, GoogleFleet, OneDomain, OneProject
from subject import Entry, Subject
from world import DOMAIN, LOCATION, NUMBER, PROJECT, World


class SecretVersions(Subject):
    name, title, key = "secret_versions", "Secret versions", "secret"
    module = "gcp_secret_version"
    common: ClassVar[Entry] = {"project": PROJECT}
    peer: ClassVar[Entry] = {"name": "{{ item.secret }}", "value": "{{ item.payload }}", "return_value": False}
    gcloud = "secrets versions access latest --secret={}"

    def entries(self, size: int) -> list[Entry]:
        return [{"secret": f"index-token-{index:05}", "payload": filling.token(index)} for index in range(size)]

    def make_nothing(self, world: World, entries: list[Entry]) -> None:
        world.fill(filling.secret(entry["secret"]) for entry in entries)

    def make_converged(self, world: World, entries: list[Entry]) -> None:
        self.make_nothing(world, entries)
        world.fill(filling.version(entry["secret"], entry["payload"]) for entry in entries)


class IamBindings(Subject):
    name, title, key = "iam_bindings", "IAM bindings", "secret"
    module = "gcp_secret_iam_binding"
    common: ClassVar[Entry] = {"project": PROJECT, "role": filling.ACCESSOR}
    gcloud = "secrets get-iam-policy {} --format=json"

    def entries(self, size: int) -> list[Entry]:
        return [
            {"secret": f"index-token-{index:05}", "members": [filling.agent(), "group:operators@example.com"]}
            for index in range(size)
        ]

    def make_nothing(self, world: World, entries: list[Entry]) -> None:
        world.fill([filling.service_identity(), *(filling.secret(entry["secret"]) for entry in entries)])

    def make_converged(self, world: World, entries: list[Entry]) -> None:
        self.make_nothing(world, entries)
        world.fill(filling.policy(entry["secret"], entry["members"]) for entry in entries)


class RepositoryBindings(Subject):
    """Who may install from repositories of Artifact Registry."""

    name, title, key = "repository_bindings", "IAM bindings of repositories", "repository"
    module = "gcp_repository_iam_binding"
    common: ClassVar[Entry] = {"project": PROJECT, "location": LOCATION, "role": filling.READER}
    gcloud = f"artifacts repositories get-iam-policy {{}} --location={LOCATION} --format=json"

    def entries(self, size: int) -> list[Entry]:
        return [
            {
                "repository": f"python-{index:05}",
                "members": [
                    f"serviceAccount:ci-{index:05}@example.iam.gserviceaccount.com",
                    "group:developers@example.com",
                ],
            }
            for index in range(size)
        ]

    def make_nothing(self, world: World, entries: list[Entry]) -> None:
        world.fill(filling.standard_repository(entry["repository"]) for entry in entries)

    def make_converged(self, world: World, entries: list[Entry]) -> None:
        self.make_nothing(world, entries)
        world.fill(filling.repository_policy(entry["repository"], entry["members"]) for entry in entries)


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
        self._make(world, entries, filling.login(self.common["password_secret_version"]))

    def _make(self, world: World, entries: list[Entry], login: Entry) -> None:
        filling.make_readable_secrets(world, {"index-token": filling.token(0)})
        world.fill(filling.repository(entry["repository"], login) for entry in entries)


class CodeArtifactPolicies(Subject):
    name, title, key = "codeartifact_policies", "CodeArtifact repository policies", "repository"
    module = "codeartifact_repository_policy"
    common: ClassVar[Entry] = {"domain": DOMAIN}
    aws = f"codeartifact get-repository-permissions-policy --domain={DOMAIN} --repository={{}}"

    def entries(self, size: int) -> list[Entry]:
        return [
            {
                "repository": f"python-{index:05}",
                "policy": filling.document(
                    filling.statement("codeartifact:ReadFromRepository", "root"),
                    filling.statement("codeartifact:PublishPackageVersion", f"role/release-{index:05}"),
                ),
            }
            for index in range(size)
        ]

    def make_nothing(self, world: World, entries: list[Entry]) -> None:
        world.fill([filling.domain(DOMAIN)])
        world.fill(filling.domain_repository(DOMAIN, entry["repository"]) for entry in entries)

    def make_converged(self, world: World, entries: list[Entry]) -> None:
        self.make_nothing(world, entries)
        world.fill(filling.domain_repository_policy(DOMAIN, entry["repository"], entry["policy"]) for entry in entries)


class CodeArtifactAccess(CodeArtifactPolicies):
    """Who may do what in a domain, of whose repositories each has a policy of its own."""

    name, title = "codeartifact_access", "CodeArtifact access, read and judged"
    module = "codeartifact_access_info"
    aws = ""
    writes = False

    def calls_besides(self, size: int) -> int:
        """The domain's policy, and a page of the list for each thousand repositories."""
        return 1 + math.ceil(size / 1000)


#: In the order in which they are measured and shown.
SUBJECTS = {
    subject.name: subject
    for subject in (
        GoogleFleet(),
        CodeArtifactFleet(),
        OneProject(),
        OneDomain(),
        SecretVersions(),
        IamBindings(),
        RepositoryBindings(),
        RemoteRepositories(),
        CodeArtifactPolicies(),
        CodeArtifactAccess(),
        AuthWorkflow(),
    )
}

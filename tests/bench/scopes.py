# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the whole workflow brings to its desired state: scopes, each with repositories of its own.

Teams have many scopes with few repositories each. So a fleet's entries are scopes, two repositories in each.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

import filling
from subject import Entry, Subject
from world import LOCATION, NUMBER, PROJECT, World

RETENTION = {"keep": 2, "min_age": "30d"}


class Workflow(Subject):
    """The playbook C(auth_workflow). What a converged repository and a scope may cost in API calls is a promise."""

    #: Whether repositories, and domains, are not there either when nothing is.
    creates: ClassVar[bool] = True
    #: Repositories of each scope.
    repositories: ClassVar[int] = 2
    calls_per_repository: ClassVar[int]
    calls_per_scope: ClassVar[int]

    def scopes(self, entries: list[Entry]) -> list[Entry]:
        """The scopes, each with its C(repositories)."""
        return entries

    def repositories_in(self, size: int) -> int:
        """How many repositories so many entries have."""
        return size * self.repositories

    def scopes_in(self, size: int) -> int:
        """How many scopes these are."""
        return size

    def promised_calls(self, size: int) -> int:
        """The most API calls for so many entries that are as they should be."""
        repositories, scopes = self.repositories_in(size), self.scopes_in(size)
        return self.calls_per_repository * repositories + self.calls_per_scope * scopes

    def data(self, entries: list[Entry]) -> Entry:
        return {**self.common, "creates": self.creates, "scopes": self.scopes(entries)}


class Fleet(Workflow):
    """Many scopes."""

    key = "name"
    unit = "scopes"
    sizes = (20, 200)
    growth = (1, 20, 50, 100, 200, 500)
    steady = (100, 500)


class GoogleWorkflow(Workflow):
    """Google Cloud projects: each repository with a secret of its own and a proof, and retention."""

    limit = "google_workflow"
    common: ClassVar[Entry] = {"location": LOCATION}
    calls_per_repository, calls_per_scope = 6, 4

    def inventory(self, entries: list[Entry]) -> Entry:
        hosts = {
            f"packages-{index:05}": {
                "registry_auth_project": scope["project"],
                "registry_auth_repositories": [self._as_user_writes(one) for one in scope["repositories"]],
            }
            for index, scope in enumerate(self.scopes(entries))
        }
        variables = {"registry_auth_create_missing": self.creates, "registry_auth_retention": RETENTION}
        return {"registry_auth": {"hosts": hosts, "vars": variables}}

    def _as_user_writes(self, repository: Entry) -> Entry:
        created = {"format": "PYTHON", "upstream": {"preset": "PYPI"}} if self.creates else {}
        return {
            "repository": repository["repository"],
            "location": LOCATION,
            **created,
            "secret": repository["secret"],
            "token": repository["token"],
            "proof": {"package": repository["package"]},
        }

    def make_nothing(self, world: World, entries: list[Entry]) -> None:
        self._make_projects(world, entries)
        if not self.creates:
            world.fill(
                filling.repository(one["repository"], {}, scope["project"])
                for scope in self.scopes(entries)
                for one in scope["repositories"]
            )

    def make_converged(self, world: World, entries: list[Entry]) -> None:
        self._make_projects(world, entries)
        world.fill(filling.service_identity(scope["project"]) for scope in self.scopes(entries))
        found = [(scope["project"], one) for scope in self.scopes(entries) for one in scope["repositories"]]
        numbers = {scope["project"]: number for scope, number in self._numbered(entries)}
        world.fill(filling.secret(one["secret"], project) for project, one in found)
        world.fill(filling.version(one["secret"], one["token"], project) for project, one in found)
        world.fill(filling.policy(one["secret"], [filling.agent(numbers[project])], project) for project, one in found)
        version = "projects/{}/secrets/{}/versions/1"
        world.fill(
            filling.repository(
                one["repository"], filling.login(version.format(numbers[project], one["secret"])), project
            )
            for project, one in found
        )

    def _make_projects(self, world: World, entries: list[Entry]) -> None:
        world.accept(one["token"] for scope in self.scopes(entries) for one in scope["repositories"])
        for scope, number in self._numbered(entries):
            if scope["project"] != PROJECT:
                world.add_project(scope["project"], number)

    def _numbered(self, entries: list[Entry]) -> Iterator[tuple[Entry, str]]:
        """Each scope with its project's number."""
        for index, scope in enumerate(self.scopes(entries)):
            yield scope, NUMBER if scope["project"] == PROJECT else str(200_000_000_000 + index)


class GoogleFleet(Fleet, GoogleWorkflow):
    name, title = "fleet_google", "A fleet of Google Cloud projects"

    def entries(self, size: int) -> list[Entry]:
        return [
            {
                "project": f"packages-{index:05}",
                "repositories": [
                    _repository(number, index * self.repositories + number) for number in range(self.repositories)
                ],
            }
            for index in range(size)
        ]


class OneProject(GoogleFleet):
    """What a beginner has."""

    name, title = "one_google", "One Google Cloud project with one repository"
    repositories = 1
    sizes, growth, steady = (1,), (), None


class AuthWorkflow(GoogleWorkflow):
    """One project with many repositories, which are there already."""

    name, title, key = "auth_workflow", "The whole workflow in one project", "repository"
    creates, repositories = False, 1

    def entries(self, size: int) -> list[Entry]:
        return [_repository(index, index) for index in range(size)]

    def scopes_in(self, size: int) -> int:
        return 1

    def scopes(self, entries: list[Entry]) -> list[Entry]:
        return [{"project": PROJECT, "repositories": entries}]


class CodeArtifactFleet(Fleet):
    """Domains whose own policies are given as grants, and those of their repositories as documents."""

    name, title = "fleet_codeartifact", "A fleet of CodeArtifact domains"
    limit = "codeartifact_workflow"
    # What it is, and its policy.
    calls_per_repository, calls_per_scope = 2, 2
    #: What the user writes, and the statement that it stands for.
    grant: ClassVar[Entry] = {"name": "acme", "principals": [filling.ACCOUNT], "access": ["login"]}
    granted: ClassVar[Entry] = {
        "Sid": "AcmeLogin",
        "Effect": "Allow",
        "Principal": {"AWS": filling.ACCOUNT},
        "Action": "codeartifact:GetAuthorizationToken",
        "Resource": "*",
    }

    def entries(self, size: int) -> list[Entry]:
        return [
            {
                "domain": f"packages-{index:05}",
                "policy": filling.document(self.granted),
                "repositories": [
                    {
                        "repository": f"python-{number}",
                        "policy": filling.document(
                            filling.statement("codeartifact:ReadFromRepository", "root"),
                            filling.statement("codeartifact:PublishPackageVersion", f"role/release-{index:05}"),
                        ),
                    }
                    for number in range(self.repositories)
                ],
            }
            for index in range(size)
        ]

    def inventory(self, entries: list[Entry]) -> Entry:
        hosts = {
            scope["domain"]: {
                "codeartifact_domain": scope["domain"],
                "codeartifact_repositories": scope["repositories"],
            }
            for scope in entries
        }
        variables = {"registry_auth_create_missing": True, "codeartifact_domain_grants": [self.grant]}
        return {"codeartifact": {"hosts": hosts, "vars": variables}}

    def make_nothing(self, world: World, entries: list[Entry]) -> None:
        """An account is enough."""

    def make_converged(self, world: World, entries: list[Entry]) -> None:
        found = [(scope["domain"], one) for scope in entries for one in scope["repositories"]]
        world.fill(filling.domain(scope["domain"]) for scope in entries)
        world.fill(filling.domain_policy(scope["domain"], scope["policy"]) for scope in entries)
        world.fill(filling.domain_repository(domain, one["repository"]) for domain, one in found)
        world.fill(filling.domain_repository_policy(domain, one["repository"], one["policy"]) for domain, one in found)


class OneDomain(CodeArtifactFleet):
    """What a beginner has."""

    name, title = "one_codeartifact", "One CodeArtifact domain with one repository"
    repositories = 1
    sizes, growth, steady = (1,), (), None


def _repository(number: int, token: int) -> Entry:
    """A remote repository, by its number in the project, with a token that no other has."""
    return {
        "repository": f"remote-{number:05}",
        "secret": f"index-token-{number:05}",
        "token": filling.token(token),
        "package": filling.PACKAGE,
    }

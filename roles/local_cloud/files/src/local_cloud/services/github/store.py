# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What GitHub keeps: accounts, their repositories with all that is in them, tokens and runs of workflows."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from local_cloud.services.github.accounts import Account
from local_cloud.services.github.git import HEADS, Git
from local_cloud.services.github.id_tokens import SigningKey
from local_cloud.services.github.rate import RateLimits
from local_cloud.services.github.tokens import Token
from local_cloud.services.github.workflows import WORKFLOWS


@dataclass
class BranchPolicy:
    """A pattern of branches or tags that may deploy to an environment."""

    id: int
    name: str
    kind: str


@dataclass(frozen=True)
class App:
    """An app that is installed on a repository, and has a rule for deployments."""

    id: int
    slug: str


@dataclass
class Environment:
    """``reviewers`` are kinds and ids; ``deployment`` is None where every ref may deploy; ``apps`` by the numbers of their rules."""

    id: int
    name: str
    created: datetime
    updated: datetime
    wait_timer: int = 0
    prevent_self_review: bool = False
    reviewers: list[tuple[str, int]] = field(default_factory=list)
    deployment: dict[str, bool] | None = None
    policies: dict[int, BranchPolicy] = field(default_factory=dict)
    apps: dict[int, App] = field(default_factory=dict)
    secrets: dict[str, Secret] = field(default_factory=dict)

    @property
    def takes_patterns(self) -> bool:
        return bool(self.deployment and self.deployment["custom_branch_policies"])


@dataclass
class Secret:
    """That there is one, and since when. What it holds is forgotten at once."""

    name: str
    created: datetime
    updated: datetime


@dataclass
class Pull:
    number: int
    id: int
    title: str
    body: str | None
    head: str
    base: str
    head_sha: str
    base_sha: str
    author: str
    created: datetime
    updated: datetime
    draft: bool = False
    state: str = "open"
    closed: datetime | None = None
    merged: datetime | None = None
    merged_by: str | None = None
    merge_commit: str | None = None


@dataclass
class Ruleset:
    id: int
    name: str
    target: str
    enforcement: str
    created: datetime
    updated: datetime
    bypass_actors: list[dict[str, Any]] = field(default_factory=list)
    conditions: dict[str, Any] = field(default_factory=dict)
    rules: list[dict[str, Any]] = field(default_factory=list)


@dataclass
class Repository:
    """``collaborators`` and ``teams`` have roles: read, write or admin; ``apps`` by their ids."""

    id: int
    owner: Account
    name: str
    created: datetime
    private: bool = False
    archived: bool = False
    default_branch: str = "main"
    collaborators: dict[str, str] = field(default_factory=dict)
    teams: dict[str, str] = field(default_factory=dict)
    git: Git = field(default_factory=Git)
    environments: dict[str, Environment] = field(default_factory=dict)
    secrets: dict[str, Secret] = field(default_factory=dict)
    pulls: dict[int, Pull] = field(default_factory=dict)
    rulesets: dict[int, Ruleset] = field(default_factory=dict)
    apps: dict[int, App] = field(default_factory=dict)

    @property
    def full_name(self) -> str:
        return f"{self.owner.login}/{self.name}"

    def branch(self, name: str) -> str | None:
        """The commit of a branch."""
        return self.git.get(HEADS + name)


@dataclass(frozen=True)
class Run:
    """Of a job. ``claims`` replace those that the token would have; one that is None is left out."""

    id: str
    request_token: str
    repository: Repository
    ref: str
    sha: str
    workflow: str
    job: str
    environment: str
    event_name: str
    actor: str
    actor_id: str
    may_have_id_token: bool = True
    claims: Mapping[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        return self.repository.full_name

    @property
    def workflow_ref(self) -> str:
        return f"{self.repository.full_name}/{WORKFLOWS}{self.workflow}@{self.ref}"


class GitHub:
    """Names of accounts and repositories are found in any case, and answered in their own."""

    def __init__(self, signing_key: SigningKey) -> None:
        self.signing_key = signing_key
        self._ids = itertools.count(1001)
        self.accounts: dict[str, Account] = {}
        self.repositories: dict[str, Repository] = {}
        #: Names that repositories had before.
        self.former: dict[str, Repository] = {}
        self.tokens: dict[str, Token] = {}
        self.runs: dict[str, Run] = {}
        self.rates = RateLimits()
        #: The version of an enterprise server that this is.
        self.version = "3.19.0"

    def new_id(self) -> int:
        return next(self._ids)

    def account(self, login: str) -> Account | None:
        return self.accounts.get(login.lower())

    def account_by_id(self, number: int) -> Account | None:
        return next((account for account in self.accounts.values() if account.id == number), None)

    def repository(self, full_name: str) -> Repository | None:
        return self.repositories.get(full_name.lower())

    def repository_by_id(self, number: str) -> Repository | None:
        return next((found for found in self.repositories.values() if str(found.id) == number), None)

    def public_repositories(self, owner: Account) -> int:
        return sum(not found.private for found in self.repositories.values() if found.owner is owner)

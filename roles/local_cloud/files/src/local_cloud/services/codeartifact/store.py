# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What CodeArtifact keeps: domains with repositories with packages, and policies. Each region is a world of its own."""

from __future__ import annotations

import base64
import os
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime
from typing import ClassVar

from local_cloud.services.codeartifact.arns import ResourceArn
from local_cloud.services.codeartifact.authorization import Tokens
from local_cloud.services.codeartifact.errors import conflict, missing
from local_cloud.services.codeartifact.identities import Identities
from local_cloud.services.codeartifact.packages import Packages


@dataclass(frozen=True)
class Policy:
    """A document as it was given. The revision is another one after each put."""

    document: str
    revision: str = field(default_factory=lambda: base64.b64encode(os.urandom(24)).decode())


@dataclass
class Governed:
    """A domain or a repository: it has an ARN, a policy or none, and tags."""

    arn: ResourceArn
    created: datetime
    tags: dict[str, str]
    policy: Policy | None = field(default=None, init=False)

    @property
    def kind(self) -> str:
        return "repository" if self.arn.repository else "domain"

    @property
    def path(self) -> str:
        """How errors and the call list name it."""
        return "/".join(filter(None, (self.arn.domain, self.arn.repository)))

    def require_policy(self) -> Policy:
        """Raises AwsError: ResourceNotFoundException, as for what does not exist, when there is no policy."""
        if self.policy is None:
            raise missing(f"Policy not found. The {self.kind} has no permissions policy.", self.kind, self.path)
        return self.policy

    def check_revision(self, given: str | None) -> None:
        """Raises AwsError: ConflictException unless the given revision, if any, is the present one."""
        if given is not None and (self.policy is None or self.policy.revision != given):
            raise conflict("The policy revision is not that of the present policy.", self.kind, self.path)


@dataclass
class Repository(Governed):
    administrator: str
    description: str | None
    upstreams: list[str]
    external_connection: str | None = None
    packages: Packages = field(default_factory=Packages)


@dataclass
class PackageGroup:
    """``modes`` by setting, and for each the repositories of a mode that allows some. It has no policy."""

    domain: ResourceArn
    pattern: str
    created: datetime
    contact: str | None
    description: str | None
    tags: dict[str, str]
    modes: dict[str, str]
    allowed: defaultdict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    kind: ClassVar[str] = "domain"

    @property
    def arn(self) -> str:
        return self.domain.package_group(self.pattern)

    @property
    def path(self) -> str:
        return f"{self.domain.domain}{self.pattern}"


@dataclass
class Domain(Governed):
    """``groups`` by pattern: the root is always there."""

    encryption_key: str
    repositories: dict[str, Repository] = field(default_factory=dict)
    groups: dict[str, PackageGroup] = field(default_factory=dict)


# Domains by owner and name.
World = dict[tuple[str, str], Domain]


class CodeArtifact:
    """All regions, and who may call."""

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        self.worlds: defaultdict[str, World] = defaultdict(dict)
        self.identities = Identities()
        self.tokens = Tokens()

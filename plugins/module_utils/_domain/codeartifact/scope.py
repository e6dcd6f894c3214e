# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""A domain of CodeArtifact with its repositories and their policies, as they were read. Pure."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass
from functools import cached_property

from ..iam.callers import is_caller
from ..iam.documents import Document
from ..iam.principals import ANYBODY, by_kind, simple_name
from ..iam.statements import ALLOW, Statement, read_statements
from .actions import PREFIX
from .names import DOMAIN, REPOSITORY


@dataclass(frozen=True)
class Governed:
    """A domain or repository, and the policy that it has, if any."""

    domain: str
    #: None for the domain.
    repository: str | None = None
    #: The account that administers the repository.
    administrator: str | None = None
    policy: Document | None = None
    #: None when there is no policy, or its revision is not known.
    revision: str | None = None

    @cached_property
    def statements(self) -> tuple[Statement, ...]:
        """The policy's statements, ready to be evaluated."""
        return read_statements(REPOSITORY if self.repository else DOMAIN, self.policy)

    @cached_property
    def principals(self) -> tuple[str, ...]:
        """The users, roles, sessions and accounts that the policy names, accounts by their ids. Nobody who is no more."""
        return _named(self.statements)

    @cached_property
    def favored(self) -> tuple[str, ...]:
        """Those of them that a statement which allows names: neither whom it is not about, nor who is only denied something."""
        return _named(one for one in self.statements if one.reference.effect == ALLOW and not one.not_principal)

    @cached_property
    def speaks_of_anybody(self) -> bool:
        """Whether a statement can be about somebody whom no policy names."""
        return any(one.not_principal or ANYBODY in by_kind(one.principal).get("AWS", []) for one in self.statements)


def _named(statements: t.Iterable[Statement]) -> tuple[str, ...]:
    named = (
        simple_name(principal)
        for statement in statements
        for principal in by_kind(statement.principal).get("AWS", [])
        if is_caller(principal)
    )
    return tuple(dict.fromkeys(named))


@dataclass(frozen=True)
class Scope:
    """A domain with those of its repositories that are looked at."""

    #: The account that owns it.
    owner: str
    region: str
    domain: Governed
    repositories: tuple[Governed, ...] = ()
    partition: str = "aws"

    @classmethod
    def at(cls, arn: str, domain: Governed, repositories: tuple[Governed, ...] = ()) -> Scope:
        """The scope that the ARN of a domain, or of something in it, is in."""
        _start, partition, _service, region, owner, _path = arn.split(":", 5)
        return cls(owner, region, domain, repositories, partition)

    @property
    def name(self) -> str:
        """The domain's name."""
        return self.domain.domain

    def arn(self, kind: str, *path: str) -> str:
        """The ARN of something in the domain, and without a path of the domain itself."""
        root = f"arn:{self.partition}:{PREFIX}{self.region}:{self.owner}"
        return f"{root}:{'/'.join((kind, self.name, *path))}"

    @property
    def governed(self) -> t.Iterator[Governed]:
        """All that has, or may have, a policy."""
        yield self.domain
        yield from self.repositories

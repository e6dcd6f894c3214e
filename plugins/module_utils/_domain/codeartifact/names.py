# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Names of CodeArtifact's domains and repositories. Pure. Source of the patterns: CodeArtifact's service model."""

from __future__ import annotations

import re
import typing as t
from dataclasses import dataclass

from ..._base.errors import InvalidInput, NotFound

Options = t.Mapping[str, t.Any]

_DOMAIN = re.compile(r"[a-z][a-z0-9-]{0,48}[a-z0-9]")
_REPOSITORY = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{1,99}")
_ACCOUNT = re.compile(r"[0-9]{12}")


@dataclass(frozen=True)
class DomainName:
    """A domain. Without C(owner) it is one of the caller's account."""

    domain: str
    owner: str | None = None

    kind: t.ClassVar[str] = "domain"

    @property
    def arguments(self) -> dict[str, str]:
        """The parameters by which the API's methods name it."""
        return {"domain": self.domain, **({"domainOwner": self.owner} if self.owner else {})}

    def __str__(self) -> str:
        return f"domain {self.domain}" + (f" of account {self.owner}" if self.owner else "")


@dataclass(frozen=True)
class RepositoryName:
    """A repository of a domain."""

    domain: DomainName
    repository: str

    kind: t.ClassVar[str] = "repository"

    @property
    def arguments(self) -> dict[str, str]:
        """The parameters by which the API's methods name it."""
        return {**self.domain.arguments, "repository": self.repository}

    def __str__(self) -> str:
        owner = f" of account {self.domain.owner}" if self.domain.owner else ""
        return f"repository {self.domain.domain}/{self.repository}{owner}"


#: What has a policy, and how that policy is called.
DOMAIN, REPOSITORY = DomainName.kind, RepositoryName.kind
Name: t.TypeAlias = "DomainName | RepositoryName"


def domain_name(options: Options) -> DomainName:
    """The domain that the options name. Raises InvalidInput."""
    domain, owner = options.get("domain"), options.get("domain_owner")
    if not domain:
        raise InvalidInput("domain is missing: give the name of a CodeArtifact domain.")
    if not _DOMAIN.fullmatch(domain):
        raise InvalidInput(
            f"domain {domain!r} is not a domain's name: 2 to 50 lower-case letters, digits and hyphens, a letter first and no "
            "hyphen last."
        )
    if owner is not None and not _ACCOUNT.fullmatch(owner):
        raise InvalidInput(f"domain_owner {owner!r} is not an account's id: give its 12 digits, in quotes.")
    return DomainName(domain, owner)


def repository_name(options: Options) -> RepositoryName:
    """The repository that the options name. Raises InvalidInput."""
    domain, repository = domain_name(options), options.get("repository")
    if not repository:
        raise InvalidInput("repository is missing: give the name of a repository of the domain.")
    if not _REPOSITORY.fullmatch(repository):
        raise InvalidInput(
            f"repository {repository!r} is not a repository's name: 2 to 100 letters, digits, dots, hyphens and underscores, a "
            "letter or digit first."
        )
    return RepositoryName(domain, repository)


def no_such(name: Name, region: str) -> NotFound:
    """The error for a domain or repository that does not exist, with what may be wrong.

    :param region: the region that was asked, which may come from the environment or a profile and surprise
    """
    hint = "" if name.arguments.get("domainOwner") else " A domain of another account needs domain_owner."
    return NotFound(f"There is no {name} in the region {region}.{hint}")

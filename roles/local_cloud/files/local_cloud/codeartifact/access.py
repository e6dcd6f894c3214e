# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who calls, from where, and whether they may: finds domains and repositories and asks ``evaluation`` about them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from local_cloud.codeartifact.actions import PREFIX
from local_cloud.codeartifact.arns import ResourceArn
from local_cloud.codeartifact.documents import Document, read
from local_cloud.codeartifact.errors import denied, missing
from local_cloud.codeartifact.evaluation import Surroundings, evaluate
from local_cloud.codeartifact.identities import Identity
from local_cloud.codeartifact.statements import Request
from local_cloud.codeartifact.store import Domain, Governed, Repository, World


@dataclass(frozen=True)
class Access:
    """One caller in one region, now."""

    world: World
    region: str
    caller: Identity
    source_ip: str
    now: datetime

    def __str__(self) -> str:
        return self.caller.arn

    def arn(self, domain: str, owner: str | None, repository: str = "") -> ResourceArn:
        """The ARN of a domain or repository; without an owner it is one of the caller's account."""
        return ResourceArn(self.region, owner or self.caller.account, domain, repository)

    def domain(self, action: str, arn: ResourceArn) -> Domain:
        """The domain, for an action on it.

        Raises:
            AwsError: AccessDeniedException, or ResourceNotFoundException for who may.
        """
        self.require(action, str(arn), arn)
        return self.existing_domain(arn)

    def repository(self, action: str, arn: ResourceArn, resource: str | None = None) -> Repository:
        """The repository, for an action on it or on a resource in it. Raises AwsError, as ``domain`` does."""
        self.require(action, resource or str(arn), arn)
        repository = self.existing_domain(arn).repositories.get(arn.repository)
        if repository is None:
            path = f"{arn.domain}/{arn.repository}"
            raise missing(f"Repository not found. Repository {path} does not exist.", "repository", path)
        return repository

    def existing_domain(self, arn: ResourceArn) -> Domain:
        """Raises AwsError: ResourceNotFoundException."""
        domain = self.world.get((arn.owner, arn.domain))
        if domain is None:
            raise missing(
                f"Domain not found. Domain {arn.domain} of the account {arn.owner} does not exist.",
                "domain",
                arn.domain,
            )
        return domain

    def require(self, action: str, resource: str, arn: ResourceArn | None, **more: str) -> None:
        """Ask whether the caller may do an action on a resource that lies at ``arn`` (None: in the caller's account).

        An action without a service is one of CodeArtifact's; ``more`` goes to the context.

        Raises:
            AwsError: AccessDeniedException, in IAM's words.
        """
        full_action = action if ":" in action else PREFIX + action
        request = Request(self.caller, full_action, resource, self._context() | more)
        decision = evaluate(request, self._surroundings(arn))
        if not decision.allowed:
            raise denied(
                f"User: {self.caller.arn} is not authorized to perform: {full_action} on resource: {resource} "
                f"{decision.reason}"
            )

    def _surroundings(self, arn: ResourceArn | None) -> Surroundings:
        if arn is None:
            return Surroundings(self.caller.account)
        domain = self.world.get((arn.owner, arn.domain))
        repository = domain.repositories.get(arn.repository) if domain else None
        administrator = repository.administrator if repository else None
        return Surroundings(arn.owner, administrator, _document(domain), _document(repository))

    def _context(self) -> dict[str, str]:
        context = {
            "aws:currenttime": self.now.isoformat(),
            "aws:principalaccount": self.caller.account,
            "aws:principalarn": self.caller.principal_arn,
            # AWS takes nothing else; that the loopback carries it in the clear is no concern of a policy's.
            "aws:securetransport": "true",
            "aws:sourceip": self.source_ip,
        }
        if self.caller.organization:
            context["aws:principalorgid"] = self.caller.organization
        return context


def _document(governed: Governed | None) -> Document | None:
    return read(governed.policy.document) if governed is not None and governed.policy is not None else None

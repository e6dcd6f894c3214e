# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who calls, from where, and whether they may: finds domains and repositories, and asks the judge."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime

from local_cloud.services.codeartifact.actions import PREFIX
from local_cloud.services.codeartifact.arns import ResourceArn
from local_cloud.services.codeartifact.errors import denied, missing
from local_cloud.services.codeartifact.identities import Identity
from local_cloud.services.codeartifact.judge import Document, Policies, Request, refusal
from local_cloud.services.codeartifact.store import Domain, Governed, PackageGroup, Repository, World


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

    def package_group(self, action: str, arn: ResourceArn, pattern: str) -> tuple[Domain, PackageGroup]:
        """A domain and its group of a pattern, for an action on the group. Raises AwsError, as ``domain`` does."""
        self.require(action, arn.package_group(pattern), arn)
        domain = self.existing_domain(arn)
        if pattern not in domain.groups:
            # The service has no name for this kind of resource.
            raise missing(
                f"Package group not found. Package group {pattern} does not exist.", None, f"{arn.domain}{pattern}"
            )
        return domain, domain.groups[pattern]

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
        request = Request(self.caller.principal, full_action, resource, self._context(more))
        why = refusal(request, self._policies(arn))
        if why:
            raise denied(
                f"User: {self.caller.arn} is not authorized to perform: {full_action} on resource: {resource} {why}"
            )

    def _policies(self, arn: ResourceArn | None) -> Policies:
        if arn is None:
            return Policies(self.caller.account, identity=self.caller.policies)
        domain = self.world.get((arn.owner, arn.domain))
        repository = domain.repositories.get(arn.repository) if domain else None
        return Policies(
            arn.owner,
            repository.administrator if repository else None,
            self.caller.policies,
            _document(domain),
            _document(repository),
        )

    def _context(self, more: dict[str, str]) -> dict[str, list[str] | None]:
        """What is known of every request. Of other keys nothing is, so what depends on them is refused."""
        caller = self.caller.principal
        user = None if caller.is_root or caller.role else caller.arn.rpartition("/")[2]
        known = {
            "aws:CurrentTime": self.now.isoformat(),
            "aws:EpochTime": str(int(self.now.timestamp())),
            "aws:PrincipalAccount": caller.account,
            "aws:PrincipalArn": caller.role or caller.arn,
            "aws:PrincipalIsAWSService": "false",
            "aws:PrincipalOrgID": self.caller.organization or None,
            "aws:RequestedRegion": self.region,
            # AWS takes nothing else; that the loopback carries it in the clear is no concern of a policy's.
            "aws:SecureTransport": "true",
            "aws:SourceIp": self.source_ip,
            "aws:username": user,
            "sts:AWSServiceName": None,
            **more,
        }
        return {key.lower(): None if value is None else [value] for key, value in known.items()}


def _document(governed: Governed | None) -> Document | None:
    return json.loads(governed.policy.document) if governed is not None and governed.policy is not None else None

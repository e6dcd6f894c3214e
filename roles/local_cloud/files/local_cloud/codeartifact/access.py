# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who calls, from where, and whether they may: finds domains and repositories, and has the collection's evaluator judge."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from ansible_collections.pkgops.registry_auth.plugins.module_utils._domain.codeartifact.actions import PREFIX
from ansible_collections.pkgops.registry_auth.plugins.module_utils._domain.codeartifact.evaluation import (
    ALLOWED,
    DEPENDS,
    Decision,
    Policies,
    evaluate,
)
from ansible_collections.pkgops.registry_auth.plugins.module_utils._domain.codeartifact.names import DOMAIN, REPOSITORY
from ansible_collections.pkgops.registry_auth.plugins.module_utils._domain.iam.conditions import Context
from ansible_collections.pkgops.registry_auth.plugins.module_utils._domain.iam.statements import (
    IDENTITY,
    Request,
    Statement,
    read_statements,
)

from local_cloud.codeartifact.arns import ResourceArn
from local_cloud.codeartifact.errors import denied, missing
from local_cloud.codeartifact.identities import Identity
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
        request = Request(self.caller.principal, full_action, resource, {**self._context(), **more})
        decision = evaluate(request, self._policies(arn))
        if decision.outcome != ALLOWED:
            raise denied(
                f"User: {self.caller.arn} is not authorized to perform: {full_action} on resource: {resource} "
                f"{_refusal(decision)}"
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
            _statements(DOMAIN, domain),
            _statements(REPOSITORY, repository),
        )

    def _context(self) -> Context:
        """What is known of every request. Of other keys nothing is, so what depends on them is refused."""
        return {
            "aws:CurrentTime": self.now.isoformat(),
            "aws:PrincipalOrgID": self.caller.organization or None,
            # AWS takes nothing else; that the loopback carries it in the clear is no concern of a policy's.
            "aws:SecureTransport": "true",
            "aws:SourceIp": self.source_ip,
            "sts:AWSServiceName": None,
        }


def _statements(kind: str, governed: Governed | None) -> tuple[Statement, ...]:
    policy = governed.policy if governed is not None else None
    return _read(kind, policy.document) if policy is not None else ()


@lru_cache(maxsize=8192)
def _read(kind: str, document: str) -> tuple[Statement, ...]:
    return read_statements(kind, json.loads(document))


def _refusal(decision: Decision) -> str:
    """Why, as AWS puts it. AWS would know on what it depends; here that is a refusal, and said."""
    if decision.outcome == DEPENDS:
        return f"because the local cloud cannot tell; it depends {decision.reason}"
    if decision.lacking:
        kind = "identity" if IDENTITY in decision.lacking[0] else "resource"
        return f"because no {kind}-based policy allows the {decision.action} action"
    kind = "an identity" if decision.statements[0].policy == IDENTITY else "a resource"
    return f"with an explicit deny in {kind}-based policy"

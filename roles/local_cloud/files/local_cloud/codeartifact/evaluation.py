# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""May this caller do that? The one place that decides, without any state.

Source: CodeArtifact User Guide, "Repository policies", its section on the interaction of repository and domain policies:

* no resource policy counts for what concerns an account (ListDomains, ListRepositories), and no repository's policy for
  what concerns a domain;
* the domain's policy does not count for putting itself; for putting a repository's policy the domain's does, and the
  repository's does not;
* an explicit deny wins, wherever it is;
* in the account that owns the domain or administers the repository, an identity policy or a resource policy is enough;
* in any other account, an identity policy and a resource policy must allow.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from local_cloud.codeartifact.actions import ACCOUNT_LEVEL, PREFIX, domain_policy_counts, repository_policy_counts
from local_cloud.codeartifact.documents import Document, statements
from local_cloud.codeartifact.statements import Request, applies


@dataclass(frozen=True)
class Decision:
    """``reason`` is as AWS puts it, after "is not authorized to perform ... on resource ..."."""

    allowed: bool
    reason: str


@dataclass(frozen=True)
class Surroundings:
    """Where a request is made: who owns the domain and administers the repository, and their policies."""

    owner: str
    administrator: str | None = None
    domain_policy: Document | None = None
    repository_policy: Document | None = None

    def policies_for(self, action: str) -> list[Document]:
        """The resource policies that count for an action."""
        name = action.removeprefix(PREFIX)
        found = [self.domain_policy] if domain_policy_counts(name) else []
        found += [self.repository_policy] if repository_policy_counts(name) else []
        return [policy for policy in found if policy is not None]


def evaluate(request: Request, around: Surroundings) -> Decision:
    """Decide by the caller's identity policies and the resource policies that count."""
    resource_policies = around.policies_for(request.action)
    by_identity = _effects(request.caller.policies, request, to_principals=False)
    by_resource = _effects(resource_policies, request, to_principals=True)
    for effects, kind in ((by_identity, "an identity-based"), (by_resource, "a resource-based")):
        if "Deny" in effects:
            return Decision(False, f"with an explicit deny in {kind} policy")
    kinds = {"identity-based": "Allow" in by_identity, "resource-based": "Allow" in by_resource}
    of_account = request.action.removeprefix(PREFIX) in ACCOUNT_LEVEL
    at_home = of_account or request.caller.account in {around.owner, around.administrator}
    if any(kinds.values()) if at_home else all(kinds.values()):
        return Decision(True, f"allowed by {' and '.join(kind for kind, allows in kinds.items() if allows)} policies")
    lacking = next(kind for kind, allows in kinds.items() if not allows)
    return Decision(False, f"because no {lacking} policy allows the {request.action} action")


def _effects(policies: Sequence[Document], request: Request, *, to_principals: bool) -> set[str]:
    return {
        statement["Effect"]
        for policy in policies
        for statement in statements(policy)
        if applies(statement, request, to_principals=to_principals)
    }

# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a caller certainly may not do in CodeArtifact, as far as the policies of domains and repositories decide it. Pure.

The caller's own policies are not known. So nothing is ever certainly allowed, and two things are certainly refused: what a resource policy
denies, and what another account than the domain's wants to do without a resource policy that allows it.
"""

from __future__ import annotations

from dataclasses import dataclass

from ..iam.callers import Caller
from ..iam.documents import Document
from ..iam.statements import DENY, Request, read_statements
from .evaluation import DENIED, Decision, Policies, evaluate
from .names import DOMAIN, REPOSITORY


@dataclass(frozen=True)
class Known:
    """What is known of a domain, and of a repository in it."""

    #: The account that owns the domain.
    owner: str
    #: The policies that the domain may have when it is asked: it has one of these. None in it is no policy.
    domain: tuple[Document | None, ...] = (None,)
    repository: Document | None = None

    @property
    def denies_anything(self) -> bool:
        """Whether some policy has a statement that denies."""
        read = read_statements(DOMAIN, *self.domain, self.repository)
        return any(one.reference.effect == DENY for one in read)


def certain_refusal(caller: Caller, action: str, resource: str, known: Known) -> str | None:
    """Why an action will be refused in any case, None where that is not certain.

    :param action: with its service
    :param resource: the ARN that it is asked of
    """
    decisions = [_decision(caller, action, resource, known, domain) for domain in known.domain]
    return decisions[0].reason if all(one.outcome == DENIED for one in decisions) else None


def _decision(caller: Caller, action: str, resource: str, known: Known, domain: Document | None) -> Decision:
    # Who administers a repository is not known, and it may be the caller's account.
    administrator = caller.account if caller.account != known.owner else None
    policies = Policies(
        known.owner,
        administrator,
        None,
        read_statements(DOMAIN, domain),
        read_statements(REPOSITORY, known.repository),
    )
    return evaluate(Request(caller, action, resource), policies)

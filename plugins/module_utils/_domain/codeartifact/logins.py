# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Grants on a repository that are of no use yet, because the domain's policy lets their principals not log in. Pure.

Source: CodeArtifact User Guide, "Repository policies": for another account, the domain's policy must grant at least
C(codeartifact:GetAuthorizationToken).
"""

from __future__ import annotations

import json
import typing as t

from ..iam.principals import account_of
from .actions import PREFIX
from .callers import Caller
from .documents import Document
from .evaluation import DENIED, Decision, Policies, evaluate
from .grants import Grant
from .statements import DOMAIN, IDENTITY, Request, read_statements

LOG_IN = f"{PREFIX}GetAuthorizationToken"
# As if each account lets its own users do all: their policies are not known here, and not what is asked.
_WILLING = read_statements(IDENTITY, {"Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}})


def outsiders(grants: t.Iterable[Grant], owner: str) -> list[str]:
    """The principals of grants that are in other accounts than the domain's. Everybody is in none."""
    found = {
        principal
        for grant in grants
        if grant.present
        for principal in grant.principals
        if account_of(principal) not in (None, owner)
    }
    return sorted(found)


def missing_logins(
    principals: t.Iterable[str], owner: str, domain_arn: str, policy: Document | None
) -> tuple[str, ...]:
    """Sentences on those principals that the domain's policy, as it is, certainly does not let log in.

    :param principals: accounts, users and roles of other accounts than C(owner)
    :param domain_arn: the domain that C(policy) is of; None is no policy
    """
    policies = Policies(owner, identity=_WILLING, domain=read_statements(DOMAIN, policy))
    decisions = {
        principal: evaluate(Request(Caller.of(principal), LOG_IN, domain_arn), policies) for principal in principals
    }
    refused = {principal: decision for principal, decision in decisions.items() if decision.outcome == DENIED}
    return tuple(_sentences(refused))


def _sentences(refused: t.Mapping[str, Decision]) -> t.Iterator[str]:
    unnamed = [principal for principal, decision in refused.items() if decision.lacking]
    if unnamed:
        statement = {
            "Effect": "Allow",
            "Principal": {"AWS": unnamed[0] if len(unnamed) == 1 else unnamed},
            "Action": LOG_IN,
            "Resource": "*",
        }
        yield (
            f"{', '.join(unnamed)} cannot log in, so that grants to them cannot work yet: the domain's policy, as it is now, lacks the "
            f"statement {json.dumps(statement)}, which a grant of login in codeartifact_domain_policy makes."
        )
    for principal, decision in refused.items():
        if not decision.lacking:
            yield f"{principal} cannot log in, so that grants to it cannot work: {LOG_IN} is denied {decision.reason}."

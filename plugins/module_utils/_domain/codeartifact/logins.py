# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Grants on a repository that are of no use yet, because the domain's policy does not let their principals log in. Pure.

Source: CodeArtifact User Guide, "Repository policies": for another account, the domain's policy must grant at least
C(codeartifact:GetAuthorizationToken).
"""

from __future__ import annotations

import json
import typing as t
from collections import defaultdict

from ..._base.findings import MEDIUM, Finding
from ..iam.callers import Caller
from ..iam.documents import Document
from ..iam.principals import account_of
from ..iam.statements import Request, read_statements
from .access import LOGIN
from .actions import GET_AUTHORIZATION_TOKEN, PREFIX
from .evaluation import DENIED, WILLING, Policies, evaluate
from .grants import Grant
from .matrix import Matrix
from .names import DOMAIN
from .remedies import grants_task
from .scope import Governed

_LOG_IN = f"{PREFIX}{GET_AUTHORIZATION_TOKEN}"
#: Principals of one account to name in a sentence or a grant; more of them are better granted as their account.
_FEW = 20


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
) -> t.Iterator[str]:
    """Sentences on those principals that the domain's policy, as it is, certainly does not let log in.

    :param principals: accounts, users and roles of other accounts than C(owner)
    :param domain_arn: the domain that C(policy) is of; None is no policy
    """
    policies = Policies(owner, identity=WILLING, domain=read_statements(DOMAIN, policy))
    unnamed = []
    for principal in principals:
        decision = evaluate(Request(Caller.of_principal(principal), _LOG_IN, domain_arn), policies)
        if decision.lacking:
            unnamed.append(principal)
        elif decision.outcome == DENIED:
            yield f"{principal} cannot log in, so that grants to it cannot work: {_LOG_IN} is denied {decision.reason}."
    if unnamed:
        named = unnamed[0] if len(unnamed) == 1 else unnamed
        statement = {"Effect": "Allow", "Principal": {"AWS": named}, "Action": _LOG_IN, "Resource": "*"}
        yield f"{_says(', '.join(unnamed))} A grant of login in codeartifact_domain_policy makes it: {json.dumps(statement)}."


def _says(who: str) -> str:
    return (
        f"The domain policy does not let {who} log in: it has no statement that allows {_LOG_IN} to them. What policies of repositories "
        "grant them takes no effect."
    )


def login_findings(matrix: Matrix) -> t.Iterator[Finding]:
    """One finding for each account: a domain has one policy for all of its repositories."""
    scope = matrix.scope
    useless: defaultdict[str, set[str]] = defaultdict(set)
    for repository in scope.repositories:
        for name in repository.favored:
            account = str(account_of(name))
            if account != scope.owner and name not in useless[account] and _may_do_something(matrix, name, repository):
                login = matrix.row(name, scope.domain).verdicts.by_access[LOGIN]
                if login.outcome == DENIED and not login.explicit:
                    useless[account].add(name)
    for account, names in sorted(useless.items()):
        if names:
            whole = account in names or len(names) > _FEW
            principals = [account] if whole else sorted(names)
            among = f" (among them {', '.join(sorted(names)[:_FEW])})" if whole and account not in names else ""
            grant = {"name": f"login-{account}", "principals": principals, "access": [LOGIN]}
            yield Finding(
                "no_login",
                f"domain {scope.name}",
                _says(f"account {account}{among}" if whole else ", ".join(principals)),
                grants_task(scope, scope.domain, grant, "Let them log in"),
                MEDIUM,
                {"domain": scope.name, "repository": None, "statement": None, "sid": None},
            )


def _may_do_something(matrix: Matrix, name: str, repository: Governed) -> bool:
    return any(verdict.outcome != DENIED for verdict in matrix.row(name, repository).verdicts.by_access.values())

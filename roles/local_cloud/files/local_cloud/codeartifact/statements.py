# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether one statement of a policy speaks of a request."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from local_cloud.codeartifact import arns
from local_cloud.codeartifact.conditions import holds
from local_cloud.codeartifact.documents import as_list
from local_cloud.codeartifact.identities import Identity
from local_cloud.codeartifact.patterns import matches

_ROLE = ":role/"


@dataclass(frozen=True)
class Request:
    """What is asked: may the caller do the action (``codeartifact:ReadFromRepository``) on the resource?"""

    caller: Identity
    action: str
    resource: str
    context: Mapping[str, str]


def applies(statement: Mapping[str, Any], request: Request, *, to_principals: bool) -> bool:
    """Whether the statement's effect is that on the request. ``to_principals``: the policy is that of a resource.

    What cannot be told counts against the caller: an Allow does not apply, a Deny does.
    """
    if to_principals and not _names_caller(statement, request.caller):
        return False
    if not _names(statement, "Action", request.action.lower(), fold=True):
        return False
    denies = statement["Effect"] == "Deny"
    if _has_variable(statement):
        found = None
    elif not _names(statement, "Resource", request.resource, fold=False):
        return False
    else:
        found = holds(statement.get("Condition", {}), request.context)
    return denies if found is None else found


def covers(principal: str, caller: Identity) -> bool:
    """Whether one principal of a policy is the caller: everyone, an account, a user, a role, or a session of it."""
    if principal in {"*", caller.account, arns.account_root(caller.account), caller.arn}:
        return True
    if not caller.role:
        return False
    # The ARN of a session does not tell the path of its role.
    account, _role, name = principal.removeprefix(f"arn:{arns.PARTITION}:iam::").partition(_ROLE)
    return account == caller.account and name.rpartition("/")[2] == caller.role


def _names_caller(statement: Mapping[str, Any], caller: Identity) -> bool:
    negated = "NotPrincipal" in statement
    element = statement["NotPrincipal" if negated else "Principal"]
    # Only callers of the kind AWS exist here.
    principals = ["*"] if element == "*" else as_list(element.get("AWS", []))
    return any(covers(principal, caller) for principal in principals) != negated


def _names(statement: Mapping[str, Any], element: str, value: str, *, fold: bool) -> bool:
    negated = f"Not{element}" in statement
    patterns = as_list(statement[f"Not{element}" if negated else element])
    return any(matches(pattern.lower() if fold else pattern, value) for pattern in patterns) != negated


def _has_variable(statement: Mapping[str, Any]) -> bool:
    resources = as_list(statement.get("Resource", statement.get("NotResource")))
    return any("${" in resource for resource in resources)

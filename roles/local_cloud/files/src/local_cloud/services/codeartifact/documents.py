# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Policy documents: what AWS refuses when one is put. Written apart from what the modules refuse before they call.

Source for the grammar: IAM User Guide, "Grammar of the IAM JSON policy language". CodeArtifact's own rules come from its
guide's pages on repository and domain policies; the words of the refusals are this cloud's.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import Any

from local_cloud.services.codeartifact import arns
from local_cloud.services.codeartifact.actions import ACTIONS, PREFIX, SERVICE_BEARER_TOKEN
from local_cloud.services.codeartifact.arns import ResourceArn
from local_cloud.services.codeartifact.conditions import listed, problem
from local_cloud.services.codeartifact.errors import invalid
from local_cloud.services.codeartifact.judge import statements
from local_cloud.services.codeartifact.wildcards import matches, may_begin_with

_VERSIONS = ("2012-10-17", "2008-10-17")
_ELEMENTS = {
    "Sid",
    "Effect",
    "Principal",
    "NotPrincipal",
    "Action",
    "NotAction",
    "Resource",
    "NotResource",
    "Condition",
}
_ACTION = re.compile(r"\*|[a-z0-9-]+:[A-Za-z0-9*?]+", re.IGNORECASE)
_PATH = r"(?:[\w+=,.@-]+/)*[\w+=,.@-]+"
_AWS_PRINCIPAL = re.compile(
    rf"\*|\d{{12}}|arn:{arns.PARTITION}:(?:iam::\d{{12}}:(?:root|(?:user|role)/{_PATH})"
    r"|sts::\d{12}:(?:assumed-role/[\w+=,.@-]+/[\w+=,.@-]+|federated-user/[\w+=,.@-]+))"
)
_SERVICE_PRINCIPAL = re.compile(r"[a-z0-9-]+(?:\.[a-z0-9-]+)*\.amazonaws\.com")
_ACCOUNT = re.compile(r"\d{12}")


def check_resource_policy(text: str, target: ResourceArn, accounts: Sequence[str]) -> None:
    """Check the policy of a domain or a repository before it is put; ``accounts`` own or administer the target.

    Raises:
        AwsError: ValidationException.
    """
    try:
        document = json.loads(text, object_pairs_hook=_without_duplicates)
    except (ValueError, RecursionError):
        raise invalid("The policy document is not valid JSON.", "CANNOT_PARSE") from None
    _check_document(document, {"Principal", "NotPrincipal"})
    for statement in statements(document):
        principals = _principals(statement)
        _check_actions(statement)
        _check_resources_for(statement, target)
        _check_no_put_for_others(statement, principals, target, accounts)


def check_identity_policy(document: Any) -> None:
    """Check the policy of a user or a role.

    Raises:
        AwsError: ValidationException.
    """
    _check_document(document, set())


def _without_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    if len({name for name, _value in pairs}) != len(pairs):
        raise ValueError
    return dict(pairs)


def _check_document(document: Any, principal_elements: set[str]) -> None:
    if not isinstance(document, dict):
        raise invalid("The policy document is not a JSON object.", "CANNOT_PARSE")
    if unknown := set(document) - {"Version", "Id", "Statement"}:
        raise invalid(f"Invalid policy document: unknown element {min(unknown)}.")
    if document.get("Version", _VERSIONS[0]) not in _VERSIONS or not isinstance(document.get("Id", ""), str):
        raise invalid("Invalid policy document: Version or Id.")
    found = listed(document.get("Statement", []))
    if not found:
        raise invalid("Invalid policy document: there is no statement.")
    sids = []
    for statement in found:
        _check_statement(statement, principal_elements)
        sids += [statement["Sid"]] if statement.get("Sid") else []
    if len(set(sids)) != len(sids):
        raise invalid("Invalid policy document: statement ids (SID) must be unique.")


def _check_statement(statement: Any, principal_elements: set[str]) -> None:
    if not isinstance(statement, dict):
        raise invalid("Invalid policy document: a statement is not an object.")
    known = _ELEMENTS - {"Principal", "NotPrincipal"} | principal_elements
    if unknown := set(statement) - known:
        raise invalid(f"Invalid policy document: unknown element {min(unknown)} in a statement.")
    if statement.get("Effect") not in {"Allow", "Deny"} or not isinstance(statement.get("Sid", ""), str):
        raise invalid("Invalid policy document: Effect or Sid.")
    pairs = [("Action", "NotAction"), ("Resource", "NotResource")]
    pairs += [("Principal", "NotPrincipal")] if principal_elements else []
    for one, other in pairs:
        if (one in statement) == (other in statement):
            raise invalid(f"Invalid policy document: a statement needs one of {one} and {other}.")
    for name in {"Action", "NotAction", "Resource", "NotResource"} & set(statement):
        _check_texts(statement[name], name)
    if not all(_ACTION.fullmatch(action) for action in listed(statement.get("Action", statement.get("NotAction")))):
        raise invalid("Invalid policy document: invalid action.")
    if wrong := problem(statement.get("Condition", {})):
        raise invalid(f"Invalid policy document: {wrong}")


def _check_texts(value: Any, name: str) -> None:
    if not listed(value) or not all(isinstance(item, str) and item for item in listed(value)):
        raise invalid(f"Invalid policy document: {name} must be a text or a list of texts.")


def _principals(statement: dict[str, Any]) -> list[str]:
    """The AWS principals of a statement.

    Raises:
        AwsError: ValidationException for one that cannot be; the id of a deleted user or role is one.
    """
    element = statement.get("Principal", statement.get("NotPrincipal"))
    if element == "*":
        return ["*"]
    if not isinstance(element, dict) or not element:
        raise invalid("Invalid principal in policy.")
    for kind, values in element.items():
        pattern = {"AWS": _AWS_PRINCIPAL, "Service": _SERVICE_PRINCIPAL}.get(kind)
        for value in listed(values) or [None]:
            if pattern is None or not isinstance(value, str) or not pattern.fullmatch(value):
                raise invalid("Invalid principal in policy.")
    return listed(element.get("AWS", []))


def _check_actions(statement: dict[str, Any]) -> None:
    """Each action must be one of CodeArtifact's. That the policy never counts for it is no reason to refuse it."""
    for action in listed(statement.get("Action", [])):
        known = (*ACTIONS, SERVICE_BEARER_TOKEN.lower())
        if not any(matches(action.lower(), name) for name in known):
            raise invalid("Invalid policy document: an action is none of CodeArtifact's.")


def _check_resources_for(statement: dict[str, Any], target: ResourceArn) -> None:
    """Each resource must be the policy's own, inside it or, for a repository's policy, its domain."""
    own = (str(target), str(ResourceArn(target.region, target.owner, target.domain)))
    for resource in listed(statement.get("Resource", statement.get("NotResource"))):
        if not any(matches(resource, arn) for arn in own) and not any(
            may_begin_with(resource, start) for start in target.inside()
        ):
            raise invalid("Invalid policy document: a resource does not belong to the resource of the policy.")


def _check_no_put_for_others(
    statement: dict[str, Any], principals: list[str], target: ResourceArn, accounts: Sequence[str]
) -> None:
    """The right to change the policy cannot be granted to another account.

    Only where the action is named: a wildcard may cover it, without effect.
    """
    put = "PutRepositoryPermissionsPolicy" if target.repository else "PutDomainPermissionsPolicy"
    named = any(action.lower() == (PREFIX + put).lower() for action in listed(statement.get("Action", [])))
    if statement["Effect"] != "Allow" or not named:
        return
    if "NotPrincipal" in statement or not all(_account_of(principal) in accounts for principal in principals):
        raise invalid(f"Invalid policy document: {PREFIX}{put} cannot be granted to another account.")


def _account_of(principal: str) -> str:
    found = _ACCOUNT.search(principal)
    return found[0] if found else ""

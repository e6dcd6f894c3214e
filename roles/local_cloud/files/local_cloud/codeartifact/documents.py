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

from ansible_collections.pkgops.registry_auth.plugins.module_utils._domain.codeartifact.actions import (
    OF_A_REPOSITORY,
    PREFIX,
    SERVICE_BEARER_TOKEN,
    covered,
)
from ansible_collections.pkgops.registry_auth.plugins.module_utils._domain.iam.documents import statements
from ansible_collections.pkgops.registry_auth.plugins.module_utils._domain.iam.principals import as_list
from ansible_collections.pkgops.registry_auth.plugins.module_utils._domain.iam.wildcards import overlap

from local_cloud.codeartifact import arns
from local_cloud.codeartifact.arns import ResourceArn
from local_cloud.codeartifact.errors import invalid

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
_OPERATOR = re.compile(
    r"(?:(?:ForAllValues|ForAnyValue):)?(?:"
    r"String(?:Not)?(?:Equals(?:IgnoreCase)?|Like)|Numeric(?:(?:Not)?Equals|LessThan(?:Equals)?|GreaterThan(?:Equals)?)"
    r"|Date(?:(?:Not)?Equals|LessThan(?:Equals)?|GreaterThan(?:Equals)?)|Bool|BinaryEquals|(?:Not)?IpAddress"
    r"|Arn(?:Not)?(?:Equals|Like))(?:IfExists)?|(?:(?:ForAllValues|ForAnyValue):)?Null"
)


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
        _check_actions_for(statement, target)
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
    found = as_list(document.get("Statement", []))
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
    for name in ("Action", "NotAction", "Resource", "NotResource"):
        if name in statement:
            _check_texts(statement[name], name)
    for action in as_list(statement.get("Action", statement.get("NotAction"))):
        if not _ACTION.fullmatch(action):
            raise invalid("Invalid policy document: invalid action.")
    _check_condition(statement.get("Condition", {}))


def _check_texts(value: Any, name: str) -> None:
    if not as_list(value) or not all(isinstance(item, str) and item for item in as_list(value)):
        raise invalid(f"Invalid policy document: {name} must be a text or a list of texts.")


def _check_condition(condition: Any) -> None:
    if not isinstance(condition, dict):
        raise invalid("Invalid policy document: Condition must be an object.")
    for operator, tests in condition.items():
        if not _OPERATOR.fullmatch(operator):
            raise invalid("Invalid policy document: invalid condition operator.")
        if not isinstance(tests, dict) or not tests:
            raise invalid("Invalid policy document: a condition operator needs an object of keys and values.")
        for values in tests.values():
            if not as_list(values) or not all(isinstance(value, str | bool | int | float) for value in as_list(values)):
                raise invalid("Invalid policy document: invalid value of a condition.")


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
        for value in as_list(values) or [None]:
            if pattern is None or not isinstance(value, str) or not pattern.fullmatch(value):
                raise invalid("Invalid principal in policy.")
    return as_list(element.get("AWS", []))


def _check_actions_for(statement: dict[str, Any], target: ResourceArn) -> None:
    """Each action must be one that the policy of such a resource can speak of; all of CodeArtifact's for a domain's."""
    for action in as_list(statement.get("Action", [])):
        known = covered(action)
        if target.repository:
            known &= OF_A_REPOSITORY
        elif action.lower() == SERVICE_BEARER_TOKEN.lower():
            continue
        if not known:
            kind = "repository" if target.repository else "domain"
            raise invalid(f"Invalid policy document: an action is not valid in the policy of a {kind}.")


def _check_resources_for(statement: dict[str, Any], target: ResourceArn) -> None:
    for resource in as_list(statement.get("Resource", statement.get("NotResource"))):
        if not any(overlap(resource, pattern) for pattern in (str(target), *target.inside())):
            raise invalid("Invalid policy document: a resource does not belong to the resource of the policy.")


def _check_no_put_for_others(
    statement: dict[str, Any], principals: list[str], target: ResourceArn, accounts: Sequence[str]
) -> None:
    """The right to change the policy cannot be granted to another account.

    Only where the action is named: a wildcard may cover it, without effect.
    """
    put = "PutRepositoryPermissionsPolicy" if target.repository else "PutDomainPermissionsPolicy"
    named = any(action.lower() == (PREFIX + put).lower() for action in as_list(statement.get("Action", [])))
    if statement["Effect"] != "Allow" or not named:
        return
    if "NotPrincipal" in statement or not all(_account_of(principal) in accounts for principal in principals):
        raise invalid(f"Invalid policy document: {PREFIX}{put} cannot be granted to another account.")


def _account_of(principal: str) -> str:
    found = _ACCOUNT.search(principal)
    return found[0] if found else ""

# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""May this caller do this? IAM's rules, and CodeArtifact's on which policies count.

Sources: IAM User Guide, "Policy evaluation logic" and "JSON policy elements: Principal"; CodeArtifact User Guide, "Interaction
between repository and domain policies". Where AWS leaves a doubt, the stricter answer is given: who is named by nothing but
the own account is let in only by an identity policy.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from local_cloud.services.codeartifact.actions import ACTIONS, OF_A_REPOSITORY
from local_cloud.services.codeartifact.conditions import CannotTellError, Context, holds, texts
from local_cloud.services.codeartifact.wildcards import arn_matches, matches, may_stand_for, with_values

Document = Mapping[str, Any]
EVERYTHING: Document = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}],
}
_IDENTITY, _RESOURCE = "identity", "resource"


@dataclass(frozen=True)
class Caller:
    """A user, the session of a ``role`` or the root user of an account, by ARN."""

    arn: str
    role: str = ""

    @property
    def account(self) -> str:
        return self.arn.split(":")[4]

    @property
    def is_root(self) -> bool:
        return self.arn.endswith(":root")


@dataclass(frozen=True)
class Request:
    caller: Caller
    action: str
    resource: str
    context: Context


@dataclass(frozen=True)
class Policies:
    """Of the caller, and of the domain and the repository with the accounts that own and administer them."""

    owner: str
    administrator: str | None = None
    identity: Sequence[Document] = ()
    domain: Document | None = None
    repository: Document | None = None


@dataclass(frozen=True)
class _Found:
    """A statement that is about the request. ``named``: by more than its account. ``unknown``: a key it depends on."""

    kind: str
    effect: str
    named: bool = True
    unknown: str = ""


def refusal(request: Request, policies: Policies) -> str:
    """Why the caller may not, in AWS's words; "" where it may."""
    found = list(_about(request, policies))
    for statement in found:
        if statement.effect == "Deny" and not statement.unknown:
            return (
                f"with an explicit deny in {'an' if statement.kind == _IDENTITY else 'a'} {statement.kind}-based policy"
            )
    lacking = _lacking(request, policies, [statement for statement in found if not statement.unknown])
    unknown = [
        statement.unknown for statement in found if statement.unknown and (lacking or statement.effect == "Deny")
    ]
    if unknown:
        return f"because the local cloud cannot tell; it depends on {unknown[0]}"
    return f"because no {lacking}-based policy allows the {request.action} action" if lacking else ""


def _lacking(request: Request, policies: Policies, found: Sequence[_Found]) -> str:
    """The kind of policy that would have to allow it; "" where those that there are suffice."""
    by_identity = any((statement.kind, statement.effect) == (_IDENTITY, "Allow") for statement in found)
    by_resource = [statement for statement in found if (statement.kind, statement.effect) == (_RESOURCE, "Allow")]
    account = request.caller.account
    if account == policies.owner:
        return "" if by_identity or any(statement.named for statement in by_resource) else _IDENTITY
    if not by_identity:
        return _IDENTITY
    administers = account == policies.administrator and request.action.lower() in OF_A_REPOSITORY
    return "" if by_resource or administers else _RESOURCE


def _about(request: Request, policies: Policies) -> Iterator[_Found]:
    counting = ACTIONS.get(request.action.lower(), ())
    resource = {"domain": policies.domain, "repository": policies.repository}
    # Nothing limits the root user of an account but the policies of resources.
    identity = [EVERYTHING] if request.caller.is_root else policies.identity
    of_resources = [document for kind in counting if (document := resource[kind]) is not None]
    for kind, documents in ((_IDENTITY, identity), (_RESOURCE, of_resources)):
        for document in documents:
            # Variables came with the newer version of the language.
            variables = document.get("Version") == "2012-10-17"
            for statement in statements(document):
                named = _names(statement, request.caller) if kind == _RESOURCE else {True}
                if named:
                    try:
                        if _covers(statement, request, variables=variables) and holds(
                            statement.get("Condition", {}), request.context, variables=variables
                        ):
                            yield _Found(kind, statement["Effect"], True in named)
                    except CannotTellError as unknown:
                        yield _Found(kind, statement["Effect"], True in named, str(unknown))


def statements(document: Document) -> list[dict[str, Any]]:
    found = document.get("Statement", [])
    return found if isinstance(found, list) else [found]


def _names(statement: Mapping[str, Any], caller: Caller) -> set[bool]:
    """How a resource's statement names the caller: True as itself, False by its account; empty: not at all."""
    element = statement.get("Principal", statement.get("NotPrincipal"))
    given = ["*"] if element == "*" else texts(element.get("AWS", [])) if isinstance(element, dict) else []
    # To an account means to its root user, and that to all whom the account itself lets.
    accounts = {caller.account, f"arn:aws:iam::{caller.account}:root"}
    found = {one in {"*", caller.arn, caller.role} for one in given if one in {"*", caller.arn, caller.role, *accounts}}
    return found if "Principal" in statement else set() if found else {True}


def _covers(statement: Mapping[str, Any], request: Request, *, variables: bool) -> bool:
    actions = texts(statement.get("Action", statement.get("NotAction")))
    if any(matches(action.lower(), request.action.lower()) for action in actions) != ("Action" in statement):
        return False
    resources = texts(statement.get("Resource", statement.get("NotResource")))
    given = [with_values(one, request.context) if variables else one for one in resources]
    covered = any(one == "*" or arn_matches(one, request.resource) for one in given if one is not None)
    incomplete = [one for one in given if one is not None and may_stand_for(one, request.resource)]
    if incomplete and not covered:
        raise CannotTellError(f"what the incomplete ARN {incomplete[0]} stands for")
    return covered == ("Resource" in statement)

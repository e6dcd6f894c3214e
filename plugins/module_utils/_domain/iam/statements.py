# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Statements of policies, and whether one of them applies to a request. Pure.

Source: IAM User Guide, "IAM JSON policy elements reference". Case does not matter in names of actions and of condition keys; it does in ARNs.
"""

from __future__ import annotations

import re
import typing as t
from dataclasses import dataclass, field
from functools import cached_property, lru_cache

from .answers import NO, YES, Answer, every, yes_or_no
from .callers import Caller, is_left_out, is_named, is_named_by_account
from .conditions import Context, has_variable, holds
from .documents import VERSIONS, Document, statements
from .principals import as_list
from .wildcards import completed_arn, matches

#: Whose statements: policies of the caller. Those of resources have names of their own. And what is no policy: the rights of a root user.
IDENTITY, ROOT_USER = "identity", "root user"
ALLOW, DENY = "Allow", "Deny"

_VARIABLE = re.compile(r"\$\{[^}]*\}?")


@dataclass(frozen=True)
class Request:
    """May the caller do this to that?

    C(action) has its service, for example V(codeartifact:ReadFromRepository). C(resource) is the ARN that the action is asked of, and V(*) for
    actions of an account. C(context) has what is known of the request beyond its caller.
    """

    caller: Caller
    action: str
    resource: str
    context: Context = field(default_factory=dict)

    @cached_property
    def known(self) -> Context:
        """The context with what follows from the caller."""
        return {**self.caller.context, **{key.lower(): value for key, value in self.context.items()}}


@dataclass(frozen=True)
class Reference:
    """How a statement is found again. Without an index it stands for policies that are not known."""

    #: IDENTITY, ROOT_USER, or the name of a resource's policy.
    policy: str
    effect: str
    index: int | None = None
    sid: str | None = None
    #: Which one of the caller's identity policies; there is but one policy of a domain or repository.
    document: int = 0

    def __str__(self) -> str:
        if self.policy == ROOT_USER:
            return "the rights of an account's root user"
        if self.index is None:
            return f"any {self.policy} policy"
        number = f" {self.document + 1}" if self.policy == IDENTITY else ""
        return f"{self.name} of {'' if number else 'the '}{self.policy} policy{number}"

    @property
    def number(self) -> int | None:
        """Where it is in its policy, as people count: the first is 1."""
        return None if self.index is None else self.index + 1

    @property
    def name(self) -> str:
        """What it is called among the statements of its policy."""
        return f"statement {self.number}" + (f" (Sid {self.sid!r})" if self.sid else "")


@dataclass(frozen=True)
class Patterns:
    """C(Action) or C(Resource), or what they are not."""

    patterns: tuple[str, ...]
    negated: bool

    @classmethod
    def of(cls, statement: t.Mapping[str, t.Any], name: str) -> Patterns:
        negated = f"Not{name}" in statement
        return cls(tuple(as_list(statement.get(f"Not{name}" if negated else name))), negated)


@dataclass(frozen=True)
class Statement:
    """A statement, made ready to be compared with many requests."""

    reference: Reference
    #: The element Principal or NotPrincipal. None in the policy of an identity, which is about nobody else.
    principal: t.Any
    not_principal: bool
    actions: Patterns
    resources: Patterns
    condition: t.Mapping[str, t.Any]
    #: Whether its document is of a version that has policy variables.
    variables: bool

    @property
    def variables_in_resources(self) -> bool:
        """Whether what it is about depends on who asks."""
        return self.variables and any(map(has_variable, self.resources.patterns))


def read_statements(policy: str, *documents: Document | None) -> tuple[Statement, ...]:
    """The statements of policies such as AWS stores them.

    :param policy: IDENTITY, or the name of a resource's policy
    :param documents: as parse_document() or read_document() give them; None is no policy
    """
    return tuple(
        _statement(statement, Reference(policy, statement["Effect"], index, statement.get("Sid"), number), document)
        for number, document in enumerate(documents)
        if document is not None
        for index, statement in enumerate(statements(document))
    )


def _statement(statement: t.Mapping[str, t.Any], reference: Reference, document: Document) -> Statement:
    resources = Patterns.of(statement, "Resource")
    if not resources.patterns:
        # "Because the resource is implied": CodeArtifact User Guide, "Repository policies".
        resources = Patterns(("*",), negated=False)
    not_principal = "NotPrincipal" in statement
    return Statement(
        reference,
        statement.get("NotPrincipal" if not_principal else "Principal"),
        not_principal,
        Patterns.of(statement, "Action"),
        resources,
        statement.get("Condition") or {},
        document.get("Version", VERSIONS[-1]) == VERSIONS[0],
    )


def applies(statement: Statement, request: Request) -> Answer:
    """Whether the statement's effect is that on the request."""
    if not names_action(statement.actions, request.action):
        return NO
    return every(_answers(statement, request))


def _answers(statement: Statement, request: Request) -> t.Iterator[Answer]:
    yield names_caller(statement, request.caller)
    yield names_resource(statement, request.resource)
    yield holds(statement.condition, request.known, variables=statement.variables)


# Few of either come again and again, and most statements are done with here.
@lru_cache(maxsize=4096)
def names_action(actions: Patterns, action: str) -> bool:
    """Whether a statement's actions have one."""
    return any(matches(pattern.lower(), action.lower()) for pattern in actions.patterns) != actions.negated


def names_caller(statement: Statement, caller: Caller) -> Answer:
    """Whether a statement is about a caller, whatever is asked."""
    if statement.reference.policy == IDENTITY:
        return YES
    if statement.not_principal:
        return is_left_out(statement.principal, caller, denies=statement.reference.effect == DENY)
    return is_named(statement.principal, caller)


def names_account_alone(statement: Statement, caller: Caller) -> bool:
    """Whether a statement names a caller by nothing but the account."""
    return not statement.not_principal and is_named_by_account(statement.principal, caller)


def widest(pattern: str) -> str:
    """The most that a pattern of resources may stand for: with any text in place of policy variables and of an ARN's missing parts."""
    pattern = _VARIABLE.sub("*", pattern)
    return completed_arn(pattern) or pattern


def names_resource(statement: Statement, resource: str) -> Answer:
    """Whether a statement is about a resource.

    A star in a resource reaches over colons. (It does so at the end of a part; elsewhere the ARN's six parts leave it no room.)
    """
    doubts: tuple[str, ...] = ()
    for pattern in statement.resources.patterns:
        if statement.variables and has_variable(pattern):
            if matches(widest(pattern), resource):
                doubts += (f"the policy variable in {pattern}",)
        elif matches(pattern, resource):
            return yes_or_no(not statement.resources.negated)
        elif (completed := completed_arn(pattern)) and matches(completed, resource):
            doubts += (f"whether AWS takes the incomplete ARN {pattern} for {completed}",)
    return doubts or yes_or_no(statement.resources.negated)

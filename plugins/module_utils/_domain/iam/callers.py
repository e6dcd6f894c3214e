# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later


"""Callers, and whether a statement's Principal or NotPrincipal names them. Pure.

Sources: IAM User Guide, "AWS JSON policy elements: Principal" and "AWS JSON policy elements: NotPrincipal".
"""

from __future__ import annotations

import typing as t
from dataclasses import dataclass, replace
from functools import lru_cache

from ..._base.errors import InvalidInput
from .answers import NO, YES, Answer
from .conditions import Context
from .principals import ANYBODY, account_of, by_kind, check_principal, is_account, parse_arn, simple_name

_ROLE, _SESSION = "role", "assumed-role"

# How a principal of a policy names a caller. The last: it names one of those that the caller stands for.
_EVERYBODY, _ACCOUNT, _ITS_ROLE, _ITSELF, _ONE_OF_MANY = "everybody", "account", "role", "itself", "one of many"


@dataclass(frozen=True)
class Caller:
    """Who asks: a user, a session of a role, a federated user or the root of an account; or one of many, for example a role's sessions.

    Make one with C(of).
    """

    arn: str
    partition: str
    account: str
    #: The name of the role that it is, or is a session of. Names of roles are unique in an account, whatever their path.
    role_name: str | None = None
    #: The role's ARN, whose path a session's ARN does not tell.
    role: str | None = None
    is_session: bool = False
    #: What is not known when it stands for one of many.
    which: str | None = None

    @classmethod
    def of(cls, arn: str, *, role: str | None = None) -> Caller:
        """The caller of an ARN. A role's ARN stands for any session of it, an account's id for anybody of the account.

        :param role: the ARN of the role that a session is of, for conditions on V(aws:PrincipalArn)
        :raises InvalidInput: it is not the ARN of a caller, or the role is not that of the session
        """
        check_principal(arn, "caller")
        parts = parse_arn(arn)
        if parts is None:
            if not is_account(arn):
                raise InvalidInput(f"caller is {arn!r}: name one account, user, role or session.")
            return cls(f"arn:aws:iam::{arn}:root", "aws", arn, which="who of the account it is")
        caller = cls(arn, parts["partition"], parts["account"])
        kind, *names = parts["name"].split("/")
        if kind == _ROLE:
            caller = replace(caller, role_name=names[-1], role=arn, which="which session of the role it is")
        elif kind == _SESSION:
            caller = replace(caller, role_name=names[0], role=role, is_session=True)
        if role is not None and not _is_role_of(role, caller):
            raise InvalidInput(f"caller is {arn}, which is not a session of {role}.")
        return caller

    @classmethod
    def of_principal(cls, principal: str) -> Caller:
        """The caller that a principal of a policy stands for: of an account's root all of it, of ANYBODY whom no policy names."""
        if principal == ANYBODY:
            return cls(ANYBODY, ANYBODY, ANYBODY, which="who it is")
        return cls.of(simple_name(principal))

    @property
    def is_root(self) -> bool:
        """Whether it is the root user of an account, and not just anybody of it."""
        return self.which is None and is_account(self.arn)

    @property
    def context(self) -> Context:
        """The condition keys that follow from who asks. Source: IAM User Guide, "AWS global condition context keys"."""
        known: dict[str, str | tuple[str, ...] | None] = {"aws:principalisawsservice": "false"}
        if self.account != ANYBODY:
            known["aws:principalaccount"] = self.account
        if self.role is not None:
            known["aws:principalarn"] = self.role
        elif not self.is_session and self.which is None:
            known["aws:principalarn"] = self.arn
        return known


@lru_cache(maxsize=4096)
def is_caller(principal: str) -> bool:
    """Whether a principal of kind C(AWS) is one of whom can be asked what they may do: not anybody, not somebody who is no more."""
    try:
        Caller.of(principal)
    except InvalidInput:
        return False
    return True


def is_named(element: t.Any, caller: Caller) -> Answer:
    """Whether the element C(Principal) names a caller."""
    kinds = by_kind(element)
    ways = _ways(kinds, caller)
    if ways & {_EVERYBODY, _ACCOUNT, _ITS_ROLE, _ITSELF}:
        return YES
    doubts = _doubts_of_other_kinds(kinds, caller)
    if _ONE_OF_MANY in ways and caller.which:
        doubts += (caller.which,)
    return doubts or NO


def is_named_by_account(element: t.Any, caller: Caller) -> bool:
    """Whether the element C(Principal) names a caller's account, and the caller in no other way."""
    ways = _ways(by_kind(element), caller)
    return _ACCOUNT in ways and not ways & {_EVERYBODY, _ITS_ROLE, _ITSELF}


def is_left_out(element: t.Any, caller: Caller, *, denies: bool) -> Answer:
    """Whether the element C(NotPrincipal) leaves a caller out, so that the statement is about them.

    To be spared by a Deny for certain, a caller has to be named together with the account and, for a session, with the role: where one of
    them is missing, the guide says, the statement "might" deny. Naming the account alone spares nobody in it, by the guide's examples.
    """
    kinds = by_kind(element)
    ways = _ways(kinds, caller)
    if _EVERYBODY in ways:
        return NO
    if denies:
        chain = {_ITSELF, _ACCOUNT, _ITS_ROLE} if caller.is_session else {_ITSELF, _ACCOUNT}
        if ways >= chain and caller.which is None:
            return NO
        ways -= {_ACCOUNT} if ways == {_ACCOUNT} else set()
    elif ways & {_ITSELF, _ITS_ROLE}:
        return NO
    doubts = _doubts_of_other_kinds(kinds, caller)
    if ways:
        doubts += (caller.which or "what a NotPrincipal means without all of session, role and account",)
    return doubts


def _ways(kinds: dict[str, list[t.Any]], caller: Caller) -> set[str]:
    """In which ways the principals name the caller."""
    return {way for principal in kinds.get("AWS", []) for way in _ways_of(principal, caller)}


def _ways_of(principal: str, caller: Caller) -> t.Iterator[str]:
    if principal == ANYBODY:
        yield _EVERYBODY
    elif account_of(principal) != caller.account:
        return
    elif is_account(principal):
        yield _ACCOUNT
        if is_account(caller.arn):
            yield _ONE_OF_MANY if caller.which else _ITSELF
    elif principal == caller.arn:
        yield _ITSELF
    elif _is_role_of(principal, caller):
        yield _ITS_ROLE
    elif caller.which and caller.role_name in (None, _role_name(principal, _SESSION, caller)):
        yield _ONE_OF_MANY


def _is_role_of(principal: str, caller: Caller) -> bool:
    return caller.role_name is not None and _role_name(principal, _ROLE, caller) == caller.role_name


def _role_name(principal: str, kind: str, caller: Caller) -> str | None:
    """The name of the role in the ARN of a role, or of a session, in the caller's account."""
    parts = parse_arn(principal)
    if parts is None or parts.group("partition", "account") != (caller.partition, caller.account):
        return None
    found, *names = parts["name"].split("/")
    if found != kind:
        return None
    return names[-1] if kind == _ROLE else names[0]


def _doubts_of_other_kinds(kinds: dict[str, list[t.Any]], caller: Caller) -> tuple[str, ...]:
    """What the policy may call the caller besides. A service calls for nobody here."""
    found = []
    if "CanonicalUser" in kinds:
        found.append("whose canonical user id the policy names")
    if "Federated" in kinds and (caller.role_name or caller.which):
        found.append("which identity provider the session comes from")
    return tuple(found)

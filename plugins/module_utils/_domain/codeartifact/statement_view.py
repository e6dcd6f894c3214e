# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""A statement of a policy, as rules look at it: whom it lets do what, by the answers of the evaluator. Pure."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass
from functools import cached_property

from ..iam.callers import Caller, is_caller
from ..iam.documents import RawStatement, statements
from ..iam.principals import ANYBODY, account_of, as_list, by_kind, is_account, is_dead
from ..iam.statements import (
    ALLOW,
    DENY,
    Reference,
    Request,
    Statement,
    applies,
    names_action,
    names_caller,
    names_resource,
    widest,
)
from ..iam.wildcards import completed_arn
from .actions import ACTIONS, OF_A_REPOSITORY, PREFIX, PUT_REPOSITORY_POLICY, covered, covered_by
from .evaluation import DENIED, WILLING, Decision, Policies, evaluate
from .names import DOMAIN, REPOSITORY
from .package_paths import ALL, example, paths_in
from .scope import Governed, Scope

#: The actions that each policy is evaluated for.
COUNT = {
    REPOSITORY: OF_A_REPOSITORY - {PUT_REPOSITORY_POLICY},
    DOMAIN: frozenset(name for name, kinds in ACTIONS.items() if kinds)
    - {"CreateDomain", "PutDomainPermissionsPolicy"},
}
#: How many parts the end of an ARN has, by kind of what is in a domain, or in a repository. Package groups have any number.
_IN_A_DOMAIN: dict[str, int | None] = {"repository": 1, "package": 4, "package-group": None}
_IN_A_REPOSITORY: dict[str, int | None] = {"package": 3}


@dataclass
class StatementView:
    """One statement of the policy of a domain or repository. What others of its statements deny counts too."""

    scope: Scope
    governed: Governed
    index: int
    #: As written, and ready to be evaluated.
    raw: RawStatement
    statement: Statement

    def __post_init__(self) -> None:
        #: How it is called.
        self.reference: Reference = self.statement.reference
        #: Of what its policy is: DOMAIN or REPOSITORY.
        self.kind: str = self.reference.policy

    @property
    def target(self) -> str:
        """What has the policy, for sentences."""
        return f"{self.kind} {'/'.join(filter(None, (self.scope.name, self.governed.repository)))}"

    @property
    def allows(self) -> bool:
        """Whether it is one that allows."""
        return self.reference.effect == ALLOW

    # Whom it is about

    @cached_property
    def kinds(self) -> dict[str, list[t.Any]]:
        """Its principals, or what they are not, by kind."""
        return by_kind(self.statement.principal)

    @property
    def principals(self) -> list[str]:
        """Those of kind C(AWS)."""
        return self.kinds.get("AWS", [])

    @property
    def dead(self) -> list[str]:
        """What is left in it of users and roles that were deleted."""
        return [principal for principal in self.principals if is_dead(principal)]

    @cached_property
    def living(self) -> list[str]:
        """Those that can be somebody's. NotPrincipal is about anybody whom it does not name."""
        if self.statement.not_principal:
            return [] if names_caller(self.statement, Caller.of_principal(ANYBODY)) is None else [ANYBODY]
        return [principal for principal in self.principals if principal == ANYBODY or is_caller(principal)]

    @cached_property
    def own_accounts(self) -> list[str]:
        """Those of its principals that stand for the accounts that own the domain or administer the repository."""
        own = {self.scope.owner, self.governed.administrator}
        return [one for one in self.living if is_account(one) and account_of(one) in own]

    @cached_property
    def granted(self) -> dict[str, frozenset[str]]:
        """The actions that it lets each principal do, if that one's own policies do. Nothing to own accounts, which need no grant."""
        parties = [principal for principal in self.living if principal not in self.own_accounts] if self.allows else []
        found = {one: frozenset(action for action in self.about if self._lets(one, action)) for one in parties}
        return {one: actions for one, actions in found.items() if actions}

    @cached_property
    def covers(self) -> frozenset[str]:
        """The actions that it lets anybody do at all."""
        return frozenset[str]().union(*self.granted.values())

    @property
    def anybody(self) -> bool:
        """Whether it lets people in any account do something."""
        return ANYBODY in self.granted

    @cached_property
    def accounts(self) -> list[str]:
        """The accounts that it lets do something as a whole."""
        return sorted({str(account_of(one)) for one in self.granted if is_account(one)})

    @cached_property
    def outsiders(self) -> list[str]:
        """Accounts other than the domain's in which it lets somebody do something; everybody is in none by name."""
        return sorted(t.cast("set[str]", {account_of(one) for one in self.granted} - {None, self.scope.owner}))

    # What it is about

    @property
    def patterns(self) -> list[str]:
        """Of its actions."""
        return as_list(self.raw.get("Action"))

    @cached_property
    def about(self) -> frozenset[str]:
        """The known actions that it is about, that its policy counts for, and that are asked of its resources."""
        if "NotAction" in self.raw:
            named = COUNT[self.kind] - covered_by(as_list(self.raw["NotAction"]))
        else:
            named = covered_by(self.patterns) & COUNT[self.kind]
        return frozenset(name for name in named if self.reached.keys() & set(ACTIONS[name]))

    @property
    def everything(self) -> bool:
        """Whether it is about every action."""
        return self.about >= COUNT[self.kind]

    @cached_property
    def reached(self) -> dict[str, tuple[str, ...]]:
        """By kind, the resources of its domain or repository that it is about: for each pattern the ARN of an example."""
        itself = self.scope.arn(self.kind, *self._path)
        found = {kind: tuple(dict.fromkeys(self._examples(kind))) for kind in self._inside}
        if names_resource(self.statement, itself) is not None:
            found[self.kind] = (itself,)
        return {kind: arns for kind, arns in found.items() if arns}

    @property
    def _path(self) -> tuple[str, ...]:
        return (self.governed.repository,) if self.governed.repository else ()

    @property
    def _inside(self) -> dict[str, int | None]:
        return _IN_A_REPOSITORY if self.governed.repository else _IN_A_DOMAIN

    def _examples(self, kind: str) -> t.Iterator[str]:
        prefix, parts = self.scope.arn(kind, *self._path, ""), self._inside[kind]
        resources = self.statement.resources
        for pattern in [ALL] if resources.negated else map(widest, resources.patterns):
            for path in paths_in(pattern, prefix, parts):
                arn = prefix + example(path, parts)
                # What is an example of a pattern needs not be compared with it.
                if not resources.negated or names_resource(self.statement, arn) is not None:
                    yield arn

    @property
    def strange(self) -> list[str]:
        """Those of its resources that are not here."""
        given = as_list(self.raw.get("Resource"))
        if len(given) == 1:
            return [] if self.reached else given
        return [one for one in given if not self._alone(one).reached]

    @property
    def incomplete(self) -> list[str]:
        """Those of its resources that are ARNs with missing parts, and may be here."""
        patterns = [one for one in self.statement.resources.patterns if completed_arn(one)]
        return [one for one in patterns if one not in self.strange]

    def _alone(self, resource: str) -> StatementView:
        policy = {**(self.governed.policy or {}), "Statement": [{**self.raw, "Resource": resource}]}
        return next(views(self.scope, Governed(self.governed.domain, self.governed.repository, policy=policy)))

    def useless(self, pattern: str) -> bool:
        """Whether an action is one that its policy cannot decide about, or not on the resources that are here."""
        counting = covered(pattern) & COUNT[self.kind]
        return not counting & self.about if self.reached else not counting

    # What it comes to

    def lets_everywhere(self, action: str, kind: str) -> bool:
        """Whether it lets anybody do an action on all of a kind that is in its domain or repository, that to come included."""
        anything = self.scope.arn(kind, *self._path, example(ALL, self._inside[kind]))
        return anything in self.reached.get(kind, ()) and any(
            action in actions and self._may(one, action, anything) for one, actions in self.granted.items()
        )

    def _lets(self, principal: str, action: str) -> bool:
        return any(self._may(principal, action, arn) for arn in self._asked_of(action))

    def _may(self, principal: str, action: str, resource: str) -> bool:
        # Nothing but a condition or a denial keeps a statement from what it says.
        if not self.statement.condition and action not in self._deniable:
            return True
        return (
            self._applies(principal, action, resource) and self.decided(principal, action, resource).outcome != DENIED
        )

    @cached_property
    def _deniable(self) -> frozenset[str]:
        """Those of its actions that something denies to somebody."""
        both = (*self.scope.domain.statements, *self.governed.statements)
        denied = [one.actions for one in both if one.reference.effect == DENY]
        return frozenset(
            action for action in self.about if any(names_action(actions, f"{PREFIX}{action}") for actions in denied)
        )

    def _applies(self, principal: str, action: str, resource: str) -> bool:
        return applies(self.statement, _request(principal, action, resource)) is not None

    def decided(self, principal: str, action: str, resource: str) -> Decision:
        """What the policies of domain and repository come to, for one whose own policies allow all."""
        repository = self.governed.statements if self.governed.repository else ()
        return evaluate(
            _request(principal, action, resource),
            Policies(self.scope.owner, self.governed.administrator, WILLING, self.scope.domain.statements, repository),
        )

    @cached_property
    def overriding(self) -> tuple[Reference, ...]:
        """The statements that deny all that it allows; none while anything is left."""
        found: dict[Reference, None] = {}
        asked = ((one, action, arn) for one in self.living for action in self.about for arn in self._asked_of(action))
        for principal, action, resource in asked if self.allows else ():
            if action not in self._deniable:
                return ()
            if self._applies(principal, action, resource):
                decision = self.decided(principal, action, resource)
                if decision.outcome != DENIED or decision.lacking:
                    return ()
                found.update(dict.fromkeys(decision.statements))
        return tuple(sorted(found, key=lambda one: (one.policy, one.index or 0)))

    def _asked_of(self, action: str) -> t.Iterator[str]:
        for kind in ACTIONS[action]:
            yield from self.reached.get(kind, ())

    def lacks(self, action: str, among: str, where: t.Callable[[str], str]) -> bool:
        """Whether one whom it lets do C(among) cannot do another action that goes with it.

        :param where: the resource that the other action is asked of, by the one that C(among) is; empty for those that it does not go with
        """
        return any(
            self.decided(one, action, resource).outcome == DENIED
            for one, actions in self.granted.items()
            if among in actions
            for resource in dict.fromkeys(map(where, self._asked_of(among)))
            if resource
        )


def _request(principal: str, action: str, resource: str) -> Request:
    return Request(Caller.of_principal(principal), f"{PREFIX}{action}", resource)


def views(scope: Scope, governed: Governed) -> t.Iterator[StatementView]:
    """The statements of the policy of a domain or repository."""
    for index, raw in enumerate(statements(governed.policy or {})):
        yield StatementView(scope, governed, index, raw, governed.statements[index])

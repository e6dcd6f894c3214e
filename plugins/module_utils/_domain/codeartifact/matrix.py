# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What each party may do with a domain and with each of its repositories, and why. Pure.

Judged are those whom a policy names, the accounts that own and administer, anybody, where a policy speaks of that, and callers who are
asked for. Of a party that is in no row the row of its account tells, without that the row of anybody, and without that it may do
nothing.
"""

from __future__ import annotations

import typing as t
from dataclasses import dataclass, field
from functools import cached_property

from ..iam.answers import Answer
from ..iam.callers import Caller
from ..iam.principals import ANYBODY
from ..iam.statements import Statement, names_account_alone, names_caller
from ..iam.wildcards import completed_arn, matches
from .access import LOGIN, TO_DOMAINS, TO_REPOSITORIES
from .actions import ACTIONS, OF_A_REPOSITORY
from .evaluation import DENIED, Policies
from .package_paths import paths_in
from .scope import Governed, Scope
from .verdicts import Judge, Verdict, best

#: Actions to tell of in detail.
_DOMAIN_ACTIONS = tuple(name for name, kinds in ACTIONS.items() if kinds and name not in OF_A_REPOSITORY)
_REPOSITORY_ACTIONS = tuple(sorted(OF_A_REPOSITORY))


@dataclass(frozen=True)
class Party:
    """Somebody of whom is asked what they may do. C(identity) are their own policies, None when they are not known."""

    name: str
    caller: Caller
    identity: tuple[Statement, ...] | None = None


@dataclass(frozen=True, eq=False)
class Verdicts:
    """What may be done with a domain or repository. One object is that of all parties of a matrix who may do the same for the same reasons."""

    #: By kinds of access.
    by_access: t.Mapping[str, Verdict]
    #: For each answer the actions that have it, where they were asked for one by one.
    actions: tuple[tuple[Verdict, tuple[str, ...]], ...] = ()

    @property
    def content(self) -> t.Hashable:
        """What is the same in answers that are."""
        return tuple(self.by_access.items()), self.actions

    @property
    def gist(self) -> list[t.Any]:
        """What it tells, whatever the reasons are."""
        return [verdict.gist for verdict in self.by_access.values()]

    @property
    def says_nothing(self) -> bool:
        """Whether nothing is allowed, and nothing is denied that anything else allows."""
        return all(verdict.outcome == DENIED and not verdict.explicit for verdict in self.by_access.values())


@dataclass(frozen=True)
class Row:
    """What one party may do with one domain or repository."""

    party: Party
    verdicts: Verdicts


_Named: t.TypeAlias = tuple[tuple[Statement, Answer], ...]


@dataclass
class Matrix:
    """The rows of a domain and of its repositories.

    Most repositories of a domain have policies that say the same of somebody else: what has one shape is judged once.
    """

    scope: Scope
    #: Callers who are asked for, whether a policy names them or not.
    asked: tuple[Party, ...] = ()
    details: bool = False
    _answers: dict[t.Hashable, Verdicts] = field(default_factory=dict)
    _distinct: dict[t.Hashable, Verdicts] = field(default_factory=dict)
    _known: dict[tuple[str, str | None], Row] = field(default_factory=dict)

    @cached_property
    def _asked(self) -> dict[str, Party]:
        return {party.name: party for party in self.asked}

    @property
    def domain(self) -> list[Row]:
        """Who may do what with the domain."""
        return self._rows(self.scope.domain, [self.scope.owner])

    def repository(self, repository: Governed) -> list[Row]:
        """Who may do what with a repository. A party that only the domain's policy names is left out where that changes nothing."""
        return self._rows(repository, [self.scope.owner, repository.administrator or self.scope.owner])

    def _rows(self, governed: Governed, accounts: t.Iterable[str]) -> list[Row]:
        names = dict.fromkeys([*accounts, *governed.principals, *self._asked])
        if governed.speaks_of_anybody or self.scope.domain.speaks_of_anybody:
            names[ANYBODY] = None
        rows = {name: self.row(name, governed) for name in names}
        # Accounts come first: whether a role of one is left out depends on its account's row.
        for name in sorted(set(self.scope.domain.principals) - set(rows), key=lambda name: (not name.isdigit(), name)):
            row = self.row(name, governed)
            above = rows.get(row.party.caller.account) or rows.get(ANYBODY)
            if row.verdicts.gist != above.verdicts.gist if above else not row.verdicts.says_nothing:
                rows[name] = row
        return sorted(rows.values(), key=lambda row: (row.party.name == ANYBODY, row.party.name))

    def row(self, name: str, governed: Governed) -> Row:
        """What one party may do with a domain or repository. C(name): as Governed.principals has them, or ANYBODY."""
        place = (name, governed.repository)
        if place not in self._known:
            self._known[place] = self._row(name, governed)
        return self._known[place]

    def _row(self, name: str, governed: Governed) -> Row:
        party = self._asked.get(name) or Party(name, Caller.of_principal(name))
        domain = _about(self.scope.domain.statements, party)
        own = _about(governed.statements, party) if governed.repository else ()
        key = self._shape(party, governed, (*domain, *own))
        if key not in self._answers:
            answers = self._judged(party, governed, domain, own)
            self._answers[key] = self._distinct.setdefault(answers.content, answers)
        return Row(party, self._answers[key])

    def _shape(self, party: Party, governed: Governed, about: _Named) -> t.Hashable:
        """All that the answers follow from. A party of whose own policies nothing is known counts by its account alone."""
        caller = party.caller
        own_policies = party.identity is not None
        at_home = caller.account in (self.scope.owner, governed.administrator)
        conditional = any(statement.condition or statement.variables_in_resources for statement, _answer in about)
        return (
            (party.name, governed.repository) if own_policies or conditional else None,
            caller.is_root,
            governed.repository is None,
            caller.account == self.scope.owner,
            caller.account == governed.administrator,
            tuple(
                (
                    one.reference,
                    answer,
                    at_home and names_account_alone(one, caller),
                    one.actions,
                    one.resources.negated,
                    self._reached(one, governed),
                )
                for one, answer in about
            ),
        )

    def _reached(self, statement: Statement, governed: Governed) -> t.Hashable:
        """What of a repository a statement's resources are, in words that are the same for each repository."""
        patterns = tuple(completed_arn(one) or one for one in statement.resources.patterns)
        if patterns == ("*",) or governed.repository is None:
            return patterns
        repository = self.scope.arn("repository", governed.repository)
        packages = self.scope.arn("package", governed.repository, "")
        return tuple(
            (not pattern.startswith(packages) and matches(pattern, repository), paths_in(pattern, packages))
            for pattern in patterns
        )

    def _judged(self, party: Party, governed: Governed, domain: _Named, own: _Named) -> Verdicts:
        policies = Policies(
            self.scope.owner,
            governed.administrator,
            party.identity,
            tuple(statement for statement, _answer in domain),
            tuple(statement for statement, _answer in own),
        )
        judge = Judge(self.scope, governed.repository, party.caller, policies)
        kinds = TO_REPOSITORIES if governed.repository else TO_DOMAINS
        verdicts = {name: judge.any_of(actions) for name, actions in kinds.items()}
        if LOGIN in verdicts:
            verdicts[LOGIN] = judge.with_bearer_token(verdicts[LOGIN])
        found: dict[Verdict, list[str]] = {}
        if self.details:
            for action in _REPOSITORY_ACTIONS if governed.repository else _DOMAIN_ACTIONS:
                found.setdefault(judge.call(action), []).append(action)
        actions = tuple((verdict, tuple(found[verdict])) for verdict in sorted(found, key=best))
        return Verdicts(verdicts, actions)


def _about(statements: t.Iterable[Statement], party: Party) -> _Named:
    """The statements that are, or may be, about a party. The others need not be looked at for each action."""
    answers = ((statement, names_caller(statement, party.caller)) for statement in statements)
    return tuple((statement, answer) for statement, answer in answers if answer is not None)

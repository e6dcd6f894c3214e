# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Steps of a workflow over many scopes: each step is one batch, and a scope in which something fails takes no further step.

Scopes leave each other alone. Only where two name one thing do they meet: alike, it is worked on once; differently, one after the other.
"""

from __future__ import annotations

import typing as t
from dataclasses import dataclass, field, replace

from .._base.errors import NotFound, RegistryAuthError, as_ours
from .._base.quota import Deadline
from .._engine.progress import Progress
from .._engine.reconcile import Outcome, reconcile
from .._engine.resource import DesiredState, Resource

Wanted = t.TypeVar("Wanted", bound=DesiredState)
Connect = t.Callable[[], Resource[t.Any, t.Any]]
States = t.Mapping[str, t.Any]


@dataclass(eq=False)
class Scope:
    """A scope on its way through the steps. C(eq=False): it is itself, whatever happened to it."""

    name: str
    #: What each step did with each of the scope's entries, in their order.
    done: list[tuple[str, Outcome]] = field(default_factory=list)
    #: Why it takes no further step: the step, the name of what failed, and the error.
    failures: list[tuple[str, str, str, str]] = field(default_factory=list)
    #: The secret versions that repositories log in with by the end, by the repositories' names.
    versions: dict[str, str] = field(default_factory=dict)
    #: The repositories through which a package was fetched.
    proofs: list[str] = field(default_factory=list)

    @property
    def alive(self) -> bool:
        """Whether nothing of it failed yet."""
        return not self.failures

    def fail(self, step: str, target: str, error: RegistryAuthError, message: str | None = None) -> None:
        """Take no further step."""
        self.failures.append((step, target, message or str(error), error.code))

    def took(self, step: str, outcome: Outcome) -> None:
        """Remember what became of an entry."""
        self.done.append((step, outcome))
        if outcome.error is not None:
            self.fail(step, outcome.target, outcome.error, outcome.message)


Item = tuple[Scope, Wanted]


class Look(Resource[Wanted, t.Any]):
    """Reads what another resource reads, and changes nothing. The state is None for what does not exist, unless that is an error."""

    def __init__(self, resource: Resource[Wanted, t.Any], *, missing_is_error: bool = False) -> None:
        self._resource = resource
        self._missing_is_error = missing_is_error

    def begin(self, entries: t.Sequence[Wanted]) -> None:
        self._resource.begin(entries)

    def read_listed(self, entries: t.Sequence[Wanted]) -> t.Mapping[str, t.Any]:
        return self._resource.read_listed(entries)

    def read(self, desired: Wanted) -> t.Any:
        try:
            return self._resource.read(desired)
        except NotFound:
            if self._missing_is_error:
                raise
            return None

    def result(self, state: t.Any, desired: Wanted) -> dict[str, t.Any]:
        return {}


@dataclass
class Chain:
    """What is the same for all steps of a run."""

    check_mode: bool
    diff_mode: bool
    deadline: Deadline
    progress: Progress

    def look(
        self, title: str, connect: Connect, items: t.Sequence[Item[Wanted]], *, missing_is_error: bool = False
    ) -> dict[str, t.Any]:
        """The states of what the items name, by unit; what cannot be read fails its scopes.

        :param missing_is_error: the resource itself says by a state what does not exist, and raises NotFound only when what that would stand on
            does not. Otherwise NotFound is the state None
        """

        def looking() -> Look[Wanted]:
            return Look(connect(), missing_is_error=missing_is_error)

        outcomes = self._batch(looking, items, {}, {})
        for (scope, wanted), outcome in zip(items, outcomes, strict=True):
            if outcome.error is not None:
                scope.fail(title, wanted.target, outcome.error, outcome.message)
        return {
            wanted.unit: outcome.state
            for (_scope, wanted), outcome in zip(items, outcomes, strict=True)
            if outcome.error is None
        }

    def step(
        self,
        title: str,
        connect: Connect,
        items: t.Sequence[Item[Wanted]],
        *,
        fresh: States | None = None,
        seen: States | None = None,
    ) -> list[Outcome]:
        """Bring what the items name to what they want; how each ended, which its scope remembers.

        C(fresh), C(seen): as for reconcile()
        """
        outcomes = self.attempt(connect, items, fresh=fresh, seen=seen)
        self.record(title, items, outcomes)
        return outcomes

    def attempt(
        self,
        connect: Connect,
        items: t.Sequence[Item[Wanted]],
        *,
        fresh: States | None = None,
        seen: States | None = None,
    ) -> list[Outcome]:
        """As step(), but scopes learn nothing of it: somebody looks at the outcomes first."""
        return self._batch(connect, items, fresh or {}, seen or {})

    def record(self, title: str, items: t.Sequence[Item[Wanted]], outcomes: t.Sequence[Outcome]) -> None:
        """Have scopes remember what became of their items."""
        for (scope, _wanted), outcome in zip(items, outcomes, strict=True):
            scope.took(title, outcome)

    def _batch(self, connect: Connect, items: t.Sequence[Item[Wanted]], fresh: States, seen: States) -> list[Outcome]:
        outcomes: dict[int, Outcome] = {}
        for positions in _rounds([wanted for _scope, wanted in items]):
            entries = [items[position][1] for position in positions]
            self.progress.expect(len(entries))
            try:
                ended = reconcile(
                    connect,
                    entries,
                    check_mode=self.check_mode,
                    diff_mode=self.diff_mode,
                    deadline=self.deadline,
                    watch=lambda one: self.progress.ended(changed=one.changed, failed=one.error is not None),
                    fresh=fresh,
                    seen=seen,
                )
            except Exception as error:
                # No client, or no login: that is each entry's failure.
                ended = [Outcome(entry.target, error=as_ours(error)) for entry in entries]
            outcomes |= dict(zip(positions, ended, strict=True))
            # The second scope to name a thing must see what the first has made of it.
            met = {entry.unit for entry in entries}
            fresh = {unit: state for unit, state in fresh.items() if unit not in met}
            seen = {unit: state for unit, state in seen.items() if unit not in met}
        return _for_each(items, outcomes)


def _rounds(entries: t.Sequence[Wanted]) -> list[list[int]]:
    """The positions of entries, in lists of which none has a target twice. Equal entries are worked on once."""
    rounds: list[dict[str, int]] = []
    for position, entry in enumerate(entries):
        for one in rounds:
            if entry.target not in one:
                one[entry.target] = position
                break
            if entries[one[entry.target]] == entry:
                break
        else:
            rounds.append({entry.target: position})
    return [list(one.values()) for one in rounds]


def _for_each(items: t.Sequence[Item[Wanted]], outcomes: t.Mapping[int, Outcome]) -> list[Outcome]:
    """The outcome of each item. Of two that are equal, the first has changed what was changed, and the other found it so."""
    found: list[Outcome] = []
    for position, (_scope, wanted) in enumerate(items):
        if position in outcomes:
            found.append(outcomes[position])
            continue
        first = next(index for index in outcomes if items[index][1] == wanted)
        found.append(_again(outcomes[first]))
    return found


def _again(outcome: Outcome) -> Outcome:
    """How it is for who comes second."""
    if outcome.error is not None:
        return outcome
    return replace(outcome, changed=False, before=outcome.after, warnings=())

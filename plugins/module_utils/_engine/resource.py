# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the engine calls: the base classes of everything that a module manages or reads.

Each hook that not every resource needs has a default here, so that a resource has only what is its own.
"""

from __future__ import annotations

import math
import typing as t
from abc import ABC, abstractmethod
from dataclasses import dataclass

from .._base.errors import NotFound, RegistryAuthError

#: A task's parameters, or one entry's.
Options = t.Mapping[str, t.Any]

Desired = t.TypeVar("Desired", bound="DesiredState")
State = t.TypeVar("State")
Name = t.TypeVar("Name")

#: Entries below one parent for which its list is read instead of each of them, and entries that justify each page of it:
#: pages come one after the other, and the parent may have many more children than the task has entries.
LIST_FROM = 20
ENTRIES_PER_PAGE = 100


@dataclass(frozen=True)
class Change(t.Generic[State]):
    """What a plan found to do: the state as read, and the state as it is to be."""

    before: State
    after: State


def change_between(before: State, after: State) -> Change[State] | None:
    """The change from one state to another, or None when they are equal."""
    return None if before is after or before == after else Change(before, after)


class DesiredState(ABC):
    """What an entry's options ask for: a frozen dataclass, pure. What makes one of options raises InvalidInput."""

    @property
    @abstractmethod
    def target(self) -> str:
        """Name of what the entry manages, for messages. Two entries with one target are refused."""

    @property
    def unit(self) -> str:
        """Name of what is read and written as a whole. Entries of one unit run in turn and share one read."""
        return self.target

    @property
    def endpoint(self) -> str:
        """What answers for it, where that differs among the entries of a task: one that is out of reach says nothing of another."""
        return ""

    @property
    def after(self) -> tuple[str, ...]:
        """The units that must be done first. They need not be in the task."""
        return ()

    @property
    def warnings(self) -> tuple[str, ...]:
        """What the user should know about these options although they are accepted."""
        return ()

    @property
    def propagation_timeout(self) -> int:
        """Seconds to wait for a grant, just made, to take effect."""
        return 0


@dataclass(frozen=True)
class NamedState(DesiredState, t.Generic[Name]):
    """What is wanted of a thing that has a name of its own, which is the target."""

    name: Name

    @classmethod
    def of(cls, read_name: t.Callable[[Options], Name], options: Options) -> t.Self:
        """What the options say of the name that C(read_name) finds in them. Raises InvalidInput."""
        return cls(read_name(options))

    @property
    def target(self) -> str:
        """The name."""
        return str(self.name)


class Resource(ABC, t.Generic[Desired, State]):
    """What the engine needs to know of a kind of resource. As it stands, one that is read and never changed.

    C(State) is a value with equality: what the service holds, or would hold.
    """

    def begin(self, entries: t.Sequence[Desired]) -> None:
        """Look at all entries of the task, before the first is read."""

    def read_listed(self, entries: t.Sequence[Desired]) -> t.Mapping[str, State]:
        """States by unit, as far as reading them from lists takes fewer calls; read() is asked for the others."""
        return {}

    @abstractmethod
    def read(self, desired: Desired) -> State:
        """The state as it is. Raises NotFound when what the entry stands on does not exist."""

    def assume(self, desired: Desired) -> State:
        """The state that an earlier task would have made, for check mode when read() raises NotFound; unless that is final."""
        raise NotFound(f"{desired.target} does not exist.")

    def plan(self, current: State, desired: Desired) -> Change[State] | None:
        """What is to change, or None. Pure."""
        return change_between(current, self.wanted(current, desired))

    def wanted(self, current: State, desired: Desired) -> State:
        """The state as it is to be. Pure. Raises ImmutableDifference before anything is written."""
        return current

    def apply(self, change: Change[State], desired: Desired) -> State:
        """Write the change, locked by the etag or revision of C(change.before); returns the state as it is now."""
        raise NotImplementedError

    @abstractmethod
    def result(self, state: State, desired: Desired) -> dict[str, t.Any]:
        """The resource's part of the task's result. Holds no secret."""

    def diff(self, state: State, desired: Desired) -> dict[str, t.Any]:
        """The state in the shape of the task's options, for the diff; empty for what is absent. Holds no secret."""
        return {}

    def doubts(self, change: Change[State], desired: Desired) -> t.Iterable[str]:
        """Warnings on a change, before it is made. A later run, which has nothing to change, does not repeat them. Makes no calls."""
        return ()

    def notices(self, state: State, desired: Desired) -> t.Iterable[str]:
        """Warnings on a state that is as wanted while something else still stands in its way. Makes no calls."""
        return ()

    def shortfall(self, state: State, desired: Desired) -> RegistryAuthError | None:
        """The error that an entry fails with although it has a result: a part failed, and the rest is worth showing."""
        return None


def worth_listing(
    entries: t.Sequence[Desired], parent: t.Callable[[Desired], t.Hashable]
) -> t.Iterator[tuple[list[Desired], int]]:
    """The entries below each parent that has enough of them, and how many pages of its list to read at most."""
    children: dict[t.Hashable, list[Desired]] = {}
    for desired in entries:
        children.setdefault(parent(desired), []).append(desired)
    for found in children.values():
        if len(found) >= LIST_FROM:
            yield found, math.ceil(len(found) / ENTRIES_PER_PAGE)

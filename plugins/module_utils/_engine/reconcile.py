# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The engine: for each entry read, plan and, unless in check mode, apply.

A *resource* knows how to read, plan and apply; everything that is the same for all of them lives here: duplicate
targets, check mode, lost races, entries side by side, how each entry ended. It knows neither Ansible nor an SDK.
"""

from __future__ import annotations

import math
import typing as t
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import nullcontext
from dataclasses import dataclass, field
from graphlib import CycleError, TopologicalSorter
from queue import Empty, SimpleQueue

from .._base.errors import InvalidInput, NotFound, RegistryAuthError, Silent, Unavailable, Unreachable
from .._base.quota import Deadline
from .._base.retry import Backoff

Desired = t.TypeVar("Desired", bound="DesiredState")
State = t.TypeVar("State")

#: Entries worked on at once. At 50 milliseconds an answer that makes 640 calls a second: CodeArtifact allows an account 800, and
#: one interpreter makes no more.
CONCURRENCY = 32


#: Entries below one parent for which its list is read instead of each of them, and entries that justify each page of it:
#: pages come one after the other, and the parent may have many more children than the task has entries.
LIST_FROM = 20
ENTRIES_PER_PAGE = 100


class _Unread:
    """Type of UNREAD."""


#: In place of a state that must be read. None will not do: to some resources it is the state "absent".
UNREAD = _Unread()


@dataclass(frozen=True)
class Change(t.Generic[State]):
    """What a plan found to do: the state as read, and the state as it is to be."""

    before: State
    after: State


def change_between(before: State, after: State) -> Change[State] | None:
    """The change from one state to another, or None when they are equal."""
    return None if before == after else Change(before, after)


class DesiredState(t.Protocol):
    """What an entry's options ask for: a frozen dataclass, pure.

    Where entries build on each other, C(after) holds the units that must be done first. They need not be in the task.
    """

    @property
    def target(self) -> str:
        """Name of what the entry manages, for messages. Two entries with one target are refused."""

    @property
    def unit(self) -> str:
        """Name of what is read and written as a whole. Entries of one unit run in turn and share one read."""

    @property
    def warnings(self) -> tuple[str, ...]:
        """What the user should know about these options although they are accepted."""


class Resource(t.Protocol[Desired, State]):
    """What the engine needs to know of a kind of resource.

    C(State) is a value with equality: what the service holds, or would hold. Where that can be good and something else still stands
    in its way, C(notices) gives warnings on a state and the entry that ends with it. It raises nothing: the work is done by then.
    Where a part can fail and the rest is still worth telling, C(shortfall) gives the error that an entry fails with although it has a
    result, or None.
    """

    def read(self, desired: Desired) -> State:
        """The state as it is. Raises NotFound when what the entry stands on does not exist."""

    def assume(self, desired: Desired) -> State:
        """The state that an earlier task would have made, for check mode when read() raises NotFound."""

    def plan(self, current: State, desired: Desired) -> Change[State] | None:
        """What is to change, or None. Pure. Raises ImmutableDifference before anything is written."""

    def apply(self, change: Change[State], desired: Desired) -> State:
        """Write the change, locked by the etag or revision of C(change.before); returns the state as it is now."""

    def result(self, state: State, desired: Desired) -> dict[str, t.Any]:
        """The resource's part of the task's result. Holds no secret."""

    def diff(self, state: State, desired: Desired) -> dict[str, t.Any]:
        """The state in the shape of the task's options, for the diff. Holds no secret."""


@t.runtime_checkable
class ListedResource(Resource[Desired, State], t.Protocol[Desired, State]):
    """A resource of which one call can read many."""

    def read_listed(self, entries: t.Sequence[Desired]) -> t.Mapping[str, State]:
        """States by unit, as far as reading them from lists takes fewer calls; read() is asked for the others."""


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


@dataclass(frozen=True)
class Outcome:
    """How one entry ended."""

    target: str
    changed: bool = False
    result: dict[str, t.Any] = field(default_factory=dict)
    before: dict[str, t.Any] | None = None
    after: dict[str, t.Any] | None = None
    warnings: tuple[str, ...] = ()
    error: RegistryAuthError | None = None

    def as_dict(self, *, diff_mode: bool) -> dict[str, t.Any]:
        """The result in the shape that a task registers."""
        shown: dict[str, t.Any] = {"changed": self.changed, **self.result}
        if self.error is not None:
            shown.update(failed=True, msg=str(self.error), failure={"code": self.error.code, "target": self.target})
        if diff_mode and self.before is not None:
            shown["diff"] = {
                "before_header": self.target,
                "after_header": self.target,
                "before": self.before,
                "after": self.after,
            }
        return shown


def reconcile(
    connect: t.Callable[[], Resource[Desired, State]],
    entries: t.Sequence[Desired],
    *,
    check_mode: bool,
    diff_mode: bool = True,
    deadline: Deadline | None = None,
    watch: t.Callable[[Outcome], None] = lambda _outcome: None,
    backoff: t.Callable[..., Backoff] = Backoff,
    pool: Executor | None = None,
) -> list[Outcome]:
    """Bring every entry to its desired state, and say how each ended, in the order of the entries.

    :param connect: makes the resource with its client; called once, and only when there is an entry to work on
    :param entries: what is wanted; targets are all different
    :param check_mode: predict instead of writing
    :param diff_mode: say what each entry was and is
    :param deadline: after it no further entry is begun, and no failure is waited out; without it, never
    :param watch: is told how each entry ended as soon as it has, by several threads
    :param backoff: makes the policy on failures that may pass, for one entry
    :param pool: the threads to work with, where several such calls go on at once; without it, CONCURRENCY of its own
    :raises InvalidInput: two entries have one target, or entries wait for each other; nothing was called
    """
    _refuse_duplicates([desired.target for desired in entries])
    if not entries:
        return []
    units = _units(entries)
    waves = _waves(entries)
    resource = connect()
    outcomes: dict[int, Outcome] = {}
    out_of_reach: list[RegistryAuthError] = []
    until = deadline or Deadline()
    listed = _listed(resource, entries, out_of_reach)

    def not_begun(target: str) -> RegistryAuthError | None:
        if out_of_reach:
            # Else a thousand entries would each wait as long for an endpoint that is not there.
            return type(out_of_reach[0])(f"Not tried, because {out_of_reach[0]}")
        return None if until.allows() else until.not_reached(target)

    def work(unit: str) -> None:
        carried: State | _Unread = listed.get(unit, UNREAD)
        for index in units[unit]:
            desired = entries[index]
            error = not_begun(desired.target)
            if error:
                outcomes[index] = Outcome(desired.target, warnings=desired.warnings, error=error)
            else:
                propagation = getattr(desired, "propagation_timeout", None) or 0
                patience = backoff(propagation_timeout=propagation, deadline=until)
                outcomes[index], carried = _reconcile_one(
                    resource, desired, carried, patience, check_mode=check_mode, diff_mode=diff_mode
                )
                final = outcomes[index].error
                if isinstance(final, (Unreachable, Silent)):
                    out_of_reach.append(final)
            watch(outcomes[index])

    if len(units) == 1:
        work(next(iter(units)))
    else:
        width = min(CONCURRENCY, len(units))
        own = nullcontext(pool) if pool else ThreadPoolExecutor(max_workers=width)
        with own as threads:
            for wave in waves:
                _side_by_side(threads, width, work, wave)
    return [outcomes[index] for index in range(len(entries))]


def _side_by_side(threads: Executor, width: int, work: t.Callable[[str], None], units: t.Iterable[str]) -> None:
    """Work on each unit once. Threads that take from a queue spend a third of what a future for each unit costs."""
    waiting: SimpleQueue[str] = SimpleQueue()
    for unit in units:
        waiting.put(unit)

    def take(_thread: int) -> None:
        while True:
            try:
                unit = waiting.get_nowait()
            except Empty:
                return
            work(unit)

    # list() so that an exception that is not ours is raised here and not lost.
    list(threads.map(take, range(width)))


def _units(entries: t.Sequence[Desired]) -> dict[str, list[int]]:
    """The positions of each unit's entries, in their order."""
    units: dict[str, list[int]] = {}
    for index, desired in enumerate(entries):
        units.setdefault(desired.unit, []).append(index)
    return units


def _waves(entries: t.Sequence[Desired]) -> list[tuple[str, ...]]:
    """The units, each in a wave after those that its entries come after. Raises InvalidInput when they go in a circle."""
    units = {desired.unit for desired in entries}
    order: TopologicalSorter[str] = TopologicalSorter()
    for desired in entries:
        order.add(desired.unit, *(units & set(getattr(desired, "after", ()))))
    try:
        order.prepare()
    except CycleError as circle:
        raise InvalidInput(f"Entries need each other in a circle: {', '.join(circle.args[1])}.") from None
    waves = []
    while order.is_active():
        waves.append(order.get_ready())
        order.done(*waves[-1])
    return waves


def _listed(
    resource: Resource[Desired, State], entries: t.Sequence[Desired], out_of_reach: list[RegistryAuthError]
) -> t.Mapping[str, State]:
    """The states that lists show, if any."""
    if not isinstance(resource, ListedResource):
        return {}
    try:
        return resource.read_listed(entries)
    except RegistryAuthError as error:
        # Who may not list may still read. What else is wrong, each entry's own read will say, except that an answer
        # was waited for in vain already.
        if isinstance(error, Silent):
            out_of_reach.append(error)
        return {}


def _refuse_duplicates(targets: list[str]) -> None:
    seen: dict[str, int] = {}
    for index, target in enumerate(targets):
        if target in seen:
            raise InvalidInput(
                f"batch[{seen[target]}] and batch[{index}] both name {target}; name each only once in a task."
            )
        seen[target] = index


def _notices(resource: Resource[Desired, State], state: State, desired: Desired) -> tuple[str, ...]:
    notices: t.Callable[[State, Desired], t.Iterable[str]] | None = getattr(resource, "notices", None)
    return tuple(notices(state, desired)) if notices else ()


def _shortfall(resource: Resource[Desired, State], state: State, desired: Desired) -> RegistryAuthError | None:
    shortfall: t.Callable[[State, Desired], RegistryAuthError | None] | None = getattr(resource, "shortfall", None)
    return shortfall(state, desired) if shortfall else None


def _reconcile_one(
    resource: Resource[Desired, State],
    desired: Desired,
    carried: State | _Unread,
    backoff: Backoff,
    *,
    check_mode: bool,
    diff_mode: bool,
) -> tuple[Outcome, State | _Unread]:
    """Reconcile one entry; returns also the state for the next entry of the same unit, or UNREAD."""
    target = desired.target
    warnings = list(desired.warnings)
    current = carried
    #: The first change of which something was, or may have been, written. When a later read shows it made, we made it.
    begun: Change[State] | None = None
    wrote = False
    while True:
        change = None
        try:
            if isinstance(current, _Unread):
                try:
                    current = resource.read(desired)
                except NotFound as missing:
                    if not check_mode:
                        raise
                    current = resource.assume(desired)
                    warnings.append(f"{missing} Check mode goes on as if an earlier task had created it.")
            change = resource.plan(current, desired)
            after = current
            if change is not None:
                after = change.after if check_mode else resource.apply(change, desired)
            before = (begun or change or Change(current, current)).before
            outcome = Outcome(
                target=target,
                changed=change is not None or begun is not None,
                result=resource.result(after, desired),
                before=resource.diff(before, desired) if diff_mode else None,
                after=resource.diff(after, desired) if diff_mode else None,
                warnings=(*warnings, *_notices(resource, after, desired)),
                error=_shortfall(resource, after, desired),
            )
            return outcome, after
        except RegistryAuthError as error:
            wrote = wrote or error.partially_applied
            if isinstance(error, Unavailable) or error.partially_applied:
                begun = begun or change
            # The state is unknown now, so the next try reads and plans anew: an old plan is never replayed.
            current = UNREAD
            try:
                backoff.pause_or_raise(error, writing=change is not None)
            except RegistryAuthError as final:
                return Outcome(target=target, changed=wrote, warnings=tuple(warnings), error=final), UNREAD

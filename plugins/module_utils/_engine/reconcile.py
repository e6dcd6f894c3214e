# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The engine: for each entry read, plan and, unless in check mode, apply.

A *resource* knows how to read, plan and apply; everything that is the same for all of them lives here: duplicate
targets, check mode, lost races, entries side by side, how each entry ended. It knows neither Ansible nor an SDK.
"""

from __future__ import annotations

import typing as t
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import nullcontext
from dataclasses import dataclass, field
from enum import IntEnum
from graphlib import CycleError, TopologicalSorter
from queue import Empty, SimpleQueue

from .._base.errors import InvalidInput, NotFound, NotReached, RegistryAuthError, Silent, Unreachable, as_ours
from .._base.quota import Deadline
from .._base.retry import Backoff
from .resource import Change, Desired, Resource, State

#: Entries worked on at once. At 50 milliseconds an answer that makes 640 calls a second: CodeArtifact allows an account 800, and
#: one interpreter makes no more. Artifact Registry allows a project and region 1000, of which 300 may write (its page "Quotas and limits":
#: 60,000 and 18,000 a minute), and each write comes after a read.
CONCURRENCY = 32


class _Unread:
    """Type of UNREAD."""


#: In place of a state that must be read. None will not do: to some resources it is the state "absent".
UNREAD = _Unread()


class Written(IntEnum):
    """What is known of an entry's change when the entry fails."""

    NOTHING = 0
    PERHAPS = 1
    PARTLY = 2
    WHOLLY = 3


_SENTENCES = {
    Written.NOTHING: "",
    Written.PERHAPS: " The change may have been made all the same.",
    Written.PARTLY: " A part of the change was made.",
    Written.WHOLLY: " The change was made.",
}


@dataclass(frozen=True)
class Outcome:
    """How one entry ended."""

    target: str
    #: Whether something was written, or may have been.
    changed: bool = False
    result: dict[str, t.Any] = field(default_factory=dict)
    before: dict[str, t.Any] | None = None
    after: dict[str, t.Any] | None = None
    warnings: tuple[str, ...] = ()
    error: RegistryAuthError | None = None
    written: Written = Written.NOTHING
    #: The state that it began with: as found by the try that first wrote something, or that found nothing to write. UNREAD when it failed.
    found: t.Any = field(default=UNREAD, repr=False)
    #: The state at the end, or UNREAD when the entry failed. It may hold a secret, and is no part of the result.
    state: t.Any = field(default=UNREAD, repr=False)

    @property
    def message(self) -> str:
        """Why the entry failed, and what was written all the same."""
        return f"{self.error}{_SENTENCES[self.written]}"

    def as_dict(self, *, diff_mode: bool) -> dict[str, t.Any]:
        """The result in the shape that a task registers."""
        shown: dict[str, t.Any] = {"changed": self.changed, **self.result}
        if self.error is not None:
            shown.update(failed=True, msg=self.message, failure={"code": self.error.code, "target": self.target})
        if diff_mode and self.before is not None:
            shown["diff"] = {
                "before_header": self.target,
                "after_header": self.target,
                "before": self.before,
                "after": self.after,
            }
        return shown


#: How an entry ended, and the state for the next entry of the same unit, or UNREAD.
Ended = tuple[Outcome, "State | _Unread"]


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
    fresh: t.Mapping[str, t.Any] | None = None,
    seen: t.Mapping[str, t.Any] | None = None,
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
    :param fresh: states, by unit, that this run has just made, or would have made in check mode: they are not read
    :param seen: states, by unit, that were read earlier in this run. They spare a read where nothing is to change. What is to
        change is read again, because a write must not stand on an old look
    :raises InvalidInput: two entries have one target, or entries wait for each other; nothing was called
    """
    _refuse_duplicates([desired.target for desired in entries])
    if not entries:
        return []
    units = _units(entries)
    waves = _waves(entries)
    resource = connect()
    outcomes: dict[int, Outcome] = {}
    answered: dict[str, list[int]] = {desired.endpoint: [] for desired in entries}
    out_of_reach: dict[str, RegistryAuthError] = {}
    until = deadline or Deadline()
    resource.begin(entries)
    known = {**(fresh or {})}
    settled = _settled(resource, entries, {unit: units[unit] for unit in units if unit not in known}, seen or {})
    known |= settled
    unknown = [desired for desired in entries if desired.unit not in known]
    known |= _listed(resource, unknown, out_of_reach) if unknown else {}

    def not_begun(desired: Desired) -> RegistryAuthError | None:
        if silence := out_of_reach.get(desired.endpoint):
            # Else a thousand entries would each wait as long for an endpoint that is not there.
            return type(silence)(f"Not tried, because {silence}")
        return None if until.allows() else until.not_reached(desired.target)

    def work(unit: str) -> None:
        carried: State | _Unread = known.get(unit, UNREAD)
        for index in units[unit]:
            desired = entries[index]
            others = answered[desired.endpoint]
            heard = len(others)
            refusal = not_begun(desired)
            planned = unit in settled and carried is settled[unit]
            course = _Course(resource, desired, check_mode, diff_mode, settled=planned)
            outcomes[index], carried = course.run(carried, until, backoff, refusal)
            final = outcomes[index].error
            if not isinstance(final, (Unreachable, Silent)):
                others.append(index)
            elif not refusal and heard == len(others):
                # While others are answered, it is this entry's own address or answer that something is wrong with.
                out_of_reach.setdefault(desired.endpoint, final)
            watch(outcomes[index])

    # They wait for no answer, so threads would only get in each other's way.
    for unit in settled:
        work(unit)
    _in_waves(work, [[unit for unit in wave if unit not in settled] for wave in waves], pool)
    return [outcomes[index] for index in range(len(entries))]


def _in_waves(work: t.Callable[[str], None], waves: t.Sequence[t.Sequence[str]], pool: Executor | None) -> None:
    """Work on each unit once, on those of a wave side by side."""
    units = [unit for wave in waves for unit in wave]
    if len(units) <= 1:
        for unit in units:
            work(unit)
        return
    width = min(CONCURRENCY, len(units))
    with nullcontext(pool) if pool else ThreadPoolExecutor(max_workers=width) as threads:
        for wave in waves:
            _side_by_side(threads, width, work, wave)


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

    # list() so that what ends the whole run, as an interrupt does, is raised here and not lost.
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
        order.add(desired.unit, *(units & set(desired.after)))
    try:
        order.prepare()
    except CycleError as circle:
        raise InvalidInput(f"Entries need each other in a circle: {', '.join(circle.args[1])}.") from None
    waves = []
    while order.is_active():
        waves.append(order.get_ready())
        order.done(*waves[-1])
    return waves


def _settled(
    resource: Resource[Desired, State],
    entries: t.Sequence[Desired],
    units: t.Mapping[str, list[int]],
    seen: t.Mapping[str, State],
) -> dict[str, State]:
    """Of the states that were read earlier, those in which nothing is to change."""

    def stays(unit: str) -> bool:
        try:
            return all(resource.plan(seen[unit], entries[index]) is None for index in units[unit])
        except Exception:
            # What is wrong, the entry itself says, by what it reads.
            return False

    return {unit: seen[unit] for unit in units if unit in seen and stays(unit)}


def _listed(
    resource: Resource[Desired, State], entries: t.Sequence[Desired], out_of_reach: dict[str, RegistryAuthError]
) -> t.Mapping[str, State]:
    """The states that lists show, if any."""
    try:
        return resource.read_listed(entries)
    except Exception as error:
        # Who may not list may still read. What else is wrong, each entry's own read will say, except that an answer
        # was waited for in vain already.
        if isinstance(error, Silent):
            out_of_reach.update({desired.endpoint: error for desired in entries})
        return {}


def _refuse_duplicates(targets: list[str]) -> None:
    seen: dict[str, int] = {}
    for index, target in enumerate(targets):
        if target in seen:
            raise InvalidInput(
                f"batch[{seen[target]}] and batch[{index}] both name {target}; name each only once in a task."
            )
        seen[target] = index


@dataclass
class _Course(t.Generic[Desired, State]):
    """One entry on its way to its desired state, by as many tries as it takes."""

    resource: Resource[Desired, State]
    desired: Desired
    check_mode: bool
    diff_mode: bool
    #: Whether a plan has shown already that the state it begins with stays.
    settled: bool = False
    warnings: list[str] = field(default_factory=list)
    #: The first change of which something was, or may have been, written. When a later read shows it made, we made it.
    begun: Change[State] | None = None
    written: Written = Written.NOTHING
    #: Whether a write is under way.
    writing: bool = False

    def run(
        self,
        carried: State | _Unread,
        deadline: Deadline,
        backoff: t.Callable[..., Backoff],
        refusal: RegistryAuthError | None,
    ) -> Ended[State]:
        """Reconcile the entry, unless that is refused. Whatever exception it ends in is its failure, and no other entry's."""
        current = carried
        try:
            self.warnings += self.desired.warnings
            if refusal:
                raise refusal
            patience = backoff(propagation_timeout=self.desired.propagation_timeout, deadline=deadline)
            failure: RegistryAuthError | None = None
            while True:
                try:
                    return self._try(current)
                except NotReached as over:
                    # What kept an earlier try from its end says more than that there was no time for another.
                    raise failure or over from None
                except RegistryAuthError as error:
                    patience.pause_or_raise(error, writing=self.writing)
                    failure = error
                # The state is unknown now, so the next try reads and plans anew: an old plan is never replayed.
                self.writing, self.settled, current = False, False, UNREAD
        except Exception as error:
            return self._failure(as_ours(error)), UNREAD

    def _failure(self, error: RegistryAuthError) -> Outcome:
        return Outcome(
            self.desired.target,
            changed=self.written > Written.NOTHING,
            warnings=tuple(self.warnings),
            error=error,
            written=self.written,
        )

    def _try(self, current: State | _Unread) -> Ended[State]:
        before = self._read() if isinstance(current, _Unread) else current
        change = None if self.settled else self.resource.plan(before, self.desired)
        after = before
        if change is not None:
            # The next try may plan the same change again.
            self.warnings += [one for one in self.resource.doubts(change, self.desired) if one not in self.warnings]
            after = change.after if self.check_mode else self._apply(change)
        return self._success(self.begun or change or Change(before, before), after, changed=change is not None), after

    def _read(self) -> State:
        try:
            return self.resource.read(self.desired)
        except NotFound as missing:
            if not self.check_mode:
                raise
            try:
                assumed = self.resource.assume(self.desired)
            except NotFound:
                # The read said better what is missing.
                raise missing from None
            self.warnings.append(f"{missing} Check mode continues as if an earlier task had created it.")
            return assumed

    def _apply(self, change: Change[State]) -> State:
        self.writing = True
        try:
            after = self.resource.apply(change, self.desired)
        except Exception as caught:
            error = as_ours(caught)
            if error.partially_applied:
                self._wrote(change, Written.PARTLY)
            elif error.unclear:
                self._wrote(change, Written.PERHAPS)
            raise error from None
        self._wrote(change, Written.WHOLLY)
        self.writing = False
        return after

    def _wrote(self, change: Change[State], written: Written) -> None:
        self.begun = self.begun or change
        self.written = max(self.written, written)

    def _success(self, change: Change[State], after: State, *, changed: bool) -> Outcome:
        resource, desired = self.resource, self.desired
        return Outcome(
            target=desired.target,
            changed=changed or self.begun is not None,
            result=resource.result(after, desired),
            before=resource.diff(change.before, desired) if self.diff_mode else None,
            after=resource.diff(after, desired) if self.diff_mode else None,
            warnings=(*self.warnings, *resource.notices(after, desired)),
            error=resource.shortfall(after, desired),
            written=self.written,
            found=change.before,
            state=after,
        )

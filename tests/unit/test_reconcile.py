# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The engine, on a resource that lives in a dict and has other writers."""

from __future__ import annotations

import re
import threading
from dataclasses import dataclass, field, replace

import pytest
from ansible_collections.pkgops.registry_auth.plugins.module_utils._base.errors import (
    InvalidInput,
    LostRace,
    NotFound,
    NotReached,
    PermissionDenied,
    Refused,
    RegistryAuthError,
    Silent,
    Stranger,
    Throttled,
    Unavailable,
    Unreachable,
)
from ansible_collections.pkgops.registry_auth.plugins.module_utils._base.quota import Deadline
from ansible_collections.pkgops.registry_auth.plugins.module_utils._base.retry import Backoff
from ansible_collections.pkgops.registry_auth.plugins.module_utils._engine.reconcile import (
    Outcome,
    Written,
    reconcile,
)
from ansible_collections.pkgops.registry_auth.plugins.module_utils._engine.resource import (
    DesiredState,
    Resource,
    change_between,
    worth_listing,
)
from ansible_collections.pkgops.registry_auth.plugins.module_utils._resources.parts.steps import in_turn


@dataclass(frozen=True)
class Wish(DesiredState):
    """Wants a member in the set of a shelf."""

    shelf: str
    member: str
    warnings: tuple[str, ...] = ()

    @property
    def target(self):
        return f"{self.shelf}/{self.member}"

    @property
    def unit(self):
        return self.shelf


@dataclass
class Shelves(Resource):
    """Sets of members with a revision each, and hooks for what others do meanwhile."""

    content: dict[str, frozenset[str]]
    reads: list[str] = field(default_factory=list)
    writes: list[str] = field(default_factory=list)
    before_write: list = field(default_factory=list)
    after_write: list = field(default_factory=list)
    connections: int = 0

    def connect(self):
        self.connections += 1
        return self

    def read(self, desired):
        self.reads.append(desired.shelf)
        if desired.shelf not in self.content:
            raise NotFound(f"{desired.shelf} does not exist.")
        return self.content[desired.shelf]

    def assume(self, desired):
        return frozenset()

    def plan(self, current, desired):
        return change_between(current, current | {desired.member})

    def apply(self, change, desired):
        if self.before_write:
            self.before_write.pop(0)()
        if self.content[desired.shelf] != change.before:
            raise LostRace("changed by others")
        self.content[desired.shelf] = change.after
        self.writes.append(desired.target)
        if self.after_write:
            self.after_write.pop(0)()
        return change.after

    def result(self, state, desired):
        return {"members": sorted(state)}

    def diff(self, state, desired):
        return {"members": sorted(state)}


def patient(**_options):
    return Backoff(sleep=lambda _seconds: None)


def run(shelves, *wishes, check_mode=False):
    return reconcile(shelves.connect, wishes, check_mode=check_mode, backoff=patient)


def fail(error):
    def hook():
        raise error

    return hook


def test_changes_once_and_then_not():
    shelves = Shelves({"a": frozenset()})
    first, second = run(shelves, Wish("a", "x")), run(shelves, Wish("a", "x"))
    assert (first[0].changed, second[0].changed) == (True, False)
    assert first[0].before == {"members": []}
    assert first[0].after == first[0].result == second[0].result == {"members": ["x"]}
    assert shelves.writes == ["a/x"]


def test_check_mode_predicts_and_writes_nothing():
    shelves = Shelves({"a": frozenset()})
    predicted = run(shelves, Wish("a", "x"), check_mode=True)
    assert shelves.writes == []
    (real,) = run(shelves, Wish("a", "x"))
    assert predicted == [replace(real, written=Written.NOTHING)]


@pytest.mark.parametrize("check_mode", [True, False])
def test_a_change_is_doubted_once_and_what_is_there_is_not(check_mode):
    shelves = Shelves({"a": frozenset(), "b": frozenset("x")})
    shelves.doubts = lambda change, desired: [f"{desired.target}: {len(change.before)} to {len(change.after)}"]
    # The first try loses a race, and the second one plans the same again.
    shelves.before_write = [fail(LostRace("changed by others"))]
    changed, same = run(shelves, Wish("a", "x"), Wish("b", "x"), check_mode=check_mode)
    assert (changed.changed, same.changed) == (True, False)
    assert (changed.warnings, same.warnings) == (("a/x: 0 to 1",), ())


def test_a_change_that_fails_was_doubted():
    shelves = Shelves({"a": frozenset()})
    shelves.doubts = lambda _change, _desired: ["This may be refused."]
    shelves.before_write = [fail(Refused("no"))]
    (outcome,) = run(shelves, Wish("a", "x"))
    assert isinstance(outcome.error, Refused)
    assert outcome.warnings == ("This may be refused.",)


def test_check_mode_goes_on_where_an_earlier_task_would_have_created():
    shelves = Shelves({})
    (outcome,) = run(shelves, Wish("a", "x"), check_mode=True)
    assert outcome.changed
    assert outcome.result == {"members": ["x"]}
    assert "a does not exist." in outcome.warnings[0]


def test_what_check_mode_cannot_assume_is_missing_in_the_words_of_the_read():
    class Strict(Shelves):
        def assume(self, desired):
            raise NotFound("Nothing is assumed.")

    (outcome,) = run(Strict({}), Wish("a", "x"), check_mode=True)
    assert str(outcome.error) == "a does not exist."
    assert not outcome.warnings


def test_a_diff_is_shown_where_it_is_asked_for():
    shelves = Shelves({"a": frozenset("x")})
    (outcome,) = reconcile(shelves.connect, [Wish("a", "y")], check_mode=False, diff_mode=True, backoff=patient)
    assert outcome.as_dict(diff_mode=True)["diff"] == {
        "before_header": "a/y",
        "after_header": "a/y",
        "before": {"members": ["x"]},
        "after": {"members": ["x", "y"]},
    }
    assert "diff" not in outcome.as_dict(diff_mode=False)


def test_a_missing_resource_is_an_error_in_a_real_run():
    (outcome,) = run(Shelves({}), Wish("a", "x"))
    assert isinstance(outcome.error, NotFound)
    assert not outcome.changed


def test_a_lost_race_is_read_and_planned_again():
    shelves = Shelves({"a": frozenset()})
    shelves.before_write = [lambda: shelves.content.update(a=frozenset({"other"}))] * 3
    (outcome,) = run(shelves, Wish("a", "x"))
    assert outcome.result == {"members": ["other", "x"]}
    assert shelves.content["a"] == {"other", "x"}
    assert outcome.before == {"members": ["other"]}, "what the other writer did is not our change"


def test_a_race_lost_to_somebody_who_did_the_same_is_no_change():
    shelves = Shelves({"a": frozenset()})
    shelves.before_write = [lambda: shelves.content.update(a=frozenset({"x"}))]
    (outcome,) = run(shelves, Wish("a", "x"))
    assert not outcome.changed
    assert shelves.writes == []


def test_a_race_that_is_always_lost_ends_with_an_error():
    shelves = Shelves({"a": frozenset()})
    shelves.before_write = [lambda: shelves.content.update(a=shelves.content["a"] | {str(len(shelves.reads))})] * 10_000
    now = [0.0]
    clocked = Backoff(clock=lambda: now[0], sleep=lambda seconds: now.__setitem__(0, now[0] + seconds))
    (outcome,) = reconcile(shelves.connect, [Wish("a", "x")], check_mode=False, backoff=lambda **_options: clocked)
    assert isinstance(outcome.error, LostRace)
    assert len(shelves.reads) < 200


def test_a_lost_answer_is_not_written_twice_and_counts_as_our_change():
    shelves = Shelves({"a": frozenset()})
    shelves.after_write = [fail(Unavailable("answer lost"))]
    (outcome,) = run(shelves, Wish("a", "x"))
    assert shelves.writes == ["a/x"]
    assert outcome.changed
    assert (outcome.before, outcome.after) == ({"members": []}, {"members": ["x"]})


def test_a_failure_in_the_middle_says_that_something_changed():
    shelves = Shelves({"a": frozenset()})
    error = Refused("half done")
    error.partially_applied = True
    shelves.before_write = [fail(error)]
    (outcome,) = run(shelves, Wish("a", "x"))
    assert outcome.changed
    assert outcome.as_dict(diff_mode=True)["failed"]


def test_what_an_earlier_try_wrote_is_not_forgotten():
    shelves = Shelves({"a": frozenset()})
    half_done = LostRace("lost the second half")
    half_done.partially_applied = True

    def half():
        shelves.content["a"] = frozenset({"x"})
        raise half_done

    shelves.before_write = [half]
    (outcome,) = run(shelves, Wish("a", "x"))
    assert outcome.changed
    assert outcome.before == {"members": []}
    shelves = Shelves({"a": frozenset()})
    shelves.before_write = [fail(half_done), fail(Refused("and now refused"))]
    (outcome,) = run(shelves, Wish("a", "x"))
    assert isinstance(outcome.error, Refused)
    assert outcome.changed


def test_a_silent_write_is_looked_at_before_it_counts_as_failed():
    shelves = Shelves({"a": frozenset()})
    shelves.after_write = [fail(Silent("no answer"))]
    (outcome,) = run(shelves, Wish("a", "x"))
    assert outcome.changed
    assert outcome.error is None
    assert shelves.writes == ["a/x"]


def test_silence_after_a_write_that_was_answered_is_not_that_of_the_write():
    shelves = Shelves({"a": frozenset()})
    shelves.notices = lambda _state, _desired: fail(Silent("no answer"))()
    (outcome,) = run(shelves, Wish("a", "x"))
    assert (outcome.written, shelves.reads) == (Written.WHOLLY, ["a"])


def test_after_a_silent_write_a_silent_read_is_not_waited_for_again():
    shelves, now = Shelves({"a": frozenset()}), [0.0]
    shelves.apply = lambda _change, _desired: fail(Silent("no answer"))()
    answers = [shelves.read]

    def silent_then(desired):
        return answers.pop(0)(desired) if answers else fail(Silent("nothing to read either"))()

    shelves.read = silent_then

    def clocked(**options):
        return Backoff(**options, clock=lambda: now[0], sleep=lambda seconds: now.__setitem__(0, now[0] + seconds))

    (outcome,) = reconcile(shelves.connect, [Wish("a", "x")], check_mode=False, backoff=clocked)
    assert str(outcome.error) == "nothing to read either"
    assert outcome.changed
    assert now[0] < 5


def test_an_endpoint_that_is_not_there_is_not_asked_for_each_entry():
    shelves = Shelves({})
    shelves.read = lambda desired: fail(Unreachable(f"nobody at {desired.shelf}"))()
    now = [0.0]

    def clocked(**_options):
        return Backoff(clock=lambda: now[0], sleep=lambda seconds: now.__setitem__(0, now[0] + seconds))

    wishes = [Wish("a", str(number)) for number in range(50)]
    outcomes = reconcile(shelves.connect, wishes, check_mode=False, backoff=clocked)
    assert all(isinstance(outcome.error, Unreachable) for outcome in outcomes)
    assert str(outcomes[-1].error) == "Not tried, because nobody at a"
    assert now[0] < 30


@pytest.mark.parametrize("kind", [Silent, Unreachable])
def test_an_endpoint_that_answers_others_meanwhile_is_asked_for_the_rest(kind):
    shelves = Shelves({"a": frozenset(), "b": frozenset(), "z": frozenset()})
    read, answered = shelves.read, threading.Event()

    def in_vain_for_a(desired):
        if desired.shelf == "a":
            assert answered.wait(10)
            raise kind("no answer about a")
        return read(desired)

    shelves.read = in_vain_for_a
    outcomes = reconcile(
        shelves.connect,
        [Wish("a", "x"), Wish("b", "x"), Built("z", "x", after=("a", "b"))],
        check_mode=False,
        watch=lambda outcome: answered.set() if outcome.target == "b/x" else None,
        backoff=lambda **_options: Backoff(clock=iter(range(0, 10_000, 100)).__next__, sleep=lambda _seconds: None),
    )
    assert [type(outcome.error) for outcome in outcomes] == [kind, type(None), type(None)]


def test_an_endpoint_that_no_longer_answers_is_not_asked_for_each_entry():
    shelves = Shelves({"a": frozenset()})
    shelves.before_write = [lambda: setattr(shelves, "read", lambda _desired: fail(Silent("no more"))())]
    outcomes = run(shelves, *(Built(name, "x", after=(before,)) for before, name in zip("zabc", "abcd", strict=True)))
    assert [str(outcome.error) for outcome in outcomes[1:]] == ["no more", *["Not tried, because no more"] * 2]


def test_an_endpoint_that_is_not_there_says_nothing_of_another():
    @dataclass(frozen=True)
    class Kept(Wish):
        @property
        def endpoint(self):
            return self.shelf.partition("-")[0]

    shelves = Shelves({"there-1": frozenset()})
    read = shelves.read
    shelves.read = lambda desired: fail(Unreachable("nobody"))() if desired.endpoint == "nowhere" else read(desired)
    wishes = [*(Kept(f"nowhere-{number}", "x") for number in range(50)), Kept("there-1", "x")]
    outcomes = reconcile(
        shelves.connect,
        wishes,
        check_mode=False,
        backoff=lambda **_options: Backoff(clock=iter(range(0, 10_000, 100)).__next__, sleep=lambda _seconds: None),
    )
    assert [outcome.error is None for outcome in outcomes] == [False] * 50 + [True]
    assert str(outcomes[49].error) == "Not tried, because nobody"


def test_duplicates_are_refused_before_anything_is_connected():
    shelves = Shelves({"a": frozenset()})
    with pytest.raises(InvalidInput, match=r"batch\[0\] and batch\[2\] both name a/x"):
        run(shelves, Wish("a", "x"), Wish("a", "y"), Wish("a", "x"))
    assert shelves.connections == 0


def test_nothing_wanted_connects_to_nothing():
    shelves = Shelves({})
    assert run(shelves) == []
    assert shelves.connections == 0


def test_entries_of_one_unit_share_one_read_and_lose_nothing():
    shelves = Shelves({"a": frozenset()})
    outcomes = run(shelves, *(Wish("a", str(number)) for number in range(20)))
    assert shelves.reads == ["a"]
    assert len(shelves.content["a"]) == 20
    assert all(outcome.changed for outcome in outcomes)


def test_one_failure_does_not_stop_the_others_and_order_is_kept():
    shelves = Shelves({name: frozenset() for name in "abd"})
    outcomes = run(shelves, *(Wish(name, "x") for name in "abcd"))
    assert [outcome.target for outcome in outcomes] == ["a/x", "b/x", "c/x", "d/x"]
    assert [outcome.error is not None for outcome in outcomes] == [False, False, True, False]


def test_a_single_unit_needs_no_thread():
    shelves, threads = Shelves({"a": frozenset()}), []
    shelves.before_write = [lambda: threads.append(threading.current_thread())]
    run(shelves, Wish("a", "x"))
    assert threads == [threading.current_thread()]


def test_states_are_not_shown_where_an_outcome_is():
    shelves = Shelves({"a": frozenset({"a secret"})})
    (outcome,) = run(shelves, Wish("a", "x"))
    assert "a secret" in outcome.state
    assert "a secret" not in repr(replace(outcome, result={}, before=None, after=None))


def test_what_has_not_begun_has_changed_nothing():
    assert not Outcome("a/x", error=Refused("no")).changed


def test_units_run_side_by_side():
    shelves = Shelves({name: frozenset() for name in "ab"})
    meeting = threading.Barrier(2, timeout=10)
    shelves.before_write = [meeting.wait, meeting.wait]
    run(shelves, Wish("a", "x"), Wish("b", "x"))
    assert sorted(shelves.writes) == ["a/x", "b/x"]


@pytest.mark.parametrize(
    ("hook", "changed", "sentence"),
    [
        ("read", False, "not shown; please report it with the module's name."),
        ("plan", False, "the module's name."),
        ("apply", True, "the module's name. The change may have been made all the same."),
        ("result", True, "the module's name. The change was made."),
        ("diff", True, "the module's name. The change was made."),
        ("notices", True, "the module's name. The change was made."),
        ("shortfall", True, "the module's name. The change was made."),
    ],
)
def test_an_error_that_is_not_ours_is_the_failure_of_its_entry_alone(hook, changed, sentence):
    shelves = Shelves({name: frozenset() for name in "abc"})
    sound = getattr(shelves, hook)

    def defect(*arguments):
        if arguments[-1].shelf == "b":
            raise KeyError("a s3cret")
        return sound(*arguments)

    setattr(shelves, hook, defect)
    first, outcome, last = run(shelves, *(Wish(name, "x") for name in "abc"))
    assert first.changed
    assert last.changed
    shown = outcome.as_dict(diff_mode=True)
    assert shown["changed"] is changed
    assert shown["failure"] == {"code": "internal", "target": "b/x"}
    # Of what is in the collection: to ansible-test, tests are.
    assert re.search(
        r"KeyError at (plugins/module_utils/_engine/reconcile|tests/unit/test_reconcile)[.]py:", shown["msg"]
    )
    assert shown["msg"].endswith(sentence)
    assert "s3cret" not in str(shown)


def test_an_error_that_is_not_ours_is_not_tried_again():
    shelves = Shelves({"a": frozenset()})
    shelves.before_write = [fail(ZeroDivisionError("a defect"))]
    run(shelves, Wish("a", "x"))
    assert shelves.reads == ["a"]


@pytest.mark.parametrize("end", [KeyboardInterrupt, SystemExit])
def test_what_ends_the_run_ends_it(end):
    shelves = Shelves({name: frozenset() for name in "ab"})
    shelves.before_write = [fail(end())]
    with pytest.raises(end):
        run(shelves, Wish("a", "x"), Wish("b", "x"))


def partly(error):
    error.partially_applied = True
    return error


OVER = NotReached("no time")
MAY, PART, NOT = " The change may have been made all the same.", " A part of the change was made.", ""
#: What each write ends with, and what is then said of the change. The last is what every further write ends with.
FAILED_WRITES = {
    "refused": ([Refused("no")], NOT),
    "no right to": ([PermissionDenied("no")], NOT),
    "always faster": ([LostRace("others")], NOT),
    "never sent": ([Unreachable("nobody")], NOT),
    "used up": ([Throttled("used up")], NOT),
    "no time for the call": ([OVER], NOT),
    "always lost": ([Unavailable("lost")], MAY),
    "always silent": ([Silent("silent")], MAY),
    "taken by a stranger": ([Stranger("who are you")], MAY),
    "lost, then refused": ([Unavailable("lost"), Refused("no")], MAY),
    "lost, then never sent": ([Unavailable("lost"), Unreachable("nobody")], MAY),
    "lost, then others are faster": ([Unavailable("lost"), LostRace("others")], MAY),
    "lost, then no time": ([Unavailable("lost"), OVER], MAY),
    "silent, then not ours": ([Silent("silent"), KeyError("x")], MAY),
    "refused in the middle": ([partly(Refused("no"))], PART),
    "never sent in the middle": ([partly(Unreachable("nobody"))], PART),
    "lost in the middle": ([partly(Unavailable("lost"))], PART),
    "half of it, then lost": ([partly(LostRace("others")), Unavailable("lost"), Refused("no")], PART),
}


@pytest.mark.parametrize(("writes", "sentence"), FAILED_WRITES.values(), ids=FAILED_WRITES.keys())
def test_a_failure_says_what_was_or_may_have_been_written(writes, sentence):
    shelves, ends = Shelves({"a": frozenset()}), list(writes)

    def write(_change, _desired):
        raise ends.pop(0) if len(ends) > 1 else ends[0]

    shelves.apply = write
    now = [0.0]

    def clocked(**options):
        return Backoff(**options, clock=lambda: now[0], sleep=lambda seconds: now.__setitem__(0, now[0] + seconds))

    (outcome,) = reconcile(shelves.connect, [Wish("a", "x")], check_mode=False, backoff=clocked)
    assert outcome.error is not None
    assert outcome.changed is bool(sentence)
    assert outcome.as_dict(diff_mode=False)["msg"] == f"{outcome.error}{sentence}"


def test_a_lost_answer_counts_also_when_nothing_can_be_read_after_it():
    shelves = Shelves({"a": frozenset()})
    shelves.after_write = [fail(Unavailable("lost"))]
    shelves.before_write = [lambda: setattr(shelves, "read", lambda _desired: fail(PermissionDenied("no more"))())]
    (outcome,) = run(shelves, Wish("a", "x"))
    assert isinstance(outcome.error, PermissionDenied)
    assert outcome.changed
    assert outcome.message == f"no more{MAY}"


def test_a_lost_answer_after_the_time_is_over_counts():
    shelves, now = Shelves({"a": frozenset()}), [0.0]
    shelves.after_write = [fail(Unavailable("lost"))]
    shelves.before_write = [lambda: now.__setitem__(0, 61.0)]
    deadline = Deadline(60, clock=lambda: now[0])
    (outcome,) = reconcile(shelves.connect, [Wish("a", "x")], check_mode=False, deadline=deadline)
    assert (outcome.changed, outcome.message) == (True, f"lost{MAY}")


def test_a_failure_to_read_writes_nothing():
    shelves = Shelves({"a": frozenset()})
    shelves.read = lambda _desired: fail(Silent("no answer"))()
    (outcome,) = run(shelves, Wish("a", "x"))
    assert (outcome.changed, outcome.message) == (False, "no answer")


def test_check_mode_that_fails_changes_nothing():
    shelves = Shelves({"a": frozenset()})
    shelves.result = lambda _state, _desired: {}["x"]
    (outcome,) = run(shelves, Wish("a", "x"), check_mode=True)
    assert outcome.error.code == "internal"
    assert not outcome.changed


def test_of_several_calls_it_is_known_which_were_made():
    def ended(*calls):
        def steps():
            for call in calls:
                if isinstance(call, Exception):
                    yield fail(call)
                else:
                    yield from call()

        with pytest.raises(RegistryAuthError) as error:
            in_turn(steps(), "state")
        return error.value.partially_applied, error.value.unclear

    def made():
        yield lambda: None

    def unread():
        yield from iter(fail(Unavailable("not read")), None)

    assert ended(Refused("no")) == (False, False)
    assert ended(Unavailable("lost")) == (False, True)
    assert ended(made, Refused("no")) == (True, False)
    assert ended(made, Unreachable("nobody")) == (True, False)
    assert ended(unread) == (False, False), "a look is no write"
    assert ended(made, unread) == (True, False)


@pytest.mark.parametrize("kind", [InvalidInput, NotFound, Refused])
def test_failures_that_do_not_pass_are_not_tried_again(kind: type[RegistryAuthError]):
    with pytest.raises(kind):
        Backoff(sleep=lambda _seconds: pytest.fail("slept")).pause_or_raise(kind("final"))


def test_each_outcome_is_told_as_soon_as_there_is_one():
    shelves = Shelves({"a": frozenset(), "b": frozenset("x")})
    told = []
    outcomes = reconcile(
        shelves.connect,
        [Wish("a", "x"), Wish("b", "x"), Wish("c", "x")],
        check_mode=False,
        watch=told.append,
        backoff=patient,
    )
    assert sorted(told, key=lambda outcome: outcome.target) == outcomes


def test_what_the_deadline_cuts_off_is_told_and_the_next_run_goes_on():
    shelves = Shelves({name: frozenset() for name in "abc"})
    now = [0.0]
    # All on one shelf run in turn; the time is over in the middle of the second.
    shelves.after_write = [lambda: None, lambda: now.__setitem__(0, 61.0)]
    wishes = [Wish("a", member) for member in "wxyz"]
    deadline = Deadline(60, clock=lambda: now[0])
    outcomes = reconcile(shelves.connect, wishes, check_mode=False, deadline=deadline)
    assert [type(outcome.error) for outcome in outcomes] == [type(None), type(None), NotReached, NotReached]
    assert str(outcomes[2].error) == (
        "The task timed out after 60 seconds, before a/y was processed: run the task again to continue."
    )
    assert shelves.writes == ["a/w", "a/x"]
    again = run(shelves, *wishes)
    assert [outcome.changed for outcome in again] == [False, False, True, True]


def test_no_failure_is_waited_out_beyond_the_deadline():
    shelves = Shelves({})
    shelves.read = lambda _desired: fail(Throttled("used up"))()
    now = [0.0]
    deadline = Deadline(20, clock=lambda: now[0])

    def clocked(**options):
        return Backoff(**options, clock=lambda: now[0], sleep=lambda seconds: now.__setitem__(0, now[0] + seconds))

    (outcome,) = reconcile(shelves.connect, [Wish("a", "x")], check_mode=False, deadline=deadline, backoff=clocked)
    assert isinstance(outcome.error, Throttled)
    assert 5 < now[0] < 20


@pytest.mark.parametrize("error", [LostRace("others"), Throttled("used up"), Unavailable("down")])
def test_when_there_is_no_time_for_another_try_the_last_one_says_why(error: RegistryAuthError):
    """A pause may end so near to the deadline that there is no time left for a call."""
    shelves, reads = Shelves({}), [fail(error), fail(OVER)]
    shelves.read = lambda _desired: reads.pop(0)()
    (outcome,) = run(shelves, Wish("a", "x"))
    assert outcome.error is error


class ListedShelves(Shelves):
    """Shelves of which one look shows all."""

    def read_listed(self, entries):
        self.reads.append("*")
        return {desired.unit: self.content[desired.shelf] for desired in entries if desired.shelf in self.content}


def test_what_a_list_shows_is_not_read_again():
    shelves = ListedShelves({"a": frozenset("x"), "b": frozenset()})
    outcomes = run(shelves, Wish("a", "x"), Wish("b", "x"), Wish("c", "x"))
    assert [outcome.changed for outcome in outcomes] == [False, True, False]
    assert isinstance(outcomes[2].error, NotFound)
    assert shelves.reads == ["*", "c"]


@pytest.mark.parametrize("error", [PermissionDenied("no list for you"), KeyError("an odd list")])
def test_who_may_not_list_reads_one_by_one(error):
    shelves = ListedShelves({"a": frozenset("x")})
    shelves.read_listed = lambda _entries: fail(error)()
    (outcome,) = run(shelves, Wish("a", "x"))
    assert outcome.error is None
    assert shelves.reads == ["a"]


def test_an_endpoint_that_says_nothing_to_a_list_is_not_waited_for_again():
    shelves = ListedShelves({"a": frozenset("x")})
    shelves.read_listed = lambda _entries: fail(Silent("no answer"))()
    (outcome,) = run(shelves, Wish("a", "x"))
    assert isinstance(outcome.error, Silent)
    assert shelves.reads == []


def test_a_list_that_was_stale_is_a_lost_race():
    shelves = ListedShelves({"a": frozenset("x")})
    shelves.read_listed = lambda _entries: {"a": frozenset()}
    (outcome,) = run(shelves, Wish("a", "x"))
    assert (outcome.changed, outcome.error) == (False, None)
    assert shelves.reads == ["a"]


@pytest.mark.parametrize(("entries", "lists"), [(19, []), (20, [(20, 1)]), (101, [(101, 2)])])
def test_a_list_is_worth_it_from_some_entries_on(entries, lists):
    wishes = [Wish(str(number), "x") for number in range(entries)] + [Wish("elsewhere", "x")]
    found = worth_listing(wishes, lambda wish: "p" if wish.shelf.isdigit() else "q")
    assert [(len(children), pages) for children, pages in found] == lists


@dataclass(frozen=True)
class Built(Wish):
    """Stands on other shelves."""

    after: tuple[str, ...] = ()


def test_units_come_after_those_they_build_on():
    shelves = Shelves({name: frozenset() for name in "abcd"})
    outcomes = run(
        shelves,
        Built("a", "x", after=("b", "elsewhere")),
        Built("b", "x", after=("c",)),
        Wish("c", "x"),
        Wish("d", "x"),
    )

    assert all(outcome.changed for outcome in outcomes)
    assert [outcome.target for outcome in outcomes] == ["a/x", "b/x", "c/x", "d/x"]
    assert [write for write in shelves.writes if write != "d/x"] == ["c/x", "b/x", "a/x"]


def test_units_that_build_on_each_other_are_refused_before_anything_is_called():
    shelves = Shelves({"a": frozenset(), "b": frozenset()})
    with pytest.raises(InvalidInput, match=r"in a circle: (a, b, a|b, a, b)[.]"):
        run(shelves, Built("a", "x", after=("b",)), Built("b", "x", after=("a",)))
    assert shelves.connections == 0


def test_a_resource_sees_all_entries_once_before_it_reads():
    shelves = Shelves({"a": frozenset(), "b": frozenset()})
    shelves.begin = lambda entries: shelves.reads.append(len(entries))
    run(shelves, Wish("a", "x"), Wish("b", "x"))
    assert shelves.reads[0] == 2
    assert sorted(shelves.reads[1:]) == ["a", "b"]


def known(shelves, *wishes, check_mode=False, **states):
    return reconcile(shelves.connect, wishes, check_mode=check_mode, backoff=patient, **states)


def test_what_was_seen_spares_a_read_where_nothing_is_to_change():
    shelves = Shelves({"a": frozenset("x"), "b": frozenset("x")})
    seen = {"a": frozenset("xy"), "c": frozenset("z")}
    (outcome, other) = known(shelves, Wish("a", "x"), Wish("b", "x"), seen=seen)
    assert (outcome.changed, outcome.result, other.changed) == (False, {"members": ["x", "y"]}, False)
    assert shelves.reads == ["b"]


def test_where_nothing_is_to_change_is_planned_once_and_without_threads():
    shelves = Shelves({name: frozenset("x") for name in "abc"})
    plan, planned = shelves.plan, []

    def plan_and_note(current, desired):
        planned.append((desired.target, threading.current_thread() is threading.main_thread()))
        return plan(current, desired)

    shelves.plan = plan_and_note
    wishes = [Built("a", "x", after=("b",)), Wish("b", "x"), Wish("c", "x")]
    outcomes = known(shelves, *wishes, seen={"a": frozenset("x"), "c": frozenset("x")})
    assert [outcome.target for outcome in outcomes] == ["a/x", "b/x", "c/x"]
    assert not any(outcome.changed for outcome in outcomes)
    assert sorted(planned) == [("a/x", True), ("b/x", True), ("c/x", True)]
    assert shelves.reads == ["b"]


def test_what_was_planned_on_an_old_look_is_planned_anew_where_that_is_read_again():
    shelves = Shelves({"a": frozenset("y")})
    result, failures = shelves.result, [Unavailable("for now")]

    def fail_once(state, desired):
        if failures:
            raise failures.pop()
        return result(state, desired)

    shelves.result = fail_once
    (outcome,) = known(shelves, Wish("a", "x"), seen={"a": frozenset("x")})
    assert (shelves.reads, shelves.writes, outcome.changed) == (["a"], ["a/x"], True)


def test_an_entry_after_one_that_failed_is_planned_on_what_is_read_then():
    shelves = Shelves({"a": frozenset("y")})
    result = shelves.result

    def fail_first(state, desired):
        if desired.target == "a/x":
            raise Refused("no")
        return result(state, desired)

    shelves.result = fail_first
    (failed, other) = known(shelves, Wish("a", "x"), Wish("a", "z"), seen={"a": frozenset("xz")})
    assert (failed.error.code, other.changed, shelves.content) == ("refused", True, {"a": frozenset("yz")})


def test_no_write_stands_on_an_old_look():
    """What was seen lacks the member. It is read again, and it turns out that somebody else has written meanwhile."""
    shelves = Shelves({"a": frozenset("xy")})
    (outcome,) = known(shelves, Wish("a", "z"), seen={"a": frozenset("x")})
    assert shelves.reads == ["a"]
    assert shelves.content == {"a": frozenset("xyz")}
    assert (outcome.changed, outcome.before) == (True, {"members": ["x", "y"]})


def test_entries_of_one_unit_stand_on_what_was_seen_only_together():
    shelves = Shelves({"a": frozenset("x")})
    known(shelves, Wish("a", "x"), Wish("a", "y"), seen={"a": frozenset("x")})
    assert shelves.reads == ["a"]


@pytest.mark.parametrize("check_mode", [True, False])
def test_what_was_just_made_is_not_read(check_mode):
    shelves = Shelves({"a": frozenset()})
    (outcome,) = known(shelves, Wish("a", "x"), check_mode=check_mode, fresh={"a": frozenset()})
    assert shelves.reads == []
    assert (outcome.changed, outcome.state, outcome.warnings) == (True, frozenset("x"), ())
    assert shelves.content == {"a": frozenset() if check_mode else frozenset("x")}


def test_what_was_just_made_and_changed_by_others_is_read_after_all():
    shelves = Shelves({"a": frozenset("o")})
    (outcome,) = known(shelves, Wish("a", "x"), fresh={"a": frozenset()})
    assert outcome.changed
    assert shelves.reads == ["a"]
    assert shelves.content == {"a": frozenset("ox")}


def test_a_state_that_cannot_be_planned_on_is_read():
    shelves = Shelves({"a": frozenset("x")})
    (outcome,) = known(shelves, Wish("a", "x"), seen={"a": None})
    assert outcome.error is None
    assert shelves.reads == ["a"]

# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Calls within a quota, and a task's time."""

from __future__ import annotations

import heapq
import threading

import pytest
from ansible_collections.pkgops.registry_auth.plugins.module_utils._base.errors import (
    InvalidInput,
    NotReached,
    Throttled,
)
from ansible_collections.pkgops.registry_auth.plugins.module_utils._base.quota import (
    LONGEST_HOLD,
    SECRET_MANAGER,
    Deadline,
    Quota,
    Quotas,
    Rate,
)
from ansible_collections.pkgops.registry_auth.plugins.module_utils._base.retry import PATIENCE
from hypothesis import given
from hypothesis import strategies as st


class Time:
    """Time that passes only in sleep, which ends at once: calls are taken one after the other."""

    def __init__(self):
        self.now = 0.0

    def clock(self):
        return self.now

    def sleep(self, seconds):
        self.now += seconds


def arrivals(quota_time, quota, calls, deadline=None):
    """When each of so many calls is let go, one thread asking for all."""
    times = []
    for _call in range(calls):
        quota.wait(deadline or Deadline(), "call")
        times.append(quota_time.now)
    return times


@given(
    calls=st.integers(1, 20),
    seconds=st.floats(0.5, 60),
    asked=st.lists(st.floats(0, 10), min_size=1, max_size=200),
    late=st.floats(0, 0.01),
)
def test_no_stretch_of_time_has_more_calls_than_the_quota_allows(calls, seconds, asked, late):
    time = Time()
    quota = Quota(Rate(calls, seconds), clock=time.clock, sleep=time.sleep)
    times = []
    for pause in asked:
        time.now += pause
        quota.wait(Deadline(), "call")
        # Each other call is late on its way, by less than the margin.
        times.append(time.now + (late * seconds if len(times) % 2 else 0))
    for first, beyond in zip(times, times[calls:], strict=False):
        assert beyond - first >= seconds


def test_nine_hundred_reads_take_the_minute_that_the_quota_dictates():
    time = Time()
    quota = Quota(SECRET_MANAGER["read"], clock=time.clock, sleep=time.sleep)
    times = arrivals(time, quota, 900)
    assert times[599] == 0
    assert 60 <= times[-1] < 66


def test_turns_are_given_in_the_order_of_asking_while_threads_wait():
    # Threads that sleep at the same time: each is woken at the end of its own sleep, whatever the others do.
    alarms, started = [], threading.Lock()

    def sleep(seconds):
        with started:
            heapq.heappush(alarms, seconds)

    quota = Quota(Rate(2, 10), clock=lambda: 0.0, sleep=sleep)
    for _call in range(6):
        quota.wait(Deadline(), "call")
    assert [round(alarm) for alarm in sorted(alarms)] == [10, 10, 20, 20]


def test_a_used_up_quota_holds_all_back():
    time = Time()
    quota = Quota(Rate(100, 60), clock=time.clock, sleep=time.sleep)
    quota.wait(Deadline(), "call")
    quota.hold(7)
    assert arrivals(time, quota, 2) == [7, 7]


def test_who_would_wait_beyond_the_deadline_is_told_at_once():
    time = Time()
    quota = Quota(Rate(1, 60), clock=time.clock, sleep=time.sleep)
    deadline = Deadline(30, clock=time.clock)
    quota.wait(deadline, "a")
    with pytest.raises(NotReached, match="timed out after 30 seconds, before b was processed: run the task again"):
        quota.wait(deadline, "b")
    assert time.now == 0
    # The turn that was not taken is another's.
    assert arrivals(time, quota, 1) == [61.2]


def test_projects_and_kinds_have_quotas_of_their_own():
    quotas = Quotas({"read": Rate(1, 60), "write": Rate(1, 60)}, Deadline(1))
    for kind, project in [("read", "a"), ("read", "b"), ("write", "a")]:
        with quotas.call(kind, project, "thing"):
            pass
    with pytest.raises(NotReached), quotas.call("read", "a", "thing"):
        pytest.fail("let go")


def test_what_the_service_says_of_its_quota_holds_for_all_calls_of_the_kind():
    quotas = Quotas({"read": Rate(100, 60)}, Deadline(5))
    with pytest.raises(Throttled), quotas.call("read", "a", "thing"):
        raise Throttled("used up", retry_after=9)
    with pytest.raises(NotReached), quotas.call("read", "a", "thing"):
        pytest.fail("let go")


def test_nobody_is_held_back_for_longer_than_a_refused_entry_waits():
    now = [0.0]
    quotas = Quotas({"read": Rate(100, 60)}, Deadline(LONGEST_HOLD + 1))
    quotas._quotas["read", "a"] = Quota(Rate(100, 60), clock=lambda: 0.0, sleep=now.append)
    with pytest.raises(Throttled), quotas.call("read", "a", "thing"):
        raise Throttled("used up", retry_after=3600)
    with quotas.call("read", "a", "thing"):
        assert now[-1] == LONGEST_HOLD == next(p.total for kind, p in PATIENCE if kind is Throttled)


def test_options_set_quotas_and_the_deadline():
    options = {"access_quota": None, "read_quota": 1, "write_quota": 600, "timeout": 2}
    quotas = Quotas.from_options(SECRET_MANAGER, options)
    with quotas.call("read", "a", "thing"):
        pass
    with pytest.raises(NotReached, match="2 seconds"), quotas.call("read", "a", "thing"):
        pytest.fail("let go")


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        ({"read_quota": 0}, "read_quota is 0: at least 1 is accepted."),
        ({"timeout": 0}, "timeout is 0: at least 1 is accepted."),
    ],
)
def test_wrong_options(options, problem):
    with pytest.raises(InvalidInput) as error:
        Quotas.from_options(SECRET_MANAGER, options)
    assert str(error.value) == problem

# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How long failures that may pass are waited out."""

from __future__ import annotations

import pytest
from ansible_collections.pkgops.registry_auth.plugins.module_utils._base.errors import (
    LostRace,
    NotPropagated,
    Silent,
    Throttled,
    Unavailable,
    Unreachable,
)
from ansible_collections.pkgops.registry_auth.plugins.module_utils._base.retry import Backoff


class Clock:
    """Time that passes only in sleep."""

    def __init__(self):
        self.now = 0.0
        self.pauses = []

    def sleep(self, seconds):
        self.pauses.append(seconds)
        self.now += seconds

    def exhaust(self, error, **options):
        backoff = Backoff(clock=lambda: self.now, sleep=self.sleep, **options)
        for _try in range(10_000):
            try:
                backoff.pause_or_raise(error)
            except type(error):
                return self.pauses
        return pytest.fail("never given up")


@pytest.mark.parametrize("error", [LostRace("r"), Throttled("t"), Unavailable("u"), Unreachable("n")])
def test_pauses_grow_and_end(error):
    pauses = Clock().exhaust(error)
    assert 3 < len(pauses) < 200
    assert pauses[-1] > pauses[0]


def test_a_dead_endpoint_is_given_up_well_under_30_seconds():
    clock = Clock()
    clock.exhaust(Unreachable("nobody there"))
    assert clock.now < 15


def test_a_slow_failure_counts_from_its_beginning():
    clock = Clock()
    backoff = Backoff(clock=lambda: clock.now, sleep=clock.sleep)
    clock.now += 24  # several addresses of one host, each with its own timeout
    with pytest.raises(Unreachable):
        backoff.pause_or_raise(Unreachable("nobody there"))
    assert clock.pauses == []


def test_silence_is_not_waited_out_again():
    assert Clock().exhaust(Silent("nothing was said")) == []


def test_the_service_says_how_long_to_wait():
    clock = Clock()
    clock.exhaust(Throttled("quota", retry_after=42))
    assert min(clock.pauses) >= 42


@pytest.mark.parametrize("timeout", [0, 10, 300])
def test_propagation_is_waited_for_as_long_as_the_user_says(timeout):
    clock = Clock()
    clock.exhaust(NotPropagated("not yet"), propagation_timeout=timeout)
    assert clock.now <= timeout
    assert clock.now >= timeout - 16


def test_kinds_of_failures_have_their_own_time():
    clock = Clock()
    backoff = Backoff(clock=lambda: clock.now, sleep=clock.sleep)
    clock.exhaust(Unreachable("down"))
    backoff.pause_or_raise(LostRace("and then a race"))

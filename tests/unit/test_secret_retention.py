# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which versions are retired, and which never."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from ansible_collections.pkgops.registry_auth.plugins.module_utils._base.errors import (
    InvalidInput,
    LostRace,
    NotFound,
    PermissionDenied,
    RegistryAuthError,
    Unavailable,
)
from ansible_collections.pkgops.registry_auth.plugins.module_utils._base.values import format_time
from ansible_collections.pkgops.registry_auth.plugins.module_utils._clients.gcp.secretmanager import Version
from ansible_collections.pkgops.registry_auth.plugins.module_utils._engine.reconcile import Change
from ansible_collections.pkgops.registry_auth.plugins.module_utils._resources.gcp_secret_retention import (
    DesiredRetention,
    SecretRetention,
)
from hypothesis import given
from hypothesis import strategies as st

retire = SecretRetention(api=None).wanted

PLACE = {"secret": "s", "project": "demo-project"}
NOW = datetime(2026, 11, 21, tzinfo=UTC)
STATES = st.sampled_from(["ENABLED", "DISABLED", "DESTROYED"])


def versions(*states, days_apart=1):
    """The newest first; the newest is made today."""
    return tuple(
        Version(
            f"projects/123456789012/secrets/s/versions/{len(states) - index}",
            len(states) - index,
            state,
            format_time(NOW - timedelta(days=days_apart * index)),
        )
        for index, state in enumerate(states)
    )


def desire(**options):
    return replace(DesiredRetention.from_options({**PLACE, **options}), now=NOW)


def states(result):
    return "".join({"ENABLED": "E", "DISABLED": "-", "DESTROYED": "x"}[version.state] for version in result)


@given(
    st.lists(STATES, max_size=8).map(lambda drawn: versions(*drawn)),
    st.integers(1, 4),
    st.sets(st.integers(1, 8)),
    st.sampled_from(["disable", "destroy"]),
    st.integers(0, 10),
)
def test_what_must_stay_stays(current, keep, in_use, action, min_age):
    desired = desire(keep=keep, in_use=[str(number) for number in in_use], action=action, min_age=f"{min_age}d")
    after = retire(current, desired)
    enabled = [version.number for version in current if version.state == "ENABLED"]
    for before, now in zip(current, after, strict=True):
        untouchable = (
            before.number in enabled[:keep] or before.number in in_use or before.number == len(current)
            or len(current) - before.number < min_age
        )  # fmt: skip
        if untouchable:
            assert now == before
        elif before.state == "ENABLED":
            assert now.state == ("DESTROYED" if action == "destroy" else "DISABLED")
    assert retire(after, desired) == after


@pytest.mark.parametrize(
    ("current", "options", "expected"),
    [
        (versions(*["ENABLED"] * 4), {}, "EE--"),
        (versions(*["ENABLED"] * 4), {"keep": 1}, "E---"),
        (versions(*["ENABLED"] * 4), {"keep": 1, "action": "destroy"}, "Exxx"),
        (versions("ENABLED", "DISABLED", "ENABLED", "ENABLED"), {"keep": 1}, "E---"),
        (versions("ENABLED", "DISABLED", "ENABLED", "ENABLED"), {"keep": 2, "action": "destroy"}, "ExEx"),
        (versions("DISABLED", "ENABLED", "ENABLED"), {"keep": 1, "action": "destroy"}, "-Ex"),
        (versions(*["ENABLED"] * 3), {"keep": 1, "in_use": ["1"]}, "E-E"),
        (versions(*["ENABLED"] * 3), {"keep": 1, "in_use": ["projects/demo-project/secrets/s/versions/1"]}, "E-E"),
        (versions(*["ENABLED"] * 3), {"keep": 1, "in_use": ["projects/123456789012/secrets/s/versions/1"]}, "E-E"),
        (versions(*["ENABLED"] * 3), {"keep": 1, "in_use": ["projects/demo-project/secrets/t/versions/1"]}, "E--"),
        (versions(*["ENABLED"] * 3), {"keep": 1, "in_use": ["latest"]}, "E--"),
        (versions(*["ENABLED"] * 4), {"keep": 1, "min_age": "2d"}, "EE--"),
        (versions(*["ENABLED"] * 3), {"keep": 1, "in_use": [" 1 "]}, "E-E"),
        (versions(*["ENABLED"] * 3), {"keep": 1, "in_use": [2, "latest", 2]}, "EE-"),
        (
            versions(*["ENABLED"] * 3),
            {"keep": 1, "in_use": ["projects/demo-project/locations/europe-west1/secrets/s/versions/1"]},
            "E--",
        ),
        (versions("ENABLED", "ENABLED", days_apart=0.000001), {"keep": 1}, "E-"),
        (versions("ENABLED", "ENABLED"), {"keep": 1, "min_age": "24h"}, "E-"),
        (versions("ENABLED", "ENABLED", "DESTROYED"), {"keep": 1, "action": "destroy"}, "Exx"),
        # The last one made is what latest means, whether it is enabled or not.
        (versions("DISABLED"), {"keep": 1, "action": "destroy"}, "-"),
        (versions(), {"keep": 1}, ""),
    ],
)
def test_retirement(current, options, expected):
    assert states(retire(current, desire(**options))) == expected


def test_a_version_of_unknown_age_is_too_young():
    current = (versions("ENABLED", "ENABLED")[0], replace(versions("ENABLED", "ENABLED")[1], create_time=None))
    assert states(retire(current, desire(keep=1, min_age="1s"))) == "EE"
    assert states(retire(current, desire(keep=1))) == "E-"


def test_a_version_that_will_be_destroyed_is_left_to_the_service():
    doomed = replace(versions("ENABLED", "DISABLED")[1], scheduled_destroy_time="2031-01-01T00:00:00Z")
    current = (versions("ENABLED", "DISABLED")[0], doomed)
    assert retire(current, desire(keep=1, action="destroy")) == current


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"keep": 0}, "at least 1"),
        ({"min_age": "a month"}, "min_age 'a month' is not a duration"),
        ({"in_use": ["prod"]}, "in_use has 'prod'"),
        ({"in_use": ["projects/p1234/secrets/s"]}, "not a secret version's name"),
        ({"in_use": ["projects/demo-project/secrets/s/versions/prod"]}, "Other aliases can move"),
    ],
)
def test_wrong_options_are_refused_with_a_sentence(options, says):
    with pytest.raises(InvalidInput) as refusal:
        desire(**options)
    assert says in str(refusal.value)


class Listing:
    """An API that lists these, or fails."""

    def __init__(self, found):
        self.found = found

    def list_versions(self, name):
        assert str(name) == str(desire().name)
        if isinstance(self.found, Exception):
            raise self.found
        return iter(self.found)


def test_versions_are_read():
    current = versions("ENABLED", "DISABLED")
    assert SecretRetention(Listing(current)).read(desire()) == current


def test_a_secret_that_does_not_exist_is_named():
    with pytest.raises(NotFound) as told:
        SecretRetention(Listing(NotFound("Secret [s] not found."))).read(desire())
    assert str(told.value) == f"{desire().name} does not exist: there are no versions to retire."


def test_another_failure_is_passed_on():
    with pytest.raises(PermissionDenied, match="no right"):
        SecretRetention(Listing(PermissionDenied("no right."))).read(desire())


def test_results_and_diffs_say_what_becomes_of_each_version():
    state, resource = versions("ENABLED", "DISABLED", "DESTROYED", "ENABLED"), SecretRetention(api=None)
    name = "projects/123456789012/secrets/s/versions/"
    assert resource.result(state, desire()) == {
        "secret_retention": {
            "secret": str(desire().name),
            "kept": [f"{name}4", f"{name}1"],
            "disabled": [f"{name}3"],
            "destroyed": [f"{name}2"],
        }
    }
    assert resource.diff(state, desire()) == {
        "secret": str(desire().name),
        "versions": {"4": "ENABLED", "3": "DISABLED", "2": "DESTROYED", "1": "ENABLED"},
    }
    # Of a secret that a run would make first.
    assert resource.assume(desire()) == ()


class Refusing:
    """An API that refuses some versions."""

    def __init__(self, *numbers, error=PermissionDenied):
        self.numbers = numbers
        self.error = error
        self.asked = []

    def destroy_version(self, version, secret):
        assert secret == desire().name
        self.asked.append(-version.number)
        return replace(version, state="DESTROYED")

    def disable_version(self, version, secret):
        assert secret == desire().name
        self.asked.append(version.number)
        if version.number in self.numbers:
            raise self.error(f"no right to {version.number}.")
        return replace(version, state="DISABLED")


@pytest.mark.parametrize(("action", "asked"), [("disable", [1, 2]), ("destroy", [-1, -2])])
def test_the_oldest_is_retired_first_and_what_it_came_to_is_told(action, asked):
    current, desired = versions("ENABLED", "ENABLED", "ENABLED"), desire(keep=1, action=action)
    api, wanted = Refusing(), retire(current, desired)
    assert SecretRetention(api).apply(Change(current, wanted), desired) == wanted
    assert api.asked == asked


def test_failures_name_each_version_and_do_not_stop_the_others():
    current, desired = versions(*["ENABLED"] * 5), desire(keep=1)
    api = Refusing(2, 3)
    with pytest.raises(PermissionDenied) as refusal:
        SecretRetention(api).apply(Change(current, retire(current, desired)), desired)
    assert api.asked == [1, 2, 3, 4]
    assert str(refusal.value) == (
        "2 of 4 versions could not be retired. Version 2: no right to 2. Version 3: no right to 3."
    )
    assert refusal.value.partially_applied


def test_what_failed_first_is_what_the_task_failed_for():
    current, desired = versions(*["ENABLED"] * 3), desire(keep=1)

    class Both(Refusing):
        def disable_version(self, version, secret):
            self.error = LostRace if version.number == 1 else PermissionDenied
            return super().disable_version(version, secret)

    with pytest.raises(LostRace) as told:
        SecretRetention(Both(1, 2)).apply(Change(current, retire(current, desired)), desired)
    assert not told.value.partially_applied


def test_one_failure_is_told_as_it_is():
    current, desired = versions(*["ENABLED"] * 3), desire(keep=1)
    with pytest.raises(PermissionDenied) as told:
        SecretRetention(Refusing(1)).apply(Change(current, retire(current, desired)), desired)
    assert str(told.value) == "no right to 1."
    assert told.value.partially_applied


def test_a_service_that_cannot_serve_is_not_asked_for_the_rest():
    current, desired = versions(*["ENABLED"] * 5), desire(keep=1)
    api = Refusing(2, 3, error=Unavailable)
    with pytest.raises(Unavailable) as told:
        SecretRetention(api).apply(Change(current, retire(current, desired)), desired)
    assert api.asked == [1, 2]
    assert told.value.partially_applied


@pytest.mark.parametrize(("error", "unclear"), [(PermissionDenied, False), (Unavailable, True), (KeyError, True)])
def test_a_failure_says_whether_a_version_may_be_retired_all_the_same(error: type[Exception], unclear: bool):
    current, desired = versions("ENABLED", "ENABLED"), desire(keep=1)
    with pytest.raises(RegistryAuthError) as told:
        SecretRetention(Refusing(1, error=error)).apply(Change(current, retire(current, desired)), desired)
    assert (told.value.partially_applied, told.value.unclear) == (False, unclear)

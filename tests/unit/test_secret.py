# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Plans for secrets: created, merged, purged, and never moved."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from ansible_collections.pkgops.registry_auth.plugins.module_utils._base.errors import ImmutableDifference, InvalidInput
from ansible_collections.pkgops.registry_auth.plugins.module_utils._clients.gcp.secretmanager import (
    Automatic,
    Secret,
    UserManaged,
)
from ansible_collections.pkgops.registry_auth.plugins.module_utils._resources.gcp_secret import (
    DesiredSecret,
    Secrets,
    changed_masks,
    shown,
)
from hypothesis import given
from hypothesis import strategies as st

NAME = "projects/123456789012/secrets/s"
PLACE = {"secret": "s", "project": "demo-project"}
RESOURCE = Secrets(api=None)

KEYS = st.sampled_from(["a", "b", "c"])
LABELS = st.dictionaries(KEYS, st.sampled_from(["x", "y"]), max_size=3)
ALIASES = st.dictionaries(KEYS, st.integers(1, 3), max_size=3)
TIMES = st.sampled_from(["2031-01-01T00:00:00Z", "2032-01-01T00:00:00Z"])
TOPICS = st.sets(st.sampled_from(["projects/p/topics/t", "projects/p/topics/u"])).map(sorted)


def optional(strategy):
    return st.none() | strategy


OPTIONS = st.fixed_dictionaries(
    {
        "labels": optional(LABELS),
        "purge_labels": optional(st.booleans()),
        "annotations": optional(LABELS),
        "purge_annotations": optional(st.booleans()),
        "version_aliases": optional(ALIASES),
        "purge_version_aliases": optional(st.booleans()),
        "topics": optional(TOPICS),
        "expire_time": optional(TIMES),
        "version_destroy_ttl": optional(st.sampled_from(["1d", "7d"])),
        "replication": optional(st.just({"automatic": {}})),
    }
)
SECRETS = st.builds(
    Secret,
    name=st.just(NAME),
    replication=st.sampled_from([Automatic(), Automatic("key")]),
    labels=LABELS,
    annotations=LABELS,
    version_aliases=ALIASES,
    topics=TOPICS.map(tuple),
    expire_time=optional(TIMES),
    version_destroy_ttl=optional(st.just(86400)),
    etag=st.just('"e"'),
)


def desire(**options):
    return DesiredSecret.from_options({**PLACE, **options})


def plan(current, **options):
    return RESOURCE.plan(current, desire(**options))


@given(optional(SECRETS), OPTIONS)
def test_what_was_planned_needs_no_further_plan(current, options):
    change = plan(current, **options)
    after = change.after if change else current
    assert plan(after, **options) is None


@given(SECRETS, OPTIONS)
def test_what_is_not_named_is_left_alone(current, options):
    change = plan(current, **options)
    if change:
        touched = {mask.partition(".")[0] for mask in changed_masks(change.before, change.after)}
        assert touched <= {option for option, value in options.items() if value is not None}
        assert change.after.etag == current.etag


@given(SECRETS)
def test_a_secret_described_as_it_is_needs_no_plan(current):
    described = shown(current)
    options = {name: described[name] for name in ("labels", "annotations", "topics", "version_aliases", "expire_time")}
    assert plan(current, **options) is None


def test_a_new_secret_is_replicated_automatically():
    change = plan(None)
    assert change.before is None
    assert change.after.replication == Automatic()


def test_a_new_regional_secret_has_no_replication():
    assert plan(None, location="europe-west1").after.replication is None


def test_maps_merge_unless_purged():
    current = Secret(NAME, Automatic(), labels={"a": "x", "b": "x"})
    assert plan(current, labels={"b": "y"}).after.labels == {"a": "x", "b": "y"}
    assert plan(current, labels={"b": "y"}, purge_labels=True).after.labels == {"b": "y"}
    assert plan(current, labels={}) is None
    assert plan(current, labels={}, purge_labels=True).after.labels == {}


def test_only_what_differs_is_in_the_mask():
    current = Secret(NAME, Automatic(), labels={"a": "x"}, topics=("projects/p/topics/t",))
    change = plan(
        current,
        labels={"a": "x"},
        rotation={"next_rotation_time": "2040-01-01T00:00:00Z", "rotation_period": "30d"},
        version_destroy_ttl="1d",
    )
    assert changed_masks(change.before, change.after) == [
        "rotation.next_rotation_time",
        "rotation.rotation_period",
        "version_destroy_ttl",
    ]


@pytest.mark.parametrize(
    ("current", "replication", "names"),
    [
        (Automatic(), {"user_managed": [{"location": "europe-west1"}]}, ["automatic", "user_managed in europe-west1"]),
        (UserManaged({"a": None, "b": None}), {"automatic": {}}, ["user_managed in a, b", "automatic"]),
        (UserManaged({"a": None}), {"user_managed": [{"location": "b"}]}, ["in a ", "in b:"]),
    ],
)
def test_another_place_is_refused_naming_both(current, replication, names):
    with pytest.raises(ImmutableDifference) as refusal:
        plan(Secret(NAME, current), replication=replication)
    assert all(name in str(refusal.value) for name in names)


def test_a_key_can_change_and_stays_when_not_given():
    current = Secret(NAME, UserManaged({"a": "key-a", "b": "key-b"}))
    same = {"user_managed": [{"location": "b"}, {"location": "a"}]}
    assert plan(current, replication=same) is None
    new, kept = (f"projects/p/locations/{place}/keyRings/r/cryptoKeys/k" for place in "ab")
    other = {"user_managed": [{"location": "a", "kms_key_name": new}, {"location": "b", "kms_key_name": kept}]}
    change = plan(current, replication=other)
    assert change.after.replication == UserManaged({"a": new, "b": kept})
    assert changed_masks(change.before, change.after) == ["replication"]


def test_a_rotation_that_has_passed_is_not_set_again():
    rotated = Secret(NAME, Automatic(), topics=("projects/p/topics/t",), next_rotation_time="2031-01-01T00:00:00Z")
    past = desire(rotation={"next_rotation_time": "2020-01-01T00:00:00Z"})
    assert past.now > datetime(2020, 1, 1, tzinfo=UTC)
    assert RESOURCE.plan(rotated, past) is None


def test_rotation_needs_a_time_and_topics():
    with pytest.raises(InvalidInput, match="without rotation"):
        plan(Secret(NAME, Automatic()), rotation={"rotation_period": "30d"})


def test_ttl_counts_for_a_new_secret_only():
    assert plan(None, ttl="90d").after.ttl == 90 * 86400
    assert plan(Secret(NAME, Automatic(), expire_time="2031-01-01T00:00:00Z"), ttl="90d") is None


def test_absent():
    assert plan(None, state="absent") is None
    assert plan(Secret(NAME), state="absent").after is None


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"secret": None}, "secret is missing"),
        ({"secret": "has space"}, "not a secret's id"),
        ({"secret": "x" * 256}, "not a secret's id"),
        ({"secret": "projects/p/secret/s"}, "not a secret's name"),
        ({"project": None}, "project is missing"),
        ({"project": "Upper"}, "not a project"),
        ({"location": "Europe West"}, "not a location"),
        ({"location": "europe-west1", "replication": {"automatic": {}}}, "regional secret"),
        ({"customer_managed_encryption": {"kms_key_name": "k"}}, "for regional secrets"),
        ({"replication": {"automatic": {}, "user_managed": [{"location": "a"}]}}, "one of automatic and user_managed"),
        ({"replication": {"user_managed": []}}, "at least one location"),
        ({"replication": {"user_managed": [{"location": "a"}, {"location": "a"}]}}, "twice"),
        ({"replication": {"user_managed": [{"location": "a", "kms_key_name": "k"}, {"location": "b"}]}}, "all or none"),
        ({"labels": {"Upper": "x"}}, "labels has the key 'Upper'"),
        ({"labels": {"9": "x"}}, "labels has the key '9'"),
        ({"labels": {"a": "With Space"}}, "labels.a is 'With Space'"),
        ({"labels": {f"k{number}": "x" for number in range(65)}}, "labels has 65 entries"),
        ({"annotations": {"a": "x" * 17000}}, "annotations have 17001 bytes"),
        ({"topics": ["t"]}, "projects/PROJECT/topics/TOPIC"),
        ({"topics": [f"projects/p/topics/t{number}" for number in range(11)]}, "topics has 11 entries"),
        ({"version_aliases": {"latest": 1}}, "'latest'"),
        ({"version_aliases": {"1st": 1}}, "starts with a letter"),
        ({"version_aliases": {"prod": "two"}}, "number of a version"),
        ({"version_aliases": {"prod": "9" * 5000}}, "number of a version"),
        ({"expire_time": "tomorrow"}, "not a time"),
        ({"expire_time": "2030-01-01T00:00:00"}, "not a time with its zone"),
        ({"expire_time": "2030-01-01T00:00:00Z", "ttl": "1d"}, "one of expire_time and ttl"),
        ({"ttl": "soon"}, "not a duration"),
        ({"version_destroy_ttl": "1h"}, "from 1d to 1000d"),
        ({"rotation": {"rotation_period": "30s"}}, "from 1h to 100 years"),
    ],
)
def test_wrong_options_are_refused_with_a_sentence(options, says):
    with pytest.raises(InvalidInput) as refusal:
        desire(**options)
    assert says in str(refusal.value)
    assert "\n" not in str(refusal.value)

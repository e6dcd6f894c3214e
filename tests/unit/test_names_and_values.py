# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Names, durations and times that users write."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from ansible_collections.pkgops.registry_auth.plugins.module_utils._base.errors import InvalidInput
from ansible_collections.pkgops.registry_auth.plugins.module_utils._base.values import (
    format_time,
    parse_duration,
    parse_time,
    read_time,
)
from ansible_collections.pkgops.registry_auth.plugins.module_utils._domain.gcp.names import (
    RepositoryName,
    SecretName,
    VersionName,
    optional_location,
    parse_version_name,
    repository_name,
    secret_name,
)
from hypothesis import given
from hypothesis import strategies as st

PLACE = {"project": "demo-project", "location": "europe-west1"}


@pytest.mark.parametrize(
    ("options", "name"),
    [
        ({"secret": "s", "project": "demo-project"}, "projects/demo-project/secrets/s"),
        ({"secret": "s", "project": "123"}, "projects/123/secrets/s"),
        ({"secret": "s", "project": "example.com:old-project"}, "projects/example.com:old-project/secrets/s"),
        ({"secret": "s", **PLACE}, "projects/demo-project/locations/europe-west1/secrets/s"),
        ({"secret": "projects/p-other/secrets/s", "project": "demo-project"}, "projects/p-other/secrets/s"),
        ({"secret": "projects/p-other/locations/l/secrets/s"}, "projects/p-other/locations/l/secrets/s"),
    ],
)
def test_secrets(options, name):
    assert str(secret_name(options)) == name


def test_parents():
    assert SecretName("p", "s").parent == "projects/p"
    assert SecretName("p", "s", "l").parent == "projects/p/locations/l"
    assert RepositoryName("p", "l", "r").parent == "projects/p/locations/l"


@pytest.mark.parametrize(("version", "pinned"), [("3", True), ("latest", False), ("prod", False)])
@pytest.mark.parametrize("location", [None, "europe-west1"])
def test_versions(version, pinned, location):
    name = VersionName(SecretName("demo-project", "s", location), version)
    assert parse_version_name(str(name)) == name
    assert name.pinned == pinned


@pytest.mark.parametrize(
    "text",
    ["", "3", "projects/p1234/secrets/s", "projects/p1234/secrets/s/versions/0", "projects/p1234/secrets/s/versions/"],
)
def test_wrong_versions(text):
    with pytest.raises(InvalidInput, match="in_use"):
        parse_version_name(text, option="in_use")


@pytest.mark.parametrize("location", ["x.evil.invalid#", "x.evil.invalid/", "evil.invalid", "Europe West", "-"])
def test_a_location_cannot_lead_to_another_host(location):
    with pytest.raises(InvalidInput, match="is not a location"):
        optional_location({"location": location})


def test_repositories():
    name = "projects/demo-project/locations/europe-west1/repositories/r"
    assert str(repository_name({"repository": "r", **PLACE})) == name
    assert str(repository_name({"repository": name})) == name


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({**PLACE}, "repository is missing"),
        ({"repository": "Upper", **PLACE}, "not a repository's id"),
        ({"repository": "r-", **PLACE}, "not a repository's id"),
        ({"repository": "projects/p/repositories/r"}, "not a repository's name"),
        ({"repository": "r", "project": "demo-project"}, "location is missing"),
        ({"repository": "r", "location": "europe-west1"}, "project is missing"),
        ({"repository": "r", "project": "demo-project", "location": "EU west"}, "not a location"),
    ],
)
def test_wrong_repositories(options, says):
    with pytest.raises(InvalidInput) as refusal:
        repository_name(options)
    assert says in str(refusal.value)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("90", 90), (90, 90), ("90s", 90), ("2m", 120), ("1h", 3600), ("30d", 2592000), ("1w", 604800)],
)
def test_durations(text, seconds):
    assert parse_duration(text, option="o") == seconds


@pytest.mark.parametrize("text", ["", "-1", "1.5h", "1 day", "1y"])
def test_wrong_durations(text):
    with pytest.raises(InvalidInput, match="o '"):
        parse_duration(text, option="o")


@pytest.mark.parametrize("text", ["9" * 5000, "9" * 5000 + "d", "315576000001"])
def test_too_long_durations(text):
    """Python reads no whole number of more than 4300 digits."""
    with pytest.raises(InvalidInput, match="longer than 10,000 years"):
        parse_duration(text, option="o")


def test_zeros_do_not_make_a_duration_longer():
    assert parse_duration("0" * 20 + "1m", option="o") == 60


@given(st.datetimes(datetime(1970, 1, 2), timezones=st.just(UTC)))
def test_times_survive_in_utc(moment):
    assert read_time(format_time(moment)) == moment
    assert parse_time(format_time(moment), option="o") == format_time(moment)


def test_times_of_other_zones_and_with_nanoseconds():
    assert parse_time("2030-01-01T01:00:00+01:00", option="o") == "2030-01-01T00:00:00Z"
    with pytest.raises(InvalidInput, match="is not in the years 1 to 9999 of UTC"):
        parse_time("9999-12-31T23:59:59-05:00", option="o")
    assert format_time(read_time("2030-01-01T00:00:00.123456789Z")) == "2030-01-01T00:00:00.123456Z"

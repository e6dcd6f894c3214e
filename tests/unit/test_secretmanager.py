# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What Secret Manager answers to a write, next to what was written. What its answers have is from the reference of its v1 API."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.pkgops.registry_auth.plugins.module_utils._base.errors import Unconfirmed
from ansible_collections.pkgops.registry_auth.plugins.module_utils._clients.gcp.secretmanager import (
    MASKS,
    Automatic,
    Secret,
    SecretManager,
    UserManaged,
    Version,
)
from ansible_collections.pkgops.registry_auth.plugins.module_utils._domain.gcp.names import SecretName
from google.cloud import secretmanager_v1

SECRET = SecretName("demo-project", "s")
#: As the service writes it.
NAME = "projects/123456789012/secrets/s"
TOPIC, OTHER_TOPIC = "projects/demo-project/topics/t", "projects/demo-project/topics/u"
KEY = "projects/demo-project/locations/global/keyRings/r/cryptoKeys/k"
KEY_BY_NUMBER = KEY.replace("demo-project", "123456789012")
KEYS_OF_PLACES = {place: KEY.replace("global", place) for place in ("us-east1", "us-central1")}


class FakeClient:
    """Gives one answer to every call."""

    def __init__(self, answer: Any) -> None:
        self.answer = answer

    def __getattr__(self, _method: str) -> Any:
        return lambda **_call: self.answer


class FakeConnection:
    """A connection that hands out one client."""

    identity, endpoint = "user:a@example.com", None

    def __init__(self, answer: Any) -> None:
        self.answer = answer

    def client(self, *_args: Any, **_options: Any) -> FakeClient:
        return FakeClient(self.answer)


def answering(answer: Any) -> SecretManager:
    return SecretManager.connected(FakeConnection(answer), {})


def secret(**fields: Any) -> Any:
    return secretmanager_v1.Secret({"name": NAME, "etag": '"e"', "replication": {"automatic": {}}, **fields})


def replicas(**keys: str | None) -> dict[str, Any]:
    found = [
        {
            "location": place.replace("_", "-"),
            **({"customer_managed_encryption": {"kms_key_name": key}} if key else {}),
        }
        for place, key in keys.items()
    ]
    return {"replication": {"user_managed": {"replicas": found}}}


#: What is wanted, and an answer that means the same.
AS_ASKED: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "nothing": ({}, {}),
    "labels": ({"labels": {"team": "build"}}, {"labels": {"team": "build"}}),
    "topics in another order": (
        {"topics": (TOPIC, OTHER_TOPIC)},
        {"topics": [{"name": OTHER_TOPIC}, {"name": TOPIC}]},
    ),
    "a topic by the project's number": (
        {"topics": (TOPIC,)},
        {"topics": [{"name": TOPIC.replace("demo-project", "123456789012")}]},
    ),
    "no fraction of a second": (
        {"expire_time": "2031-01-01T00:00:00.250000Z"},
        {"expire_time": "2031-01-01T00:00:00Z"},
    ),
    "rotation": (
        {"next_rotation_time": "2031-01-01T00:00:00Z", "rotation_period": 3600, "topics": (TOPIC,)},
        {
            "rotation": {"next_rotation_time": "2031-01-01T00:00:00.000Z", "rotation_period": "3600s"},
            "topics": [{"name": TOPIC}],
        },
    ),
    "aliases": ({"version_aliases": {"prod": 3}}, {"version_aliases": {"prod": 3}}),
    "destruction": ({"version_destroy_ttl": 86400}, {"version_destroy_ttl": "86400s"}),
    "a key": (
        {"replication": Automatic(KEY)},
        {"replication": {"automatic": {"customer_managed_encryption": {"kms_key_name": KEY}}}},
    ),
    "a key by the project's number": (
        {"replication": Automatic(KEY)},
        {"replication": {"automatic": {"customer_managed_encryption": {"kms_key_name": KEY_BY_NUMBER}}}},
    ),
    "a key that nobody asked for": (
        {"replication": Automatic()},
        {"replication": {"automatic": {"customer_managed_encryption": {"kms_key_name": KEY}}}},
    ),
    "places in another order": (
        {"replication": UserManaged({"us-east1": None, "us-central1": None})},
        replicas(us_central1=None, us_east1=None),
    ),
    "a life": ({"ttl": 3600}, {"expire_time": "2031-01-01T00:00:00Z"}),
    "a field that nobody asked for": ({}, {"topics": [{"name": TOPIC}], "expire_time": "2031-01-01T00:00:00Z"}),
}
#: What is wanted, an answer with something else, and what is named.
CONTRADICTED: dict[str, tuple[dict[str, Any], dict[str, Any], str]] = {
    "labels": ({"labels": {"team": "build"}}, {"labels": {"team": "old"}}, "labels"),
    "annotations": ({"annotations": {"a": "b"}}, {}, "annotations"),
    "topics": ({"topics": (TOPIC,)}, {"topics": [{"name": OTHER_TOPIC}]}, "topics"),
    "no topic": ({"topics": (TOPIC,)}, {}, "topics"),
    "rotation": (
        {"next_rotation_time": "2031-01-01T00:00:00Z"},
        {"rotation": {"next_rotation_time": "2030-01-01T00:00:00Z"}},
        "rotation.next_rotation_time",
    ),
    "period": (
        {"rotation_period": 7200},
        {"rotation": {"rotation_period": "3600s"}},
        "rotation.rotation_period",
    ),
    "expiration": ({"expire_time": "2031-01-01T00:00:00Z"}, {"expire_time": "2031-01-01T00:00:02Z"}, "expire_time"),
    "no expiration": ({"expire_time": "2031-01-01T00:00:00Z"}, {}, "expire_time"),
    "destruction": ({"version_destroy_ttl": 86400}, {"version_destroy_ttl": "90000s"}, "version_destroy_ttl"),
    "aliases": ({"version_aliases": {"prod": 3}}, {"version_aliases": {"prod": 2}}, "version_aliases"),
    "no key": ({"replication": Automatic(KEY)}, {}, "replication"),
    "another key": (
        {"replication": UserManaged(KEYS_OF_PLACES)},
        replicas(us_east1=KEYS_OF_PLACES["us-east1"], us_central1=KEYS_OF_PLACES["us-east1"]),
        "replication",
    ),
    "another place": ({"replication": UserManaged({"us-east1": None})}, replicas(us_central1=None), "replication"),
    "several": (
        {"topics": (TOPIC,), "version_destroy_ttl": 86400},
        {"version_destroy_ttl": "90000s"},
        "topics and version_destroy_ttl",
    ),
}


def masks_of(wanted: dict[str, Any]) -> list[str]:
    return [MASKS[field] for field in wanted if field in MASKS]


@pytest.mark.parametrize(("wanted", "answer"), AS_ASKED.values(), ids=AS_ASKED.keys())
def test_an_answer_that_means_what_was_written_is_a_success(wanted: dict[str, Any], answer: dict[str, Any]) -> None:
    api, asked = answering(secret(**answer)), Secret(str(SECRET), **{"replication": Automatic(), **wanted})
    assert api.create_secret(SECRET, asked).name == NAME
    assert api.update_secret(SECRET, asked, masks_of(wanted), '"d"').name == NAME


@pytest.mark.parametrize(("wanted", "answer", "named"), CONTRADICTED.values(), ids=CONTRADICTED.keys())
def test_an_answer_that_contradicts_what_was_written_is_no_success(
    wanted: dict[str, Any], answer: dict[str, Any], named: str
) -> None:
    """Something may have changed, and the error says what to do."""
    api, asked = answering(secret(**answer)), Secret(str(SECRET), **{"replication": Automatic(), **wanted})
    for write in (
        lambda: api.create_secret(SECRET, asked),
        lambda: api.update_secret(SECRET, asked, masks_of(wanted), '"d"'),
    ):
        with pytest.raises(Unconfirmed) as told:
            write()
        assert told.value.unclear
        assert str(told.value) == (
            f"Secret Manager accepted a write to {SECRET}, but its answer differs from what was asked for: {named}. Check what is "
            "there before you run this again."
        )


def test_a_life_that_does_not_end_is_no_success() -> None:
    """Of ttl the answer has the time when it is over. It is only sent when a secret is created."""
    with pytest.raises(Unconfirmed, match="asked for: ttl"):
        answering(secret()).create_secret(SECRET, Secret(str(SECRET), Automatic(), ttl=3600))


def test_what_is_removed_must_be_gone() -> None:
    api = answering(secret(topics=[{"name": TOPIC}]))
    with pytest.raises(Unconfirmed, match="asked for: topics"):
        api.update_secret(SECRET, Secret(str(SECRET), Automatic()), ["topics"], '"d"')


def test_fields_that_were_not_written_are_not_compared() -> None:
    """Another writer may have set them since they were read; the etag is not of all of them."""
    api = answering(secret(labels={"theirs": "x"}, topics=[{"name": TOPIC}]))
    assert api.update_secret(SECRET, Secret(str(SECRET), Automatic()), ["expire_time"], '"d"').topics == (TOPIC,)


def test_another_key_of_a_regional_secret_is_no_success() -> None:
    regional = SecretName("demo-project", "s", "europe-west1")
    name, key = f"{str(regional).replace('demo-project', '123456789012')}", KEY.replace("global", "europe-west1")

    def write(answered: str) -> Secret:
        answer = secretmanager_v1.Secret(name=name, etag='"e"', customer_managed_encryption={"kms_key_name": answered})
        return answering(answer).create_secret(regional, Secret(str(regional), kms_key_name=key))

    assert write(key).kms_key_name == key
    with pytest.raises(Unconfirmed, match="asked for: customer_managed_encryption"):
        write(f"{key}2")


VERSION = Version(NAME, 3, "ENABLED", etag='"d"')
LATER = "2031-01-01T00:00:00Z"


@pytest.mark.parametrize(
    ("verb", "answered", "scheduled", "right"),
    [
        ("enable", "ENABLED", None, True),
        ("enable", "DISABLED", None, False),
        ("disable", "DISABLED", None, True),
        ("disable", "ENABLED", None, False),
        ("destroy", "DESTROYED", None, True),
        ("destroy", "DISABLED", None, False),
        # Of a secret with version_destroy_ttl. Source: Secret Manager's documentation, "Delay destruction of secret versions".
        ("destroy", "DISABLED", LATER, True),
        ("destroy", "ENABLED", LATER, False),
    ],
)
def test_a_version_has_the_state_that_it_was_given(
    verb: str, answered: str, scheduled: str | None, right: bool
) -> None:
    fields = {"scheduled_destroy_time": scheduled} if scheduled else {}
    api = answering(secretmanager_v1.SecretVersion({"name": f"{NAME}/versions/3", "state": answered, **fields}))
    write = getattr(api, f"{verb}_version")
    if right:
        assert write(VERSION, SECRET).state == answered
        return
    with pytest.raises(
        Unconfirmed, match=f"a write to {SECRET}/versions/3, but its answer differs from what was asked for: state"
    ):
        write(VERSION, SECRET)

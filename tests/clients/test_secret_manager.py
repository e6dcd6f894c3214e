# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Google's Python client of Secret Manager: what it accepts, what it refuses, and how."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import google_crc32c
import pytest
from cloud_control import LocalCloud
from cloud_fixtures import NUMBER, PROJECT
from google.api_core.exceptions import BadRequest, Conflict, Forbidden, NotFound
from google.auth.exceptions import RefreshError
from google.cloud import secretmanager_v1 as sm
from google_clients import Clients, error_info

PARENT = f"projects/{PROJECT}"
REGIONAL = f"{PARENT}/locations/us-central1"
AUTOMATIC = {"replication": {"automatic": {}}}
KEY = "projects/p/locations/{}/keyRings/r/cryptoKeys/k"
ENABLED, DISABLED, DESTROYED = (sm.SecretVersion.State[name] for name in ("ENABLED", "DISABLED", "DESTROYED"))


def create(client: Any, secret: dict[str, Any] | None = None, parent: str = PARENT) -> sm.Secret:
    wanted = AUTOMATIC if secret is None and parent == PARENT else secret or {}
    return client.create_secret(request={"parent": parent, "secret_id": "s", "secret": wanted})


def add(client: Any, secret: sm.Secret, data: bytes = b"payload") -> sm.SecretVersion:
    payload = {"data": data, "data_crc32c": google_crc32c.value(data)}
    return client.add_secret_version(request={"parent": secret.name, "payload": payload})


def update(client: Any, secret: dict[str, Any], *paths: str) -> sm.Secret:
    return client.update_secret(request={"secret": secret, "update_mask": {"paths": list(paths)}})


def soon(**delta: float) -> datetime:
    return datetime.now(UTC) + timedelta(**delta)


@pytest.mark.parametrize("parent", [PARENT, REGIONAL])
def test_names_carry_the_project_number(secret_manager: Clients, parent: str) -> None:
    client = secret_manager()
    secret = create(client, parent=parent)
    assert secret.name == f"{parent.replace(PROJECT, NUMBER)}/secrets/s"
    version = add(client, secret)
    assert version.name == f"{secret.name}/versions/1"
    assert version.client_specified_payload_checksum
    by_id = client.access_secret_version(name=f"{parent}/secrets/s/versions/1")
    assert by_id.name == version.name
    assert by_id.payload.data == b"payload"
    assert by_id.payload.data_crc32c == google_crc32c.value(b"payload")


def test_global_and_regional_secrets_are_apart(secret_manager: Clients) -> None:
    client = secret_manager()
    create(client)
    with pytest.raises(NotFound):
        client.get_secret(name=f"{REGIONAL}/secrets/s")
    create(client, parent=REGIONAL)
    assert [secret.name for secret in client.list_secrets(parent=PARENT)] == [f"projects/{NUMBER}/secrets/s"]


@pytest.mark.parametrize(
    ("parent", "secret"),
    [
        pytest.param(PARENT, {}, id="no replication"),
        pytest.param(PARENT, {"replication": {"user_managed": {}}}, id="no replica"),
        pytest.param(PARENT, {"replication": {"user_managed": {"replicas": [{"location": "moon"}]}}}, id="no location"),
        pytest.param(
            PARENT,
            {"replication": {"user_managed": {"replicas": [{"location": "us-east1"}, {"location": "us-east1"}]}}},
            id="same replica",
        ),
        pytest.param(
            PARENT,
            {"replication": {"automatic": {"customer_managed_encryption": {"kms_key_name": KEY.format("us-east1")}}}},
            id="key elsewhere",
        ),
        pytest.param(
            PARENT,
            {
                "replication": {
                    "user_managed": {
                        "replicas": [
                            {
                                "location": "us-east1",
                                "customer_managed_encryption": {"kms_key_name": KEY.format("us-east1")},
                            },
                            {"location": "us-east4"},
                        ]
                    }
                }
            },
            id="key for one replica of two",
        ),
        pytest.param(PARENT, {**AUTOMATIC, "customer_managed_encryption": {"kms_key_name": "k"}}, id="regional key"),
        pytest.param(REGIONAL, AUTOMATIC, id="regional with replication"),
        pytest.param(REGIONAL, {"customer_managed_encryption": {"kms_key_name": KEY.format("us-east1")}}, id="region"),
        pytest.param(PARENT, {**AUTOMATIC, "labels": {"Upper": "x"}}, id="label key"),
        pytest.param(PARENT, {**AUTOMATIC, "labels": {"a": "x" * 64}}, id="label value"),
        pytest.param(PARENT, {**AUTOMATIC, "labels": {f"l{n}": "" for n in range(65)}}, id="labels"),
        pytest.param(PARENT, {**AUTOMATIC, "annotations": {"-a": "x"}}, id="annotation key"),
        pytest.param(PARENT, {**AUTOMATIC, "annotations": {"a": "x" * 16384}}, id="annotations"),
        pytest.param(PARENT, {**AUTOMATIC, "topics": [{"name": "t"}]}, id="topic name"),
        pytest.param(
            PARENT, {**AUTOMATIC, "topics": [{"name": f"projects/p/topics/{n}"} for n in range(11)]}, id="topics"
        ),
        pytest.param(PARENT, {**AUTOMATIC, "rotation": {"next_rotation_time": soon(days=1)}}, id="rotation, no topic"),
        pytest.param(
            PARENT,
            {
                **AUTOMATIC,
                "topics": [{"name": "projects/p/topics/t"}],
                "rotation": {"rotation_period": timedelta(days=1)},
            },
            id="rotation, no time",
        ),
        pytest.param(
            PARENT,
            {
                **AUTOMATIC,
                "topics": [{"name": "projects/p/topics/t"}],
                "rotation": {"next_rotation_time": soon(days=1), "rotation_period": timedelta(minutes=59)},
            },
            id="rotation period",
        ),
        pytest.param(PARENT, {**AUTOMATIC, "ttl": timedelta(seconds=59)}, id="ttl"),
        pytest.param(PARENT, {**AUTOMATIC, "expire_time": soon(days=-1)}, id="expired"),
        pytest.param(PARENT, {**AUTOMATIC, "version_destroy_ttl": timedelta(hours=1)}, id="version_destroy_ttl"),
        pytest.param(PARENT, {**AUTOMATIC, "version_aliases": {"current": 1}}, id="alias of nothing"),
    ],
)
def test_refused_secrets(secret_manager: Clients, parent: str, secret: dict[str, Any]) -> None:
    client = secret_manager()
    with pytest.raises(BadRequest, match="400"):
        create(client, secret, parent)
    assert not list(client.list_secrets(parent=parent))


def test_ids_and_duplicates(secret_manager: Clients) -> None:
    client = secret_manager()
    for secret_id in ("", "with space", "x" * 256):
        with pytest.raises(BadRequest):
            client.create_secret(request={"parent": PARENT, "secret_id": secret_id, "secret": AUTOMATIC})
    create(client)
    with pytest.raises(Conflict, match="already exists"):
        create(client)


def test_update_changes_the_mask_and_the_etag(secret_manager: Clients) -> None:
    client = secret_manager()
    made = create(client, {**AUTOMATIC, "labels": {"a": "b"}, "annotations": {"why": "because"}})
    changed = update(client, {"name": made.name, "etag": made.etag, "labels": {"c": "d"}}, "labels")
    assert dict(changed.labels) == {"c": "d"}
    assert dict(changed.annotations) == {"why": "because"}
    same = update(client, {"name": made.name, "labels": {"c": "d"}}, "labels")
    assert len({made.etag, changed.etag, same.etag}) == 3
    assert same.etag.startswith('"')
    with pytest.raises(BadRequest, match="out of date") as refused:
        update(client, {"name": made.name, "etag": made.etag}, "labels")
    assert "FAILED_PRECONDITION" in str(refused.value.response.json())
    with pytest.raises(BadRequest):
        update(client, {"name": made.name})
    with pytest.raises(BadRequest):
        update(client, {"name": made.name}, "create_time")
    with pytest.raises(BadRequest, match="cannot be changed"):
        update(client, {"name": made.name, "replication": {"user_managed": {}}}, "replication")


def test_expiration_is_returned_as_time(secret_manager: Clients) -> None:
    client = secret_manager()
    made = create(client, {**AUTOMATIC, "ttl": timedelta(hours=1)})
    assert abs(made.expire_time - soon(hours=1)) < timedelta(seconds=10)
    later = update(client, {"name": made.name, "ttl": timedelta(hours=2)}, "ttl")
    assert later.expire_time > made.expire_time
    kept = update(client, {"name": made.name, "labels": {"a": "b"}}, "labels")
    assert kept.expire_time == later.expire_time
    assert "expire_time" not in update(client, {"name": made.name}, "expire_time")


def test_nested_masks(secret_manager: Clients) -> None:
    client = secret_manager()
    topics = [{"name": "projects/p/topics/t"}]
    made = create(client, {**AUTOMATIC, "topics": topics, "rotation": {"next_rotation_time": soon(days=1)}})
    period = update(
        client, {"name": made.name, "rotation": {"rotation_period": timedelta(days=2)}}, "rotation.rotation_period"
    )
    assert period.rotation.next_rotation_time == made.rotation.next_rotation_time
    assert period.rotation.rotation_period == timedelta(days=2)
    with pytest.raises(BadRequest):
        update(client, {"name": made.name}, "topics")
    assert "rotation" not in update(client, {"name": made.name}, "rotation", "topics")


def test_payload_limits_and_checksum(secret_manager: Clients) -> None:
    client = secret_manager()
    secret = create(client)
    for payload in ({"data": b""}, {"data": b"x" * 65537}, {"data": b"SECRET-PAYLOAD", "data_crc32c": 1}):
        with pytest.raises(BadRequest) as refused:
            client.add_secret_version(request={"parent": secret.name, "payload": payload})
        assert "SECRET-PAYLOAD" not in str(refused.value)
    biggest = client.add_secret_version(request={"parent": secret.name, "payload": {"data": b"x" * 65536}})
    assert not biggest.client_specified_payload_checksum


def test_latest_is_the_newest_created_whatever_its_state(secret_manager: Clients) -> None:
    client = secret_manager()
    secret = create(client)
    latest = f"{secret.name}/versions/latest"
    with pytest.raises(NotFound, match="has no versions"):
        client.access_secret_version(name=latest)
    first, second = add(client, secret, b"1"), add(client, secret, b"2")
    client.disable_secret_version(name=second.name)
    with pytest.raises(BadRequest, match="DISABLED state"):
        client.access_secret_version(name=latest)
    assert client.get_secret_version(name=latest).state == DISABLED
    assert client.access_secret_version(name=first.name).payload.data == b"1"
    for change in (client.enable_secret_version, client.disable_secret_version, client.destroy_secret_version):
        with pytest.raises(NotFound):
            change(name=latest)


def test_version_states_and_etags(secret_manager: Clients) -> None:
    client = secret_manager()
    version = add(client, create(client))
    disabled = client.disable_secret_version(request={"name": version.name, "etag": version.etag})
    assert disabled.state == DISABLED
    with pytest.raises(BadRequest, match="out of date"):
        client.enable_secret_version(request={"name": version.name, "etag": version.etag})
    assert client.enable_secret_version(name=version.name).state == ENABLED
    destroyed = client.destroy_secret_version(name=version.name)
    assert destroyed.state == DESTROYED
    assert "destroy_time" in destroyed
    for change in (client.enable_secret_version, client.disable_secret_version, client.destroy_secret_version):
        with pytest.raises(BadRequest, match="DESTROYED state"):
            change(name=version.name)


def test_aliases_are_for_reading(secret_manager: Clients) -> None:
    client = secret_manager()
    secret = create(client)
    add(client, secret, b"1")
    add(client, secret, b"2")
    update(client, {"name": secret.name, "version_aliases": {"stable": 1}}, "version_aliases")
    assert client.access_secret_version(name=f"{secret.name}/versions/stable").payload.data == b"1"
    with pytest.raises(NotFound):
        client.disable_secret_version(name=f"{secret.name}/versions/stable")
    for aliases in ({"latest": 1}, {"NEW": 1}, {"1st": 1}, {"gone": 9}):
        with pytest.raises(BadRequest):
            update(client, {"name": secret.name, "version_aliases": aliases}, "version_aliases")


def test_lists_page_and_filter(secret_manager: Clients) -> None:
    client = secret_manager()
    secret = create(client)
    for number in range(5):
        add(client, secret, str(number).encode())
    client.disable_secret_version(name=f"{secret.name}/versions/5")
    request = {"parent": secret.name, "page_size": 2, "filter": "state:ENABLED"}
    pages = list(client.list_secret_versions(request=request).pages)
    numbers = [[version.name.rpartition("/")[2] for version in page.versions] for page in pages]
    assert numbers == [["4", "3"], ["2", "1"]]
    assert pages[0].total_size == 4
    for broken in ({"page_size": -1}, {"page_token": "nonsense"}, {"filter": "colour:red"}):
        with pytest.raises(BadRequest):
            client.list_secret_versions(request={"parent": secret.name, **broken})


def test_delete_takes_an_etag(secret_manager: Clients) -> None:
    client = secret_manager()
    secret = create(client)
    with pytest.raises(BadRequest):
        client.delete_secret(request={"name": secret.name, "etag": '"other"'})
    client.delete_secret(request={"name": secret.name, "etag": secret.etag})
    with pytest.raises(NotFound):
        client.get_secret(name=secret.name)
    assert create(client).name == secret.name


def test_refusals_name_permission_and_resource(cloud: LocalCloud, secret_manager: Clients) -> None:
    create(secret_manager())
    stranger = secret_manager("serviceAccount:ci@demo-project.iam.gserviceaccount.com")
    # Who may not read is not told whether it exists.
    for name in (f"{PARENT}/secrets/s", f"{PARENT}/secrets/missing"):
        with pytest.raises(Forbidden) as refused:
            stranger.get_secret(name=name)
        message = f"Permission 'secretmanager.secrets.get' denied for resource '{name}' (or it may not exist)."
        assert message in str(refused.value)
        assert error_info(refused.value) == {
            "@type": "type.googleapis.com/google.rpc.ErrorInfo",
            "reason": "IAM_PERMISSION_DENIED",
            "domain": "iam.googleapis.com",
            "metadata": {"permission": "secretmanager.secrets.get", "resource": name},
        }
    with pytest.raises(Forbidden) as refused:
        secret_manager().get_secret(name="projects/no-such-project/secrets/s")
    assert error_info(refused.value)["reason"] == "CONSUMER_INVALID"
    # The client answers 401 by asking for a fresh token, which a bare one cannot give.
    with pytest.raises(RefreshError):
        secret_manager("ya29.not-of-this-cloud").get_secret(name=f"{PARENT}/secrets/s")
    assert [call["status"] for call in cloud.calls("GetSecret")] == [403, 403, 403, 401]


def test_locations(secret_manager: Clients) -> None:
    client = secret_manager()
    listed = client.list_locations({"name": PARENT}).locations
    assert "europe-west1" in {location.location_id for location in listed}
    with pytest.raises(BadRequest):
        create(client, parent=f"{PARENT}/locations/moon-base1")

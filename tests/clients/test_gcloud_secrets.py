# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""gcloud secrets …, with global secrets and with regional ones."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from cloud_control import LocalCloud
from cloud_fixtures import NUMBER, Gcloud

SCOPES = pytest.mark.parametrize(
    ("flags", "parent"),
    [
        pytest.param((), f"projects/{NUMBER}", id="global"),
        pytest.param(
            ("--location=europe-west1",),
            f"projects/{NUMBER}/locations/europe-west1",
            id="regional",
            marks=pytest.mark.thorough,
        ),
    ],
)


@SCOPES
def test_secret_from_creation_to_deletion(gcloud: Gcloud, flags: tuple[str, ...], parent: str) -> None:
    gcloud("secrets", "create", "api-token", "--labels=team=data", "--set-annotations=why=test", *flags)
    made = gcloud("secrets", "describe", "api-token", "--format=json", *flags).json()
    assert made["name"] == f"{parent}/secrets/api-token"
    assert made["labels"] == {"team": "data"}
    assert made["annotations"] == {"why": "test"}
    assert ("replication" in made) == (not flags)

    etag = made["etag"]
    gcloud(
        "secrets",
        "update",
        "api-token",
        "--update-labels=env=prod",
        "--remove-annotations=why",
        f"--etag={etag}",
        *flags,
    )
    changed = gcloud("secrets", "describe", "api-token", "--format=json", *flags).json()
    assert changed["labels"] == {"team": "data", "env": "prod"}
    assert "annotations" not in changed
    assert changed["etag"] != etag
    stale = gcloud("secrets", "update", "api-token", "--update-labels=a=b", f"--etag={etag}", *flags, fails=True)
    assert "FAILED_PRECONDITION" in stale.stderr

    assert "api-token" in gcloud("secrets", "list", "--filter=labels.env=prod", *flags).stdout
    again = gcloud("secrets", "create", "api-token", *flags, fails=True)
    assert "already exists" in again.stderr
    gcloud("secrets", "delete", "api-token", "--quiet", *flags)
    gone = gcloud("secrets", "describe", "api-token", *flags, fails=True)
    assert f"NOT_FOUND: Secret [{parent}/secrets/api-token] not found" in gone.stderr


@pytest.mark.thorough
@SCOPES
def test_versions_through_all_states(
    cloud: LocalCloud, gcloud: Gcloud, tmp_path: Path, flags: tuple[str, ...], parent: str
) -> None:
    payload = tmp_path / "payload"
    payload.write_text("first")
    gcloud("secrets", "create", "api-token", f"--data-file={payload}", *flags)
    payload.write_text("second")
    gcloud("secrets", "versions", "add", "api-token", f"--data-file={payload}", *flags)
    on = ("--secret=api-token", *flags)
    assert gcloud("secrets", "versions", "access", "latest", *on).stdout == "second"
    assert gcloud("secrets", "versions", "access", "1", *on).stdout == "first"

    listed = gcloud("secrets", "versions", "list", "api-token", "--format=json", *flags).json()
    assert [(item["name"], item["state"]) for item in listed] == [
        (f"{parent}/secrets/api-token/versions/2", "ENABLED"),
        (f"{parent}/secrets/api-token/versions/1", "ENABLED"),
    ]

    gcloud("secrets", "versions", "disable", "2", *on)
    refused = gcloud("secrets", "versions", "access", "latest", *on, fails=True)
    assert "FAILED_PRECONDITION" in refused.stderr
    assert "DISABLED state" in refused.stderr
    gcloud("secrets", "versions", "enable", "2", *on)
    assert gcloud("secrets", "versions", "access", "2", *on).stdout == "second"
    gcloud("secrets", "versions", "destroy", "1", "--quiet", *on)
    described = gcloud("secrets", "versions", "describe", "1", "--format=json", *on).json()
    assert described["state"] == "DESTROYED"
    assert described["destroyTime"]
    refused = gcloud("secrets", "versions", "access", "1", *on, fails=True)
    assert "DESTROYED state" in refused.stderr
    enabled = gcloud(
        "secrets", "versions", "list", "api-token", "--filter=state:ENABLED", "--format=value(name)", *flags
    )
    assert enabled.stdout.split() == ["2"]
    assert "second" not in json.dumps(cloud.calls())


@pytest.mark.thorough
def test_settings_of_a_secret(gcloud: Gcloud) -> None:
    keys = "projects/demo-project/locations/{}/keyRings/ring/cryptoKeys/key"
    gcloud(
        "secrets",
        "create",
        "api-token",
        "--replication-policy=user-managed",
        "--locations=europe-west1,europe-west4",
        f"--kms-key-name={keys.format('europe-west1')}",
        fails=True,
    )
    gcloud(
        "secrets",
        "create",
        "api-token",
        "--replication-policy=user-managed",
        "--locations=europe-west1,europe-west4",
        "--topics=projects/demo-project/topics/rotation",
        "--next-rotation-time=2099-01-01T00:00:00Z",
        "--rotation-period=86400s",
        "--version-destroy-ttl=172800s",
        "--ttl=864000s",
    )
    made = gcloud("secrets", "describe", "api-token", "--format=json").json()
    replicas = made["replication"]["userManaged"]["replicas"]
    assert [replica["location"] for replica in replicas] == ["europe-west1", "europe-west4"]
    assert made["rotation"] == {"nextRotationTime": "2099-01-01T00:00:00Z", "rotationPeriod": "86400s"}
    assert made["topics"] == [{"name": "projects/demo-project/topics/rotation"}]
    assert made["versionDestroyTtl"] == "172800s"
    assert made["expireTime"]
    assert "ttl" not in made

    gcloud("secrets", "versions", "add", "api-token", "--data-file=-", stdin="x")
    gcloud("secrets", "update", "api-token", "--remove-rotation-schedule", "--clear-topics", "--remove-expiration",
           "--update-version-aliases=current=1")  # fmt: skip
    changed = gcloud("secrets", "describe", "api-token", "--format=json").json()
    assert not {"rotation", "topics", "expireTime"} & set(changed)
    assert changed["versionAliases"] == {"current": "1"}
    assert gcloud("secrets", "versions", "access", "current", "--secret=api-token").stdout == "x"

    # With version_destroy_ttl a destroyed version is disabled first.
    gcloud("secrets", "versions", "destroy", "1", "--secret=api-token", "--quiet")
    version = gcloud("secrets", "versions", "describe", "1", "--secret=api-token", "--format=json").json()
    assert version["state"] == "DISABLED"
    assert version["scheduledDestroyTime"]


def test_automatic_replication_takes_a_global_key_and_another_later(gcloud: Gcloud) -> None:
    key = "projects/demo-project/locations/global/keyRings/ring/cryptoKeys/key"
    wrong = key.replace("global", "europe-west1")
    policy = ("--replication-policy=automatic", "--data-file=-")
    refused = gcloud("secrets", "create", "api-token", *policy, f"--kms-key-name={wrong}", stdin="x", fails=True)
    assert "must be in the location 'global'" in refused.stderr
    gcloud("secrets", "create", "api-token", *policy, f"--kms-key-name={key}", stdin="x")
    gcloud("secrets", "replication", "update", "api-token", "--remove-cmek")
    made = gcloud("secrets", "describe", "api-token", "--format=json").json()
    assert made["replication"] == {"automatic": {}}

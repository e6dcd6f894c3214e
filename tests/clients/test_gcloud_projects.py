# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""gcloud projects …, and what a caller without a permission sees."""

from __future__ import annotations

import pytest
from cloud_control import LocalCloud
from cloud_fixtures import NUMBER, OWNER, PROJECT, Gcloud

STRANGER = "user:stranger@example.com"


def test_project_by_id_and_by_number(cloud: LocalCloud, gcloud: Gcloud) -> None:
    cloud.add_project("other-project", "210987654321", OWNER)
    made = gcloud("projects", "describe", PROJECT, "--format=json").json()
    assert (made["projectId"], made["projectNumber"], made["lifecycleState"]) == (PROJECT, NUMBER, "ACTIVE")
    assert gcloud("projects", "describe", NUMBER, "--format=value(projectId)").stdout.strip() == PROJECT
    listed = gcloud("projects", "list", "--filter=projectId=other-project", "--format=value(projectNumber)")
    assert listed.stdout.split() == ["210987654321"]
    missing = gcloud("projects", "describe", "no-such-project", fails=True)
    assert "does not have permission" in missing.stderr


@pytest.mark.thorough
def test_permission_is_refused_until_a_role_is_given(gcloud: Gcloud) -> None:
    create = ("secrets", "create", "api-token")
    refused = gcloud(*create, caller=STRANGER, fails=True)
    assert "PERMISSION_DENIED" in refused.stderr
    assert "Permission 'secretmanager.secrets.create' denied for resource" in refused.stderr
    assert "reason: IAM_PERMISSION_DENIED" in refused.stderr
    assert "permission: secretmanager.secrets.create" in refused.stderr
    role = "--role=roles/secretmanager.admin"
    gcloud("projects", "add-iam-policy-binding", PROJECT, f"--member={STRANGER}", role, "--condition=None")
    gcloud(*create, caller=STRANGER)
    gcloud("projects", "describe", PROJECT, caller=STRANGER)
    gcloud("projects", "remove-iam-policy-binding", PROJECT, f"--member={STRANGER}", role, "--condition=None")
    gcloud("secrets", "describe", "api-token", caller=STRANGER, fails=True)


def test_fake_tokens_and_projects_are_refused(gcloud: Gcloud) -> None:
    assert "UNAUTHENTICATED" in gcloud("secrets", "list", caller="garbled", fails=True).stderr
    unknown = gcloud("secrets", "create", "a", "--project=no-such-project", fails=True)
    assert "Permission denied on resource project no-such-project." in unknown.stderr
    identity = ("beta", "services", "identity", "create", "--service=artifactregistry.googleapis.com")
    assert "PERMISSION_DENIED" in gcloud(*identity, caller=STRANGER, fails=True).stderr

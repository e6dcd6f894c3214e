# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Google's Python client of Resource Manager, and impersonation."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from typing import Any

import pytest
from cloud_control import LocalCloud
from cloud_fixtures import NUMBER, OWNER, PROJECT
from google.api_core.exceptions import Forbidden
from google.auth import impersonated_credentials
from google.auth.exceptions import RefreshError
from google.auth.transport.requests import Request
from google.cloud.resourcemanager_v3 import ProjectsClient
from google.oauth2.credentials import Credentials
from google_clients import Clients

ROBOT = "robot@demo-project.iam.gserviceaccount.com"
SCOPES = ["https://www.googleapis.com/auth/cloud-platform"]


def let_robot(client: ProjectsClient, role: str = "roles/viewer", member: str = f"serviceAccount:{ROBOT}") -> None:
    policy = client.get_iam_policy(resource=f"projects/{PROJECT}")
    policy.bindings.add(role=role, members=[member])
    client.set_iam_policy(request={"resource": f"projects/{PROJECT}", "policy": policy})


def test_projects(cloud: LocalCloud, resource_manager: Clients) -> None:
    cloud.add_project("other-project", "210987654321", "user:other@example.com")
    client = resource_manager()
    for name in (PROJECT, NUMBER):
        project = client.get_project(name=f"projects/{name}")
        assert (project.name, project.project_id) == (f"projects/{NUMBER}", PROJECT)
    assert [project.project_id for project in client.search_projects()] == [PROJECT]
    assert [project.project_id for project in client.list_projects(parent=project.parent)] == [PROJECT]
    for name in ("other-project", "no-such-project"):
        with pytest.raises(Forbidden, match="The caller does not have permission"):
            client.get_project(name=f"projects/{name}")


def who(cloud: LocalCloud, credentials: Any) -> str:
    """As whom a call is made that needs a role."""
    options = {"api_endpoint": cloud.endpoint("cloudresourcemanager")}
    client = ProjectsClient(credentials=Credentials(credentials.token), transport="rest", client_options=options)
    assert client.get_project(name=f"projects/{PROJECT}").project_id == PROJECT
    return str(cloud.calls("GetProject")[-1]["caller"])


def test_impersonation(cloud: LocalCloud, resource_manager: Clients) -> None:
    def impersonate(caller: str) -> Any:
        endpoint = f"{cloud.url}/iamcredentials/v1/projects/-/serviceAccounts/{ROBOT}:generateAccessToken"
        credentials = impersonated_credentials.Credentials(
            source_credentials=Credentials(caller),
            target_principal=ROBOT,
            target_scopes=SCOPES,
            iam_endpoint_override=endpoint,
        )
        credentials.refresh(Request())
        return credentials

    let_robot(resource_manager())
    assert who(cloud, impersonate(OWNER)) == f"serviceAccount:{ROBOT}"
    with pytest.raises(Exception, match=r"iam\.serviceAccounts\.getAccessToken"):
        impersonate("user:helper@example.com")
    let_robot(resource_manager(), "roles/iam.serviceAccountTokenCreator", "user:helper@example.com")
    credentials = impersonate("user:helper@example.com")
    assert who(cloud, credentials) == f"serviceAccount:{ROBOT}"
    assert not credentials.expired
    cloud.advance_clock(hours=1)
    # Google's library wants another token then, which these credentials cannot get.
    with pytest.raises(RefreshError):
        who(cloud, credentials)


def test_bad_assertions(cloud: LocalCloud) -> None:
    for form in (b"grant_type=password", b"grant_type=urn:ietf:params:oauth:grant-type:jwt-bearer&assertion=a.b.c"):
        with pytest.raises(urllib.error.HTTPError) as refused:
            urllib.request.urlopen(f"{cloud.url}/oauth2/token", data=form, timeout=5)
        assert refused.value.code == 400
        assert "error" in json.load(refused.value)

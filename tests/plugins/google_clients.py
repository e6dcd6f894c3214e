# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Fixtures: Google's own Python clients against the local cloud, for any caller."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from cloud_control import LocalCloud
from cloud_fixtures import OWNER
from google.api_core.exceptions import GoogleAPICallError
from google.cloud.artifactregistry_v1 import ArtifactRegistryClient
from google.cloud.resourcemanager_v3 import ProjectsClient
from google.cloud.secretmanager_v1 import SecretManagerServiceClient
from google.oauth2.credentials import Credentials

#: Makes a client for a caller, an IAM member; the owner when none is named.
Clients = Callable[..., Any]


def _maker(cloud: LocalCloud, client: type, service: str) -> Clients:
    def make(caller: str = OWNER) -> Any:
        options = {"api_endpoint": cloud.endpoint(service)}
        return client(credentials=Credentials(caller), transport="rest", client_options=options)

    return make


def error_info(error: GoogleAPICallError) -> dict[str, Any]:
    """The google.rpc.ErrorInfo of a refusal. (The error's own C(reason) fails over REST in older google-api-core.)"""
    detail: dict[str, Any] = error.response.json()["error"]["details"][0]
    return detail


@pytest.fixture
def secret_manager(cloud: LocalCloud) -> Clients:
    return _maker(cloud, SecretManagerServiceClient, "secretmanager")


@pytest.fixture
def artifact_registry(cloud: LocalCloud) -> Clients:
    return _maker(cloud, ArtifactRegistryClient, "artifactregistry")


@pytest.fixture
def resource_manager(cloud: LocalCloud) -> Clients:
    return _maker(cloud, ProjectsClient, "cloudresourcemanager")

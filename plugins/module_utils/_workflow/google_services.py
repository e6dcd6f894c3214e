# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The clients of Google's services that a run needs, all on one login."""

from __future__ import annotations

from functools import cached_property

from .._base.quota import SECRET_MANAGER, Quotas
from .._clients.gcp.artifactregistry import ArtifactRegistry
from .._clients.gcp.auth import Connection
from .._clients.gcp.resourcemanager import ResourceManager
from .._clients.gcp.secretmanager import SecretManager
from .._clients.gcp.serviceusage import ServiceUsage
from .._clients.pypi.index import PackageIndex
from .._engine.resource import Options
from .._resources.gcp_service_agent import ServiceAgents
from .._resources.package_index_info import PackageReadings


class Services:
    """The clients of a run. All have one login, and none is made before it is needed."""

    def __init__(self, options: Options) -> None:
        self._options = options

    @cached_property
    def _connection(self) -> Connection:
        return Connection.from_options(self._options)

    @property
    def identity(self) -> str:
        """Whom the login stands for, in messages."""
        return self._connection.identity

    @cached_property
    def repositories(self) -> ArtifactRegistry:
        """Artifact Registry."""
        return ArtifactRegistry(self._connection.for_service("ARTIFACTREGISTRY"))

    @cached_property
    def secrets(self) -> SecretManager:
        """Secret Manager."""
        quotas = Quotas.from_options(SECRET_MANAGER, self._options)
        return SecretManager(self._connection.for_service("SECRETMANAGER"), quotas)

    @cached_property
    def projects(self) -> ResourceManager:
        """Resource Manager."""
        return ResourceManager(self._connection.for_service("CLOUDRESOURCEMANAGER"))

    @cached_property
    def agents(self) -> ServiceAgents:
        """Service agents of projects."""
        return ServiceAgents(lambda: self.projects, lambda: ServiceUsage(self._connection.for_service("SERVICEUSAGE")))

    @cached_property
    def index(self) -> PackageReadings:
        """Indexes of packages."""
        return PackageReadings(PackageIndex(), self._token)

    def _token(self) -> str:
        """An access token. An index with a login of its own needs none, so nobody logs in before it is asked for."""
        return self._connection.token()

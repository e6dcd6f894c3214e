# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The identity with which Artifact Registry reads secrets for the repositories of a project."""

from __future__ import annotations

import typing as t
from dataclasses import asdict, dataclass
from functools import cache

from .._base.errors import InvalidInput, PermissionDenied
from .._clients.gcp.auth import Connection
from .._clients.gcp.resourcemanager import ResourceManager
from .._clients.gcp.serviceusage import ServiceUsage
from .._domain.gcp.names import project_of
from .._engine.resource import DesiredState, Options, Resource

ARTIFACT_REGISTRY = "artifactregistry.googleapis.com"


@dataclass(frozen=True)
class DesiredAgent(DesiredState):
    """The agent of a project, named by id or number. C(create): have the service make it when it is missing."""

    project: str
    create: bool = True

    @classmethod
    def from_options(cls, options: Options, *, check_mode: bool = False) -> DesiredAgent:
        number, create = options.get("project_number"), options.get("create")
        if number is not None and not (number.isascii() and number.isdigit()):
            raise InvalidInput(
                f"project_number {number!r} is not a number: give for example 123456789012, or the project."
            )
        # The only method that there is creates, so check mode does without it.
        return cls(number or project_of(options), create=(create is None or create) and not check_mode)

    @property
    def target(self) -> str:
        return f"projects/{self.project}"


@dataclass(frozen=True)
class ServiceAgent:
    """The agent of a project."""

    project_number: str
    email: str


@dataclass(frozen=True)
class ServiceAgents(Resource[DesiredAgent, ServiceAgent]):
    """The resource of gcp_service_agent. It connects when there is something to call, which may be never."""

    projects: t.Callable[[], ResourceManager]
    services: t.Callable[[], ServiceUsage]

    @classmethod
    def connect(cls, options: Options) -> ServiceAgents:
        """Calls nothing. Credentials are read, and libraries loaded, when the first entry needs them."""
        connection = cache(lambda: Connection.from_options(options))
        projects = cache(lambda: ResourceManager(connection().for_service("CLOUDRESOURCEMANAGER")))
        return cls(projects, cache(lambda: ServiceUsage(connection())))

    def read(self, desired: DesiredAgent) -> ServiceAgent:
        """The agent, which is made when it is missing: the service has no method that only looks.

        It does not say either whether it made the agent, so this belongs to reading and is never a change.
        """
        number = desired.project if desired.project.isdigit() else self._number(desired.project)
        email = self._create(number) if desired.create else None
        # Source: Google's documentation of service agents.
        return ServiceAgent(number, email or f"service-{number}@gcp-sa-artifactregistry.iam.gserviceaccount.com")

    def _create(self, number: str) -> str | None:
        try:
            return self.services().generate_service_identity(number, ARTIFACT_REGISTRY)
        except PermissionDenied as denied:
            raise PermissionDenied(f"{denied} With create false, the agent is named without being made.") from denied

    def _number(self, project: str) -> str:
        try:
            return self.projects().project_number(project)
        except PermissionDenied as denied:
            raise PermissionDenied(f"{denied} With project_number given, nothing needs to be looked up.") from denied

    def result(self, state: ServiceAgent, desired: DesiredAgent) -> dict[str, t.Any]:
        return {"service_agent": {**asdict(state), "member": f"serviceAccount:{state.email}"}}

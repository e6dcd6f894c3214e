# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The projects of this cloud, found by id or by number."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from google.iam.v1 import iam_policy_pb2, policy_pb2

from local_cloud.platform.errors import ApiError, error_info
from local_cloud.services.iam.conditions import Subject
from local_cloud.services.iam.decision import Guarded
from local_cloud.services.iam.policies import PolicyHolder, grantable_on_project


@dataclass
class Project:
    """A project and its policy. The number is text, as in resource names."""

    project_id: str
    number: str
    create_time: datetime
    policy: PolicyHolder = field(default_factory=PolicyHolder)

    def guarded(self) -> Guarded:
        """The project as something that permissions are checked on."""
        subject = Subject(
            name=f"projects/{self.number}",
            type="cloudresourcemanager.googleapis.com/Project",
            service="cloudresourcemanager.googleapis.com",
        )
        return Guarded(subject, [self.policy])

    def own(self, members: Sequence[str]) -> None:
        """Give members roles/owner at once, whatever the propagation delay is."""
        binding = policy_pb2.Binding(role="roles/owner", members=members)
        request = iam_policy_pb2.SetIamPolicyRequest(policy=policy_pb2.Policy(bindings=[binding]))
        self.policy.write(request, service_agents=(), grantable=grantable_on_project, now=0.0, delay=0.0)


class Projects:
    """All projects."""

    def __init__(self) -> None:
        self._projects: dict[str, Project] = {}

    def add(self, project: Project) -> None:
        self._projects[project.number] = project

    def find(self, id_or_number: str) -> Project | None:
        """The project with this id or number."""
        if id_or_number.isdecimal():
            return self._projects.get(id_or_number)
        return next((project for project in self if project.project_id == id_or_number), None)

    def require(self, id_or_number: str, service: str) -> Project:
        """Look a project up for a service.

        Raises:
            ApiError: PERMISSION_DENIED when there is none (Google does not tell).
        """
        project = self.find(id_or_number)
        if project is None:
            raise unknown_project(id_or_number, service)
        return project

    def clear(self) -> None:
        self._projects.clear()

    def __iter__(self) -> Iterator[Project]:
        return iter(self._projects.values())


def unknown_project(project: str, service: str) -> ApiError:
    """A project that does not exist: for most services the caller's right on it is denied, not its existence."""
    return ApiError(
        "PERMISSION_DENIED",
        f"Permission denied on resource project {project}.",
        details=[error_info("CONSUMER_INVALID", "googleapis.com", consumer=f"projects/{project}", service=service)],
    )

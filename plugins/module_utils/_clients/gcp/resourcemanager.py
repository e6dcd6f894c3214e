# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Resource Manager v3: the number of a project, its policy, and what the caller may do in it."""

from __future__ import annotations

import threading
import typing as t
from functools import cached_property

from ..._base.errors import PermissionDenied, Refused, importing
from ..._domain.gcp.bindings import Policy
from .auth import Connection
from .calls import Call
from .policies import asking, held, read_policy, reading

SERVICE = "Resource Manager"


class ResourceManager:
    """The calls; that for a number is made once for each project. The library is loaded when it is made, for most tasks never need it."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._numbers: dict[str, str | PermissionDenied] = {}
        self._lock = threading.Lock()

    @cached_property
    def _client(self) -> t.Any:
        with importing("google-cloud-resource-manager"):
            from google.cloud import resourcemanager_v3
        return self._connection.client(resourcemanager_v3.ProjectsClient)

    def project_number(self, project: str) -> str:
        """The number of the project with that id, or the number itself.

        :raises PermissionDenied: the caller may not see the project, or it does not exist: the service does not say which
        """
        if project.isdigit():
            return project
        # One of many threads asks, and the others wait for its answer.
        with self._lock:
            if project not in self._numbers:
                try:
                    self._numbers[project] = self._look_up(f"projects/{project}")
                except PermissionDenied as denied:
                    self._numbers[project] = denied
            number = self._numbers[project]
        if isinstance(number, PermissionDenied):
            raise number
        return number

    def get_policy(self, project: str) -> Policy:
        """The project's policy with its conditions, by the project's id or number.

        :raises PermissionDenied: the caller may not see it, or there is no such project
        """
        name = f"projects/{project}"
        call = Call(SERVICE, "resourcemanager.projects.getIamPolicy", name, self._connection.identity)
        return call.run(self._client.get_iam_policy, read=read_policy, request=reading(name), retry=None)

    def held_permissions(self, project: str, permissions: t.Iterable[str]) -> frozenset[str]:
        """Those of the permissions that the caller has on the project, by its id or number; none where there is no project."""
        name = f"projects/{project}"
        call = Call(SERVICE, "resourcemanager.projects.testIamPermissions", name, self._connection.identity)
        return call.run(self._client.test_iam_permissions, read=held, request=asking(name, permissions), retry=None)

    def _look_up(self, name: str) -> str:
        client = self._client
        call = Call(SERVICE, "resourcemanager.projects.get", name, self._connection.identity)
        # The answer's name has the number in place of the id. Source: the v3 reference of the resource Project.
        number = call.run(client.get_project, read=_number, request={"name": name}, retry=None)
        if not number.isdigit():
            raise Refused(f"{SERVICE} does not say the number of {name}.")
        return number


def _number(answer: t.Any) -> str:
    return str(answer.name).rpartition("/")[2]

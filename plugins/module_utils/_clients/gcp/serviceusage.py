# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Service Usage v1beta1: the identity that a service has in a project. Google's client library has only v1."""

from __future__ import annotations

import typing as t

from ..._base.errors import Refused
from ..http.failures import failures
from .auth import Connection
from .calls import Call, raise_errors
from .operations import operation_failure, wait_until_done

SERVICE = "Service Usage"
ENDPOINT = "https://serviceusage.googleapis.com"
PERMISSION = "serviceusage.services.enable"

#: Seconds until an operation must be done.
OPERATION_TIMEOUT = 60


class ServiceUsage:
    """The calls. All raise our errors."""

    def __init__(self, connection: Connection, *, wait: t.Callable[..., t.Any] = wait_until_done) -> None:
        self._base = f"{connection.endpoint or ENDPOINT}/v1beta1"
        self._session = connection.session()
        raise_errors(self._session)
        self._identity = connection.identity
        self._wait_until_done = wait

    def generate_service_identity(self, project: str, service: str) -> str | None:
        """Make sure that the service has its identity in the project; asking again is harmless.

        :param project: id or number
        :param service: name of the API, for example V(artifactregistry.googleapis.com)
        :returns: e-mail address of the identity, or None when the answer does not have it
        """
        name = f"projects/{project}/services/{service}"
        operation = self._wait_until_done(
            self._request("POST", f"{name}:generateServiceIdentity", name),
            lambda begun: self._request("GET", str(begun.get("name")), name),
            done=lambda begun: bool(begun.get("done")),
            seconds=OPERATION_TIMEOUT,
            what=f"{SERVICE} is still making the identity of {name}",
        )
        with failures(SERVICE, self._call(name).stranger, name):
            if "error" in operation:
                raise self._call(name).error(operation_failure(operation["error"]))
            return (operation.get("response") or {}).get("email") or None

    def _call(self, resource: str) -> Call:
        return Call(SERVICE, PERMISSION, resource, self._identity)

    def _request(self, method: str, path: str, resource: str) -> dict[str, t.Any]:
        call = self._call(resource)
        answer = call.run(self._session.request, method, f"{self._base}/{path}", read=lambda answer: answer.json())
        if not isinstance(answer, dict):
            raise Refused(call.stranger)
        return answer

# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Service Usage v1beta1: the identity that a service has in a project. Google's client library has only v1."""

from __future__ import annotations

import time
import typing as t

from ansible_collections.pkgops.registry_auth.plugins.module_utils._errors import MissingLibrary, Refused, Unavailable
from ansible_collections.pkgops.registry_auth.plugins.module_utils._gcp.auth import Connection
from ansible_collections.pkgops.registry_auth.plugins.module_utils._gcp.calls import Call, Failure, read_failure

SERVICE = "Service Usage"
ENDPOINT = "https://serviceusage.googleapis.com"
PERMISSION = "serviceusage.services.enable"
#: google.rpc.Code of an operation's error that a permission is missing.
CODE_PERMISSION_DENIED = 7

#: Seconds until an operation must be done, and between two looks at it.
OPERATION_TIMEOUT = 60
FIRST_PAUSE, LONGEST_PAUSE = 0.25, 4.0


class ServiceUsage:
    """The calls. All raise our errors."""

    def __init__(
        self,
        connection: Connection,
        *,
        clock: t.Callable[[], float] = time.monotonic,
        sleep: t.Callable[[float], None] = time.sleep,
    ) -> None:
        try:
            import google.api_core.exceptions  # noqa: F401  Call knows the errors of Google's libraries
        except ImportError as error:
            raise MissingLibrary("google-api-core", error) from error
        self._base = f"{connection.endpoint or ENDPOINT}/v1beta1"
        self._session = connection.session()
        self._identity = connection.identity
        self._clock, self._sleep = clock, sleep

    def generate_service_identity(self, project: str, service: str) -> str | None:
        """Make sure that the service has its identity in the project; asking again is harmless.

        :param project: id or number
        :param service: name of the API, for example V(artifactregistry.googleapis.com)
        :returns: e-mail address of the identity, or None when the answer does not have it
        """
        name = f"projects/{project}/services/{service}"
        operation = self._request("POST", f"{name}:generateServiceIdentity", name)
        deadline, pause = self._clock() + OPERATION_TIMEOUT, FIRST_PAUSE
        while not operation.get("done"):
            if self._clock() + pause > deadline:
                raise Unavailable(
                    f"{SERVICE} is still making the identity of {name} after {OPERATION_TIMEOUT} seconds."
                )
            self._sleep(pause)
            pause = min(pause * 2, LONGEST_PAUSE)
            operation = self._request("GET", str(operation.get("name")), name)
        if "error" in operation:
            raise self._call(name).error(_operation_failure(operation["error"]))
        return operation.get("response", {}).get("email") or None

    def _call(self, resource: str) -> Call:
        return Call(SERVICE, PERMISSION, resource, self._identity)

    def _request(self, method: str, path: str, resource: str) -> dict[str, t.Any]:
        call = self._call(resource)
        response = call.run(self._session.request, method, f"{self._base}/{path}")
        if not response.ok:
            raise call.error(read_failure(response.status_code, response.text, response.headers))
        try:
            answer = response.json()
        except ValueError:
            answer = None
        if not isinstance(answer, dict):
            raise Refused(f"What answers at {SERVICE}'s endpoint about {resource} is not {SERVICE}.")
        return answer


def _operation_failure(error: t.Mapping[str, t.Any]) -> Failure:
    """The failure that an operation ended with. It holds a google.rpc.Status, which has no HTTP status."""
    if error.get("code") == CODE_PERMISSION_DENIED:
        return Failure(403, "PERMISSION_DENIED", str(error.get("message", "")))
    return Failure(400, "", str(error.get("message", "")))

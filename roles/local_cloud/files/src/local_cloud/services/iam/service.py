# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""IAM as the other services of Google's ask it: who calls and who may, and policies read and written, the same for every kind of resource.

Whether the caller may read or write a policy is for each service to say, in its own words.
"""

from __future__ import annotations

from collections.abc import Callable

from google.iam.v1 import iam_policy_pb2, policy_pb2

from local_cloud.platform.base import Platform
from local_cloud.services.iam.decision import Guarded, allowed
from local_cloud.services.iam.policies import PolicyHolder
from local_cloud.services.iam.roles import permissions_of
from local_cloud.services.iam.tokens import Tokens


class Iam:
    """``service_agents`` are those that something has created; ``tokens`` knows who calls.

    ``custom_roles`` are the permissions of a project's or an organization's own roles, by their full names.
    """

    def __init__(self, platform: Platform) -> None:
        self._platform = platform
        self.reset()

    def reset(self) -> None:
        self.service_agents: set[str] = set()
        self.custom_roles: dict[str, frozenset[str]] = {}
        self.tokens = Tokens(self._platform.clock)

    @property
    def token_uri(self) -> str:
        """Where holders of keys get tokens."""
        return f"{self._platform.url}/oauth2/token"

    def allowed(self, caller: str, permission: str, resource: Guarded) -> bool:
        """Whether the caller has the permission on the resource now."""
        return allowed(caller, permission, resource, self._platform.now(), self._permissions_of)

    def get_policy(self, holder: PolicyHolder, request: iam_policy_pb2.GetIamPolicyRequest) -> policy_pb2.Policy:
        return holder.read(request.options.requested_policy_version)

    def set_policy(
        self, holder: PolicyHolder, request: iam_policy_pb2.SetIamPolicyRequest, grantable: Callable[[str], bool]
    ) -> policy_pb2.Policy:
        return holder.write(
            request,
            service_agents=self.service_agents,
            grantable=grantable,
            now=self._platform.now().timestamp(),
            delay=self._platform.faults.propagation_delay,
        )

    def test_permissions(
        self, caller: str, resource: Guarded, request: iam_policy_pb2.TestIamPermissionsRequest
    ) -> iam_policy_pb2.TestIamPermissionsResponse:
        held = [permission for permission in request.permissions if self.allowed(caller, permission, resource)]
        return iam_policy_pb2.TestIamPermissionsResponse(permissions=held)

    def _permissions_of(self, role: str) -> frozenset[str]:
        return self.custom_roles.get(role) or permissions_of(role)

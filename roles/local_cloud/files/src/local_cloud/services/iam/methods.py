# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""getIamPolicy, setIamPolicy and testIamPermissions, the same for every kind of resource.

Whether the caller may call them is for each service to say, in its own words.
"""

from __future__ import annotations

from collections.abc import Callable

from google.iam.v1 import iam_policy_pb2, policy_pb2

from local_cloud.cloud import Cloud
from local_cloud.services.iam.decision import Guarded
from local_cloud.services.iam.policies import PolicyHolder


def get_policy(holder: PolicyHolder, request: iam_policy_pb2.GetIamPolicyRequest) -> policy_pb2.Policy:
    return holder.read(request.options.requested_policy_version)


def set_policy(
    cloud: Cloud,
    holder: PolicyHolder,
    request: iam_policy_pb2.SetIamPolicyRequest,
    grantable: Callable[[str], bool],
) -> policy_pb2.Policy:
    return holder.write(
        request,
        service_agents=cloud.service_agents,
        grantable=grantable,
        now=cloud.now().timestamp(),
        delay=cloud.propagation_delay,
    )


def test_permissions(
    cloud: Cloud, caller: str, resource: Guarded, request: iam_policy_pb2.TestIamPermissionsRequest
) -> iam_policy_pb2.TestIamPermissionsResponse:
    held = [permission for permission in request.permissions if cloud.allowed(caller, permission, resource)]
    return iam_policy_pb2.TestIamPermissionsResponse(permissions=held)

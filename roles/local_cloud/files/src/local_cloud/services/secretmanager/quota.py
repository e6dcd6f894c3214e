# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Secret Manager's request quotas: by project, the one that the secret is in.

Source: Secret Manager's page "Quotas and limits" for what is counted; the refusal is what users of Resource Manager and
Cloud KMS report, whose quotas have the same names.
"""

from __future__ import annotations

from local_cloud.platform.errors import ApiError, error_info
from local_cloud.platform.quotas import Exceeded, Metered, kind_of
from local_cloud.services.secretmanager.service import SecretManager
from local_cloud.services.secretmanager.store import SERVICE

NAME = "secretmanager"
QUOTAS = {NAME: Metered(frozenset({"access", "read", "write"}), 60.0)}


def charge(service: SecretManager, method: str, name: str) -> None:
    """Count a call of a method on the resource of that name.

    Raises:
        ApiError: RESOURCE_EXHAUSTED. It does not say when to come back: Google sends no Retry-After here.
    """
    project = service.projects.find(name.removeprefix("projects/").partition("/")[0])
    if project is None:
        # Nobody's quota; the call is refused for that.
        return
    kind = "access" if method.endswith(".AccessSecretVersion") else kind_of(method)
    exceeded = service.platform.quotas.take(NAME, project.number, kind)
    if exceeded is not None:
        raise _refusal(kind, project.number, exceeded)


def _refusal(kind: str, number: str, exceeded: Exceeded) -> ApiError:
    metric = f"{kind.capitalize()} requests"
    return ApiError(
        "RESOURCE_EXHAUSTED",
        f"Quota exceeded for quota metric '{metric}' and limit '{metric} per minute' of service '{SERVICE}' "
        f"for consumer 'project_number:{number}'.",
        details=[
            error_info(
                "RATE_LIMIT_EXCEEDED",
                "googleapis.com",
                consumer=f"projects/{number}",
                quota_limit=f"{kind.capitalize()}RequestsPerMinutePerProject",
                quota_limit_value=str(exceeded.limit),
                quota_metric=f"{SERVICE}/{kind}_requests",
                service=SERVICE,
            )
        ],
    )

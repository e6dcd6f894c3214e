# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""CodeArtifact's request quotas: by account and region, the account being that of the caller, not of the domain's owner.

Source: User Guide, "Quotas in AWS CodeArtifact": read and write requests per second "from a single AWS account", for each
region. Requests for packages count, too.
"""

from __future__ import annotations

import math

from local_cloud.platform.quotas import Metered, Quotas, kind_of
from local_cloud.services.codeartifact.errors import AwsError
from local_cloud.services.codeartifact.model import NAME

QUOTAS = {NAME: Metered(frozenset({"read", "write"}), 1.0)}


def charge(quotas: Quotas, method: str, account: str, region: str) -> None:
    """Count a call of a method.

    Raises:
        AwsError: ThrottlingException, which says after how many seconds to come back.
    """
    exceeded = quotas.take(NAME, f"{account}/{region}", kind_of(method))
    if exceeded is not None:
        seconds = max(1, math.ceil(exceeded.wait))
        raise AwsError("ThrottlingException", "Rate exceeded", headers={"Retry-After": str(seconds)})

# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who signed a request, for which region and when: read from the signature's credential scope. It is not verified.

Source: IAM User Guide, "Create a signed AWS API request"; the texts are those that AWS answers.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from local_cloud.platform.clock import Clock
from local_cloud.services.codeartifact.errors import AwsError

_AUTHORIZATION = re.compile(
    r"AWS4-HMAC-SHA256 +Credential=(\w{16,128})/(\d{8})/([a-z]{2}(?:-[a-z]+)+-\d)/([a-z0-9-]+)/aws4_request, *"
    r"SignedHeaders=[a-z0-9;-]+, *Signature=[0-9a-f]{64}"
)


_DATE = "%Y%m%dT%H%M%SZ"
#: How far the time of a signature may be from that of the service.
_TOLERANCE = timedelta(minutes=5)


@dataclass(frozen=True)
class Signer:
    access_key_id: str
    region: str


def signer_of(authorization: str | None, service: str = "codeartifact") -> Signer:
    """Read an Authorization header.

    Raises:
        AwsError: there is none, or it is no signature for the service.
    """
    found = _AUTHORIZATION.fullmatch(authorization or "")
    if found is None:
        raise AwsError("MissingAuthenticationTokenException", "Missing Authentication Token")
    if found[4] != service:
        raise AwsError("InvalidSignatureException", f"Credential should be scoped to correct service: '{service}'.")
    return Signer(found[1], found[3])


def check_date(date: str | None, clock: Clock) -> None:
    """Read an X-Amz-Date header, if there is one.

    Raises:
        AwsError: the signature is too old, or of a time that is to come.
    """
    if date is None:
        return
    try:
        made = clock.at(datetime.strptime(date, _DATE).replace(tzinfo=UTC))
    except ValueError:
        raise AwsError(
            "IncompleteSignatureException", f"Date must be in ISO-8601 'basic format'. Got '{date}'."
        ) from None
    now = clock.now()
    if now - made > _TOLERANCE:
        says, bound, sign = "expired: {} is now earlier than", now - _TOLERANCE, "-"
    elif made - now > _TOLERANCE:
        says, bound, sign = "not yet current: {} is still later than", now + _TOLERANCE, "+"
    else:
        return
    stated = says.format(f"{made:{_DATE}}")
    raise AwsError("InvalidSignatureException", f"Signature {stated} {bound:{_DATE}} ({now:{_DATE}} {sign} 5 min.).")

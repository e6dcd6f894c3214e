# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who signed a request, and for which region: read from the signature's credential scope. It is not verified.

Source: IAM User Guide, "Create a signed AWS API request"; the texts are those that AWS answers.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from local_cloud.services.codeartifact.errors import AwsError

_AUTHORIZATION = re.compile(
    r"AWS4-HMAC-SHA256 +Credential=(\w{16,128})/(\d{8})/([a-z]{2}(?:-[a-z]+)+-\d)/([a-z0-9-]+)/aws4_request, *"
    r"SignedHeaders=[a-z0-9;-]+, *Signature=[0-9a-f]{64}"
)


@dataclass(frozen=True)
class Signer:
    access_key_id: str
    region: str


def signer_of(authorization: str | None) -> Signer:
    """Read an Authorization header.

    Raises:
        AwsError: there is none, or it is no signature for CodeArtifact.
    """
    found = _AUTHORIZATION.fullmatch(authorization or "")
    if found is None:
        raise AwsError("MissingAuthenticationTokenException", "Missing Authentication Token")
    if found[4] != "codeartifact":
        raise AwsError("InvalidSignatureException", "Credential should be scoped to correct service: 'codeartifact'.")
    return Signer(found[1], found[3])

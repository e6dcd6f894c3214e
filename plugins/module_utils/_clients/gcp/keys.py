# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Failures of the customer-managed key that encrypts a secret: services answer them in the name of the secret."""

from __future__ import annotations

import re

#: A secret may be called as it likes.
_SECRETS = re.compile(r"projects/[^\s/]+/(?:locations/[^\s/]+/)?secrets/[^\s\])}'\"]+")
# Source: Secret Manager's documentation of customer-managed keys, and Cloud KMS's of the states of key versions.
_KEY = re.compile(
    r"cryptokey|\b(?:cloud)?kms\b|\bcmek\b|\b(?:customer-managed|encryption) keys?\b|\bdecrypt", re.IGNORECASE
)


def blames_key(message: str) -> bool:
    """Whether a service says that it is the key that cannot be used, whose state is called as that of a secret version is."""
    return bool(_KEY.search(_SECRETS.sub("", message)))


def undecryptable(version: object) -> str:
    """What to say of a secret version whose key cannot be used."""
    return (
        f"The payload of {version} cannot be decrypted: make sure that the customer-managed key that encrypts it is enabled, and that "
        "Secret Manager's service agent may use it."
    )

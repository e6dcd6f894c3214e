# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Callers: which access key belongs to which user, role session or root, and which identity policies it has."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from local_cloud.platform.errors import ApiError, invalid_argument
from local_cloud.services.codeartifact import arns
from local_cloud.services.codeartifact.documents import check_identity_policy
from local_cloud.services.codeartifact.errors import AwsError
from local_cloud.services.codeartifact.judge import EVERYTHING, Caller, Document

OWNER_KEY = "AKIALOCALOWNER000000"
OWNER_ACCOUNT = "123456789012"
_ARN = re.compile(
    rf"arn:{arns.PARTITION}:(?:"
    r"iam::(?P<iam>\d{12}):(?:root|user/(?:[\w+=,.@-]+/)*[\w+=,.@-]{1,64})"
    r"|sts::(?P<sts>\d{12}):assumed-role/(?P<role>[\w+=,.@-]{1,64})/[\w+=,.@-]{2,64})"
)
_ACCESS_KEY_ID = re.compile(r"\w{16,128}")


@dataclass(frozen=True)
class Identity:
    """A caller with its policies, and the organization of its account ("" for none)."""

    principal: Caller
    policies: Sequence[Document] = ()
    organization: str = ""

    @classmethod
    def parse(cls, arn: str, policies: Sequence[Document] = (), organization: str = "") -> Identity:
        """Raises ValueError for what is not the ARN of a caller."""
        found = _ARN.fullmatch(arn)
        if found is None:
            raise ValueError(arn)
        # Here every role is one without a path.
        role = arns.role(found["sts"], found["role"]) if found["role"] else ""
        return cls(Caller(arn, role), policies, organization)

    @property
    def arn(self) -> str:
        return self.principal.arn

    @property
    def account(self) -> str:
        return self.principal.account

    def __str__(self) -> str:
        return self.arn


class Identities:
    """By access key. There is always the user ``owner``, who may do everything in the default account."""

    def __init__(self) -> None:
        owner = f"arn:{arns.PARTITION}:iam::{OWNER_ACCOUNT}:user/owner"
        self._by_key = {OWNER_KEY: Identity.parse(owner, [EVERYTHING])}

    def get(self, access_key_id: str) -> Identity | None:
        return self._by_key.get(access_key_id)

    def of_signer(self, access_key_id: str) -> Identity:
        """Raises AwsError for a key that nobody has."""
        identity = self.get(access_key_id)
        if identity is None:
            raise AwsError("UnrecognizedClientException", "The security token included in the request is invalid.")
        return identity

    def update(self, given: Mapping[str, Any]) -> set[str]:
        """Set the identities that are named, or forget those that are null (control API); returns the ARNs that are gone.

        Raises:
            ApiError: INVALID_ARGUMENT; nothing is changed then.
        """
        parsed = {key: _parse(key, value) for key, value in given.items()}
        before = {identity.arn for identity in self._by_key.values()}
        for key, identity in parsed.items():
            if identity is None:
                self._by_key.pop(key, None)
            else:
                self._by_key[key] = identity
        return before - {identity.arn for identity in self._by_key.values()}


def _parse(key: str, value: Any) -> Identity | None:
    if not _ACCESS_KEY_ID.fullmatch(key):
        raise invalid_argument("An access key id has 16 to 128 letters, digits and underscores.")
    if value is None:
        return None
    if not isinstance(value, dict) or not set(value) <= {"arn", "policies", "organization"}:
        raise invalid_argument(f"{key}: arn, policies and organization are expected.")
    policies = value.get("policies", [])
    if not isinstance(policies, list):
        raise invalid_argument(f"{key}: policies is a list of documents.")
    try:
        for policy in policies:
            check_identity_policy(policy)
        return Identity.parse(str(value.get("arn")), policies, str(value.get("organization", "")))
    except ValueError:
        raise invalid_argument(f"{key}: arn is not that of a user, a role session or a root.") from None
    except AwsError as error:
        raise ApiError("INVALID_ARGUMENT", f"{key}: {error.message}") from None

# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""AWS STS: whose the credentials in use are."""

from __future__ import annotations

import typing as t

from .calls import Call, make_strict
from .codeartifact import arn_text

SERVICE = "AWS STS"
#: Seconds. Where a network leads to CodeArtifact alone, STS is silent, and a run that can do without the answer must not wait for it.
_PATIENCE = 5


def client_settings() -> t.Any:
    """Settings for a client that asks once, and not for long."""
    from botocore.config import Config

    return Config(retries={"total_max_attempts": 1}, connect_timeout=_PATIENCE, read_timeout=_PATIENCE)


def caller_arn(client: t.Any) -> str:
    """The ARN of the user, role session or root user that calls. Needs no permission. Raises RegistryAuthError.

    C(client): boto3's of STS, made with client_settings()
    """
    make_strict(client, in_json=False)
    call = Call(SERVICE, "sts:GetCallerIdentity", "the caller")
    return call.run(client.get_caller_identity, lambda answer: arn_text(answer["Arn"]))

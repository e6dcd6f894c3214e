# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""AWS's errors over restJson1: the type in a header, the model's status, the members of the error's shape in the body."""

from __future__ import annotations

from uuid import uuid4

from local_cloud.platform.errors import ApiError
from local_cloud.services.codeartifact.model import ERROR_STATUS

_NAME = {status: name for name, status in ERROR_STATUS.items()}
# Refusals of the signature, which come from before the service and so are not in its model.
_FRONT = {
    "MissingAuthenticationTokenException": 403,
    "UnrecognizedClientException": 403,
    "InvalidSignatureException": 403,
    "IncompleteSignatureException": 403,
    "UnknownOperationException": 404,
}


class AwsError(ApiError):
    """A refusal of CodeArtifact's; ``members`` are those of the error's shape beside the message."""

    def __init__(
        self,
        name: str,
        message: str,
        *,
        http_status: int | None = None,
        headers: dict[str, str] | None = None,
        **members: str,
    ) -> None:
        status = http_status or ERROR_STATUS.get(name) or _FRONT[name]
        identified = {"x-amzn-ErrorType": name, "x-amzn-RequestId": str(uuid4()), **(headers or {})}
        super().__init__(name, message, headers=identified, http_status=status)
        self.members = members

    def body(self) -> dict[str, object]:
        return {"message": self.message, **self.members}


def as_aws(error: ApiError) -> AwsError:
    """The same refusal in AWS's form: what a fault asks for is in terms of any service."""
    if isinstance(error, AwsError):
        return error
    if error.code in ERROR_STATUS:
        name = error.code
    elif error.http_status >= 500:
        name = "InternalServerException"
    else:
        name = _NAME.get(error.http_status, "ValidationException")
    return AwsError(name, error.message, http_status=error.http_status, headers=error.headers)


def invalid(message: str, reason: str = "FIELD_VALIDATION_FAILED") -> AwsError:
    return AwsError("ValidationException", message, reason=reason)


def denied(message: str) -> AwsError:
    return AwsError("AccessDeniedException", message)


def missing(message: str, kind: str | None, identifier: str) -> AwsError:
    """``kind``: None for what the service has no name for."""
    named = {} if kind is None else {"resourceType": kind}
    return AwsError("ResourceNotFoundException", message, **named, resourceId=identifier)


def conflict(message: str, kind: str, identifier: str) -> AwsError:
    return AwsError("ConflictException", message, resourceType=kind, resourceId=identifier)


def over_quota(message: str, kind: str, identifier: str) -> AwsError:
    return AwsError("ServiceQuotaExceededException", message, resourceType=kind, resourceId=identifier)

# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Errors as Google's APIs answer them: an HTTP status, a canonical code, a sentence and typed details."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

HTTP_STATUS = {
    "INVALID_ARGUMENT": 400,
    "FAILED_PRECONDITION": 400,
    "UNAUTHENTICATED": 401,
    "PERMISSION_DENIED": 403,
    "NOT_FOUND": 404,
    "ALREADY_EXISTS": 409,
    "ABORTED": 409,
    "RESOURCE_EXHAUSTED": 429,
    "INTERNAL": 500,
    "UNAVAILABLE": 503,
    "DEADLINE_EXCEEDED": 504,
}


class ApiError(Exception):
    """A refusal that becomes the HTTP answer. Its message never holds a secret payload."""

    def __init__(
        self,
        code: str,
        message: str,
        *,
        details: Sequence[Mapping[str, object]] = (),
        headers: Mapping[str, str] | None = None,
        http_status: int | None = None,
    ) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.details = details
        self.headers = dict(headers or {})
        self.http_status = http_status or HTTP_STATUS[code]

    def body(self) -> dict[str, object]:
        """The JSON body of google.rpc.Status over REST."""
        error: dict[str, object] = {"code": self.http_status, "message": self.message, "status": self.code}
        if self.details:
            error["details"] = list(self.details)
        return {"error": error}


def error_info(reason: str, domain: str, **metadata: str) -> dict[str, object]:
    """A google.rpc.ErrorInfo detail."""
    return {
        "@type": "type.googleapis.com/google.rpc.ErrorInfo",
        "reason": reason,
        "domain": domain,
        "metadata": metadata,
    }


def invalid_argument(message: str) -> ApiError:
    return ApiError("INVALID_ARGUMENT", message)


def failed_precondition(message: str) -> ApiError:
    return ApiError("FAILED_PRECONDITION", message)


def not_found(message: str) -> ApiError:
    return ApiError("NOT_FOUND", message)


def already_exists(message: str) -> ApiError:
    return ApiError("ALREADY_EXISTS", message)


def unknown_control_method() -> ApiError:
    return not_found("There is no such control method.")


def unauthenticated(reason: str) -> ApiError:
    """A request with no credential (``CREDENTIALS_MISSING``) or one that is not, or no longer, a token of this cloud.

    Source of the reasons: google.api.ErrorReason.
    """
    if reason == "CREDENTIALS_MISSING":
        problem = "Request is missing required authentication credential."
    else:
        problem = "Request had invalid authentication credentials."
    return ApiError(
        "UNAUTHENTICATED",
        f"{problem} Expected OAuth 2 access token, login cookie or other valid authentication credential.",
        details=[error_info(reason, "googleapis.com")],
        headers={"WWW-Authenticate": 'Bearer realm="https://accounts.google.com/"'},
    )

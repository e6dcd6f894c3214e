# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""GitHub's errors: a sentence, where it is documented, and for wrong input what is wrong with which field."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from local_cloud.platform.errors import ApiError

_DOCUMENTATION = "https://docs.github.com/rest"


class GitHubError(ApiError):
    """A refusal of GitHub's. ``errors`` are those of single fields."""

    def __init__(
        self,
        status: int,
        message: str,
        *,
        errors: Sequence[Mapping[str, str]] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(f"HTTP {status}", message, headers=headers, http_status=status)
        self.errors = errors

    def body(self) -> dict[str, object]:
        body: dict[str, object] = {"message": self.message}
        if self.errors:
            body["errors"] = list(self.errors)
        return body | {"documentation_url": _DOCUMENTATION, "status": str(self.http_status)}


def as_github(error: ApiError) -> GitHubError:
    """The same refusal in GitHub's form: what a fault asks for is in terms of any service."""
    if isinstance(error, GitHubError):
        return error
    return GitHubError(error.http_status, error.message, headers=error.headers)


def not_found(message: str = "Not Found") -> GitHubError:
    return GitHubError(404, message)


def invalid_request(problem: str) -> GitHubError:
    """A body that is not of the form that the method takes."""
    return GitHubError(422, f"Invalid request.\n\n{problem}")


def validation_failed(resource: str, field: str, code: str, message: str = "") -> GitHubError:
    """A body of the right form whose values cannot be."""
    error = {"resource": resource, "field": field, "code": code}
    if message:
        error["message"] = message
    return GitHubError(422, "Validation Failed", errors=[error])


def not_of_type(name: str, value: Any, kind: str) -> GitHubError:
    shown = "null" if value is None else type(value).__name__
    return invalid_request(f"For 'properties/{name}', {shown} is not {kind}.")

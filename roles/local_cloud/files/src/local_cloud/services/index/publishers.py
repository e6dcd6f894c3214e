# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Trusted publishers: what may be registered, and whose an ID token is.

Source: the observed answers of PyPI's own software to signed ID tokens, sentences included. Names count in their exact case,
but for the environment's.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from local_cloud.services.github.id_tokens import ISSUER
from local_cloud.services.packaging.names import normalised

_LEEWAY_SECONDS = 30
_REQUIRED = (
    "repository",
    "repository_owner",
    "repository_owner_id",
    "job_workflow_ref",
    "jti",
    "event_name",
    "ref",
    "sha",
)
_WORKFLOW = re.compile(r"([^/]+\.(?:yml|yaml))(?=@)")
_PROJECT = re.compile(r"[a-z0-9](?:[a-z0-9._-]*[a-z0-9])?", re.IGNORECASE | re.ASCII)
_OWNER = re.compile(r"[a-zA-Z0-9][a-zA-Z0-9-]*")
_REPOSITORY = re.compile(r"[a-zA-Z0-9-_.]+")
_ENVIRONMENT = re.compile(r"(?! )[^\x00-\x1f\x7f'\"`,;\\]{0,255}(?<! )")


@dataclass(frozen=True)
class Publisher:
    """A workflow file that may publish a project. ``environment`` is in lower case, "" where any job of the file may."""

    project: str
    owner: str
    repository: str
    workflow: str
    environment: str = ""
    owner_id: str = ""
    pending: bool = False

    @property
    def identity(self) -> tuple[str, str, str, str]:
        """What projects that have registered the same share."""
        return self.owner, self.repository, self.workflow, self.environment

    @property
    def path(self) -> str:
        """Where the workflow file is, as claims have it."""
        return f"{self.owner}/{self.repository}/.github/workflows/{self.workflow}"

    def problems(self) -> tuple[str, ...]:
        """What the registration form refuses."""
        fits = {
            "Invalid project name.": _PROJECT.fullmatch(self.project),
            "Invalid GitHub user or organization name.": _OWNER.fullmatch(self.owner),
            "Invalid repository name.": _REPOSITORY.fullmatch(self.repository),
            "Workflow name must end with .yml or .yaml": self.workflow.endswith((".yml", ".yaml")),
            "Workflow filename must be a filename only, without directories": "/" not in self.workflow,
            "Invalid environment name.": _ENVIRONMENT.fullmatch(self.environment),
        }
        return tuple(sentence for sentence, found in fits.items() if not found)


class RefusedError(Exception):
    """The index gives no token for these claims."""

    def __init__(self, code: str, description: str, status: int = 422) -> None:
        super().__init__(description)
        self.code, self.description, self.status = code, description, status


class _NoPublisherError(RefusedError):
    def __init__(self, cause: str) -> None:
        super().__init__("invalid-publisher", f"valid token, but no corresponding publisher ({cause})")


def check_issuer(claims: Any) -> None:
    """Before the signature is looked at. Raises RefusedError."""
    if not isinstance(claims, dict) or "iss" not in claims:
        raise RefusedError("invalid-payload", "malformed JWT")
    if claims["iss"] != ISSUER:
        raise RefusedError("invalid-payload", "unknown trusted publishing issuer")


def check_token(claims: dict[str, Any], audience: str, now: datetime) -> None:
    """Audience and times, as PyJWT checks them for the index. Raises RefusedError."""
    texts = all(isinstance(claims.get(name, ""), str) for name in ("sub", "jti"))
    try:
        times = {name: int(claims[name]) for name in ("iat", "exp", "nbf") if name in claims}
    except (TypeError, ValueError, OverflowError):
        times = {}
    earliest, latest = now.timestamp() - _LEEWAY_SECONDS, now.timestamp() + _LEEWAY_SECONDS
    timely = {"iat", "exp"} <= set(times) and times["exp"] > earliest
    begun = all(moment <= latest for name, moment in times.items() if name != "exp")
    if claims.get("aud") != audience or not texts or not timely or not begun:
        raise RefusedError("invalid-token", "malformed or invalid token")


def publisher_of(
    claims: dict[str, Any], publishers: Sequence[Publisher], used: Collection[str], projects: Collection[str]
) -> Publisher:
    """The publisher that a token is of; one that is pending is so only as long as its project does not exist.

    Raises:
        RefusedError: it is nobody's, or was exchanged before.
    """
    pending = [publisher for publisher in publishers if publisher.pending]
    try:
        found = _find(claims, pending, used)
    except _NoPublisherError:
        return _find(claims, [publisher for publisher in publishers if not publisher.pending], used)
    if normalised(found.project) in projects:
        raise RefusedError("invalid-pending-publisher", "valid token, but project already exists")
    return found


def _find(claims: dict[str, Any], publishers: Sequence[Publisher], used: Collection[str]) -> Publisher:
    for name in _REQUIRED:
        if claims.get(name) is None:
            raise _NoPublisherError(f"Missing claim {name!r}")
    found = _look_up(claims, publishers)
    if claims["repository_owner"] != found.owner:
        raise _NoPublisherError("Check failed for required claim 'repository_owner'")
    expected = sorted({f"{found.path}@{claims[name]}" for name in ("ref", "sha") if claims[name]})
    if not expected:
        raise _NoPublisherError("The ref and sha claims are empty")
    if claims["job_workflow_ref"] not in expected:
        got = claims["job_workflow_ref"]
        raise _NoPublisherError(
            f"The job_workflow_ref claim does not match, expecting one of {expected!r}, got {got!r}"
        )
    if claims["jti"] in used:
        raise RefusedError("invalid-reuse-token", "invalid token: already used")
    if claims["event_name"] == "pull_request_target":
        raise _NoPublisherError("Publishing from a workflow invoked via 'pull_request_target' is not supported.")
    return found


def _look_up(claims: dict[str, Any], publishers: Sequence[Publisher]) -> Publisher:
    """The one of the token's environment, else the one that takes any."""
    texts = [claims[name] for name in ("repository", "repository_owner_id", "job_workflow_ref")]
    environment = claims.get("environment") or ""
    if not all(isinstance(text, str) for text in (*texts, environment)) or "/" not in texts[0]:
        # The index's own software fails on these.
        raise RefusedError("server-error", "Internal Server Error", 500)
    file = _WORKFLOW.search(texts[2])
    if file is None:
        raise _NoPublisherError("Could not job extract workflow filename from OIDC claims")
    owner, _slash, repository = texts[0].partition("/")
    wanted = (owner, repository, file[1], texts[1])
    for name in (environment.lower(), ""):
        for publisher in publishers:
            if (*publisher.identity, publisher.owner_id) == (*wanted[:3], name, wanted[3]):
                return publisher
    raise _NoPublisherError("Publisher with matching claims was not found")

# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Why an index gives no upload token for an ID token, and what to do about it, in one sentence each. Pure.

What the index answered decides which sentence it is, and is never a part of it. Sources: the codes and descriptions of PyPI's
own software, and its documentation, "Troubleshooting".
"""

from __future__ import annotations

import re
import typing as t
from dataclasses import dataclass

from ..._base.errors import Refused
from .trusted_publishers import Publisher, Refusal, match, named_publisher


class MintRefused(Refused):
    """The index gives no upload token for this ID token, and will not give one."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        #: The index's own.
        self.code = code


@dataclass(frozen=True)
class IdToken:
    """An ID token as it was sent. What it says may be known to be wrong without the index."""

    header: t.Any
    claims: t.Any
    audience: str

    def flaw(self, code: str, now: float) -> str:
        """Why an index would answer with this code, as far as the token itself shows it."""
        found = match(self.claims, (), header=self.header, audience=self.audience, now=now)
        return found.reason if isinstance(found, Refusal) and found.code == code else ""


def mint_refused(index: str, errors: t.Any, token: IdToken, now: float) -> MintRefused:
    """The error for an answer of status 422.

    :param index: its name, for messages
    :param errors: what the answer has under this name
    :param now: seconds since 1970
    """
    code, description = _first(errors)
    if code in _REASONS:
        why, remedy = _REASONS[code](description, token, now)
    else:
        code = "refused"
        why, remedy = "for a reason that is not known here", "Look at the log of the index, or ask those who run it."
    return MintRefused(code, f"{index} gives no upload token ({code}): {why}. {remedy}")


def mint_failed(index: str, token: IdToken, now: float) -> MintRefused | None:
    """The error for an answer of status 500 that the token explains, or None: it may be another answer next time."""
    why = token.flaw("server-error", now)
    if not why:
        return None
    return MintRefused("server-error", f"{index} gives no upload token: {why}. {_ANOTHER_TOKEN}")


def _first(errors: t.Any) -> tuple[str, str]:
    error = errors[0] if isinstance(errors, list) and errors else None
    if not isinstance(error, t.Mapping):
        return "", ""
    return str(error.get("code")), str(error.get("description"))


_ANOTHER_TOKEN = "Take the ID token from a job of GitHub Actions."
_FRESH_TOKEN = "Take a fresh ID token in the job that publishes, made for this index."

Reason = tuple[str, str]


def _payload(description: str, token: IdToken, now: float) -> Reason:
    if "issuer" in description:
        why = token.flaw("invalid-payload", now) or "the index takes no ID tokens of this issuer"
        return why, "Publish from a repository on github.com: PyPI takes no tokens of a GitHub server of one's own."
    if "JWT" in description:
        return token.flaw("invalid-payload", now) or "what was sent is no ID token", _ANOTHER_TOKEN
    return (
        "it did not accept the request, or could not create the project of a pending publisher",
        "Check the name of the project that the pending publisher was registered with, and whether it is still free.",
    )


def _not_enabled(_description: str, _token: IdToken, _now: float) -> Reason:
    return (
        "trusted publishing is turned off there",
        "Try again when the index has it again, or publish with an API token.",
    )


def _invalid(_description: str, token: IdToken, now: float) -> Reason:
    why = token.flaw("invalid-token", now)
    return why or "the issuer's signature on the ID token is not valid, or its key is not known", _FRESH_TOKEN


def _pending(_description: str, _token: IdToken, _now: float) -> Reason:
    return (
        "the project of the pending publisher exists already",
        "Remove the pending publisher, and register an ordinary one in the project's own settings.",
    )


def _reused(_description: str, _token: IdToken, _now: float) -> Reason:
    return "the ID token was exchanged before, and each is good for once", _FRESH_TOKEN


def _no_publisher(description: str, token: IdToken, _now: float) -> Reason:
    missing = re.search(r"Missing claim '([a-z_]{1,40})'", description)
    if missing:
        return f"the ID token lacks the claim {missing[1]}", _ANOTHER_TOKEN
    for part, reason in _NO_PUBLISHER.items():
        if part in description:
            return reason
    named = named_publisher(token.claims)
    return (
        f"no trusted publisher matches the job, which is of {_in_words(named)}",
        "Register exactly these values as the publisher of the project on the index, or let the job run as the publisher that is "
        "registered: upper and lower case count, and a job without environment matches no publisher with one. "
        "pypi_trusted_publisher_check says what differs.",
    )


_SAME_FILE = "Publish in a job of the registered workflow file itself, not in one that it calls."
_NO_PUBLISHER: dict[str, Reason] = {
    "pull_request_target": (
        "jobs of the event pull_request_target may not publish",
        "Start the workflow by a release, by a tag or by hand.",
    ),
    "job_workflow_ref claim does not match": (
        "the job is defined in another repository, or at another revision, than the workflow that runs: reusable workflows cannot "
        "publish",
        _SAME_FILE,
    ),
    "workflow filename": ("the ID token names no workflow file that ends with .yml or .yaml", _SAME_FILE),
    "ref and sha claims are empty": ("the ID token says of no revision that the workflow is from it", _ANOTHER_TOKEN),
    "required claim 'repository_owner'": (
        "the owner of the repository is not the registered one",
        "Register the publisher again with the owner's name as GitHub writes it.",
    ),
}

_REASONS: dict[str, t.Callable[[str, IdToken, float], Reason]] = {
    "invalid-payload": _payload,
    "not-enabled": _not_enabled,
    "invalid-token": _invalid,
    "invalid-pending-publisher": _pending,
    "invalid-reuse-token": _reused,
    "invalid-publisher": _no_publisher,
}


def _in_words(named: Publisher) -> str:
    environment = f"environment {named.environment!r}" if named.environment else "no environment"
    number = f" (number {named.owner_id})" if named.owner_id else ""
    return (
        f"owner {named.owner!r}{number}, repository {named.repository!r}, workflow {named.workflow!r} and {environment}"
    )

# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The ID token of a job of GitHub Actions, as its runner gives it. Source: GitHub's documentation, "OpenID Connect reference"."""

from __future__ import annotations

from dataclasses import dataclass, field

from ..._base.errors import Unauthenticated
from ..http.failures import failures, passing_failure, retry_after
from ..http.sessions import new_session
from .calls import text

_PLACE = "GitHub's service of ID tokens"


@dataclass(frozen=True)
class Job:
    """Where a job asks for its ID tokens, and what it shows there."""

    request_url: str
    request_token: str = field(repr=False)


def request_id_token(job: Job, audience: str) -> str:
    """A fresh ID token of the job, made for an audience. Asking again gives another one.

    :raises Unauthenticated: the job has ended, or may have none
    :raises Refused: what answers is not this service
    """
    stranger = f"{_PLACE} gives no ID token: id_token_request_url must be the job's own ACTIONS_ID_TOKEN_REQUEST_URL."
    login = {"Authorization": f"Bearer {job.request_token}"}
    with failures(_PLACE, stranger):
        response = new_session().get(job.request_url, params={"audience": audience}, headers=login)
        passing = passing_failure(_PLACE, response.status_code, retry_after(response.headers))
        if passing:
            raise passing
        if response.status_code in (401, 403, 404):
            raise Unauthenticated(
                f"{_PLACE} does not accept the request token ({response.status_code}): it is good only while its job runs, and in "
                "no other job."
            )
        response.raise_for_status()
        return text(response.json()["value"])

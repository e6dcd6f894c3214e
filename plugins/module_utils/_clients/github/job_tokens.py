# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The ID token of a job of GitHub Actions, as its runner gives it. Source: GitHub's documentation, "OpenID Connect reference"."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass, field

from ..._base.errors import Refused, Unauthenticated
from ..http import connection_failures, new_session, service_failure

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
    session = new_session(job.request_url)
    with connection_failures(_PLACE):
        response = session.get(
            job.request_url,
            params={"audience": audience},
            headers={"Authorization": f"Bearer {job.request_token}"},
            allow_redirects=False,
        )
    passing = service_failure(_PLACE, response)
    if passing:
        raise passing
    if response.status_code in (401, 403, 404):
        raise Unauthenticated(
            f"{_PLACE} does not accept the request token ({response.status_code}): it is good only while its job runs, and in no "
            "other job."
        )
    token = _value(response) if response.ok and not response.is_redirect else None
    if not isinstance(token, str) or not token:
        raise Refused(
            f"{_PLACE} gives no ID token (it answers {response.status_code}): id_token_request_url must be the job's own "
            "ACTIONS_ID_TOKEN_REQUEST_URL."
        )
    return token


def _value(response: t.Any) -> t.Any:
    try:
        document = response.json()
    except (ValueError, RecursionError):
        return None
    return document.get("value") if isinstance(document, t.Mapping) else None

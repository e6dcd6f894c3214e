# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from local_cloud.platform.errors import ApiError
from local_cloud.services.iam.tokens import caller_of, grant_token

NOW = datetime(2026, 7, 1, tzinfo=UTC)
ROBOT = "robot@demo-project.iam.gserviceaccount.com"


def jwt(**claims: Any) -> str:
    claims = {"iss": ROBOT, "exp": (NOW + timedelta(hours=1)).timestamp(), **claims}
    payload = base64.urlsafe_b64encode(json.dumps(claims).encode()).decode().rstrip("=")
    return f"e30.{payload}.c2ln"


def basic(text: str) -> str:
    return "Basic " + base64.b64encode(text.encode()).decode()


@pytest.mark.parametrize(
    ("header", "caller"),
    [
        ("Bearer user:a@example.com", "user:a@example.com"),
        ("bearer serviceAccount:ci@p.iam.gserviceaccount.com", "serviceAccount:ci@p.iam.gserviceaccount.com"),
        (basic("oauth2accesstoken:user:a@example.com"), "user:a@example.com"),
        (f"Bearer {jwt()}", f"serviceAccount:{ROBOT}"),
    ],
)
def test_callers(header: str, caller: str) -> None:
    assert caller_of(header, NOW) == caller


@pytest.mark.parametrize(
    "header",
    [
        None,
        "",
        "Bearer",
        "Bearer a@example.com",
        "Bearer user:a@example.com user:b@example.com",
        "Basic %%%",
        basic("user:a@example.com"),
        basic("__token__:user:a@example.com"),
        "Digest user:a@example.com",
        f"Bearer {jwt(exp=NOW.timestamp() - 1)}",
        f"Bearer {jwt(exp='soon')}",
        f"Bearer {jwt(iss='user:a@example.com')}",
        f"Bearer {jwt(iss=None)}",
        "Bearer a.b.c",
        "Bearer e30.e30.e30",
        "Bearer e30.W10.e30",
    ],
)
def test_no_caller(header: str | None) -> None:
    with pytest.raises(ApiError) as refused:
        caller_of(header, NOW)
    assert refused.value.http_status == 401
    assert "WWW-Authenticate" in refused.value.headers


def test_token_endpoint() -> None:
    grant = "urn:ietf:params:oauth:grant-type:jwt-bearer"
    status, body = grant_token({"grant_type": grant, "assertion": jwt()}, NOW)
    assert (status, body["access_token"], body["token_type"]) == (200, f"serviceAccount:{ROBOT}", "Bearer")
    assert grant_token({"grant_type": grant, "assertion": "x"}, NOW)[0] == 400
    assert grant_token({"grant_type": "refresh_token"}, NOW)[1]["error"] == "unsupported_grant_type"

# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Options of gcp_access_token, when a token is renewed, and that a given one comes back whole and nowhere else."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from ansible_collections.pkgops.registry_auth.plugins.module_utils._base.errors import InvalidInput
from ansible_collections.pkgops.registry_auth.plugins.module_utils._base.values import FromEnvironment
from ansible_collections.pkgops.registry_auth.plugins.module_utils._engine.censor import WHOLE
from ansible_collections.pkgops.registry_auth.plugins.module_utils._engine.task import run_task
from ansible_collections.pkgops.registry_auth.plugins.module_utils._resources.gcp_access_token import (
    AccessTokens,
    DesiredAccessToken,
)

GIVEN = "a-given-token"
ROBOT = "robot@demo-project.iam.gserviceaccount.com"
ENTRY = {
    "impersonate_service_account": {"type": "list"},
    "lifetime": {"type": "str"},
    "renew_before": {"type": "str"},
    "token": {"type": "str", "no_log": True},
    "expires_at": {"type": "str"},
}
KEY = {"service_account_file": "/nowhere/key.json"}


def after(**time: float) -> str:
    """A moment so long after now."""
    return (datetime.now(UTC) + timedelta(**time)).isoformat()


def run(*, check_mode: bool = False, **params: Any) -> dict[str, Any]:
    module = SimpleNamespace(
        params={"batch": None, "timeout": 60, **params},
        check_mode=check_mode,
        no_log_values={params["token"]} if params.get("token") else set(),
        _diff=False,
        warn=pytest.fail,
    )
    return run_task(module, ENTRY, DesiredAccessToken.from_options, AccessTokens.connect).values


@pytest.mark.parametrize(
    ("options", "kept"),
    [
        # A third of an hour.
        ({"expires_at": {"minutes": 21}}, True),
        ({"expires_at": {"minutes": 19}}, False),
        ({"renew_before": "0", "expires_at": {"seconds": 30}}, True),
        ({"renew_before": "0", "expires_at": {"seconds": -1}}, False),
        ({"renew_before": "59m", "expires_at": {"minutes": 58}}, False),
        ({"lifetime": "12h", "impersonate_service_account": [ROBOT], "expires_at": {"hours": 4, "minutes": 1}}, True),
        ({"lifetime": "12h", "impersonate_service_account": [ROBOT], "expires_at": {"hours": 3}}, False),
    ],
)
def test_renewal(options: dict[str, Any], kept: bool) -> None:
    """In check mode, in which nobody is asked and the key is not read."""
    shown = run(check_mode=True, token=GIVEN, **KEY, **{**options, "expires_at": after(**options["expires_at"])})
    assert shown["changed"] is not kept
    assert shown["token"] == (GIVEN if kept else None)
    assert shown["invocation"]["module_args"]["token"] == WHOLE
    assert ("msg" in shown) is not kept
    assert shown["username"] == "oauth2accesstoken"


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"access_token": "sesame"}, r"^access_token is an access token already.*: give impersonate_service_account"),
        ({"access_token": FromEnvironment("sesame")}, r"^GCP_ACCESS_TOKEN is an access token already"),
        ({"access_token": "sesame"}, r"[(]package_clients_google_account in the role package_clients[)]"),
        ({"auth_kind": "accesstoken", **KEY}, "give impersonate_service_account"),
        ({**KEY, "lifetime": "30m"}, "lifetime needs impersonate_service_account"),
        ({"impersonate_service_account": [ROBOT], "lifetime": "0"}, "1 to 43200 seconds"),
        ({"impersonate_service_account": [ROBOT], "lifetime": "13h"}, "1 to 43200 seconds"),
        ({"impersonate_service_account": [ROBOT], "lifetime": "long"}, "not a duration"),
        ({**KEY, "token": GIVEN}, "expires_at is missing"),
        ({**KEY, "expires_at": "2100-01-01T00:00:00Z"}, "token is missing"),
        ({**KEY, "token": f"{GIVEN}\n", "expires_at": "2100-01-01T00:00:00Z"}, "white space"),
        ({**KEY, "token": GIVEN, "expires_at": "soon"}, "not a time with its zone"),
        ({**KEY, "renew_before": "1h"}, "each run would get a new one"),
    ],
)
def test_wrong_options(options: dict[str, Any], says: str) -> None:
    with pytest.raises(InvalidInput, match=says) as refused:
        DesiredAccessToken.from_options(options)
    assert GIVEN not in str(refused.value)
    assert "sesame" not in str(refused.value)

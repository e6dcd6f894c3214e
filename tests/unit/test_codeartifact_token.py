# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Options of codeartifact_token, when a token is renewed, and that a given one comes back whole and nowhere else."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any, cast

import botocore.session
import pytest
from ansible_collections.pkgops.registry_auth.plugins.module_utils._base.errors import InvalidInput, NotFound
from ansible_collections.pkgops.registry_auth.plugins.module_utils._clients.aws.codeartifact import AuthorizationToken
from ansible_collections.pkgops.registry_auth.plugins.module_utils._engine.censor import WHOLE
from ansible_collections.pkgops.registry_auth.plugins.module_utils._engine.task import run_task
from ansible_collections.pkgops.registry_auth.plugins.module_utils._resources.codeartifact_token import (
    LONGEST,
    SHORTEST,
    CodeArtifactTokens,
    DesiredToken,
)

GIVEN = "a-given-token"
ENTRY = {
    "domain": {"type": "str"},
    "duration": {"type": "str"},
    "renew_before": {"type": "str"},
    "authorization_token": {"type": "str", "no_log": True},
    "expiration": {"type": "str"},
}


def after(time: timedelta) -> str:
    """A moment so long after now."""
    return (datetime.now(UTC) + time).isoformat()


class FakeCodeArtifact:
    """Gives out tokens with numbers."""

    region = "eu-west-1"

    def __init__(self) -> None:
        self.asked: list[tuple[str, int]] = []

    def get_authorization_token(self, name: Any, seconds: int) -> AuthorizationToken:
        self.asked.append((name.domain, seconds))
        if name.domain == "nowhere":
            raise NotFound("not there")
        return AuthorizationToken(f"token-{len(self.asked)}", "2030-01-31T12:00:00Z")


def run(api: FakeCodeArtifact, *, check_mode: bool = False, **params: Any) -> dict[str, Any]:
    entries = params.get("batch") or [params]
    secrets = {one["authorization_token"] for one in entries if one.get("authorization_token")}
    module = SimpleNamespace(
        params={"batch": None, "timeout": 60, **params},
        check_mode=check_mode,
        no_log_values=secrets | {"another secret"},
        _diff=False,
        warn=pytest.fail,
    )
    resource = CodeArtifactTokens(cast(Any, api))
    result = run_task(module, ENTRY, DesiredToken.from_options, lambda _options: resource)
    returned = {shown.get("authorization_token") for shown in (result.values, *result.values.get("results", ()))}
    # What Ansible hides once more must not be what is returned.
    assert not returned & module.no_log_values
    assert "another secret" in module.no_log_values
    return result.values


def test_bounds_are_those_of_the_service() -> None:
    """By botocore's model of GetAuthorizationToken, which has the longest; that only 0 is less than 900 is in its documentation."""
    operation = (
        botocore.session.get_session().get_service_model("codeartifact").operation_model("GetAuthorizationToken")
    )
    bounds = operation.input_shape.members["durationSeconds"].metadata
    assert (bounds["min"], bounds["max"]) == (0, LONGEST)
    assert f"{SHORTEST}" in operation.input_shape.members["durationSeconds"].documentation


@pytest.mark.parametrize(
    ("options", "seconds"),
    [
        ({}, 43_200),
        ({"duration": "0"}, 0),
        ({"duration": "900"}, 900),
        ({"duration": "1h"}, 3600),
        ({"duration": "12h"}, 43_200),
    ],
)
def test_durations(options: dict[str, Any], seconds: int) -> None:
    api = FakeCodeArtifact()
    assert run(api, domain="demo", **options)["authorization_token"] == "token-1"
    assert api.asked == [("demo", seconds)]


@pytest.mark.parametrize(
    ("options", "kept"),
    [
        # A third of twelve hours.
        ({"expiration": timedelta(hours=4, minutes=1)}, True),
        ({"expiration": timedelta(hours=3, minutes=59)}, False),
        ({"duration": "15m", "expiration": timedelta(minutes=6)}, True),
        ({"duration": "15m", "expiration": timedelta(minutes=4)}, False),
        ({"duration": "0", "expiration": timedelta(minutes=16)}, True),
        ({"duration": "0", "expiration": timedelta(minutes=14)}, False),
        ({"renew_before": "0", "expiration": timedelta(seconds=30)}, True),
        ({"renew_before": "0", "expiration": timedelta(seconds=-1)}, False),
        ({"renew_before": "11h", "expiration": timedelta(hours=10)}, False),
        ({"expiration": "2100-01-31T12:00:00.123456+05:00"}, True),
        ({"expiration": "2000-01-31T12:00:00Z"}, False),
    ],
)
@pytest.mark.parametrize("check_mode", [True, False])
def test_renewal(options: dict[str, Any], kept: bool, check_mode: bool) -> None:
    api = FakeCodeArtifact()
    # Counted from when the test runs, which may be minutes after it was collected.
    expiration = options["expiration"]
    moment = after(expiration) if isinstance(expiration, timedelta) else expiration
    shown = run(
        api, check_mode=check_mode, domain="demo", authorization_token=GIVEN, **{**options, "expiration": moment}
    )
    assert shown["changed"] is not kept
    wanted = GIVEN if kept else None if check_mode else "token-1"
    assert shown["authorization_token"] == wanted
    assert len(api.asked) == (not kept and not check_mode)
    assert shown["invocation"]["module_args"]["authorization_token"] == WHOLE
    assert ("msg" in shown) == (wanted is None)


def test_nothing_given() -> None:
    """As templates give what is not there yet."""
    api = FakeCodeArtifact()
    assert run(api, domain="demo", authorization_token="", expiration="")["changed"]
    assert run(api, check_mode=True, domain="demo")["msg"].startswith("None was given")


def test_expiration_comes_back_in_utc() -> None:
    shown = run(FakeCodeArtifact(), domain="demo", authorization_token=GIVEN, expiration="2100-01-31T17:00:00+05:00")
    assert shown["expiration"] == "2100-01-31T12:00:00Z"


def test_batch() -> None:
    good = {"domain": "demo", "authorization_token": GIVEN, "expiration": after(timedelta(hours=5))}
    old = {"domain": "other", "authorization_token": "an-old-token", "expiration": after(timedelta(hours=-1))}
    shown = run(FakeCodeArtifact(), batch=[good, old, {"domain": "nowhere"}, {"domain": "third"}])
    assert [one["changed"] for one in shown["results"]] == [False, True, False, True]
    assert shown["results"][0]["authorization_token"] == GIVEN
    assert shown["results"][0]["item"]["authorization_token"] == WHOLE
    assert "There is no domain nowhere" in shown["results"][2]["msg"]
    assert "authorization_token" not in shown["results"][2]
    assert "an-old-token" not in str(shown)


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({}, "domain is missing"),
        ({"domain": "demo", "duration": "899"}, "0, or 900 to 43200"),
        ({"domain": "demo", "duration": "13h"}, "0, or 900 to 43200"),
        ({"domain": "demo", "authorization_token": GIVEN}, "expiration is missing"),
        ({"domain": "demo", "expiration": after(timedelta(hours=1))}, "authorization_token is missing"),
        (
            {"domain": "demo", "authorization_token": f"{GIVEN}\n", "expiration": after(timedelta(hours=1))},
            "white space",
        ),
        ({"domain": "demo", "authorization_token": GIVEN, "expiration": "soon"}, "not a time with its zone"),
        ({"domain": "demo", "duration": "15m", "renew_before": "15m"}, "each run would get a new one"),
        ({"domain": "demo", "duration": "0", "renew_before": "12h"}, "each run would get a new one"),
    ],
)
def test_wrong_options(options: dict[str, Any], says: str) -> None:
    with pytest.raises(InvalidInput, match=says) as refused:
        DesiredToken.from_options(options)
    assert GIVEN not in str(refused.value)

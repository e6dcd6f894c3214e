# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Who calls, by tokens and keys that expire with a clock that tests put forward, and who no longer does."""

from __future__ import annotations

import base64
from datetime import UTC, datetime, timedelta
from typing import Any

import jwt
import pytest
from google.api import error_reason_pb2

from local_cloud.platform.clock import Clock
from local_cloud.platform.errors import ApiError
from local_cloud.services.codeartifact.errors import AwsError
from local_cloud.services.codeartifact.signature import check_date
from local_cloud.services.iam.tokens import AUDIENCE, Tokens
from local_cloud.vendors import VENDORS

ROBOT = "robot@demo-project.iam.gserviceaccount.com"
MEMBER = f"serviceAccount:{ROBOT}"
GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"


class Machine:
    """A machine's clock, on which time passes only when it is told so."""

    def __init__(self) -> None:
        self.time = datetime(2026, 7, 1, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.time


@pytest.fixture
def machine() -> Machine:
    return Machine()


@pytest.fixture
def clock(machine: Machine) -> Clock:
    return Clock(machine)


@pytest.fixture
def tokens(clock: Clock) -> Tokens:
    return Tokens(clock)


@pytest.fixture
def key(tokens: Tokens) -> dict[str, str]:
    return tokens.keys.create(ROBOT, "demo-project", "http://127.0.0.1/oauth2/token")[1]


def sign(key: dict[str, str], machine: Machine, *, kid: str | None = None, **claims: Any) -> str:
    issued = int(machine.time.timestamp())
    said = {"iss": ROBOT, "iat": issued, "exp": issued + 3600, "aud": AUDIENCE, "scope": "cloud-platform", **claims}
    said = {name: value for name, value in said.items() if value is not None}
    return jwt.encode(said, key["private_key"], "RS256", headers={"kid": kid or key["private_key_id"]})


def basic(text: str) -> str:
    return "Basic " + base64.b64encode(text.encode()).decode()


def refusal(tokens: Tokens, header: str | None) -> str:
    """The reason of a refusal, which Google has, too."""
    with pytest.raises(ApiError) as refused:
        tokens.caller_of(header)
    assert refused.value.http_status == 401
    assert "WWW-Authenticate" in refused.value.headers
    reason = str(refused.value.details[0]["reason"])
    assert reason in set(error_reason_pb2.ErrorReason.keys())
    return reason


@pytest.mark.parametrize(
    ("header", "caller"),
    [
        ("Bearer user:a@example.com", "user:a@example.com"),
        ("bearer serviceAccount:ci@p.iam.gserviceaccount.com", "serviceAccount:ci@p.iam.gserviceaccount.com"),
        (basic("oauth2accesstoken:user:a@example.com"), "user:a@example.com"),
    ],
)
def test_callers(tokens: Tokens, header: str, caller: str) -> None:
    assert tokens.caller_of(header) == caller


@pytest.mark.parametrize(
    "header",
    [
        "Bearer",
        "Bearer a@example.com",
        "Bearer user:a@example.com user:b@example.com",
        "Basic %%%",
        basic("user:a@example.com"),
        basic("__token__:user:a@example.com"),
        "Digest user:a@example.com",
        "Bearer a.b.c",
        "Bearer e30.e30.e30",
        "Bearer e30.W10.e30",
        "Bearer ya29.local-another-cloud",
    ],
)
def test_no_caller(tokens: Tokens, header: str) -> None:
    assert refusal(tokens, header) == "ACCESS_TOKEN_TYPE_UNSUPPORTED"
    assert refusal(tokens, None) == refusal(tokens, "") == "CREDENTIALS_MISSING"


def test_a_token_expires(tokens: Tokens, clock: Clock, machine: Machine) -> None:
    token, expires = tokens.issue(MEMBER)
    assert expires == clock.now() + timedelta(hours=1)
    assert tokens.caller_of(f"Bearer {token}") == tokens.caller_of(basic(f"oauth2accesstoken:{token}")) == MEMBER
    machine.time += timedelta(minutes=30)
    clock.advance(timedelta(minutes=29, seconds=59))
    assert tokens.caller_of(f"Bearer {token}") == MEMBER
    clock.advance(timedelta(seconds=1))
    assert refusal(tokens, f"Bearer {token}") == "ACCESS_TOKEN_EXPIRED"
    # Known to have been one for a while, and then forgotten.
    tokens.issue(MEMBER)
    assert refusal(tokens, f"Bearer {token}") == "ACCESS_TOKEN_EXPIRED"


def test_who_is_revoked(tokens: Tokens, key: dict[str, str], machine: Machine) -> None:
    token, _expires = tokens.issue(MEMBER)
    assertion = sign(key, machine)
    tokens.revoked = {MEMBER, "user:a@example.com"}
    for held in token, assertion, MEMBER, "user:a@example.com":
        assert refusal(tokens, f"Bearer {held}") == "ACCOUNT_STATE_INVALID"
    status, body = tokens.grant({"grant_type": GRANT, "assertion": assertion}, [AUDIENCE])
    assert (status, body["error"]) == (400, "invalid_grant")
    assert tokens.caller_of("Bearer user:b@example.com") == "user:b@example.com"


def test_exchange(tokens: Tokens, key: dict[str, str], machine: Machine) -> None:
    form = {"grant_type": GRANT, "assertion": sign(key, machine)}
    status, body = tokens.grant(form, [AUDIENCE])
    assert (status, body["token_type"], body["expires_in"]) == (200, "Bearer", 3600)
    assert tokens.caller_of(f"Bearer {body['access_token']}") == MEMBER
    # A client may show what it signed in place of a token.
    assert tokens.caller_of(f"Bearer {sign(key, machine, aud='https://secretmanager.googleapis.com/')}") == MEMBER
    assert tokens.grant({"grant_type": "refresh_token"}, [AUDIENCE])[1]["error"] == "unsupported_grant_type"
    assert tokens.grant({"grant_type": GRANT, "assertion": "x"}, [AUDIENCE])[1]["error"] == "invalid_grant"


@pytest.mark.parametrize(
    ("claims", "error"),
    [
        ({"iss": "other@demo-project.iam.gserviceaccount.com"}, "Invalid JWT Signature."),
        ({"iss": None}, "Invalid JWT Signature."),
        ({"kid": "0123456789abcdef"}, "Invalid JWT Signature."),
        ({"aud": "https://example.com/token"}, "Failed audience check."),
        ({"exp": None}, "short-lived"),
        ({"exp": "soon"}, "short-lived"),
        ({"iat": None}, "short-lived"),
        ({"exp": 4_000_000_000}, "short-lived"),
        ({"scope": None}, "Invalid OAuth scope"),
    ],
)
def test_bad_assertions(
    tokens: Tokens, key: dict[str, str], machine: Machine, claims: dict[str, Any], error: str
) -> None:
    """The texts are those of Google's page on JWT error codes."""
    form = {"grant_type": GRANT, "assertion": sign(key, machine, **claims)}
    status, body = tokens.grant(form, [AUDIENCE])
    assert status == 400
    assert error in body["error_description"]


def test_keys_of_others(tokens: Tokens, clock: Clock, key: dict[str, str], machine: Machine) -> None:
    stranger = Tokens(clock).keys.create(ROBOT, "demo-project", "")[1]
    for forged in (
        sign(stranger, machine),
        sign(stranger, machine, kid=key["private_key_id"]),
        jwt.encode({"iss": ROBOT}, "", "none", headers={"kid": key["private_key_id"]}),
        # Signed with what anybody can know of the key.
        jwt.encode({"iss": ROBOT}, "x" * 32, "HS256", headers={"kid": key["private_key_id"]}),
    ):
        assert refusal(tokens, f"Bearer {forged}") == "ACCESS_TOKEN_TYPE_UNSUPPORTED"
    good = sign(key, machine)
    assert tokens.caller_of(f"Bearer {good}") == MEMBER
    tokens.keys.delete(key["private_key_id"])
    assert refusal(tokens, f"Bearer {good}") == "ACCESS_TOKEN_TYPE_UNSUPPORTED"


def test_a_key_that_is_not_named(tokens: Tokens, clock: Clock, key: dict[str, str], machine: Machine) -> None:
    """As of the key files that AWX 24.6.1 writes, which have no C(private_key_id)."""
    unnamed = {**key, "private_key_id": ""}

    def signed(by: dict[str, str]) -> str:
        claims = jwt.decode(sign(by, machine, kid="x"), options={"verify_signature": False})
        return jwt.encode(claims, by["private_key"], "RS256")

    tokens.keys.create(ROBOT, "demo-project", "")
    assert tokens.caller_of(f"Bearer {signed(unnamed)}") == MEMBER
    stranger = Tokens(clock).keys.create(ROBOT, "demo-project", "")[1]
    assert refusal(tokens, f"Bearer {signed(stranger)}") == "ACCESS_TOKEN_TYPE_UNSUPPORTED"


def test_signatures_age_with_the_clock(tokens: Tokens, clock: Clock, key: dict[str, str], machine: Machine) -> None:
    """What a client signs by the machine's clock is fresh, however far this one was put forward before, and old thereafter."""
    clock.advance(timedelta(days=3))
    machine.time += timedelta(seconds=10)
    old = sign(key, machine)
    dated = f"{machine.time:%Y%m%dT%H%M%SZ}"
    machine.time += timedelta(seconds=10)
    assert tokens.caller_of(f"Bearer {old}") == MEMBER
    check_date(dated, clock)
    clock.advance(timedelta(hours=1))
    machine.time += timedelta(seconds=2)
    assert refusal(tokens, f"Bearer {old}") == "ACCESS_TOKEN_TYPE_UNSUPPORTED"
    with pytest.raises(AwsError, match="Signature expired: 20260704T000010Z is now earlier than 20260704T005522Z"):
        check_date(dated, clock)
    assert tokens.caller_of(f"Bearer {sign(key, machine)}") == MEMBER
    check_date(f"{machine.time:%Y%m%dT%H%M%SZ}", clock)
    clock.reset()
    assert clock.now() == machine.time


def test_dates_of_signatures(clock: Clock, machine: Machine) -> None:
    check_date(None, clock)
    for minutes in (-5, 0, 5):
        check_date(f"{machine.time + timedelta(minutes=minutes):%Y%m%dT%H%M%SZ}", clock)
    with pytest.raises(
        AwsError, match="Signature not yet current: 20260701T000600Z is still later than 20260701T000500Z"
    ):
        check_date("20260701T000600Z", clock)
    with pytest.raises(AwsError, match="ISO-8601"):
        check_date("2026-07-01", clock)


@pytest.mark.parametrize(
    ("host", "place"),
    [
        ("us-central1-python.pkg.dev", "us-central1-python.pkg.dev/"),
        ("europe-npm.pkg.dev", "europe-npm.pkg.dev/"),
        ("oauth2.googleapis.com", "oauth2/"),
        ("secretmanager.googleapis.com", "secretmanager/"),
        ("secretmanager.europe-west3.rep.googleapis.com", "secretmanager/"),
        ("iam.googleapis.com", "iam/"),
        ("codeartifact.eu-west-1.amazonaws.com", "codeartifact/"),
        (
            "my-dom-123456789012.d.codeartifact.us-gov-east-1.amazonaws.com",
            "codeartifact.d/my-dom-123456789012/us-gov-east-1/",
        ),
        ("pkg.dev", ""),
        ("example.com", ""),
        ("us-central1-python.pkg.dev.example.com", ""),
        ("s3.eu-west-1.amazonaws.com", ""),
        ("storage.googleapis.com", ""),
        ("127.0.0.1", ""),
    ],
)
def test_hosts_of_vendors(host: str, place: str) -> None:
    assert VENDORS.place(host) == place
    assert (host in VENDORS) is bool(place)

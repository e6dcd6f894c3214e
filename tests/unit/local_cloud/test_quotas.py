# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later


from __future__ import annotations

from typing import Any

import pytest

from local_cloud.platform.errors import ApiError
from local_cloud.platform.quotas import Quotas, kind_of
from local_cloud.services.codeartifact import throttling
from local_cloud.services.codeartifact.errors import AwsError
from local_cloud.services.secretmanager import quota

SM = "secretmanager"


class Clock:
    """Seconds that pass when a test says so."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def quotas(clock: Clock) -> Quotas:
    return Quotas({**quota.QUOTAS, **throttling.QUOTAS}, clock)


def taken(quotas: Quotas, times: int, consumer: str = "1", kind: str = "read", service: str = SM) -> int:
    """How many of so many requests are let in."""
    return sum(quotas.take(service, consumer, kind) is None for _time in range(times))


@pytest.mark.parametrize(
    ("method", "kind"),
    [
        ("google.cloud.secretmanager.v1.SecretManagerService.GetSecretVersion", "read"),
        ("google.cloud.secretmanager.v1.SecretManagerService.ListSecrets", "read"),
        ("google.cloud.secretmanager.v1.SecretManagerService.GetIamPolicy", "read"),
        ("google.cloud.secretmanager.v1.SecretManagerService.TestIamPermissions", "read"),
        ("google.cloud.secretmanager.v1.SecretManagerService.SetIamPolicy", "write"),
        ("google.cloud.secretmanager.v1.SecretManagerService.AddSecretVersion", "write"),
        ("codeartifact.GetRepositoryPermissionsPolicy", "read"),
        ("codeartifact.ListRepositoriesInDomain", "read"),
        ("codeartifact.DescribeDomain", "read"),
        ("codeartifact.ReadFromRepository", "read"),
        ("codeartifact.PublishPackageVersion", "write"),
        ("codeartifact.DeleteRepositoryPermissionsPolicy", "write"),
    ],
)
def test_what_a_method_counts_as(method: str, kind: str) -> None:
    assert kind_of(method) == kind


def test_nothing_is_limited_until_it_is_named(quotas: Quotas) -> None:
    assert taken(quotas, 1000) == 1000
    quotas.replace({SM: {"read": 2}})
    assert taken(quotas, 10) == 2
    assert taken(quotas, 10, kind="write") == 10
    assert taken(quotas, 10, service="codeartifact") == 10


def test_consumers_and_kinds_are_counted_apart(quotas: Quotas) -> None:
    quotas.replace({SM: {"read": 2, "write": 1}, "codeartifact": {"read": 3}})
    assert taken(quotas, 9, "1") == 2
    assert taken(quotas, 9, "2") == 2
    assert taken(quotas, 9, kind="write") == 1
    assert taken(quotas, 9, service="codeartifact") == 3


def test_the_window_slides(quotas: Quotas, clock: Clock) -> None:
    quotas.replace({SM: {"read": 2}})
    assert taken(quotas, 1) == 1
    clock.now += 40
    assert taken(quotas, 2) == 1
    exceeded = quotas.take(SM, "1", "read")
    assert (exceeded.limit, exceeded.wait) == (2, 20)
    clock.now += 19.9
    assert taken(quotas, 1) == 0
    clock.now += 0.1
    # The first of the two has left the window, the second has not.
    assert taken(quotas, 2) == 1
    assert quotas.take(SM, "1", "read").wait == 40


def test_a_refused_request_does_not_count(quotas: Quotas, clock: Clock) -> None:
    quotas.replace({SM: {"read": 1}})
    assert taken(quotas, 1) == 1
    for _second in range(59):
        clock.now += 1
        assert taken(quotas, 1) == 0
    clock.now += 1
    assert taken(quotas, 1) == 1


@pytest.mark.parametrize(("service", "values", "seconds"), [
    (SM, {}, 60),
    (SM, {"window": 0.5}, 0.5),
    ("codeartifact", {}, 1),
    ("codeartifact", {"window": 3}, 3),
])  # fmt: skip
def test_windows(quotas: Quotas, service: str, values: dict[str, float], seconds: float) -> None:
    quotas.replace({service: {"read": 1, **values}})
    assert taken(quotas, 1, service=service) == 1
    assert quotas.take(service, "1", "read").wait == seconds


def test_setting_forgets_what_was_set_and_counted(quotas: Quotas) -> None:
    quotas.replace({SM: {"read": 1}})
    assert taken(quotas, 2) == 1
    quotas.replace({SM: {"read": 1, "write": 1}})
    assert taken(quotas, 2) == 1
    quotas.replace({SM: {"write": 1}})
    assert taken(quotas, 2) == 2
    quotas.clear()
    assert taken(quotas, 2, kind="write") == 2


@pytest.mark.parametrize(
    "given",
    [
        {"artifactregistry": {"read": 1}},
        {SM: {"list": 1}},
        {SM: 600},
        {SM: {"read": 0}},
        {SM: {"read": 1.5}},
        {SM: {"read": True}},
        {SM: {"read": "600"}},
        {SM: {"read": None}},
        {SM: {"read": 1, "window": 0}},
        {SM: {"read": 1, "window": True}},
        {SM: {"read": 1, "window": float("nan")}},
        {SM: {"read": 1, "window": float("inf")}},
        {"codeartifact": {"access": 1}},
    ],
)
def test_quotas_that_mean_nothing(quotas: Quotas, given: dict[str, Any]) -> None:
    quotas.replace({SM: {"read": 1}})
    with pytest.raises(ApiError) as refused:
        quotas.replace({SM: {"read": 5}} | given)
    assert refused.value.code == "INVALID_ARGUMENT"
    # What was set before holds still.
    assert taken(quotas, 9) == 1


@pytest.mark.parametrize(
    ("window", "header"), [pytest.param(0.25, "1", id="at least one"), pytest.param(2.5, "3", id="whole seconds")]
)
def test_codeartifact_says_when_to_come_back(quotas: Quotas, window: float, header: str) -> None:
    quotas.replace({"codeartifact": {"read": 1, "window": window}})
    call = (quotas, "codeartifact.ListDomains", "123456789012")
    throttling.charge(*call, "eu-west-1")
    throttling.charge(*call, "us-east-1")
    with pytest.raises(AwsError) as refused:
        throttling.charge(*call, "eu-west-1")
    error = refused.value
    assert (error.code, error.http_status, error.headers["Retry-After"]) == ("ThrottlingException", 429, header)
    assert error.body() == {"message": "Rate exceeded"}

# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from typing import Any

import pytest

from local_cloud.platform.errors import ApiError
from local_cloud.platform.faults import Faults

METHOD = "google.cloud.secretmanager.v1.SecretManagerService.GetSecret"


def test_a_fault_is_used_up() -> None:
    faults = Faults()
    faults.add({"method": "*.GetSecret", "count": 2, "status": 503})
    assert faults.take("google.cloud.location.Locations.ListLocations") is None
    assert [faults.take(METHOD) is not None for _call in range(3)] == [True, True, False]


def test_once_is_the_default_and_null_is_for_ever() -> None:
    faults = Faults()
    faults.add({"method": "*", "status": 500})
    faults.add({"method": "*", "count": None, "latency": 0.5})
    error = faults.take(METHOD).error()
    assert (error.http_status, error.code) == (500, "INTERNAL")
    for _call in range(5):
        delay = faults.take(METHOD)
        assert (delay.latency, delay.error()) == (0.5, None)
    faults.clear()
    assert faults.take(METHOD) is None


@pytest.mark.parametrize(
    ("rule", "status", "code"),
    [
        ({"status": 429}, 429, "RESOURCE_EXHAUSTED"),
        ({"code": "ABORTED"}, 409, "ABORTED"),
        ({"status": 400, "code": "INVALID_ARGUMENT"}, 400, "INVALID_ARGUMENT"),
        ({"status": 418}, 418, "INTERNAL"),
    ],
)
def test_status_and_code(rule: dict[str, Any], status: int, code: str) -> None:
    faults = Faults()
    faults.add({"method": "*", "retry_after": 3, **rule})
    error = faults.take(METHOD).error()
    assert (error.http_status, error.code, error.headers) == (status, code, {"Retry-After": "3"})


@pytest.mark.parametrize("rule", [{}, {"method": "*", "colour": 1}, {"method": "*", "status": "x"}])
def test_rules_that_mean_nothing(rule: dict[str, Any]) -> None:
    with pytest.raises(ApiError):
        Faults().add(rule)

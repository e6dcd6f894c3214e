# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest

from local_cloud.platform.errors import ApiError
from local_cloud.platform.paging import matches, page

FIELDS = {"name": "projects/1/secrets/alpha", "state": "ENABLED", "labels.a": ""}


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("", True),
        ("state:ENABLED", True),
        ("state:enabled", True),
        ("state=ENABLED", True),
        ("state=enabled", False),
        ("state!=ENABLED", False),
        ("name:alpha", True),
        ('name="projects/1/secrets/alpha"', True),
        ("labels.a:*", False),
        ("state:DISABLED OR name:alpha", True),
        ("state:ENABLED AND name:beta", False),
        ("state:ENABLED AND (name:alpha)", True),
    ],
)
def test_filters(expression: str, expected: bool) -> None:
    assert matches(expression, FIELDS.get) is expected


@pytest.mark.parametrize("expression", ["colour:red", "state", "state>1", "NOT state:ENABLED"])
def test_filters_outside_the_part_that_is_known(expression: str) -> None:
    with pytest.raises(ApiError, match="filter"):
        matches(expression, FIELDS.get)


def test_pages_cover_everything_once() -> None:
    items, token, seen = list(range(7)), "", []
    while True:
        shown, token = page(items, 3, token, largest=100)
        seen.append(list(shown))
        if not token:
            break
    assert seen == [[0, 1, 2], [3, 4, 5], [6]]


def test_size_zero_and_too_large_mean_the_largest() -> None:
    items = list(range(7))
    assert page(items, 0, "", largest=5)[0] == items[:5]
    assert page(items, 6, "", largest=5)[0] == items[:5]
    for size, token in ((-1, ""), (1, "x"), (1, "bm9uc2Vuc2U="), (1, "\xff")):
        with pytest.raises(ApiError):
            page(items, size, token, largest=5)

# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Lists: a filter, a page size and an opaque page token, as Google's list methods take them."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Sequence
from typing import TypeVar

from local_cloud.platform.errors import invalid_argument

Item = TypeVar("Item")
_TERM = re.compile(r'\s*([A-Za-z_][\w.]*)\s*(:|=|!=)\s*("[^"]*"|[^\s()]+)\s*')


def page(items: Sequence[Item], page_size: int, page_token: str, *, largest: int) -> tuple[Sequence[Item], str]:
    """Cut one page out and name the next ("" when there is none). A size of 0 means the service's own.

    Raises:
        ApiError: INVALID_ARGUMENT for a negative size or a token that was never given out.
    """
    if page_size < 0:
        raise invalid_argument("The page size cannot be negative.")
    start = _offset(page_token)
    end = start + (min(page_size, largest) or largest)
    next_token = base64.urlsafe_b64encode(f"from:{end}".encode()).decode() if end < len(items) else ""
    return items[start:end], next_token


def matches(expression: str, lookup: Callable[[str], str | None]) -> bool:
    """Whether ``field:value`` terms joined by AND, or by OR, hold. ``:`` is "contains", ``=`` is equality.

    ``lookup`` answers a field's value, "" when it is not set, or None when there is no such field.

    Raises:
        ApiError: INVALID_ARGUMENT for anything outside that part of Google's filter language.
    """
    if not expression.strip():
        return True
    expression = expression.replace("(", " ").replace(")", " ")
    alternatives = re.split(r"\s+OR\s+", expression)
    return any(
        all(_term_holds(term, lookup) for term in re.split(r"\s+AND\s+", alternative)) for alternative in alternatives
    )


def _term_holds(term: str, lookup: Callable[[str], str | None]) -> bool:
    parsed = _TERM.fullmatch(term)
    value = lookup(parsed[1]) if parsed else None
    if parsed is None or value is None:
        raise invalid_argument("Invalid list filter.")
    wanted = parsed[3].strip('"')
    if parsed[2] == ":":
        return (wanted == "*" and bool(value)) or wanted.lower() in value.lower()
    return (value == wanted) == (parsed[2] == "=")


def _offset(token: str) -> int:
    if not token:
        return 0
    try:
        found = re.fullmatch(r"from:(\d+)", base64.urlsafe_b64decode(token).decode())
    except ValueError:
        found = None
    if not found:
        raise invalid_argument("The page token is invalid.")
    return int(found[1])

# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Patterns as IAM writes them: C(*) is any text, C(?) is any one character. Pure."""

from __future__ import annotations

import re
from functools import lru_cache

_ARN_PARTS = 6


def has_wildcard(pattern: str) -> bool:
    """Whether it may match more than itself."""
    return "*" in pattern or "?" in pattern


# A batch is mostly many policies with the same few patterns.
@lru_cache(maxsize=1024)
def overlap(one: str, other: str) -> bool:
    """Whether there is a text that both patterns match. With a text for a pattern: whether the other one matches it."""
    if "*" in (one, other):
        return True
    # Walks both at once. A position is how far each has come; from one, a star lets either side go on alone. What both begin with
    # leaves no choice.
    begun = _same_beginning(one, other)
    waiting, seen = [(begun, begun)], {(begun, begun)}
    while waiting:
        here, there = waiting.pop()
        if here == len(one) and there == len(other):
            return True
        for position in _next_positions(one, here, other, there):
            if position not in seen:
                seen.add(position)
                waiting.append(position)
    return False


def _same_beginning(one: str, other: str) -> int:
    for position, (a, b) in enumerate(zip(one, other, strict=False)):
        if a != b or a in "*?":
            return position
    return min(len(one), len(other))


def _next_positions(one: str, here: int, other: str, there: int) -> list[tuple[int, int]]:
    a, b = one[here : here + 1], other[there : there + 1]
    positions = []
    if a == "*":
        positions.append((here + 1, there))
        if b:
            positions.append((here, there + 1))
    if b == "*":
        positions.append((here, there + 1))
        if a:
            positions.append((here + 1, there))
    if a and b and "*" not in (a, b) and (a == b or "?" in (a, b)):
        positions.append((here + 1, there + 1))
    return positions


def matches(pattern: str, text: str) -> bool:
    """Whether the pattern matches all of the text."""
    # To make an expression takes much longer than to see, as mostly, that they begin differently.
    if not text.startswith(pattern.partition("*")[0].partition("?")[0]):
        return False
    return pattern == "*" or _compiled(pattern).fullmatch(text) is not None


def matches_arn(pattern: str, arn: str) -> bool:
    """Whether a pattern matches an ARN as C(ArnLike) has it: each of the six parts by itself, so no star reaches over a colon.

    Source: IAM User Guide, "IAM JSON policy elements: Condition operators".

    :raises ValueError: one of them has not six parts
    """
    wanted, parts = pattern.split(":", _ARN_PARTS - 1), arn.split(":", _ARN_PARTS - 1)
    if not len(wanted) == len(parts) == _ARN_PARTS:
        raise ValueError(pattern)
    return all(map(matches, wanted, parts))


@lru_cache(maxsize=4096)
def _compiled(pattern: str) -> re.Pattern[str]:
    first, *rest = [re.escape(piece).replace(r"\?", ".") for piece in pattern.split("*")]
    if not rest:
        return re.compile(first, re.DOTALL)
    *middle, last = rest
    # What stands between stars is taken where it comes first, and never elsewhere after that: a pattern of many stars, which is
    # somebody else's text, would take for ever otherwise.
    return re.compile(first + "".join(f"(?>.*?{piece})" for piece in middle) + f".*{last}", re.DOTALL)

# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Patterns as IAM writes them: C(*) is any text, C(?) is any one character. Pure."""

from __future__ import annotations

import re
from functools import lru_cache

_ARN_PARTS = 6


def has_wildcard(pattern: str) -> bool:
    """Whether it may match more than itself."""
    return "*" in pattern or "?" in pattern


def single_stars(pattern: str) -> str:
    """The pattern without needless stars."""
    return re.sub(r"\*+", "*", pattern)


# A batch is mostly many policies with the same few patterns.
@lru_cache(maxsize=1024)
def overlap(one: str, other: str) -> bool:
    """Whether there is a text that both patterns match. With a text for a pattern: whether the other one matches it."""
    # How far into the other one each position of the first can have come; a star of either takes any text of its partner.
    reached = _after_stars(other, {0})
    for wanted in one:
        if wanted == "*":
            reached = set(range(min(reached, default=len(other) + 1), len(other) + 1))
            continue
        there = {position for position in reached if position < len(other)}
        stars = {position for position in there if other[position] == "*"}
        fitting = {position + 1 for position in there - stars if wanted == "?" or other[position] in (wanted, "?")}
        reached = _after_stars(other, fitting | stars)
    return len(other) in reached


def _after_stars(pattern: str, positions: set[int]) -> set[int]:
    """The positions, and those behind stars that take nothing more."""
    found = set(positions)
    for position in positions:
        while pattern[position : position + 1] == "*":
            position += 1
            found.add(position)
    return found


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
def completed_arn(pattern: str) -> str | None:
    """What an ARN with missing parts may stand for: one with a star in place of each. None for any other pattern.

    IAM User Guide, "IAM JSON policy elements: Resource", has it for ARNs with fewer than six parts. That it holds for policies of
    identities, and for parts that are empty, is not verified.
    """
    parts = pattern.split(":", _ARN_PARTS - 1)
    if (
        parts[0] != "arn"
        or (len(parts) < _ARN_PARTS and parts[-1].endswith("*"))
        or (len(parts) == _ARN_PARTS and all(parts))
    ):
        # A star at the end takes what is missing.
        return None
    return ":".join(part or "*" for part in parts + [""] * (_ARN_PARTS - len(parts)))


@lru_cache(maxsize=4096)
def _compiled(pattern: str) -> re.Pattern[str]:
    first, *rest = [re.escape(piece).replace(r"\?", ".") for piece in pattern.split("*")]
    if not rest:
        return re.compile(first, re.DOTALL)
    *middle, last = rest
    # What stands between stars is taken where it comes first, and never elsewhere after that: a pattern of many stars, which is
    # somebody else's text, would take for ever otherwise.
    return re.compile(first + "".join(f"(?>.*?{piece})" for piece in middle) + f".*{last}", re.DOTALL)

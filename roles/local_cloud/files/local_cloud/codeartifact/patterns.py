# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The wildcards of policies: ``*`` is any text, ``?`` is any character."""

from __future__ import annotations

import re
from functools import cache


def matches(pattern: str, text: str) -> bool:
    return _compiled(pattern).fullmatch(text) is not None


def matches_arn(pattern: str, text: str) -> bool:
    """ArnLike: a wildcard stays within its part, of the six that colons divide."""
    wanted, parts = pattern.split(":", 5), text.split(":", 5)
    return len(wanted) == len(parts) == 6 and all(map(matches, wanted, parts))


def overlap(one: str, other: str) -> bool:
    """Whether some text matches both patterns."""
    waiting, seen = [(0, 0)], set()
    while waiting:
        place = waiting.pop()
        if place in seen:
            continue
        seen.add(place)
        i, j = place
        left, right = one[i : i + 1], other[j : j + 1]
        if not left and not right:
            return True
        if left == "*" or right == "*":
            # The one star ends here, or takes what the other pattern has next.
            if left:
                waiting.append((i + 1, j))
            if right:
                waiting.append((i, j + 1))
        elif left and right and (left == right or "?" in (left, right)):
            waiting.append((i + 1, j + 1))
    return False


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(re.escape(pattern).replace(r"\*", ".*").replace(r"\?", "."), re.DOTALL)

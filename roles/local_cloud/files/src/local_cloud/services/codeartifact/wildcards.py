# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Patterns of IAM policies: ``*`` is any text, ``?`` any one character.

Source: IAM User Guide, "JSON policy elements: Resource" and "IAM policy elements: Variables and tags".
"""

from __future__ import annotations

import re
from collections.abc import Mapping

_ARN_PARTS = 6
_VARIABLE = re.compile(r"\$\{([^}',\s]+)(?:\s*,\s*'([^']*)')?\}")
# A star and a question mark that stand for themselves, as they do in the value of a variable.
_ITSELF = {"*": "\ue000", "?": "\ue001"}
_LITERAL = {private: character for character, private in _ITSELF.items()}
_TO_ITSELF, _TO_LITERAL = ({ord(one): other for one, other in table.items()} for table in (_ITSELF, _LITERAL))


def matches(pattern: str, text: str) -> bool:
    """Whether a pattern covers a text; case counts."""
    if "*" not in pattern and "?" not in pattern:
        return plain(pattern) == text
    at = in_text = 0
    star, resume = -1, 0
    while in_text < len(text):
        if at < len(pattern) and pattern[at] == "*":
            star, resume, at = at, in_text, at + 1
        elif at < len(pattern) and (pattern[at] == "?" or _LITERAL.get(pattern[at], pattern[at]) == text[in_text]):
            at, in_text = at + 1, in_text + 1
        elif star >= 0:
            resume += 1
            at, in_text = star + 1, resume
        else:
            return False
    return not pattern[at:].strip("*")


def arn_matches(pattern: str, text: str) -> bool:
    """Whether a pattern covers an ARN, part by part: only a wildcard at the end reaches over a colon."""
    wanted, given = pattern.split(":", _ARN_PARTS - 1), text.split(":", _ARN_PARTS - 1)
    if wanted[-1].endswith("*"):
        wanted += ["*"] * (_ARN_PARTS - len(wanted))
    return len(wanted) == len(given) == _ARN_PARTS and all(map(matches, wanted, given))


def may_stand_for(pattern: str, text: str) -> bool:
    """Whether a pattern that lacks parts of an ARN covers an ARN if AWS takes any text for them."""
    given = [part or "*" for part in pattern.split(":", _ARN_PARTS - 1)]
    whole = ":".join([*given, *["*"] * (_ARN_PARTS - len(given))])
    return whole != pattern and given[0] == "arn" and arn_matches(whole, text)


def may_begin_with(pattern: str, prefix: str) -> bool:
    """Whether a pattern covers some text that begins with a prefix."""
    return any(matches(pattern[:end], prefix) for end in range(len(pattern) + 1))


def with_values(pattern: str, context: Mapping[str, list[str] | None]) -> str | None:
    """A pattern with the values of its variables, or None where one has no value: then it covers nothing."""
    missing = False

    def value(found: re.Match[str]) -> str:
        nonlocal missing
        name, default = found[1], found[2]
        if name in {"*", "?", "$"}:
            return _ITSELF.get(name, name)
        given = context.get(name.lower()) or ([default] if default is not None else None)
        missing |= given is None or len(given) != 1
        return "" if given is None else given[0].translate(_TO_ITSELF)

    replaced = re.sub(r"\$\{([*?$])\}", value, _VARIABLE.sub(value, pattern)) if "${" in pattern else pattern
    return None if missing else replaced


def plain(pattern: str) -> str:
    """A pattern as the text that it is where nothing in it is a wildcard."""
    return pattern if pattern.isascii() else pattern.translate(_TO_LITERAL)

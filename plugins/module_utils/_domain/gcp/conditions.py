# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Conditions of role bindings: when two are the same, and which names of secrets they look for. Pure.

Source: the Common Expression Language's definition, for white space and literals; the IAM documentation, "Resource attributes
for IAM Conditions", for the names that conditions see.
"""

from __future__ import annotations

import re
import typing as t
from dataclasses import dataclass

# A literal of CEL, raw ones and those in three quotes among them; a comment; or white space.
_PARTS = re.compile(
    r"(?P<literal>[rR]?(?:\"\"\"(?s:.*?)\"\"\"|'''(?s:.*?)'''|\"(?:\\.|[^\"\\\n])*\"|'(?:\\.|[^'\\\n])*'))"
    r"|(?P<comment>//[^\n]*)"
    r"|(?P<space>\s+)"
)
_QUOTES = re.compile(r"[rR]?(\"\"\"|'''|\"|')(?P<text>(?s:.*))\1")
_PROJECT = re.compile(r"projects/([^/]+)(?:/|$)")


@dataclass(frozen=True)
class Condition:
    """A condition in the Common Expression Language."""

    expression: str
    title: str = ""
    description: str = ""
    location: str = ""

    @property
    def meaning(self) -> tuple[str, ...]:
        """What tells it from others. White space around a text, as YAML's C(|) leaves it, makes no other condition."""
        texts = (self.title, self.description, self.location)
        return (_on_one_line(self.expression), *(text.strip() for text in texts))


def same(one: Condition | None, other: Condition | None) -> bool:
    """Whether two conditions make one grant."""
    return one == other or (one is not None and other is not None and one.meaning == other.meaning)


def projects_named(expression: str) -> list[str]:
    """The projects, by id or number, of the names that an expression compares resources' names with, each once."""
    if "resource.name" not in expression:
        return []
    found = [_PROJECT.match(text) for text in _literals(expression)]
    return list(dict.fromkeys(match[1] for match in found if match))


def _literals(expression: str) -> t.Iterator[str]:
    for part in _PARTS.finditer(expression):
        quoted = part["literal"] and _QUOTES.fullmatch(part["literal"])
        if quoted:
            yield quoted["text"]


def _on_one_line(expression: str) -> str:
    """The expression with one space for white space and comments outside of literals."""
    return _PARTS.sub(lambda part: part["literal"] or " ", expression).strip()

# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Odd values, and documents that are right but for a few places."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator, Mapping
from random import Random
from typing import Any

#: Texts that something is likely to take for something else.
TEXTS = (
    "", " ", "a", "-", ".", "..", "/", "\\", "\0", "\n", "a\nb", "\x1b[31m", "%s", "{}", "{{ x }}", "{% x %}", "${x}", "$(x)", "*", "?", "null", "true",
    "no", "~", "0", "-1", "1e999", "NaN", "9" * 30, "9" * 5000, "x" * 70_000, "é", "e\u0301", "\u00b2", "\u0665", "\ud800", "\U0001f600", "\u202e", "\ufeff",
    "İ", "ß", "projects/p/secrets/s", "projects/p/secrets/s/versions/1", "projects/1/secrets/s/versions/latest", "https://", "https://a:99999/",
    "http://[::1", "https://a@b/", "//x", "https://index.example.com/simple/", "file:///x", "user:ada@example.com", "allUsers", "arn:aws:iam::1:root",
    "arn:aws:iam::111122223333:role/x", "111122223333", "1970-01-01T00:00:00Z", "9999-12-31T23:59:59Z", "2026-02-30T00:00:00Z", "30d", "-30d", "1y", "P1D",
    "us-central1", "python", "/npm/*", "@acme/x", "v*", "[", "(", "^a", "a:b", "a=b", "#", ";", "'", '"', "<x>", "&amp;", "--x", "main", "refs/heads/main",
)  # fmt: skip
NUMBERS = (0, 1, -1, 2, 7, 30, 100, 65535, 2**31, 2**63, 10**30, -(10**30))


def text(random: Random) -> str:
    """A text, odd or made of odd ones."""
    drawn = random.random()
    if drawn < 0.7:
        return random.choice(TEXTS)
    if drawn < 0.85:
        return "".join(random.choice(TEXTS)[:40] for _number in range(random.randrange(1, 4)))
    return "".join(
        chr(random.choice((random.randrange(32, 127), random.randrange(0x250), random.randrange(0xD000))))
        for _number in range(random.randrange(1, 20))
    )


def value(random: Random, depth: int = 0) -> Any:
    """Any value that YAML or JSON can hold."""
    kind = random.randrange(9 if depth < 3 else 7)
    if kind < 3:
        return text(random)
    if kind == 7:
        return [value(random, depth + 1) for _number in range(random.randrange(3))]
    if kind == 8:
        return {text(random): value(random, depth + 1) for _number in range(random.randrange(3))}
    return (
        random.choice(NUMBERS),
        random.random() < 0.5,
        None,
        random.choice((0.5, -1e300, float("inf"), float("nan"))),
    )[kind - 3]


def for_option(rule: Mapping[str, Any], random: Random) -> Any:
    """A value of the type that an option takes."""
    choices = rule.get("choices")
    if choices and random.random() < 0.9:
        one = random.choice(list(choices))
        return [one] if rule.get("type") == "list" else one
    match rule.get("type", "str"):
        case "int":
            return random.choice(NUMBERS)
        case "float":
            return random.choice((0.0, -1.0, 1e308))
        case "bool":
            return random.random() < 0.5
        case "list":
            inner = {**rule, "type": rule.get("elements", "raw"), "choices": None}
            return [for_option(inner, random) for _number in range(random.choice((0, 1, 1, 2, 4)))]
        case "dict":
            options = rule.get("options")
            return (
                for_options(options, random)
                if options
                else {text(random): text(random) for _number in range(random.randrange(3))}
            )
        case "str" | "path":
            return text(random)
        case _:
            return value(random)


def for_options(spec: Mapping[str, Any], random: Random) -> dict[str, Any]:
    """Values for some of the options of an argument spec, and for all that are required."""
    part = random.choice((0.2, 0.5, 0.9))
    return {
        name: for_option(rule, random) for name, rule in spec.items() if rule.get("required") or random.random() < part
    }


def _places(document: Any) -> Iterator[tuple[Any, Any]]:
    items = (
        list(document.items())
        if isinstance(document, dict)
        else list(enumerate(document))
        if isinstance(document, list)
        else []
    )
    for key, inner in items:
        yield document, key
        yield from _places(inner)


def altered(document: Any, random: Random) -> Any:
    """A document with some values replaced, dropped, doubled or renamed."""
    changed = copy.deepcopy(document)
    for _number in range(random.choice((1, 1, 2, 5))):
        places = list(_places(changed))
        if not places:
            return value(random)
        holder, key = random.choice(places)
        how = random.randrange(5)
        if how == 0:
            del holder[key]
        elif how == 1 and isinstance(holder, dict):
            holder[text(random)] = holder.pop(key)
        elif how == 2:
            holder[key] = [holder[key], copy.deepcopy(holder[key])]
        else:
            holder[key] = value(random)
    return changed


def altered_text(original: str, random: Random) -> str:
    """A text with pieces cut, doubled, swapped or odd ones put in."""
    lines = original
    for _number in range(random.choice((1, 1, 2, 4))):
        start = random.randrange(len(lines) + 1)
        end = min(len(lines), start + random.choice((0, 1, 3, 20)))
        lines = (
            lines[:start]
            + random.choice(("", lines[start:end] * 2, text(random)[:200], lines[start:end][::-1]))
            + lines[end:]
        )
    return lines


def as_json(document: Any) -> str:
    """JSON, also of what has no right to be in it."""
    return json.dumps(document)

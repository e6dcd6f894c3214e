# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Values as YAML for people to read and paste: in blocks, in quotes where YAML might take text for something else. Pure.

What others wrote into a policy is data: Ansible must not take it for a template either.
"""

from __future__ import annotations

import json
import re
import typing as t
from functools import lru_cache

# What no version of YAML takes for anything but text.
_PLAIN = re.compile(r"[A-Za-z](?:[A-Za-z0-9_./ -]|[:*@](?=[^\s]))*(?<! )")
# With what a template of Jinja begins.
_TEMPLATE = re.compile(r"\{[{%#]")
_WORDS = frozenset({"true", "false", "yes", "no", "on", "off", "y", "n", "null"})


class Template(str):
    """A text of our own that Ansible shall fill in."""


def as_yaml(value: t.Any) -> str:
    """A mapping or list of JSON's types in block style, ending with a new line."""
    lines: list[str] = []
    _add(lines, value, "", "")
    return "".join(f"{line}\n" for line in lines)


def _add(lines: list[str], value: t.Any, start: str, indent: str) -> None:
    """Add the lines of a mapping or list. C(start): what its first line begins with, C(indent): the others."""
    for name, item in value.items() if isinstance(value, dict) else ((None, item) for item in value):
        nested = isinstance(item, dict | list) and item
        if name is None and nested:
            _add(lines, item, f"{start}- ", f"{indent}  ")
        elif nested:
            lines.append(f"{start}{_text(name)}:")
            _add(lines, item, f"{indent}  ", f"{indent}  ")
        else:
            lines.append(f"{start}{'-' if name is None else f'{_text(name)}:'} {_scalar(item)}")
        start = indent


def _scalar(value: t.Any) -> str:
    if not isinstance(value, str):
        return json.dumps(value)
    # By the tag Ansible leaves a text as it is. Names of mappings need none: they are no templates.
    is_template = "{" in value and not isinstance(value, Template) and _TEMPLATE.search(value)
    return f"!unsafe {_text(value)}" if is_template else _text(value)


@lru_cache(maxsize=4096)
def _text(value: str) -> str:
    """As it is, or in quotes. The tasks of a report have most of their words in common."""
    if _PLAIN.fullmatch(value) and value.lower() not in _WORDS:
        return value
    return json.dumps(value, ensure_ascii=False)

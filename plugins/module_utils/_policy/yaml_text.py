# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Values as YAML for people to read and paste: in blocks, in quotes where YAML might take text for something else. Pure.

What others wrote into a policy is data: Ansible must not take it for a template either.
"""

from __future__ import annotations

import json
import re
import typing as t

# What no version of YAML takes for anything but text.
_PLAIN = re.compile(r"[A-Za-z](?:[A-Za-z0-9_./ -]|[:*@](?=[^\s]))*(?<! )")
# With what a template of Jinja begins.
_TEMPLATE = re.compile(r"\{[{%#]")
_WORDS = frozenset({"true", "false", "yes", "no", "on", "off", "y", "n", "null"})


class Template(str):
    """A text of our own that Ansible shall fill in."""


def as_yaml(value: t.Any) -> str:
    """A mapping or list of JSON's types in block style, ending with a new line."""
    return "".join(f"{line}\n" for line in _lines(value))


def _lines(value: t.Any) -> t.Iterator[str]:
    if isinstance(value, dict):
        for name, item in value.items():
            if isinstance(item, dict | list) and item:
                yield f"{_scalar(name)}:"
                yield from (f"  {line}" for line in _lines(item))
            else:
                yield f"{_scalar(name)}: {_unsafe(item)}{_scalar(item)}"
    elif isinstance(value, list):
        for item in value:
            first, *rest = _lines(item) if isinstance(item, dict | list) and item else [_unsafe(item) + _scalar(item)]
            yield f"- {first}"
            yield from (f"  {line}" for line in rest)


def _unsafe(value: t.Any) -> str:
    """The tag by which Ansible leaves a text as it is. Names of mappings need none: they are no templates."""
    is_data = isinstance(value, str) and not isinstance(value, Template)
    return "!unsafe " if is_data and _TEMPLATE.search(value) else ""


def _scalar(value: t.Any) -> str:
    if isinstance(value, str) and _PLAIN.fullmatch(value) and value.lower() not in _WORDS:
        return value
    return json.dumps(value, ensure_ascii=False)

# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Values against the shapes of the service model: types, lengths, ranges, patterns and enumerations.

Values are never quoted: a policy or a token could be one.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from typing import Any

from botocore.model import Shape, StructureShape

from local_cloud.services.codeartifact.errors import invalid

_TYPES: dict[str, tuple[type, ...]] = {
    "structure": (dict,),
    "map": (dict,),
    "list": (list,),
    "string": (str,),
    "boolean": (bool,),
    "integer": (int,),
    "long": (int,),
    "blob": (bytes,),
}
_PROPERTY = re.compile(r"\\([pP])\{(\w+)\}")
# What stands for characters of Unicode's category C (other) that are no white space: itself one of them.
_OTHER = "\ue000"
_CLASSES = {
    ("p", "C"): r"\x00-\x1f\x7f-\x9f" + _OTHER,
    ("P", "C"): "\x20-\x7e\xa0-\ud7ff\ue001-\U0010ffff",
    ("p", "IsWhitespace"): r"\s",
}


def check(shape: Shape, value: Any, where: str = "") -> None:
    """Check a value with all that is in it. Members that the shape does not have are ignored, as restJson1 does.

    Raises:
        AwsError: ValidationException.
    """
    kinds = _TYPES[shape.type_name]
    if not isinstance(value, kinds) or (isinstance(value, bool) and bool not in kinds):
        raise invalid(f"The value at '{where or 'body'}' has the wrong type.", "CANNOT_PARSE")
    if isinstance(shape, StructureShape):
        _check_members(shape, value, where)
    elif shape.type_name == "list":
        _check_size(shape, len(value), where, "length")
        for index, item in enumerate(value, 1):
            check(shape.member, item, f"{where}.{index}.member")
    elif shape.type_name == "map":
        for key, item in value.items():
            check(shape.key, key, where)
            check(shape.value, item, f"{where}.{key}")
    elif shape.type_name == "string":
        _check_string(shape, value, where)
    elif isinstance(value, int) and not isinstance(value, bool):
        _check_size(shape, value, where, "value")


def _check_members(shape: StructureShape, value: dict[str, Any], where: str) -> None:
    prefix = f"{where}." if where else ""
    for name in shape.required_members:
        if value.get(name) is None:
            raise _failed(prefix + name, "Member must not be null")
    for name, member in shape.members.items():
        if value.get(name) is not None:
            check(member, value[name], prefix + name)


def _check_string(shape: Shape, value: str, where: str) -> None:
    if shape.enum and value not in shape.enum:
        raise _failed(where, f"Member must satisfy enum value set: [{', '.join(shape.enum)}]")
    _check_size(shape, len(value), where, "length")
    pattern = shape.metadata.get("pattern")
    if pattern and not _compiled(pattern).fullmatch(_marked(value)):
        raise _failed(where, f"Member must satisfy regular expression pattern: {pattern}")


def _check_size(shape: Shape, size: int, where: str, what: str) -> None:
    least, most = shape.metadata.get("min"), shape.metadata.get("max")
    if least is not None and size < least:
        raise _failed(where, f"Member must have {what} greater than or equal to {least}")
    if most is not None and size > most:
        raise _failed(where, f"Member must have {what} less than or equal to {most}")


def _failed(where: str, constraint: str) -> Exception:
    return invalid(f"1 validation error detected: Value at '{where}' failed to satisfy constraint: {constraint}")


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    """A pattern of the model for Python, which has no properties of characters; for texts that are ``_marked``."""

    def spelled(found: re.Match[str]) -> str:
        characters = _CLASSES[found[1], found[2]]
        before = pattern[: found.start()]
        return characters if before.rfind("[") > before.rfind("]") else f"[{characters}]"

    return re.compile(_PROPERTY.sub(spelled, pattern))


def _marked(text: str) -> str:
    if text.isprintable():
        return text
    return "".join(
        _OTHER if unicodedata.category(character)[0] == "C" and not character.isspace() else character
        for character in text
    )

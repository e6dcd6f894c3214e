# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a role is given: read in all the forms that YAML, inventories and AWX give it, or said what is wrong. Pure.

Values that say nothing (none, and empty texts) count as not given. Lists of names may be texts with commas, as options of modules may.
"""

from __future__ import annotations

import difflib
import re
import typing as t
from dataclasses import dataclass, field

Mapping = t.Mapping[str, t.Any]

#: Words that Ansible takes for booleans.
_TRUE, _FALSE = frozenset({"y", "yes", "on", "1", "true", "t"}), frozenset({"n", "no", "off", "0", "false", "f"})
#: What is left of a number that ends with a zero has at most one digit behind the point.
_WHOLE = re.compile(r"-?[0-9]+(?:\.[0-9]{2,})?")


@dataclass
class Reader:
    """Reads values of a kind, and collects sentences on those that are not."""

    mistakes: list[str] = field(default_factory=list)

    def wrong(self, sentence: str) -> None:
        """Add a sentence, once."""
        if sentence not in self.mistakes:
            self.mistakes.append(sentence)


#: Takes a value that says something, and the place where it stands. Returns None for one that is wrong.
Kind = t.Callable[[Reader, t.Any, str], t.Any]


def text(reader: Reader, value: t.Any, where: str) -> str | None:
    """A text, or a number that is one for certain."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        reader.wrong(
            f"{where} is the boolean {str(value).lower()}, and a text is meant: write it in quotes, since YAML reads yes, no, on and off "
            "as booleans."
        )
    elif isinstance(value, (int, float)):
        if _WHOLE.fullmatch(str(value)):
            return str(value)
        reader.wrong(
            f"{where} is the number {value}, which may have been written with a zero at its end: write it in quotes."
        )
    else:
        reader.wrong(f"{where} is {_called(value)}: give a text{_in_quotes(value)}.")
    return None


def flag(reader: Reader, value: t.Any, where: str) -> bool | None:
    """True or false, also as one of the words for them."""
    word = str(value).strip().lower()
    if isinstance(value, (bool, int, str)) and word in _TRUE | _FALSE:
        return word in _TRUE
    reader.wrong(f"{where} is {_shown(value)}: give true or false.")
    return None


def count(reader: Reader, value: t.Any, where: str) -> int | None:
    """A whole number, also as a text."""
    if (
        not isinstance(value, bool)
        and isinstance(value, (int, str))
        and re.fullmatch(r"-?[0-9]{1,9}", str(value).strip())
    ):
        return int(value)
    reader.wrong(f"{where} is {_shown(value)}: give a whole number.")
    return None


def texts(reader: Reader, value: t.Any, where: str) -> list[str] | None:
    """A list of texts, or one text with commas."""
    if isinstance(value, str):
        return [part.strip() for part in value.split(",") if part.strip()]
    return _items(reader, value, where, text, "a list of texts")


def commands(reader: Reader, value: t.Any, where: str) -> list[str] | None:
    """A list of commands, or one command. Commas are its own."""
    return _items(reader, [value] if isinstance(value, str) else value, where, text, "a list of commands")


def any_mapping(reader: Reader, value: t.Any, where: str) -> Mapping | None:
    """A mapping of what somebody else knows."""
    if isinstance(value, t.Mapping):
        return value
    reader.wrong(f"{where} is {_called(value)}: give a mapping.")
    return None


def choice(*accepted: str) -> Kind:
    """One of some words."""

    def read(reader: Reader, value: t.Any, where: str) -> str | None:
        if value in accepted:
            return str(value)
        reader.wrong(f"{where} is {_shown(value)}: give {_or(accepted)}.")
        return None

    return read


def mapping(keys: t.Mapping[str, Kind], *required: str) -> Kind:
    """A mapping with these keys at most, and with the required ones. A key that has none stays: it takes back what others say."""

    def read(reader: Reader, value: t.Any, where: str) -> dict[str, t.Any] | None:
        if not isinstance(value, t.Mapping):
            reader.wrong(f"{where} is {_called(value)}: give a mapping with {_and(keys)}.")
            return None
        for key in value:
            if key not in keys:
                reader.wrong(f"{where} has the unknown key {key}: {_instead(str(key), keys)}.")
        for key in required:
            if _says_nothing(value.get(key)):
                reader.wrong(f"{where} has no {key}.")
        found = {
            key: kind(reader, value[key], f"{where}.{key}")
            for key, kind in keys.items()
            if not _says_nothing(value.get(key))
        }
        unsaid = {key: None for key in keys if key in value and value[key] is None}
        return {**{key: item for key, item in found.items() if item is not None}, **unsaid}

    return read


def entries(keys: t.Mapping[str, Kind], *required: str) -> Kind:
    """A list of such mappings."""
    one = mapping(keys, *required)
    return lambda reader, value, where: _items(reader, value, where, one, "a list of mappings")


def _items(reader: Reader, value: t.Any, where: str, kind: Kind, what: str) -> list[t.Any] | None:
    if not isinstance(value, (list, tuple)):
        reader.wrong(f"{where} is {_called(value)}: give {what}.")
        return None
    found = []
    for index, item in enumerate(value):
        place = f"{where}[{index}]"
        if _says_nothing(item):
            reader.wrong(f"{place} is empty.")
        else:
            found.append(kind(reader, item, place))
    return [item for item in found if item is not None]


def _says_nothing(value: t.Any) -> bool:
    return value is None or (isinstance(value, str) and not value.strip())


def _instead(key: str, keys: t.Iterable[str]) -> str:
    near = difflib.get_close_matches(key.lower(), list(keys), 1)
    return f"perhaps {near[0]} is meant" if near else f"accepted are {_and(keys)}"


def _called(value: t.Any) -> str:
    if isinstance(value, bool):
        return "a boolean"
    if isinstance(value, str):
        return "a text"
    if isinstance(value, (int, float)):
        return "a number"
    if isinstance(value, t.Mapping):
        return "a mapping"
    if isinstance(value, (list, tuple)):
        return "a list"
    return f"a {type(value).__name__}"


def _in_quotes(value: t.Any) -> str:
    # YAML makes dates and times of texts that look like them.
    return "" if isinstance(value, (t.Mapping, list, tuple)) else ", in quotes"


def _shown(value: t.Any) -> str:
    return repr(value) if isinstance(value, (str, int, float)) and len(str(value)) < 40 else _called(value)


def _and(words: t.Iterable[str]) -> str:
    return _joined(words, "and")


def _or(words: t.Iterable[str]) -> str:
    return _joined(words, "or")


def _joined(words: t.Iterable[str], last: str) -> str:
    *others, end = words
    return f"{', '.join(others)} {last} {end}" if others else end

# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""INI files as Python's configparser reads them, which pip and twine do with: where each option stands, and how blocks get in between.

Pure. The rules are those of RawConfigParser in its default shape. What is written is read once more with configparser itself, and
refused where that would not find what others wrote as before.
"""

from __future__ import annotations

import configparser
import typing as t
from dataclasses import dataclass, replace

from .marks import Block, Document, Item, Line, Odd, Placed, content, read, without_mark, write

_COMMENT = ("#", ";")
_MESSAGES: tuple[tuple[type[configparser.Error], str], ...] = (
    (configparser.MissingSectionHeaderError, "is no section, and stands before the first one"),
    (configparser.DuplicateSectionError, "begins a section that the file has already"),
    (configparser.DuplicateOptionError, "sets an option that its section has already"),
    (configparser.ParsingError, "is neither a section nor an option"),
)


@dataclass(frozen=True)
class Option:
    """An option that counts, with the number of its first line in the file, and of its lines among those of others, from 0 on."""

    section: str
    #: In lower case.
    key: str
    value: str
    line: int
    first: int
    last: int


@dataclass(frozen=True)
class _Spot:
    """A line that is neither blank nor a comment."""

    #: Among the lines of others, from 0 on.
    index: int
    number: int
    indent: str
    #: The section that it begins, else None.
    header: str | None
    continues: bool
    text: str


def read_ini(text: str | None) -> Document:
    """The parts of a file. Raises Odd where configparser does not read it.

    A section that we began, and to which others added something, is theirs from then on.
    """
    document = read(text)
    check(text or "")
    items: list[Item] = []
    for index, item in enumerate(document.items):
        if isinstance(item, Block) and item.section and _goes_on(document.items[index + 1 :]):
            items.append(Line(f"{item.section}\n"))
            item = replace(item, section="")
        items.append(item)
    return replace(document, items=tuple(items))


def _goes_on(items: t.Sequence[Item]) -> bool:
    """Whether the first line that says something is no section's beginning."""
    for item in items:
        if isinstance(item, Block):
            if item.section:
                return False
        elif not item.replaced_for and (bare := item.text.strip()) and not bare.startswith(_COMMENT):
            return not (bare.startswith("[") and "]" in bare)
    return False


def check(text: str) -> None:
    """Raises Odd where configparser does not read a text."""
    without_mark(text)
    _parsed(text)


def _parsed(text: str) -> dict[str, dict[str, str]]:
    parser = configparser.RawConfigParser()
    try:
        # What files do with ends of lines.
        parser.read_string(text.replace("\r\n", "\n").replace("\r", "\n"))
    except configparser.Error as error:
        # One kind has a list of lines, the others one each.
        line = next((number for number, _text in getattr(error, "errors", ())), getattr(error, "lineno", 1))
        said = next((said for kind, said in _MESSAGES if isinstance(error, kind)), "cannot be read")
        raise Odd(line or 1, f"{said}, so its client does not read the file") from None
    except (AttributeError, TypeError):
        # A value without a key above it: some Pythons end in an error of their own.
        raise Odd(1, "or a later one cannot be read, so its client does not read the file") from None
    found = {name: dict(parser.items(name)) for name in parser.sections()}
    return {**found, parser.default_section: dict(parser.defaults())}


def _spots(lines: t.Sequence[Line], numbers: t.Sequence[int]) -> t.Iterator[_Spot]:
    """As RawConfigParser._read() goes through lines."""
    level = 0
    option = False
    for index, line in enumerate(lines):
        bare = line.text.strip()
        if line.replaced_for or not bare or bare.startswith(_COMMENT):
            continue
        indent = line.text[: len(line.text) - len(line.text.lstrip())]
        continues = option and len(indent) > level
        header = None
        if not continues:
            level = len(indent)
            closing = bare.rfind("]") if bare.startswith("[") else -1
            header = bare[1:closing] if closing > 1 else None
            option = header is None
        yield _Spot(index, numbers[index], indent, header, continues, bare)


def options(document: Document, numbers: t.Sequence[int]) -> list[Option]:
    """What others set, in their order. C(numbers) are those of their lines in the file as it is."""
    found: list[Option] = []
    section = ""
    for spot in _spots(document.lines, numbers):
        if spot.header is not None:
            section = spot.header
        elif spot.continues:
            found[-1] = replace(found[-1], value=f"{found[-1].value}\n{spot.text}".strip(), last=spot.index)
        else:
            key, value = _key_and_value(spot.text)
            found.append(Option(section, key, value, spot.number, spot.index, spot.index))
    return found


def _key_and_value(text: str) -> tuple[str, str]:
    at = min(found for found in (text.find("="), text.find(":"), len(text)) if found >= 0)
    return text[:at].strip().lower(), text[at + 1 :].strip()


def sections(document: Document) -> list[str]:
    """The sections of others."""
    return [spot.header for spot in _spots(document.lines, document.numbers) if spot.header is not None]


def replacing(document: Document, taken: t.Sequence[Option], kind: str) -> Document:
    """The document with options commented out for blocks of a kind."""
    gone = {index for option in taken for index in range(option.first, option.last + 1)}
    items: list[Item] = []
    index = 0
    for item in document.items:
        if isinstance(item, Line):
            if index in gone and item.text.strip() and not item.text.strip().startswith(_COMMENT):
                item = replace(item, replaced_for=kind)
            index += 1
        items.append(item)
    return replace(document, items=tuple(items))


def write_ini(document: Document, blocks: t.Sequence[tuple[str, Block]], *, within: Option | None = None) -> str | None:
    """The text with blocks, each in its section by name: right behind the section's beginning, or in a new one at the end.

    :param within: an option of others that the blocks of its section go on with, as lines of its value
    :raises Odd: configparser would not find what others wrote as before
    """
    lines = document.lines
    spots = list(_spots(lines, range(1, len(lines) + 1)))
    placed: list[Placed] = []
    new: list[Placed] = []
    begun: set[str] = set()
    for section, block in blocks:
        if within is not None and section == within.section:
            deeper = " " * (len(_indent(lines[within.first])) + 4)
            body = tuple(f"{deeper}{line.strip()}" for line in block.body)
            placed.append(Placed(replace(block, section="", body=body), within.last + 1))
            continue
        header = next((number for number, spot in enumerate(spots) if spot.header == section), None)
        if header is not None:
            # As deep as what follows, which would be read as more of our last value otherwise.
            indent = spots[header + 1].indent if header + 1 < len(spots) else ""
            body = tuple(f"{indent}{line}" for line in _dedented(block.body))
            placed.append(Placed(replace(block, section="", body=body), spots[header].index + 1))
        else:
            begins = "" if section in begun else f"[{section}]"
            begun.add(section)
            new.append(Placed(replace(block, section=begins, body=_dedented(block.body)), len(lines)))
    # Where a section of others is the last thing in the file, what goes into it comes before new ones.
    text = write(lines, [*placed, *new], exists=document.exists)
    _keeps(document, text or "", blocks)
    return text


def _indent(line: Line) -> str:
    return line.text[: len(line.text) - len(line.text.lstrip())]


def _dedented(body: t.Sequence[str]) -> tuple[str, ...]:
    """Lines without what the first one is indented by."""
    depth = len(body[0]) - len(body[0].lstrip()) if body else 0
    return tuple(line[depth:] for line in body)


def _keeps(document: Document, text: str, blocks: t.Sequence[tuple[str, Block]]) -> None:
    """Raises Odd unless all that others wrote is read as before, and what is ours with it."""
    before = _parsed("".join(content(line.text) + "\n" for line in document.lines if not line.replaced_for))
    after = _parsed(text)
    ours = {section for section, _block in blocks}
    for name, found in before.items():
        missing = {key: value for key, value in found.items() if after.get(name, {}).get(key) != value}
        if missing and not (name in ours and set(missing) == {"index-servers"}):
            raise Odd(1, "or a later one is laid out so that nothing can be added to the file without a change to it")

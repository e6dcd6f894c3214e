# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What of a text file is ours and what others wrote: marks around our lines, and before lines of others that ours stand in for.

A mark is a comment without blanks. Python's netrc module reads a comment of several words as words where a blank line stands before
it, and then nothing of the file counts; a comment of one word it skips anywhere. All other formats take any comment.

Pure: text to parts, and parts to text. Reading what was written gives the same parts, so what others wrote comes back byte for byte.
"""

from __future__ import annotations

import re
import typing as t
from dataclasses import dataclass, replace
from urllib.parse import quote, unquote

from ..._base.errors import Refused
from ..._base.values import read_time

OWNER = "pkgops.registry_auth"
_MARK = r"pkgops\.registry_auth:(?P<kind>[a-z]+)(?::(?P<name>[^:;\s]+))?"
_BEGIN = re.compile(rf"#>>>{_MARK}(?P<notes>(?:;[a-z]+(?:=[^;\s]*)?)*)")
_END = re.compile(rf"#<<<{_MARK}")
_REPLACED = re.compile(r"#---pkgops\.registry_auth:(?P<kind>[a-z]+):")
_LINE = re.compile(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+")
#: Notes of a file, on whichever block comes first: it was not there, or its last line had no end.
_NEW, _JOINED = "new", "joined"


class Odd(Refused):
    """A file is not as its client or this collection can read it. Carries the number of the line, and no part of it."""

    code = "file"

    def __init__(self, line: int, message: str) -> None:
        super().__init__(message)
        self.line = line


class Taken(Refused):
    """Somebody else set what is to be set. Carries the number of the line, and no part of it."""

    code = "foreign_setting"

    def __init__(self, line: int, message: str) -> None:
        super().__init__(message)
        self.line = line


#: What some editors begin a file with.
BYTE_ORDER_MARK = "\ufeff"


def without_mark(text: str) -> None:
    """Raises Odd where a text begins with a byte order mark, which is a part of the first word to those who do not know it."""
    if text.startswith(BYTE_ORDER_MARK):
        raise Odd(
            1, "begins with a byte order mark, by which its client may not read the file: save it as UTF-8 without one"
        )


@dataclass(frozen=True)
class Line:
    """A line that others wrote, with its end."""

    text: str
    #: For blocks of which kind it is commented out; empty while it counts.
    replaced_for: str = ""


@dataclass(frozen=True)
class Block:
    """Lines of ours, without their ends."""

    kind: str
    body: tuple[str, ...]
    #: The index or login that they are for.
    name: str = ""
    #: The section of the file in which they are to be, where the format has any.
    section: str = ""
    #: Until when a login is good, as it was given; empty when nobody said.
    until: str = ""


Item = t.Union[Line, Block]


@dataclass(frozen=True)
class Document:
    """A text file in parts, in their order."""

    items: tuple[Item, ...] = ()
    #: Whether the file is there without our blocks.
    exists: bool = True

    @property
    def lines(self) -> list[Line]:
        """What others wrote."""
        return [item for item in self.items if isinstance(item, Line)]

    @property
    def blocks(self) -> list[Block]:
        """What is ours."""
        return [item for item in self.items if isinstance(item, Block)]

    @property
    def numbers(self) -> list[int]:
        """Of each line of others, its number in the file as it is, from 1 on."""
        numbers, number = [], 1
        for item in self.items:
            if isinstance(item, Line):
                numbers.append(number)
            number += 1 if isinstance(item, Line) else len(item.body) + 2 + bool(item.section)
        return numbers

    def restored(self, *kinds: str) -> Document:
        """Without blocks of some kinds, and with the lines that they stood in for."""
        items = (
            replace(item, replaced_for="") if isinstance(item, Line) and item.replaced_for in kinds else item
            for item in self.items
            if not (isinstance(item, Block) and item.kind in kinds)
        )
        return replace(self, items=tuple(items))


@dataclass(frozen=True)
class Edit:
    """What is to be in a file, None when it is not to be there; and warnings, in which C({file}) is the file."""

    text: str | None
    warnings: tuple[str, ...] = ()
    #: Whether it only takes away what is ours. A file in which nothing of ours is left keeps its mode.
    leaving: bool = False


def split(text: str) -> list[str]:
    """The lines of a text with their ends, which are those that Python's files know."""
    return _LINE.findall(text)


def content(line: str) -> str:
    """A line without its end."""
    return line.rstrip("\r\n")


def read(text: str | None, *, coded: bool = False) -> Document:
    """The parts of a text; None is a file that is not there. Raises Odd.

    :param coded: lines that are replaced have no blanks either
    """
    items: list[Item] = []
    new = joined = False
    begun: tuple[int, re.Match[str]] | None = None
    body: list[str] = []
    for number, line in enumerate(split(text or ""), 1):
        bare = content(line)
        begin, end, replaced = _BEGIN.fullmatch(bare), _END.fullmatch(bare), _REPLACED.match(bare)
        if begin and begun is None:
            begun, body = (number, begin), []
        elif begun and end and (end["kind"], end["name"]) == (begun[1]["kind"], begun[1]["name"]):
            pairs = (note.partition("=") for note in begun[1]["notes"].split(";") if note)
            notes = {name: value for name, _equals, value in pairs}
            new, joined = new or _NEW in notes, joined or _JOINED in notes
            items.append(_block(begun[1], body, notes))
            begun = None
        elif begin or end:
            break
        elif begun:
            body.append(bare)
        elif replaced:
            original = line[replaced.end() :]
            items.append(Line(unquote(original) if coded else original, replaced["kind"]))
        else:
            items.append(Line(line))
    else:
        number = 0
    if begun or number:
        raise Odd(
            begun[0] if begun else number,
            f"is a mark of {OWNER} without the other one: remove it, and what is between them",
        )
    others = any(isinstance(item, Line) for item in items)
    if joined and isinstance(items[-1], Block):
        last = max(index for index, item in enumerate(items) if isinstance(item, Line))
        items[last] = Line(content(t.cast(Line, items[last]).text), t.cast(Line, items[last]).replaced_for)
    return Document(tuple(items), exists=text is not None and (others or not new))


def _block(begin: re.Match[str], body: list[str], notes: dict[str, str]) -> Block:
    section = ""
    if body and body[0].startswith("[") and body[0].endswith("]"):
        section, body = body[0], body[1:]
    return Block(begin["kind"], tuple(body), begin["name"] or "", section, _moment(notes.get("until", "")))


def _moment(until: str) -> str:
    """A time as we write it; empty for what somebody made of it."""
    try:
        read_time(until)
    except ValueError:
        return ""
    return until


@dataclass(frozen=True)
class Placed:
    """A block, and the number of lines of others that come before it."""

    block: Block
    after: int


def write(lines: t.Sequence[Line], placed: t.Sequence[Placed], *, exists: bool, coded: bool = False) -> str | None:
    """The text of lines of others and blocks in their places; None is a file that is not there."""
    if not placed and not exists:
        return None
    end = "\r\n" if lines and lines[0].text.endswith("\r\n") else "\n"
    joined = bool(lines) and not lines[-1].text.endswith(("\r", "\n"))
    shown = [_shown(line, coded) for line in lines]
    pieces: list[str] = []
    first = True
    for index in range(len(lines) + 1):
        for block in (one.block for one in placed if one.after == index):
            at_end = joined and index == len(lines)
            if at_end and not pieces[-1].endswith(("\r", "\n")):
                pieces.append(end)
            notes = [_NEW] * (first and not exists) + [_JOINED] * at_end
            pieces += [f"{line}{end}" for line in _rendered(block, notes)]
            first = False
        if index < len(lines):
            pieces.append(shown[index])
    return "".join(pieces)


def _shown(line: Line, coded: bool) -> str:
    if not line.replaced_for:
        return line.text
    bare = content(line.text)
    kept = quote(bare, safe="/:@=+,") if coded else bare
    return f"#---{OWNER}:{line.replaced_for}:{kept}{line.text[len(bare) :]}"


def _rendered(block: Block, notes: list[str]) -> list[str]:
    mark = f"{OWNER}:{block.kind}" + (f":{block.name}" if block.name else "")
    told = [*notes, *([f"until={block.until}"] if block.until else [])]
    header = [block.section] if block.section else []
    return ["".join([f"#>>>{mark}", *(f";{note}" for note in told)]), *header, *block.body, f"#<<<{mark}"]

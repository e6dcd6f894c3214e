# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""TOML files as far as it takes to see what stands in which lines: tables, keys, and values that are texts or booleans.

Pure, and without a library, which older Pythons do not have. Where there is one, it judges what is written. Source: TOML 1.0.0.
"""

from __future__ import annotations

import re
import sys
import typing as t
from dataclasses import dataclass, replace

from .marks import Block, Document, Line, Odd, Placed, read, without_mark, write

if sys.version_info >= (3, 11):
    import tomllib

KEY, TABLE, ARRAY = "key", "table", "array"

_CLOSED = "or a later one is laid out so that nothing can be added to the file without a change to it"

_PART = re.compile(r"""[ \t]*(?:([A-Za-z0-9_-]+)|"((?:[^"\\\n]|\\.)*)"|'([^'\n]*)')[ \t]*""")
_ESCAPE = re.compile(r'\\(?:u([0-9A-Fa-f]{4})|U([0-9A-Fa-f]{8})|([btnfr"\\]))')
_ESCAPES = {"b": "\b", "t": "\t", "n": "\n", "f": "\f", "r": "\r", '"': '"', "\\": "\\"}
#: What a value is made of, as far as its end is concerned; the longest first.
_TOKEN = re.compile(
    r'"""(?:[^"\\]|\\.|"{1,2}(?!"))*"{3,5}'
    r"|'''(?:[^']|'{1,2}(?!'))*'{3,5}"
    r'|"(?:[^"\\\n]|\\.)*"'
    r"|'[^'\n]*'"
    r"|\#[^\n]*"
    r"|[\[\]{}\n]"
    r"""|[^"'#\[\]{}\n]+""",
    re.DOTALL,
)
#: An inline table without another one in it, and its keys with their values.
_INLINE = re.compile(r"""\{(?:[^{}"']|"(?:[^"\\\n]|\\.)*"|'[^'\n]*')*\}""")
_PAIR = re.compile(r"""([A-Za-z0-9_-]+)[ \t]*=[ \t]*("(?:[^"\\\n]|\\.)*"|'[^'\n]*'|[a-z]+)""")


@dataclass(frozen=True)
class Statement:
    """A table's beginning or a key with its value, with its first and last line among those that were given, from 0 on."""

    kind: str
    #: In full, with the name of the table it is in.
    name: tuple[str, ...]
    #: As it is written; empty for a table.
    value: str
    first: int
    last: int
    #: The number of the table's beginning among the statements; -1 above the first one.
    table: int

    @property
    def text(self) -> str | None:
        """The value, if that is a text of one line."""
        match = _PART.fullmatch(self.value)
        if match is None or match[1] is not None:
            return None
        return match[3] if match[2] is None else _unescaped(match[2])

    @property
    def texts(self) -> list[str]:
        """All texts of one line in the value, which may be a list."""
        pieces = (match[0] for match in _TOKEN.finditer(self.value) if match[0][0] in "\"'")
        matches = (_PART.fullmatch(piece) for piece in pieces if not piece.startswith(('"""', "'''")))
        return [match[3] or _unescaped(match[2] or "") for match in matches if match]

    @property
    def inline(self) -> list[dict[str, str]]:
        """The inline tables in the value, in each what is a text or a word."""
        tables = (table[0] for table in _INLINE.finditer(self.value))
        found = ({pair[1]: pair[2] for pair in _PAIR.finditer(table)} for table in tables)
        return [{key: _plain(value) for key, value in table.items()} for table in found]


def _plain(value: str) -> str:
    match = _PART.fullmatch(value)
    return value if match is None or match[1] is not None else match[3] or _unescaped(match[2] or "")


def _unescaped(text: str) -> str:
    return _ESCAPE.sub(lambda match: _ESCAPES[match[3]] if match[3] else chr(int(match[1] or match[2], 16)), text)


def statements(lines: t.Sequence[str]) -> list[Statement]:
    """What stands in lines. Raises Odd, with the number of the line among these, from 1 on."""
    text, at = "".join(lines).replace("\r\n", "\n"), 0
    found: list[Statement] = []
    table: tuple[str, ...] = ()
    begun = -1
    while at < len(text):
        first = text.count("\n", 0, at)
        end = text.find("\n", at)
        line = text[at : end if end >= 0 else len(text)]
        bare = line.strip(" \t")
        if not bare or bare.startswith("#"):
            at += len(line) + 1
            continue
        if bare.startswith("["):
            kind = ARRAY if bare.startswith("[[") else TABLE
            table, rest = _name(bare[2 if kind == ARRAY else 1 :], first)
            if not rest.startswith("]]" if kind == ARRAY else "]"):
                raise Odd(first + 1, "begins a table, and not as TOML has it")
            begun = len(found)
            found.append(Statement(kind, table, "", first, first, begun))
            at += len(line) + 1
            continue
        name, rest = _name(bare, first)
        if not rest.startswith("="):
            raise Odd(first + 1, "is not TOML")
        start = at + line.index(bare) + len(bare) - len(rest) + 1
        stop = _value_end(text, start, first)
        last = text.count("\n", 0, stop)
        found.append(Statement(KEY, (*table, *name), _uncommented(text[start:stop]), first, last, begun))
        at = stop + 1
    return found


def _name(text: str, line: int) -> tuple[tuple[str, ...], str]:
    """A name of parts with dots in between, and what follows it."""
    parts = []
    while True:
        match = _PART.match(text)
        if match is None:
            raise Odd(line + 1, "is not TOML")
        parts.append(match[1] or match[3] or _unescaped(match[2] or ""))
        text = text[match.end() :]
        if not text.startswith("."):
            return tuple(parts), text
        text = text[1:]


def _value_end(text: str, start: int, line: int) -> int:
    """Where the line ends that a value ends in."""
    depth, at = 0, start
    while at < len(text):
        match = _TOKEN.match(text, at)
        if match is None:
            break
        token = match[0]
        if token == "\n" and depth <= 0:
            return at
        depth += (token in ("[", "{")) - (token in ("]", "}"))
        at = match.end()
    if at < len(text) or depth > 0:
        raise Odd(line + 1, "begins a value that does not end")
    return len(text)


def _uncommented(value: str) -> str:
    """A value without the comments in it and behind it."""
    return "".join(match[0] for match in _TOKEN.finditer(value) if not match[0].startswith("#")).strip()


def read_toml(text: str | None) -> Document:
    """The parts of a file. Raises Odd where it is not TOML, or where others went on in a table of ours."""
    document = read(text)
    parsed(text or "")
    in_ours = False
    numbers = iter(document.numbers)
    for item in document.items:
        if isinstance(item, Block):
            in_ours = in_ours or bool(item.section)
            continue
        number, bare = next(numbers), item.text.strip()
        if not in_ours or item.replaced_for or not bare or bare.startswith("#"):
            continue
        if not bare.startswith("["):
            raise Odd(
                number, "stands in a table that this collection began: move it above that, or into a table of its own"
            )
        in_ours = False
    return document


def parsed(text: str) -> dict[str, t.Any] | None:
    """What a text says, None where no library is there to ask. Raises Odd where it is not TOML."""
    without_mark(text)
    if sys.version_info < (3, 11):
        statements(text.splitlines(keepends=True))
        return None
    try:
        return tomllib.loads(text)
    except (ValueError, RecursionError) as error:
        # Nesting without end and numbers of thousands of digits get past tomllib's own error.
        match = re.search(r"at line (\d+)", str(error))
        raise Odd(
            int(match[1]) if match else max(1, text.count("\n")), "is not TOML, so its client does not read the file"
        ) from None


def counted(document: Document) -> list[str]:
    """Lines of others, in which those that are commented out are empty."""
    return ["\n" if line.replaced_for else line.text for line in document.lines]


def replacing(document: Document, gone: t.Iterable[Statement], kind: str) -> Document:
    """The document with statements commented out for blocks of a kind."""
    indexes = {index for one in gone for index in range(one.first, one.last + 1)}
    lines = [
        replace(line, replaced_for=kind) if index in indexes else line for index, line in enumerate(document.lines)
    ]
    return replace(document, items=tuple(lines))


def write_toml(
    document: Document, above: t.Sequence[Block], below: t.Sequence[Block], ours: t.Callable[[dict[str, t.Any]], None]
) -> str | None:
    """The text with blocks of keys above all tables, and of tables below them.

    :param ours: takes away from what the text says what is ours
    :raises Odd: what is left would not be what others wrote
    """
    lines: list[Line] = document.lines
    placed = [*(Placed(block, 0) for block in above), *(Placed(block, len(lines)) for block in below)]
    text = write(lines, placed, exists=document.exists)
    before = parsed("".join(counted(document)))
    try:
        after = parsed(text or "")
    except Odd:
        # What is there is TOML, and with ours it would not be.
        raise Odd(1, _CLOSED) from None
    if before is not None and after is not None:
        ours(after)
        if before != after:
            raise Odd(1, _CLOSED)
    return text


def quoted(text: str) -> str:
    """A text as TOML has it. It has no control characters and no quotes."""
    return f'"{text}"'

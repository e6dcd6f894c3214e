# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""A netrc file, by which pip, uv, poetry and many other programs log in: one login for each host.

Pure. A reader as strict as Python's netrc module, by which pip and poetry read it: what that does not read switches the whole file off,
in silence. The rules are those of that module's lexer, comments included.
"""

from __future__ import annotations

import re
import typing as t
from dataclasses import dataclass
from dataclasses import replace as changed
from urllib.parse import quote, unquote

from ..desired.logins import Login
from .marks import Block, Document, Edit, Odd, Placed, Taken, read, without_mark, write

KIND = "login"
#: How the login is called that is for hosts without one of their own.
ANY = "any other host"
#: No quotes are needed for these.
_BARE = re.compile(r"[^\s\"'\\#][^\s\"'\\]*")


@dataclass(frozen=True)
class Entry:
    """A login, with the numbers of its first and last line in the file, from 1 on. The host is empty for C(default)."""

    host: str
    login: str
    password: str
    line: int
    last: int


class _Tokens:
    """Words of a netrc, one after the other, each with the line that it begins in and the one in which its reading ended."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        #: The line that is read, from 1 on: one more as soon as a line's end was taken.
        self.line = 1
        self.began = 1
        self._again: str | None = None

    def _character(self) -> str:
        character = self.text[self.at : self.at + 1]
        self.at += len(character)
        self.line += character == "\n"
        return character

    def next(self) -> str:
        """The next word, empty at the end."""
        if self._again is not None:
            word, self._again = self._again, None
            return word
        character = self._character()
        while character and character in " \t\r\n":
            character = self._character()
        self.began = self.line
        if character == '"':
            return self._until(self._character(), '"')
        return self._until(character, " \t\r\n")

    def _until(self, character: str, ends: str) -> str:
        word = ""
        while character and character not in ends:
            word += self._character() if character == "\\" else character
            character = self._character()
        return word

    def back(self, word: str) -> None:
        """Let the word be the next one."""
        self._again = word

    def rest_of_line(self) -> str:
        """What is left of the line, with its end."""
        end = self.text.find("\n", self.at)
        rest = self.text[self.at : end + 1 if end >= 0 else len(self.text)]
        self.at += len(rest)
        self.line += rest.endswith("\n")
        return rest


def entries(text: str) -> list[Entry]:
    """All logins of a file. Raises Odd, with the first line that is not read."""
    without_mark(text)
    tokens = _Tokens(text.replace("\r\n", "\n").replace("\r", "\n"))
    found: list[Entry] = []
    while True:
        line = tokens.line
        word = tokens.next()
        began = tokens.began
        if not word:
            return found
        if word.startswith("#"):
            if tokens.line == line and len(word) == 1:
                tokens.rest_of_line()
        elif word == "macdef":
            tokens.next()
            _skip_macro(tokens, began)
        elif word in ("machine", "default"):
            host = tokens.next() if word == "machine" else ""
            if word == "machine" and not host:
                raise Odd(began, _BAD)
            found.append(_entry(tokens, host, began))
        else:
            raise Odd(began, _BAD)


_BAD = (
    "is not netrc syntax: pip, uv and poetry silently ignore the whole file because of it. Mend that line, or remove it"
)
_FIELDS = {"login": "login", "user": "login", "account": "account", "password": "password"}


def _skip_macro(tokens: _Tokens, began: int) -> None:
    while True:
        line = tokens.rest_of_line()
        if not line:
            raise Odd(
                began,
                "begins a macro that no empty line ends: pip, uv and poetry silently ignore the whole file because of it",
            )
        if line == "\n":
            return


def _entry(tokens: _Tokens, host: str, began: int) -> Entry:
    values = {"login": "", "account": "", "password": ""}
    last = tokens.began
    while True:
        line = tokens.line
        word = tokens.next()
        if word.startswith("#"):
            if tokens.line == line:
                tokens.rest_of_line()
        elif word in ("", "machine", "default", "macdef"):
            tokens.back(word)
            return Entry(host, values["login"], values["password"], began, last)
        elif word in _FIELDS:
            values[_FIELDS[word]] = tokens.next()
            last = tokens.began
        else:
            raise Odd(tokens.began, _BAD)


def with_logins(text: str | None, logins: t.Sequence[Login], *, replace: bool) -> Edit:
    """The file with these logins, and our other ones for other hosts. Raises Taken and Odd.

    Logins for one host are one entry: the caller has seen to it that they are the same.
    """
    document = _read(text)
    blocks = {block.name: block for block in document.blocks}
    for login in logins:
        blocks[_name(login.host)] = _block(login)
    return Edit(_written(_standing_in(document, blocks, replace=replace), list(blocks.values()), document.numbers))


def without_logins(text: str | None, hosts: t.Collection[str]) -> str | None:
    """The file without our logins for these hosts. Raises Odd."""
    document = _read(text)
    names = {_name(host) for host in hosts}
    blocks = {block.name: block for block in document.blocks if block.name not in names}
    return _written(_standing_in(document, blocks, replace=True), list(blocks.values()), document.numbers)


def until_of(text: str | None) -> dict[str, str]:
    """Until when our logins are good, by host; empty where nobody said. Raises Odd."""
    return {unquote(block.name): block.until for block in _read(text).blocks}


def _read(text: str | None) -> Document:
    entries(text or "")
    return read(text, coded=True)


def _name(host: str) -> str:
    return quote(host, safe="")


def _block(login: Login) -> Block:
    words = " ".join(map(_quoted, (login.host, "login", login.username, "password", login.password)))
    return Block(KIND, (f"machine {words}",), _name(login.host), until=login.until)


def _quoted(word: str) -> str:
    if _BARE.fullmatch(word):
        return word
    inner = word.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{inner}"'


def _standing_in(document: Document, blocks: t.Mapping[str, Block], *, replace: bool) -> Document:
    """The document with exactly those entries of others commented out that our blocks stand in for. Raises Taken and Odd."""
    lines = [changed(line, replaced_for="") for line in document.lines]
    numbers = document.numbers
    found = entries("".join(line.text for line in lines))
    ours = [entry for entry in found if entry.host and _name(entry.host.lower()) in blocks]
    for entry in ours:
        counts = not document.lines[entry.line - 1].replaced_for
        if counts and not replace:
            raise Taken(
                numbers[entry.line - 1],
                f"has a login for {entry.host} already, and netrc one for each host: remove it, or give replace: true to have it commented out",
            )
        for index in range(entry.line - 1, entry.last):
            lines[index] = changed(lines[index], replaced_for=KIND)
    return changed(document, items=tuple(lines))


def _values(entry: Entry) -> tuple[str, str, str]:
    return entry.host, entry.login, entry.password


def _written(document: Document, blocks: t.Sequence[Block], numbers: t.Sequence[int]) -> str | None:
    """At the top: whatever follows C(default) is read by some programs only. C(numbers) are those of lines in the file as it is."""
    lines = document.lines
    text = write(lines, [Placed(block, 0) for block in blocks], exists=document.exists, coded=True)
    names = {block.name for block in blocks}
    ours = entries("\n".join(line for block in blocks for line in block.body))
    others = [one for one in entries("".join(line.text for line in lines)) if _name(one.host.lower()) not in names]
    try:
        found = entries(text or "")
    except Odd:
        found = []
    # Two logins on one line cannot be taken apart, and what follows one that is commented out may have been a part of it.
    if [_values(one) for one in found] != [_values(one) for one in (*ours, *others)]:
        replaced = [number for number, line in zip(numbers, lines) if line.replaced_for]
        raise Odd(
            replaced[0] if replaced else 1,
            "cannot be left out, or nothing be added to the file, without a change to the logins of others: put each on lines of its own",
        )
    return text

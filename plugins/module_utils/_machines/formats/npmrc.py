# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""npm's configuration file: which registry npm asks for which scope, and with which tokens.

Pure. Sources: npm's documentation, "npmrc", and the package C(ini) that npm reads it with: a line is C(key=value), a later one beats an
earlier one, and what follows C([section]) is no setting of npm.
"""

from __future__ import annotations

import json
import re
import typing as t
from dataclasses import dataclass
from dataclasses import replace as changed
from urllib.parse import urlsplit

from ..._base.errors import InvalidInput
from ..desired.indexes import Index
from ..desired.logins import Login
from .marks import BYTE_ORDER_MARK, Block, Document, Edit, Line, Placed, Taken, read, write

INDEX, LOGIN = "index", "login"
TOKEN = ":_authToken"
_SECTION = re.compile(r"\[[^\]]*\]\s*")
#: Read as they are: no comment, quote or variable.
_BARE = re.compile(r"[A-Za-z0-9._~+/=:@-]+")


@dataclass(frozen=True)
class Setting:
    """A setting that npm reads, with the number of its line in the file, and among those of others, from 0 on."""

    key: str
    value: str
    line: int
    index: int


def settings(document: Document, numbers: t.Sequence[int]) -> list[Setting]:
    """What others set, in their order; the last one of a key counts."""
    found = []
    for index, line in enumerate(document.lines):
        # JavaScript counts a byte order mark as a blank.
        bare = line.text.strip().lstrip(BYTE_ORDER_MARK).lstrip()
        if line.replaced_for or not bare or bare.startswith((";", "#")):
            continue
        if _SECTION.fullmatch(line.text.rstrip("\r\n")):
            break
        key, _equals, value = bare.partition("=")
        found.append(Setting(_plain(key), _plain(value), numbers[index], index))
    return found


def _plain(text: str) -> str:
    """A key or value without quotes and comments."""
    text = text.strip()
    if text[:1] in "\"'" and text[-1:] == text[:1] and len(text) > 1:
        inner = text[1:-1] if text[0] == "'" else text
        try:
            found = json.loads(inner)
        except (ValueError, RecursionError):
            return inner
        return found if isinstance(found, str) else inner
    pieces, escaped = [], False
    for character in text:
        if not escaped and character in ";#":
            break
        if escaped and character not in ";#\\":
            pieces.append("\\")
        escaped = not escaped and character == "\\"
        if not escaped:
            pieces.append(character)
    return "".join([*pieces, "\\" * escaped]).strip()


def with_indexes(text: str | None, indexes: t.Sequence[Index], *, replace: bool) -> Edit:
    """The file with these indexes as ours, in place of those that were. Raises Taken and Odd."""
    found = read(text)
    wanted = {f"{index.scope}:registry" if index.scope else "registry": index.url for index in indexes}
    document, wanted = _agreed(found, wanted, INDEX, replace)
    blocks = [Block(INDEX, tuple(f"{key}={value}" for key, value in wanted.items()))] if wanted else []
    return Edit(_written(document, [*blocks, *_of_kind(found, LOGIN)]))


def without(text: str | None) -> str | None:
    """The file without indexes of ours. Raises Odd."""
    found = read(text)
    return _written(found.restored(INDEX), _of_kind(found, LOGIN))


def with_logins(text: str | None, logins: t.Sequence[Login], *, replace: bool) -> Edit:
    """The file with these logins, and our other ones. Raises Taken and Odd."""
    found = read(text)
    blocks = {block.name: block for block in _of_kind(found, LOGIN)}
    for login in logins:
        key = key_of(login.url)
        # One of another name for the same registry would beat it where it comes later.
        blocks = {name: one for name, one in blocks.items() if name == login.name or _key_in(one) != key}
        blocks[login.name] = Block(LOGIN, (f"{key}={_quoted(login.password)}",), login.name, until=login.until)
    return Edit(_with_logins(found, blocks, replace=replace))


def without_logins(text: str | None, names: t.Collection[str]) -> str | None:
    """The file without our logins of these names. Raises Odd."""
    found = read(text)
    blocks = {block.name: block for block in _of_kind(found, LOGIN) if block.name not in names}
    return _with_logins(found, blocks, replace=False)


def key_of(url: str) -> str:
    """The key of the token for a registry, which holds for all that is below its path."""
    parts = urlsplit(url)
    return f"//{parts.netloc}{parts.path.rstrip('/')}/{TOKEN}"


def _key_in(block: Block) -> str:
    return block.body[0].partition("=")[0]


def _with_logins(found: Document, blocks: t.Mapping[str, Block], *, replace: bool) -> str | None:
    keys = [_key_in(block) for block in blocks.values()]
    document, _wanted = _agreed(found, dict.fromkeys(keys, ""), LOGIN, replace)
    return _written(document, [*_of_kind(found, INDEX), *blocks.values()])


def _of_kind(document: Document, kind: str) -> list[Block]:
    return [block for block in document.blocks if block.kind == kind]


def _agreed(found: Document, wanted: t.Mapping[str, str], kind: str, replace: bool) -> tuple[Document, dict[str, str]]:
    """The document with settings of others commented out for ours, and those of ours that they do not have already. Raises Taken."""
    document, left = found.restored(kind), dict(wanted)
    gone = set()
    for setting in settings(document, found.numbers):
        if setting.key not in wanted:
            continue
        if wanted[setting.key] == setting.value and not found.lines[setting.index].replaced_for:
            left.pop(setting.key, None)
        elif replace or found.lines[setting.index].replaced_for:
            gone.add(setting.index)
        else:
            what = "a token for the same registry" if kind == LOGIN else setting.key
            raise Taken(setting.line, f"sets {what} already: remove it, or give replace: true to have it commented out")
    lines = [changed(line, replaced_for=kind) if index in gone else line for index, line in enumerate(document.lines)]
    return changed(document, items=tuple(lines)), left


def _written(document: Document, blocks: t.Sequence[Block]) -> str | None:
    """Behind the other settings, and before the first section."""
    lines: list[Line] = document.lines
    after = next(
        (index for index, line in enumerate(lines) if _SECTION.fullmatch(line.text.rstrip("\r\n"))), len(lines)
    )
    return write(lines, [Placed(block, after) for block in blocks], exists=document.exists)


def _quoted(password: str) -> str:
    """Raises InvalidInput, which holds no part of it."""
    if "${" in password:
        raise InvalidInput("password has ${ in it, which npm takes for a variable: it cannot be written for npm.")
    return password if _BARE.fullmatch(password) else json.dumps(password, ensure_ascii=False)

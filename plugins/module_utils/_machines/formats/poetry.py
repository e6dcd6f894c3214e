# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""poetry's configuration file: the repositories that poetry publishes to by name.

Pure. Source: "Configuration" and "Repositories" in poetry's documentation. What poetry installs from stands in projects.
"""

from __future__ import annotations

import re
import typing as t

from ..desired.indexes import Index
from .marks import Block, Document, Edit, Taken
from .toml import KEY, Statement, counted, quoted, read_toml, replacing, statements, write_toml

KIND = "index"
_TABLE = "repositories"
_BARE = re.compile(r"[A-Za-z0-9_-]+")


def with_indexes(text: str | None, indexes: t.Sequence[Index], *, replace: bool) -> Edit:
    """The file with the indexes that are published to as ours, in place of those that were. Raises Taken and Odd."""
    found = read_toml(text)
    document = found.restored(KIND)
    wanted = {index.name: index.publish_url for index in indexes if index.publish}
    gone: list[Statement] = []
    for one in statements(counted(document)):
        line = found.numbers[one.first]
        if one.name == (_TABLE,) and one.kind == KEY and wanted:
            raise Taken(line, f"sets {_TABLE} as one value, to which nothing can be added: write a table for each")
        name = one.name[1] if one.name[:1] == (_TABLE,) and len(one.name) > 1 else None
        if name not in wanted:
            continue
        before = bool(found.lines[one.first].replaced_for)
        if not before and one.name == (_TABLE, name, "url") and one.text == wanted[name]:
            gone = [other for other in gone if other.name[1] != name]
            del wanted[name]
        elif replace or before or one.kind != KEY:
            gone.append(one)
        else:
            raise Taken(
                line, f"sets the repository {name} already: remove it, or give replace: true to have it commented out"
            )
    gone = [one for one in gone if one.name[1] in wanted]
    return Edit(_written(replacing(document, gone, KIND), wanted))


def without(text: str | None) -> str | None:
    """The file as others wrote it. Raises Odd."""
    return _written(read_toml(text).restored(KIND), {})


def _written(document: Document, wanted: t.Mapping[str, str]) -> str | None:
    below = []
    for name, url in wanted.items():
        part = name if _BARE.fullmatch(name) else quoted(name)
        below.append(Block(KIND, (f"url = {quoted(url)}",), name, section=f"[{_TABLE}.{part}]"))

    def ours(says: dict[str, t.Any]) -> None:
        for name in wanted:
            del says[_TABLE][name]
        if wanted and not says[_TABLE] and not any(one.name == (_TABLE,) for one in statements(counted(document))):
            del says[_TABLE]

    return write_toml(document, [], below, ours)

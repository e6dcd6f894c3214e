# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""uv's configuration file: which indexes uv installs from.

Pure. Sources: "Package indexes" and "Settings" in uv's documentation. Indexes that are not the default are asked first, in their order,
and the first one that has a name decides: so ours come first, and the default is the last one that is to be asked.
"""

from __future__ import annotations

import typing as t
from dataclasses import dataclass

from ..desired.indexes import Index, confusion
from .marks import Block, Document, Edit, Taken
from .toml import ARRAY, KEY, Statement, counted, quoted, read_toml, replacing, statements, write_toml

KIND = "index"
_ABOVE, _BELOW = "above", "below"
_PROVIDER = "keyring-provider"


@dataclass(frozen=True)
class Entry:
    """An index that others set, and what it stands in."""

    name: str | None
    url: str | None
    kind: str
    statements: tuple[Statement, ...]


def with_indexes(text: str | None, indexes: t.Sequence[Index], *, replace: bool) -> Edit:
    """The file with these indexes as ours, in place of those that were. Raises Taken and Odd."""
    found = read_toml(text)
    document = found.restored(KIND)
    numbers, lines = found.numbers, found.lines
    alone = any(not index.extra for index in indexes)
    gone: list[Statement] = []
    warnings = []
    for entry in entries(document):
        first = entry.statements[0].first
        agreed = replace or bool(lines[first].replaced_for)
        # Tables cannot follow a list that is one value.
        closed = bool(indexes) and entry.statements[0].name == ("index",) and entry.statements[0].kind == KEY
        clashes = closed or entry.name in {index.name for index in indexes} or (alone and entry.kind == "default")
        if agreed and (clashes or (alone and entry.kind == "extra")):
            gone += entry.statements
        elif clashes:
            what = (
                "sets index as one value, to which nothing can be added: write an [[index]] for each"
                if closed
                else "has the default index, or one of the same name, already: remove it"
            )
            raise Taken(numbers[first], f"{what}, or give replace: true to have it commented out")
        elif alone and entry.kind == "extra":
            warnings.append(confusion("uv", numbers[first]))
    provider = any(index.keyring for index in indexes)
    for one in statements(counted(document)):
        if provider and one.kind == KEY and one.name in ((_PROVIDER,), ("pip", _PROVIDER)):
            if one.text == "subprocess" and not lines[one.first].replaced_for:
                provider = provider and one.name != (_PROVIDER,)
            elif replace or lines[one.first].replaced_for:
                gone.append(one)
            else:
                raise Taken(
                    numbers[one.first],
                    f"sets {_PROVIDER} already: remove it, or give replace: true to have it commented out",
                )
    document = replacing(document, gone, KIND)
    return Edit(_written(document, indexes, provider=provider), tuple(warnings))


def without(text: str | None) -> str | None:
    """The file as others wrote it. Raises Odd."""
    return _written(read_toml(text).restored(KIND), (), provider=False)


def entries(document: Document) -> list[Entry]:
    """The indexes of others, in their order. Raises Odd."""
    found = statements(counted(document))
    result = []
    for position, one in enumerate(found):
        if one.kind == ARRAY and one.name == ("index",):
            own = [other for other in found if other.kind == KEY and other.table == position]
            values = {other.name[-1]: other for other in own}
            name, url = (values[key].text if key in values else None for key in ("name", "url"))
            kind = next(
                (key for key in ("default", "explicit") if key in values and values[key].value == "true"), "extra"
            )
            result.append(Entry(name, url, kind, (one, *own)))
        elif one.kind == KEY and one.name in (("index",), ("index-url",), ("pip", "index-url")):
            result.append(Entry(None, one.text, "default", (one,)))
        elif one.kind == KEY and one.name in (("extra-index-url",), ("pip", "extra-index-url")):
            result.append(Entry(None, one.text, "extra", (one,)))
    return result


def _written(document: Document, indexes: t.Sequence[Index], *, provider: bool) -> str | None:
    above = [Block(KIND, (f'{_PROVIDER} = "subprocess"',), _ABOVE)] if provider else []
    # The last one that is asked is the default, in place of uv's own, unless all of them are extra.
    ordered = sorted(indexes, key=lambda index: index.extra)
    default = ordered[-1] if ordered and not ordered[0].extra else None
    body = [line for index in ordered for line in _entry(index, default=index is default)]
    below = [Block(KIND, tuple(body[1:]), _BELOW, section=body[0])] if body else []

    def ours(says: dict[str, t.Any]) -> None:
        if provider:
            del says[_PROVIDER]
        if ordered:
            del says["index"][-len(ordered) :]
            if not says["index"]:
                del says["index"]

    return write_toml(document, above, below, ours)


def _entry(index: Index, *, default: bool) -> t.Iterator[str]:
    yield "[[index]]"
    yield f"name = {quoted(index.name)}"
    yield f"url = {quoted(index.login_url)}"
    if default:
        yield "default = true"
    if index.username:
        # Without a login, uv is to fail and not to ask as nobody.
        yield 'authenticate = "always"'

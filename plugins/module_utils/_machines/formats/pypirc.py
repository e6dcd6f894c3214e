# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""twine's configuration file: the repositories that it publishes to by name, and their logins.

Pure. Sources: "The .pypirc file" in the Python Packaging User Guide, and twine's code: a section counts where C(index-servers) names it,
and without that the names are C(pypi) and C(testpypi). Values are taken as they are, without interpolation.
"""

from __future__ import annotations

import configparser
import typing as t
from dataclasses import replace as changed

from ..._base.errors import NotFound
from ..desired.indexes import Index
from ..desired.logins import Login
from .ini import Option, options, read_ini, replacing, sections, write_ini
from .marks import Block, Document, Edit, Odd, Taken

INDEX, LOGIN, SERVERS = "index", "login", "servers"
_DISTUTILS, _NAMES = "distutils", "index-servers"
#: What twine knows where the file names none.
_DEFAULTS = ("pypi", "testpypi")


def with_indexes(text: str | None, indexes: t.Sequence[Index], *, replace: bool) -> Edit:
    """The file with the indexes that are published to as ours, in place of those that were. Raises Taken and Odd."""
    found = _read(text)
    published = {index.name: index.publish_url for index in indexes if index.publish}
    document, left = _agreed(found, {(name, "repository"): url for name, url in published.items()}, INDEX, replace)
    urls = {name: url for (name, _key), url in left.items()}
    return Edit(_written(document, urls, list(published), _logins(found)))


def without(text: str | None) -> str | None:
    """The file without indexes of ours, and without logins for them. Raises Odd."""
    found = read_ini(text)
    return _written(found.restored(INDEX, SERVERS), {}, [], _logins(found))


def with_logins(text: str | None, logins: t.Sequence[Login], *, replace: bool, assumed: bool = False) -> Edit:
    """The file with these logins, each in the section of its name, and our other ones.

    :param assumed: take it that a section that is missing will be there
    :raises NotFound: there is no such section
    :raises Taken: somebody else has a login in it
    :raises Odd: the file is not as it should be
    """
    found = _read(text)
    known = {*sections(found), *_urls(found)}
    missing = next((login.name for login in logins if login.name not in known), None)
    if missing and not assumed:
        raise NotFound(
            f"twine knows no repository {missing}: let package_client_config write it first, with publish: true."
        )
    values = {
        (login.name, key): value
        for login in logins
        for key, value in (("username", login.username), ("password", login.password))
    }
    blocks = _logins(found)
    for name, block in blocks.items():
        if name not in {login.name for login in logins}:
            values.update({(name, line.partition(" = ")[0]): line.partition(" = ")[2] for line in block.body})
    document, left = _agreed(found, values, LOGIN, replace, never_theirs=frozenset({"password"}))
    for login in logins:
        body = [f"{key} = {value}" for (name, key), value in left.items() if name == login.name]
        blocks[login.name] = Block(LOGIN, tuple(body), login.name, until=login.until)
    return Edit(_written(document, _urls(found), _servers(found), blocks, assumed=assumed))


def without_logins(text: str | None, names: t.Collection[str]) -> str | None:
    """The file without our logins of these names. Raises Odd."""
    found = read_ini(text)
    blocks = {name: block for name, block in _logins(found).items() if name not in names}
    values = {
        (name, line.partition(" = ")[0]): line.partition(" = ")[2]
        for name, block in blocks.items()
        for line in block.body
    }
    document, _left = _agreed(found, values, LOGIN, False)
    return _written(document, _urls(found), _servers(found), blocks)


def _read(text: str | None) -> Document:
    """The parts of a file to which something can be added. Raises Odd."""
    found = read_ini(text)
    for option in options(found, found.numbers):
        if option.section == configparser.DEFAULTSECT:
            raise Odd(
                option.line,
                f"is in the section {option.section}, and so counts for every repository: move it to the section it is for",
            )
    return found


def _logins(document: Document) -> dict[str, Block]:
    blocks = {block.name: block for block in document.blocks if block.kind == LOGIN}
    return {
        name: changed(block, body=tuple(line.strip() for line in block.body), section="")
        for name, block in blocks.items()
    }


def _urls(document: Document) -> dict[str, str]:
    """The repositories that are ours."""
    return {
        block.name: block.body[0].strip().partition(" = ")[2]
        for block in document.blocks
        if block.kind == INDEX and block.body
    }


def _servers(document: Document) -> list[str]:
    """The names that we added to those of others."""
    lines = [line for block in document.blocks if block.kind == SERVERS for line in block.body]
    return [line.strip() for line in lines if "=" not in line]


def _agreed(
    found: Document,
    wanted: t.Mapping[tuple[str, str], str],
    kind: str,
    replace: bool,
    never_theirs: t.Collection[str] = (),
) -> tuple[Document, dict[tuple[str, str], str]]:
    """The document with options of others commented out for ours, and those of ours that they do not have already. Raises Taken."""
    document, left = found.restored(kind), dict(wanted)
    taken: list[Option] = []
    for option in options(document, found.numbers):
        name = (option.section, option.key)
        before = bool(found.lines[option.first].replaced_for)
        if name not in wanted:
            continue
        if option.value == wanted[name] and not before and option.key not in never_theirs:
            del left[name]
        elif replace or before:
            taken.append(option)
        else:
            raise Taken(
                option.line,
                f"sets {option.key} of {option.section} already: remove it, or give replace: true to have it commented out",
            )
    return replacing(document, taken, kind), left


def _written(
    document: Document,
    urls: t.Mapping[str, str],
    names: t.Sequence[str],
    logins: t.Mapping[str, Block],
    *,
    assumed: bool = False,
) -> str | None:
    """The text with our repositories, their names among those of others, and logins for repositories that are there."""
    within = next(
        (one for one in options(document, document.numbers) if (one.section, one.key) == (_DISTUTILS, _NAMES)), None
    )
    theirs = within.value.split() if within else list(_DEFAULTS)
    new = [name for name in names if name not in theirs]
    blocks: list[tuple[str, Block]] = []
    if new:
        body = [f"    {name}" for name in (new if within else [*theirs, *new])]
        blocks.append((_DISTUTILS, Block(SERVERS, tuple(body if within else [f"{_NAMES} =", *body]))))
    known = {*sections(document), *urls}
    for name in dict.fromkeys([*urls, *logins]):
        if name in urls:
            blocks.append((name, Block(INDEX, (f"repository = {urls[name]}",), name)))
        if name in logins and (assumed or name in known):
            blocks.append((name, logins[name]))
    return write_ini(document, blocks, within=within)

# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which indexes and logins the text of a client's file names, ours and those of others alike. Pure; no password comes out of it."""

from __future__ import annotations

import os
import typing as t
from dataclasses import dataclass
from urllib.parse import SplitResult, urlsplit, urlunsplit

from .formats import netrc, npmrc, pip_conf, uv_toml
from .formats.ini import check, options
from .formats.marks import Document, Line, read, split
from .formats.netrc import Entry
from .formats.toml import counted, read_toml, statements

DEFAULT, EXTRA, SCOPE, PUBLISH = "default", "extra", "scope", "publish"
URL, NETRC, KEYRING, TOKEN, FILE, NONE = "url", "netrc", "keyring", "token", "file", "none"


@dataclass(frozen=True)
class NamedIndex:
    """An index that a file names."""

    url: str
    line: int
    kind: str
    name: str | None = None
    scope: str | None = None
    #: Whether the URL has a user name, and a password.
    username: bool = False
    password: bool = False
    #: Whether the client asks with a login only.
    authenticate: bool = False


@dataclass(frozen=True)
class FoundLogin:
    """A login in a file."""

    kind: str
    #: The host, address or section that it is for.
    target: str
    line: int
    ours: bool = False
    until: str = ""


@dataclass(frozen=True)
class Contents:
    """What a file says."""

    indexes: tuple[NamedIndex, ...] = ()
    logins: tuple[FoundLogin, ...] = ()
    #: The keyring that pip or uv asks, as the file says it.
    keyring: str | None = None
    ours: bool = False


@dataclass(frozen=True)
class Seen:
    """A file that is there, and what could be read of it."""

    client: str
    level: str
    path: str
    #: None when even that may not be seen.
    status: os.stat_result | None
    readable: bool
    contents: Contents
    #: Why it could not be read, and in which line.
    broken: str = ""
    line: int = 0


def _whole(text: str) -> Document:
    """The text as if all of it were one writer's."""
    return Document(tuple(Line(line) for line in split(text)))


def _ours(text: str) -> dict[tuple[str, str], str]:
    """Until when our logins are good, by kind and name of the block."""
    return {(block.kind, block.name): block.until for block in read(text).blocks}


def _index(url: str, line: int, kind: str, **rest: t.Any) -> NamedIndex:
    try:
        parts: SplitResult | None = urlsplit(url)
        named, secret = bool(parts and parts.username), bool(parts and parts.password)
    except ValueError:
        parts = None
    if parts is None:
        # It may hold a password, and where that is cannot be told.
        return NamedIndex("", line, kind, **rest)
    clean = urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2]))
    return NamedIndex(clean, line, kind, username=named, password=secret, **rest)


def _in_urls(indexes: t.Iterable[NamedIndex]) -> tuple[FoundLogin, ...]:
    return tuple(FoundLogin(URL, index.url, index.line) for index in indexes if index.password)


def of_pip(text: str) -> Contents:
    """pip.conf. Raises Odd."""
    check(text)
    document = _whole(text)
    kinds = {pip_conf.INDEX: DEFAULT, pip_conf.EXTRA: EXTRA}
    found, provider = [], None
    for option in options(document, document.numbers):
        key = pip_conf.key_of(option)
        # Those of other commands say nothing of what is installed.
        if option.section not in ("global", "install", "DEFAULT"):
            continue
        if key in kinds:
            found += [_index(word, option.line, kinds[key]) for word in option.value.split()]
        elif key == "keyring-provider":
            provider = option.value
    return Contents(tuple(found), _in_urls(found), provider, bool(_ours(text)))


def of_uv(text: str) -> Contents:
    """uv.toml. Raises Odd."""
    read_toml(text)
    document = _whole(text)
    found = []
    for entry in uv_toml.entries(document):
        if entry.url and entry.kind != "explicit":
            keys = {one.name[-1]: one.text for one in entry.statements}
            authenticate = keys.get("authenticate") == "always"
            line = entry.statements[0].first + 1
            found.append(_index(entry.url, line, entry.kind, name=entry.name, authenticate=authenticate))
    named = [
        one for one in statements(counted(document)) if one.name in (("keyring-provider",), ("pip", "keyring-provider"))
    ]
    return Contents(tuple(found), _in_urls(found), named[-1].text if named else None, bool(_ours(text)))


def of_twine(text: str) -> Contents:
    """.pypirc. Raises Odd."""
    check(text)
    document = _whole(text)
    ours = _ours(text)
    found, logins = [], []
    for option in options(document, document.numbers):
        if option.key == "repository":
            found.append(_index(option.value, option.line, PUBLISH, name=option.section))
        elif option.key == "password":
            own = ("login", option.section)
            logins.append(FoundLogin(FILE, option.section, option.line, own in ours, ours.get(own, "")))
    return Contents(tuple(found), (*_in_urls(found), *logins), None, bool(ours))


def of_npm(text: str) -> Contents:
    """.npmrc. Raises Odd."""
    document = _whole(text)
    ours = {block.body[0].partition("=")[0]: block.until for block in read(text).blocks if block.kind == "login"}
    found, logins = [], []
    for setting in npmrc.settings(document, document.numbers):
        if setting.key == "registry":
            found.append(_index(setting.value, setting.line, DEFAULT))
        elif setting.key.startswith("@") and setting.key.endswith(":registry"):
            found.append(_index(setting.value, setting.line, SCOPE, scope=setting.key.partition(":")[0]))
        elif setting.key.rpartition(":")[2] in ("_authToken", "_auth", "_password"):
            target = setting.key.rpartition(":")[0].strip("/")
            logins.append(FoundLogin(TOKEN, target, setting.line, setting.key in ours, ours.get(setting.key, "")))
    return Contents(tuple(found), (*_in_urls(found), *logins), None, bool(_ours(text)))


def of_poetry(text: str) -> Contents:
    """config.toml and auth.toml. Raises Odd."""
    read_toml(text)
    found, logins = [], []
    for one in statements(counted(_whole(text))):
        if one.name[:1] == ("repositories",) and one.name[2:] == ("url",) and one.text:
            found.append(_index(one.text, one.first + 1, PUBLISH, name=one.name[1]))
        elif (one.name[:1] == ("http-basic",) and one.name[2:] == ("password",)) or (
            one.name[:1] == ("pypi-token",) and len(one.name) > 1
        ):
            logins.append(FoundLogin(FILE, one.name[1], one.first + 1))
    return Contents(tuple(found), (*_in_urls(found), *logins), None, bool(_ours(text)))


def of_netrc(text: str) -> Contents:
    """.netrc. Raises Odd."""
    found: list[Entry] = netrc.entries(text)
    until = netrc.until_of(text)
    logins = [
        FoundLogin(NETRC, one.host or netrc.ANY, one.line, one.host in until, until.get(one.host, "")) for one in found
    ]
    return Contents((), tuple(logins), None, bool(until))


READERS: t.Mapping[str, t.Callable[[str], Contents]] = {
    "pip": of_pip,
    "uv": of_uv,
    "twine": of_twine,
    "npm": of_npm,
    "poetry": of_poetry,
    "netrc": of_netrc,
}

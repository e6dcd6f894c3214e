# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which indexes and logins the text of a client's file names, ours and those of others alike. Pure; no password comes out of it."""

from __future__ import annotations

import os
import re
import typing as t
from dataclasses import dataclass
from urllib.parse import SplitResult, urlsplit, urlunsplit

from .formats import netrc, npmrc, pip_conf, uv_toml
from .formats.ini import check, options
from .formats.marks import Document, Line, read, split
from .formats.netrc import Entry
from .formats.toml import KEY, counted, read_toml, statements

#: The end of a login which has a character of its own that begins the path, and so stands in that. Scopes of npm are at its beginning.
_LATE = re.compile(r"[^/]@")
#: A name, a colon and a password at the beginning of an address.
_PASSWORD = re.compile(r"(?://|^(?!.*://))[^/:@]*:.*[^/]@")
#: A value that npm takes from the environment. Source: npm's documentation, "npmrc".
_VARIABLE = re.compile(r"\$\{[^}:]+\}")

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
    #: Whether it stands in a section of pip's for one command, which beats the section for all in whatever file.
    of_command: bool = False


@dataclass(frozen=True)
class FoundLogin:
    """A login in a file."""

    kind: str
    #: The host, address or section that it is for.
    target: str
    line: int
    ours: bool = False
    until: str = ""
    #: Whether it has a secret in it, and not only the name of a variable.
    secret: bool = True


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
        # It has to be a number.
        _port = parts and parts.port
    except ValueError:
        parts = None
    if parts is None or (":" in parts.netloc and "@" not in parts.netloc and _LATE.search(url)):
        # It may hold a password, and where that is cannot be told.
        return NamedIndex("", line, kind, password="@" in url, **rest)
    clean = urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2]))
    return NamedIndex(clean, line, kind, username=named, password=secret, **rest)


def _secret_in(value: str) -> bool:
    """Whether a value has an address with a password in it, such as that of a proxy, which needs no scheme."""
    return any(_PASSWORD.search(word) for word in value.split())


def _in_urls(indexes: t.Iterable[NamedIndex]) -> tuple[FoundLogin, ...]:
    return tuple(FoundLogin(URL, index.url, index.line) for index in indexes if index.password)


def of_pip(text: str) -> Contents:
    """pip.conf. Raises Odd."""
    check(text)
    document = _whole(text)
    kinds = {pip_conf.INDEX: DEFAULT, pip_conf.EXTRA: EXTRA}
    found, others, provider = [], [], None
    for option in options(document, document.numbers):
        key = pip_conf.key_of(option)
        # Those of other commands say nothing of what is installed.
        counts = option.section in ("global", "install", "DEFAULT")
        if counts and key in kinds:
            own = option.section == "install"
            found += [_index(word, option.line, kinds[key], of_command=own) for word in option.value.split()]
        elif _secret_in(option.value):
            others.append(FoundLogin(FILE, key, option.line))
        elif counts and key == "keyring-provider":
            provider = option.value
    return Contents(tuple(found), (*_in_urls(found), *others), provider, bool(_ours(text)))


def of_uv(text: str) -> Contents:
    """uv.toml. Raises Odd."""
    read_toml(text)
    document = _whole(text)
    found, seen = [], set()
    for entry in uv_toml.entries(document):
        seen |= {(one.first, one.last) for one in entry.statements}
        found += list(_of_uv_entry(entry))
    everything = statements(counted(document))
    others = [
        FoundLogin(FILE, one.name[-1], one.first + 1)
        for one in everything
        if (one.first, one.last) not in seen and any(map(_secret_in, one.texts))
    ]
    named = [one for one in everything if one.name in (("keyring-provider",), ("pip", "keyring-provider"))]
    asked = tuple(index for index in found if index.kind != "explicit")
    return Contents(asked, (*_in_urls(found), *others), named[-1].text if named else None, bool(_ours(text)))


def _of_uv_entry(entry: uv_toml.Entry) -> t.Iterator[NamedIndex]:
    """The indexes of a table, or of a value that lists some."""
    first = entry.statements[0]
    line = first.first + 1
    if entry.url:
        keys = {one.name[-1]: one.text for one in entry.statements}
        yield _index(entry.url, line, entry.kind, name=entry.name, authenticate=keys.get("authenticate") == "always")
    elif first.name == ("index",) and first.kind == KEY:
        for table in first.inline:
            kind = next((one for one in (DEFAULT, "explicit") if table.get(one) == "true"), EXTRA)
            authenticate = table.get("authenticate") == "always"
            yield _index(table.get("url", ""), line, kind, name=table.get("name"), authenticate=authenticate)
    else:
        yield from (_index(text, line, entry.kind) for text in first.texts)


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
            secret = not _VARIABLE.fullmatch(setting.value)
            logins.append(
                FoundLogin(TOKEN, target, setting.line, setting.key in ours, ours.get(setting.key, ""), secret)
            )
        elif _secret_in(setting.value):
            logins.append(FoundLogin(FILE, setting.key, setting.line))
    return Contents(tuple(found), (*_in_urls(found), *logins), None, bool(_ours(text)))


def of_poetry(text: str) -> Contents:
    """config.toml and auth.toml. Raises Odd."""
    read_toml(text)
    found, logins = [], []
    for one in statements(counted(_whole(text))):
        table, name, rest = one.name[:1], one.name[1:2], one.name[2:]
        inline = {key: value for keys in one.inline for key, value in keys.items()} if name and not rest else {}
        url = one.text if rest == ("url",) else inline.get("url")
        if table == ("repositories",) and url:
            found.append(_index(url, one.first + 1, PUBLISH, name=name[0]))
        elif (table == ("http-basic",) and (rest == ("password",) or "password" in inline)) or (
            table == ("pypi-token",) and name
        ):
            logins.append(FoundLogin(FILE, name[0], one.first + 1))
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

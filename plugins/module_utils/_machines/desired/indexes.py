# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Package indexes that clients are to use, as options say. Pure."""

from __future__ import annotations

import re
import typing as t
from dataclasses import dataclass
from urllib.parse import urlsplit, urlunsplit

from ..._base.errors import InvalidInput
from ..._base.values import normal_url, parse_endpoint, parse_url

PYTHON, NPM = "python", "npm"
#: The format that each client installs.
FORMATS = {"pip": PYTHON, "uv": PYTHON, "twine": PYTHON, "poetry": PYTHON, "npm": NPM}

_NAME = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]{0,98}[A-Za-z0-9])?")
#: What URLs are made of, without what a configuration file reads as a comment, a variable or a quote.
_PLAIN = re.compile(r"[A-Za-z0-9._~:/?&=+%,@\[\]-]+")
_USERNAME = re.compile(r"[A-Za-z0-9._~-]+")
#: Sections of .pypirc with a meaning of their own.
_TWINES_OWN = frozenset({"default", "distutils", "pypi", "testpypi", "server-login"})
_SCOPE = re.compile(r"@[a-z0-9~-][a-z0-9._~-]*")


@dataclass(frozen=True)
class Index:
    """A package index, and what clients are to know of it."""

    name: str
    url: str
    format: str = PYTHON
    scope: str | None = None
    extra: bool = False
    publish: bool = False
    username: str | None = None
    keyring: bool = False
    publish_url: str = ""

    @property
    def login_url(self) -> str:
        """The URL, with the user name where a keyring is asked by it."""
        if not self.keyring:
            return self.url
        parts = urlsplit(self.url)
        return urlunsplit(parts._replace(netloc=f"{self.username}@{parts.netloc}"))


def read_indexes(given: t.Sequence[t.Mapping[str, t.Any]]) -> tuple[Index, ...]:
    """Indexes from options. Raises one InvalidInput that names each wrong one."""
    indexes, problems = [], []
    for number, entry in enumerate(given):
        try:
            indexes.append(_index(entry))
        except InvalidInput as error:
            problems.append(f"indexes[{number}]: {error}")
    if problems:
        raise InvalidInput(" ".join(problems))
    _together(indexes)
    return tuple(indexes)


def _index(given: t.Mapping[str, t.Any]) -> Index:
    name, username, scope = given["name"], given.get("username") or None, given.get("scope") or None
    package_format = given.get("format") or PYTHON
    extra, publish, keyring = (bool(given.get(option)) for option in ("extra", "publish", "keyring"))
    check_name(name)
    check_username(username)
    if publish and name.lower() in _TWINES_OWN:
        raise InvalidInput(f"name {name!r} means something else to twine: choose another one for what is published to.")
    if keyring and not username:
        raise InvalidInput("keyring needs username: oauth2accesstoken for Artifact Registry, aws for CodeArtifact.")
    sends = "the login" if username else "nothing"
    url = check_url(given["url"], option="url", sends=sends)
    publish_url = given.get("publish_url") or ""
    if publish_url:
        publish_url = check_url(publish_url, option="publish_url", sends="the login")
    elif publish and package_format == PYTHON:
        # Both clouds take uploads there.
        publish_url = re.sub(r"simple/?$", "", url)
    if package_format == NPM:
        _check_npm(scope, extra=extra, keyring=keyring)
    elif scope:
        raise InvalidInput("scope is for format npm.")
    return Index(name, url, package_format, scope, extra, publish, username, keyring, publish_url)


def _check_npm(scope: str | None, *, extra: bool, keyring: bool) -> None:
    if extra:
        raise InvalidInput("extra is not for npm, which asks one registry for each scope: give scope.")
    if keyring:
        raise InvalidInput("keyring is not for npm, which asks none: let package_client_login write its token.")
    if scope and not _SCOPE.fullmatch(scope):
        raise InvalidInput(f"scope {scope!r} is not one of npm: give for example '@acme', in quotes.")


def check_name(name: str) -> None:
    """Raises InvalidInput."""
    if not _NAME.fullmatch(name):
        raise InvalidInput(
            f"name {name!r} is not accepted: letters, digits, '.', '_' and '-' are, at most 100, with a letter or digit at both ends."
        )


def check_username(username: str | None) -> None:
    """Raises InvalidInput."""
    if username and not _USERNAME.fullmatch(username):
        raise InvalidInput("username has characters that are not accepted: letters, digits, '.', '_', '~' and '-' are.")


def check_url(url: str, *, option: str, sends: str) -> str:
    """A URL in the form in which clients look for its login. Raises InvalidInput, which does not quote it.

    :param sends: what goes there that others must not read, or C(nothing)
    """
    parse_url(url, option=option)
    if not _PLAIN.fullmatch(url):
        raise InvalidInput(
            f"{option} has characters that a configuration file reads in another way: percent-encode them."
        )
    if sends != "nothing":
        parse_endpoint(url, option=option, sends=sends)
    return normal_url(url)


def _together(indexes: t.Sequence[Index]) -> None:
    """Raises InvalidInput where indexes exclude each other."""
    seen: dict[str, str] = {}
    for index in indexes:
        if index.name in seen:
            raise InvalidInput(f"Two indexes are named {index.name}: give each its own name.")
        seen[index.name] = ""
    alone: dict[tuple[str, str | None], str] = {}
    for index in indexes:
        if index.extra:
            continue
        key = (index.format, index.scope)
        if key in alone:
            what = f"for the npm scope {index.scope}" if index.scope else f"for format {index.format}"
            raise InvalidInput(
                f"{alone[key]} and {index.name} are both to be the index {what}: one is; give extra to the other for Python, or a scope for npm."
            )
        alone[key] = index.name


def of_format(indexes: t.Sequence[Index], client: str) -> tuple[Index, ...]:
    """The indexes that a client can use."""
    return tuple(index for index in indexes if index.format == FORMATS[client])


def confusion(client: str, line: int) -> str:
    """What is said of an index of others next to ours."""
    return (
        f"{{file}} line {line} has another index, which others set: {client} may take a package of yours from there (dependency confusion). "
        "Put that index behind yours, as an upstream or in a virtual repository, and remove the line, or give replace: true."
    )

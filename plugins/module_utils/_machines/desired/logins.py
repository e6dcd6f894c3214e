# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Logins to package indexes that a user's clients are to have, as options say. Pure."""

from __future__ import annotations

import re
import typing as t
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from ..._base.errors import InvalidInput
from ..._base.values import parse_time
from .indexes import NPM, PYTHON, check_name, check_url, check_username

#: What a file can hold for all its readers. A token has none of the others.
_PASSWORD = re.compile(r"[^\x00-\x1f\x7f\u0085\u2028\u2029]+")


@dataclass(frozen=True)
class Login:
    """A login to a package index. Absent ones have no user name and no password."""

    name: str
    url: str
    format: str = PYTHON
    username: str = ""
    password: str = field(default="", repr=False)
    #: Until when it is good, in UTC; empty for one that does not end.
    until: str = ""
    #: Whether it is also for publishing to the repository of its name.
    publish: bool = False

    @property
    def host(self) -> str:
        """The host, for which netrc has one login whatever port and path are."""
        return urlsplit(self.url).hostname or ""


def read_logins(given: t.Sequence[t.Mapping[str, t.Any]], *, absent: bool) -> tuple[Login, ...]:
    """Logins from options. Raises one InvalidInput that names each wrong one, and holds no part of a password."""
    logins, problems = [], []
    for number, entry in enumerate(given):
        try:
            logins.append(_login(entry, absent))
        except InvalidInput as error:
            problems.append(f"logins[{number}]: {error}")
    if problems:
        raise InvalidInput(" ".join(problems))
    names = [login.name for login in logins]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice:
        raise InvalidInput(f"Two logins are named {twice}: give each its own name.")
    return tuple(logins)


def _login(given: t.Mapping[str, t.Any], absent: bool) -> Login:
    name, package_format = given["name"], given.get("format") or PYTHON
    check_name(name)
    url = check_url(given["url"], option="url", sends="the login")
    publish = bool(given.get("publish"))
    if absent:
        return Login(name, url, package_format, publish=publish)
    username, password = given.get("username") or "", given.get("password") or ""
    if not password:
        raise InvalidInput("password is missing: give the token or password to log in with.")
    if not username and package_format != NPM:
        raise InvalidInput("username is missing: it is oauth2accesstoken for Artifact Registry, aws for CodeArtifact.")
    check_username(username)
    check_password(password)
    return Login(name, url, package_format, username, password, _until(given), publish)


def check_password(password: str) -> None:
    """Raises InvalidInput, which holds no part of it."""
    if not _PASSWORD.fullmatch(password):
        raise InvalidInput("password has a line's end or another control character in it: give it as it was issued.")
    if password != password.strip():
        raise InvalidInput("password begins or ends with a blank: give it as it was issued.")


def _until(given: t.Mapping[str, t.Any]) -> str:
    expires = given.get("expires") or None
    if expires:
        return parse_time(expires, option="expires")
    if not given.get("keep"):
        raise InvalidInput(
            "neither expires nor keep is set: say until when the password is good, or give keep: true to have one on this machine that does not end."
        )
    return ""


def one_for_each_registry(logins: t.Sequence[Login]) -> None:
    """Raises InvalidInput where npm could not have them all."""
    seen: dict[str, Login] = {}
    for login in logins:
        first = seen.setdefault(login.url.rstrip("/"), login)
        if first.password != login.password:
            raise InvalidInput(
                f"{first.name} and {login.name} are at the same registry, for which npm has one token: give both the same."
            )


def one_for_each_host(logins: t.Sequence[Login]) -> None:
    """Raises InvalidInput where a netrc file could not hold them all."""
    seen: dict[str, Login] = {}
    for login in logins:
        first = seen.setdefault(login.host, login)
        if (first.username, first.password) != (login.username, login.password):
            raise InvalidInput(
                f"{first.name} and {login.name} are at the host {login.host}, for which a netrc file has one login: give both the same."
            )

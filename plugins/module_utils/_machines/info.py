# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The work of package_clients_info: which indexes a user's clients use, with which logins, and what is wrong with it."""

from __future__ import annotations

import os
import time
import typing as t
from contextlib import suppress
from urllib.parse import urlsplit

from .._base.errors import PermissionDenied
from .._base.findings import gravity
from .._base.values import parse_duration
from . import contents as says
from . import verdicts
from .contents import READERS, Contents, FoundLogin, NamedIndex, Seen
from .files import FileRefused, Found, find, name_of, user
from .formats import netrc
from .formats.marks import Odd
from .places import CLIENTS, MACHINE, USER, VENV, NoFile, Surroundings, checked_venv, npm_global_file
from .task import Ended

#: Clients that find logins in a netrc file.
BY_NETRC = frozenset({"pip", "uv", "poetry"})


def tell(params: t.Mapping[str, t.Any], around: Surroundings | None = None) -> Ended:
    """What the module returns. Raises RegistryAuthError."""
    soon = parse_duration(params["soon"], option="soon")
    around = around or Surroundings.of_process()
    clients = [client for client in CLIENTS if not params["clients"] or client in params["clients"]]
    files = list(_files(clients, params["venv"], around))
    seen = [one for one in (_seen(*file) for file in files) if one]
    used = [(one, index, *_login(one, index, seen)) for one in seen for index in one.contents.indexes]
    findings = verdicts.findings(seen, used, now=time.time(), soon=soon)
    found = {
        "user": user(),
        "home": around.home,
        "files": [_file(one) for one in seen],
        "indexes": [_index(*one) for one in used],
        "logins": [_shown(one, login) for one in seen for login in one.contents.logins],
        "findings": [finding.as_dict() for finding in sorted(findings, key=gravity)],
    }
    return Ended(False, {"changed": False, "package_clients": found})


def _files(clients: t.Sequence[str], venv: str | None, around: Surroundings) -> t.Iterator[tuple[str, str, str]]:
    """Client, level and path, of each client in the order in which they count."""
    config, home, etc = around.config, around.home, around.etc
    join = os.path.join
    if "pip" in clients:
        yield "pip", MACHINE, join(etc, "xdg", "pip", "pip.conf")
        yield "pip", MACHINE, join(etc, "pip.conf")
        yield "pip", USER, join(home, ".pip", "pip.conf")
        yield "pip", USER, join(config, "pip", "pip.conf")
        if venv:
            yield "pip", VENV, join(checked_venv(venv), "pip.conf")
    if "uv" in clients:
        # The first one hides the other one.
        hiding = join(etc, "xdg", "uv", "uv.toml")
        yield "uv", MACHINE, hiding if os.path.lexists(hiding) else join(etc, "uv", "uv.toml")
        yield "uv", USER, join(config, "uv", "uv.toml")
    if "twine" in clients:
        yield "twine", USER, join(home, ".pypirc")
    if "npm" in clients:
        # Without npm, nothing reads one.
        with suppress(NoFile):
            yield "npm", MACHINE, npm_global_file()
        yield "npm", USER, join(home, ".npmrc")
    if "poetry" in clients:
        yield "poetry", USER, join(config, "pypoetry", "config.toml")
        yield "poetry", USER, join(config, "pypoetry", "auth.toml")
    if BY_NETRC & set(clients):
        yield "netrc", USER, join(home, ".netrc")


def _seen(client: str, level: str, path: str) -> Seen | None:
    """A file, None where there is none."""
    try:
        status: os.stat_result | None = os.stat(path)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError:
        status = None
    nothing = Contents()
    try:
        found: Found = find(path)
        text = found.text
        return Seen(client, level, path, found.status, True, READERS[client](text or ""))
    except PermissionDenied as error:
        return Seen(client, level, path, status, False, nothing, str(error))
    except FileRefused as error:
        return Seen(client, level, path, status, True, nothing, str(error))
    except Odd as error:
        return Seen(client, level, path, status, True, nothing, f"{path} line {error.line} {error}.", error.line)


def _login(one: Seen, index: NamedIndex, seen: t.Sequence[Seen]) -> tuple[str, FoundLogin | None]:
    """How a client finds its login to an index, and that login where it stands in a file."""
    same = [other for other in seen if other.client == one.client]
    if index.password:
        return says.URL, None
    if one.client == "npm":
        return _token(index, same)
    found = None
    if one.client in ("twine", "poetry"):
        found = _first(same, says.FILE, {index.name or ""})
    if found is None and one.client in BY_NETRC:
        host = urlsplit(index.url).hostname or ""
        found = _first(seen, says.NETRC, {host}) or _first(seen, says.NETRC, {netrc.ANY})
    if found is not None:
        return found.kind, found
    providers = [other.contents.keyring for other in same if other.contents.keyring]
    asked = one.client == "pip" or index.username or index.authenticate
    return (says.KEYRING if asked and providers[-1:] in (["subprocess"], ["import"]) else says.NONE), None


def _first(seen: t.Sequence[Seen], kind: str, targets: t.Collection[str]) -> FoundLogin | None:
    found = (login for one in seen for login in one.contents.logins)
    return next((login for login in found if login.kind == kind and login.target in targets), None)


def _token(index: NamedIndex, same: t.Sequence[Seen]) -> tuple[str, FoundLogin | None]:
    """npm looks for a token for the address, and for each one above it."""
    parts = urlsplit(index.url)
    where = f"{parts.netloc}{parts.path}".strip("/")
    tokens = {login.target: login for other in same for login in other.contents.logins if login.kind == says.TOKEN}
    while where:
        if where in tokens:
            return says.TOKEN, tokens[where]
        where = where.rpartition("/")[0]
    return says.NONE, None


def _file(one: Seen) -> dict[str, t.Any]:
    return {
        "path": one.path,
        "client": one.client,
        "level": one.level,
        "owner": None if one.status is None else name_of(one.status.st_uid),
        "mode": None if one.status is None else f"{one.status.st_mode & 0o7777:04o}",
        "readable": one.readable,
        "ours": one.contents.ours,
    }


def _index(one: Seen, index: NamedIndex, kind: str, found: FoundLogin | None) -> dict[str, t.Any]:
    return {
        "client": one.client,
        "name": index.name,
        "url": index.url,
        "kind": index.kind,
        "scope": index.scope,
        "path": one.path,
        "line": index.line,
        "login": kind,
        "expires": (found.until or None) if found else None,
    }


def _shown(one: Seen, login: FoundLogin) -> dict[str, t.Any]:
    return {
        "path": one.path,
        "line": login.line,
        "kind": login.kind,
        "target": login.target,
        "ours": login.ours,
        "expires": login.until or None,
    }

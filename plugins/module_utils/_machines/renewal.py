# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The work of package_client_renewal: the renewal program as one file, and its settings."""

from __future__ import annotations

import ast
import io
import os
import typing as t
import zipfile
from importlib.util import find_spec

from .._base.errors import Internal, InvalidInput
from .._base.values import parse_duration
from . import renew
from .desired.indexes import check_url, check_username
from .desired.logins import Login, read_logins
from .files import Place, Whole
from .login import CLIENTS
from .renew import Settings, Source
from .task import Ended, Step, run

#: Of the program's files, so that it is the same one each time. The first one that a zip file can say.
_DATE = (1980, 1, 1, 0, 0, 0)
_PACKAGE = "pkgops_registry_auth"
_START = f"""\
import sys

from {_PACKAGE}._machines.renew import main

sys.exit(main())
"""
#: Of this package, whose name differs with how Ansible brought it here.
_UTILS = __name__.rpartition("._machines.")[0]


def install(params: t.Mapping[str, t.Any], *, check_mode: bool, diff_mode: bool) -> Ended:
    """Install or remove the program and its settings, as the module's options say. Raises RegistryAuthError."""
    paths = [params["program"], params["settings"]]
    for option, path in zip(("program", "settings"), paths):
        if not os.path.isabs(path):
            raise InvalidInput(f"{option} {path!r} is not an absolute path.")
    if paths[0] == paths[1]:
        raise InvalidInput("program and settings are the same path: give each its own.")
    absent = params["state"] == "absent"
    program, settings = (None, None) if absent else (program_file(), read_settings(params).as_json().encode())
    steps = [
        Step((), Place(paths[0], mode=0o755, always=0o555), Whole(program)),
        Step((), Place(paths[1], always=0o444), Whole(settings)),
    ]
    ended = run(steps, check_mode=check_mode, diff_mode=diff_mode)
    return Ended(ended.failed, {**ended.values, "command": paths}, ended.warnings)


def read_settings(params: t.Mapping[str, t.Any]) -> Settings:
    """The settings that options say. Raises InvalidInput."""
    given = params["logins"] or []
    if not given:
        raise InvalidInput("logins is missing or empty: name at least one.")
    timeout = params["timeout"]
    if not 1 <= timeout <= 3600:
        raise InvalidInput(f"timeout {timeout} is not accepted: 1 to 3600 seconds are.")
    clients = tuple(dict.fromkeys(params["clients"]))
    if not clients:
        raise InvalidInput(f"clients is empty: name at least one of {', '.join(CLIENTS)}.")
    sources, problems = [], []
    for number, (entry, login) in enumerate(zip(given, read_logins(given, absent=True))):
        try:
            sources.append(_source(entry, login))
        except InvalidInput as error:
            problems.append(f"logins[{number}]: {error}")
    if problems:
        raise InvalidInput(" ".join(problems))
    _one_for_each_host(sources)
    return Settings(clients, tuple(sources), timeout)


def _source(given: t.Mapping[str, t.Any], login: Login) -> Source:
    check_username(given["username"])
    if not given["username"]:
        raise InvalidInput("username is empty: it is oauth2accesstoken for Artifact Registry, aws for CodeArtifact.")
    if not os.path.isabs(given["keyring"]):
        raise InvalidInput(f"keyring {given['keyring']!r} is not an absolute path.")
    url = check_url(given.get("keyring_url") or login.url, option="keyring_url", sends="the login")
    lifetime = parse_duration(given["lifetime"], option="lifetime") if given.get("lifetime") else 0
    named = Login(login.name, login.url, login.format, given["username"], publish=login.publish)
    return Source(named, given["keyring"], url, lifetime)


def _one_for_each_host(sources: t.Sequence[Source]) -> None:
    seen: dict[str, Source] = {}
    for source in sources:
        first = seen.setdefault(source.login.host, source)
        if (first.keyring, first.login.username) != (source.keyring, source.login.username):
            raise InvalidInput(
                f"{first.login.name} and {source.login.name} are at the host {source.login.host}, which has one login: give both the same "
                "username and keyring."
            )


def program_file() -> bytes:
    """The program, the same bytes each time. Python runs a zip file that has a C(__main__.py)."""
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, source in sorted({"__main__.py": _START, **_sources()}.items()):
            entry = zipfile.ZipInfo(name, _DATE)
            entry.external_attr = 0o644 << 16
            # Stored: how much smaller it gets differs from one zlib to another.
            archive.writestr(entry, source, zipfile.ZIP_STORED)
    return b"#!/usr/bin/env python3\n" + written.getvalue()


def _sources() -> dict[str, str]:
    """The program's files by their names in it: the first one, and whatever it and they import of this package."""
    found: dict[str, str] = {}
    left = [renew.__name__]
    while left:
        name = left.pop()
        if name not in found:
            found[name] = _source_of(name)
            left += _imported(name, found[name])
    named = {f"{_PACKAGE}/{name[len(_UTILS) + 1 :].replace('.', '/')}.py": source for name, source in found.items()}
    folders = {name.rpartition("/")[0] for name in named} | {_PACKAGE}
    return {**named, **{f"{folder}/__init__.py": "" for folder in folders}}


def _source_of(name: str) -> str:
    """The source of a file of this package, wherever Ansible put it. Raises Internal."""
    spec = find_spec(name)
    # Ansible brings a zip file, whose loader is of no class of its own in older Pythons.
    get_source = getattr(spec.loader if spec is not None else None, "get_source", None)
    source: str | None = get_source(name) if get_source is not None else None
    if source is None:
        raise Internal(f"The source of {name} is not to be had here, so the renewal program cannot be made of it.")
    return source


def _imported(name: str, source: str) -> t.Iterator[str]:
    """The files of this package that one of them imports, which it does by relative names."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.ImportFrom) and node.level:
            base = ".".join([*name.split(".")[: -node.level], *([node.module] if node.module else [])])
            spec = find_spec(base)
            if spec is not None and spec.submodule_search_locations is None:
                yield base
            else:
                yield from (f"{base}.{alias.name}" for alias in node.names)

# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""How each client fetches a package with nothing but its settings, and what of its output says where the package came from.

Standard library only, for Python 3.9 and newer: it runs on managed hosts. Source: measured with pip 23.0.1 and 26.3, uv 0.13.9 and npm 11.19.1.
"""

from __future__ import annotations

import os
import re
import typing as t
from dataclasses import dataclass
from urllib.parse import urlsplit, urlunsplit

from ..._base.values import normal_url

#: What a command ended with, and all that it wrote.
Run = t.Callable[[list[str], str], tuple[int, str]]


@dataclass(frozen=True)
class Fetched:
    """What came of an attempt to fetch a package."""

    #: What the client wrote, which may hold secrets and is not shown.
    output: str
    code: int
    #: Name of the file, if there is one.
    file: str | None = None
    #: The index that it came from, without a login; None when the client does not say.
    came_from: str | None = None


def without_login(url: str) -> str:
    """An address without user name and password, and without what follows the path."""
    parts = urlsplit(url)
    return urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path, "", ""))


def is_below(url: str, index: str) -> bool:
    """Whether an address is that of an index, or of something in it."""
    found, wanted = urlsplit(normal_url(without_login(url))), urlsplit(normal_url(without_login(index)))
    same = (found.scheme, found.netloc) == (wanted.scheme, wanted.netloc)
    return same and f"{found.path.rstrip('/')}/".startswith(f"{wanted.path.rstrip('/')}/")


_PAGE = re.compile(r"Fetching project page and analyzing links: (\S+)")
_LINK = re.compile(r"Found link (\S+)")
_DOWNLOADING = re.compile(r"Downloading (\S+)")


def pip(program: list[str], package: str, folder: str, run: Run) -> Fetched:
    """Download a wheel. C(program) is pip's command."""
    target = os.path.join(folder, "fetched")
    # Nothing is built, which would run the package's own code, and nothing comes from a cache.
    options = ["--no-deps", "--only-binary=:all:", "--no-cache-dir", "--no-input", "--disable-pip-version-check", "-vv"]
    code, output = run([*program, "download", *options, "-d", target, package], "")
    files = _files(target)
    if code or not files:
        return Fetched(output, code or 1)
    return Fetched(output, code, files[0], _pip_index(output, files[0]))


def _pip_index(output: str, file: str) -> str | None:
    """The index on whose page pip found the file."""
    page, found, downloaded = "", [], set()
    for line in output.splitlines():
        seen = _PAGE.search(line)
        if seen:
            page = seen[1]
        link = _LINK.search(line)
        if link and page and _file_name(link[1]) == file:
            found.append((without_login(link[1]), page))
        loading = _DOWNLOADING.search(line)
        if loading:
            downloaded.add(without_login(loading[1]))
    pages = {page for _url, page in found}
    if len(pages) > 1:
        # The same name on several pages: the one that was loaded counts.
        pages = {page for url, page in found if url in downloaded}
    # A page is that of a project in an index.
    return without_login(pages.pop().rstrip("/").rpartition("/")[0]) + "/" if len(pages) == 1 else None


def _file_name(url: str) -> str:
    return urlsplit(url).path.rpartition("/")[2].replace("%2B", "+").replace("%2b", "+")


_UV_PIN = re.compile(r"^\S+==(\S+)", re.MULTILINE)
_UV_FROM = re.compile(r"# from (\S+)")


def uv(program: list[str], package: str, folder: str, run: Run) -> Fetched:
    """Resolve the package, which says where it is, then install that version into an empty folder."""
    options = ["--no-cache", "--no-deps", "--only-binary", ":all:", "--no-python-downloads"]
    compiling = [*program, "pip", "compile", "-", "--no-header", "--emit-index-annotation", *options]
    code, output = run(compiling, f"{package}\n")
    pin, source = _UV_PIN.search(output), _UV_FROM.search(output)
    if code or not pin:
        return Fetched(output, code or 1)
    target = os.path.join(folder, "fetched")
    code, said = run([*program, "pip", "install", *options, "--target", target, f"{package}=={pin[1]}"], "")
    installed = [name for name in _files(target) if name.endswith(".dist-info")]
    if code or not installed:
        return Fetched(said, code or 1)
    return Fetched(output, code, installed[0], without_login(source[1]) if source else None)


_NPM_FETCH = re.compile(r"npm (?:http|HTTP) fetch GET 200 (\S+)")


def npm(program: list[str], package: str, folder: str, run: Run) -> Fetched:
    """Fetch the package as one file. npm first reads its page, by the name, in the one registry that its scope has."""
    target = os.path.join(folder, "fetched")
    os.mkdir(target)
    options = ["--pack-destination", target, "--cache", os.path.join(folder, "cache"), "--loglevel", "http"]
    code, output = run([*program, "pack", package, *options, "--no-update-notifier", "--ignore-scripts"], "")
    files = _files(target)
    if code or not files:
        return Fetched(output, code or 1)
    name = package if "@" not in package[1:] else package[: package.rindex("@")]
    pages = (name, name.replace("/", "%2f"), name.replace("/", "%2F"))
    for found in _NPM_FETCH.finditer(output):
        url = without_login(found[1])
        for page in pages:
            if url.endswith(f"/{page}"):
                return Fetched(output, code, files[0], url[: -len(page)])
    return Fetched(output, code, files[0])


def _files(folder: str) -> list[str]:
    return sorted(os.listdir(folder)) if os.path.isdir(folder) else []


@dataclass(frozen=True)
class Client:
    """A client, and the programs that may be it, in the order in which they are looked for."""

    fetch: t.Callable[[list[str], str, str, Run], Fetched]
    programs: tuple[tuple[str, ...], ...]


CLIENTS = {
    "pip": Client(pip, (("pip",), ("pip3",), ("python3", "-m", "pip"))),
    "uv": Client(uv, (("uv",),)),
    "npm": Client(npm, (("npm",),)),
}

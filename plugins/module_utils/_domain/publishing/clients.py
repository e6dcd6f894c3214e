# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The programs that upload to a package index, and what tells them where to and as whom. Pure.

Source: their own documentation of options and environment variables, and the code of those that exchange ID tokens.
"""

from __future__ import annotations

import re
import typing as t
from dataclasses import dataclass

from .shell import Command

PUBLISH_ACTION = "pypa/gh-action-pypi-publish"
MATURIN_ACTION = "pyo3/maturin-action"


@dataclass(frozen=True)
class Client:
    """A program that uploads. Options stand before environment variables, in the order in which it looks at them."""

    name: str
    #: The words by which it uploads.
    verbs: frozenset[str]
    #: What gives it a password or token.
    secret_options: tuple[str, ...]
    secret_variables: tuple[str, ...]
    #: What gives it the name of a user.
    user_options: tuple[str, ...]
    user_variables: tuple[str, ...]
    place_options: tuple[str, ...]
    place_variables: tuple[str, ...]
    #: Whether it can exchange an ID token.
    exchanges: bool = True
    #: Whether a user's name alone keeps it from that.
    user_counts: bool = False


def _client(name: str, verbs: str, *columns: str, exchanges: bool = True, user_counts: bool = False) -> Client:
    secrets, secret_names, users, user_names, places, place_names = (tuple(one.split()) for one in columns)
    return Client(
        name,
        frozenset(verbs.split()),
        secrets,
        secret_names,
        users,
        user_names,
        places,
        place_names,
        exchanges,
        user_counts,
    )


CLIENTS = {
    client.name: client
    for client in (
        _client(
            "flit", "publish", "", "FLIT_PASSWORD", "", "FLIT_USERNAME", "--repository", "FLIT_INDEX_URL", exchanges=False
        ),
        _client(
            "hatch", "publish", "-a --auth", "HATCH_INDEX_AUTH", "-u --user", "HATCH_INDEX_USER", "-r --repo",
            "HATCH_INDEX_REPO", exchanges=False,
        ),
        _client(
            "maturin", "publish upload", "-p --password", "MATURIN_PYPI_TOKEN MATURIN_PASSWORD", "-u --username",
            "MATURIN_USERNAME", "--repository-url -r --repository", "MATURIN_REPOSITORY_URL MATURIN_REPOSITORY",
        ),
        _client(
            "pdm", "publish", "-P --password", "PDM_PUBLISH_PASSWORD", "-u --username", "PDM_PUBLISH_USERNAME",
            "-r --repository", "PDM_PUBLISH_REPO",
        ),
        _client(
            "poetry", "publish", "-p --password", "POETRY_PYPI_TOKEN_PYPI POETRY_HTTP_BASIC_PYPI_PASSWORD", "-u --username",
            "POETRY_HTTP_BASIC_PYPI_USERNAME", "-r --repository", "", exchanges=False,
        ),
        _client(
            "twine", "upload", "-p --password", "TWINE_PASSWORD", "-u --username", "TWINE_USERNAME",
            "--repository-url -r --repository", "TWINE_REPOSITORY_URL TWINE_REPOSITORY",
        ),
        _client(
            "uv", "publish", "-t --token -p --password", "UV_PUBLISH_TOKEN UV_PUBLISH_PASSWORD", "-u --username",
            "UV_PUBLISH_USERNAME", "--publish-url --index", "UV_PUBLISH_URL UV_PUBLISH_INDEX", user_counts=True,
        ),
    )
}  # fmt: skip


def client_of(command: Command) -> Client | None:
    """The client that a command uploads with, if it does. One that is to upload nothing does not."""
    client = CLIENTS.get(command.program)
    uploads = client is not None and command.arguments[:1] and command.arguments[0] in client.verbs
    return client if uploads and not {"--dry-run", "--help", "-h"} & set(command.words) else None


def options_of(command: Command) -> dict[str, str]:
    """The options of a command with what follows them, also of those that take nothing."""
    found: dict[str, str] = {}
    for word, following in zip(command.words, [*command.words[1:], ""], strict=True):
        if word.startswith("--"):
            name, equals, value = word.partition("=")
            found[name] = value if equals else following
        elif word.startswith("-"):
            # -rtestpypi and -r=testpypi say the same as -r testpypi.
            found[word[:2]] = word[2:].removeprefix("=") or following
    return found


#: Releases of clients before which they do not exchange ID tokens.
_LEAST = {"twine": (6, 1)}
_REQUIREMENT = re.compile(r"(?P<name>[a-z]+)(?:\[[^\]]*\])?\s*(?P<limits>[=<>~!@].*)")
_LIMIT = re.compile(r"(===?|<=?|~=|@)\s*v?(\d+(?:\.\d+)*)(\.\*)?")


def too_old(client: str, requirements: t.Iterable[str]) -> str:
    """The requirement, if there is one, that admits no release of a client that exchanges ID tokens; empty for none."""
    least = _LEAST.get(client)
    for requirement in requirements if least else ():
        found = _REQUIREMENT.fullmatch(requirement)
        if found and found["name"] == client:
            for how, text, wildcard in _LIMIT.findall(found["limits"]):
                release = tuple(map(int, text.split(".")))
                if _ends_before(how, release, bool(wildcard), t.cast(tuple[int, ...], least)):
                    return requirement
    return ""


def _ends_before(how: str, release: tuple[int, ...], wildcard: bool, least: tuple[int, ...]) -> bool:
    """Whether what a limit admits ends before a release. Source: the specification of version specifiers (PEP 440)."""
    if how == "<":
        return release <= least
    if how == "~=" or wildcard:
        kept = release if wildcard else release[:-1]
        return (*kept[:-1], kept[-1] + 1) <= least if kept else False
    return release < least


#: A release or a branch of a release, as a version of the action names it.
_ACTION_RELEASE = re.compile(r"(?:release/)?v(\d{1,9})(?:\.(\d{1,9}))?.*")


def action_too_old(version: str) -> bool:
    """Whether the action of PyPA at a tag or branch is one without trusted publishing. Source: its release notes (1.8.0)."""
    found = _ACTION_RELEASE.fullmatch(version)
    # It ends what uses master with a notice that there is none.
    return version == "master" or bool(found and found[2] and (int(found[1]), int(found[2])) < (1, 8))

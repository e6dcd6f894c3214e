# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which steps of a workflow publish, by which client, where to and with what login. Pure.

Source: the clients' own documentation of their options and environment variables.
"""

from __future__ import annotations

import re
import shlex
import typing as t
from dataclasses import dataclass, field

from .indexes import PYPI
from .workflows import Step, Workflow

PUBLISH_ACTION = "pypa/gh-action-pypi-publish"
MATURIN_ACTION = "pyo3/maturin-action"

#: The words by which clients publish.
_VERBS = {
    "flit": {"publish"},
    "hatch": {"publish"},
    "maturin": {"publish", "upload"},
    "pdm": {"publish"},
    "poetry": {"publish"},
    "twine": {"upload"},
    "uv": {"publish"},
}
#: Clients that cannot exchange an ID token.
WITHOUT_TRUSTED_PUBLISHING = frozenset({"flit", "hatch", "poetry"})

#: How environment variables are named that hold a login, or parts of one.
_LOGIN_VARIABLES = {
    "flit": ("FLIT_USERNAME", "FLIT_PASSWORD"),
    "hatch": ("HATCH_INDEX_USER", "HATCH_INDEX_AUTH"),
    "maturin": ("MATURIN_USERNAME", "MATURIN_PASSWORD", "MATURIN_PYPI_TOKEN"),
    "pdm": ("PDM_PUBLISH_USERNAME", "PDM_PUBLISH_PASSWORD"),
    "poetry": ("POETRY_PYPI_TOKEN_PYPI", "POETRY_HTTP_BASIC_PYPI_USERNAME", "POETRY_HTTP_BASIC_PYPI_PASSWORD"),
    "twine": ("TWINE_USERNAME", "TWINE_PASSWORD"),
    "uv": ("UV_PUBLISH_USERNAME", "UV_PUBLISH_PASSWORD", "UV_PUBLISH_TOKEN"),
}
_LOGIN_FLAGS = frozenset({"-u", "--user", "--username", "-p", "--password", "-t", "--token", "--auth"})

_PLACE_VARIABLES = (
    "MATURIN_REPOSITORY_URL",
    "MATURIN_REPOSITORY",
    "PDM_PUBLISH_REPO",
    "TWINE_REPOSITORY_URL",
    "TWINE_REPOSITORY",
    "UV_PUBLISH_URL",
    "UV_PUBLISH_INDEX",
)
_PLACE_FLAGS = ("--repository-url", "--publish-url", "--repository", "-r", "--index", "--repo")

#: What starts another program, and is not what a command is about.
_WRAPPERS = (
    ("sudo",),
    ("exec",),
    ("python", "-m"),
    ("python3", "-m"),
    ("py", "-m"),
    ("pipx", "run"),
    ("uv", "run"),
    ("uv", "tool", "run"),
    ("uvx",),
    ("pdm", "run"),
    ("poetry", "run"),
    ("hatch", "run"),
)
_ASSIGNMENT = re.compile(r"[A-Za-z_][A-Za-z0-9_]*=(?!=).*", re.DOTALL)
_KEYWORDS = frozenset({"!", "{", "do", "elif", "else", "if", "then", "time", "until", "while"})
_LOGIN = re.compile(r"(?<=://)[^/?#]*@")
_SEPARATORS = frozenset(";&|()<>")


@dataclass(frozen=True)
class Publishing:
    """A step that publishes."""

    step: Step = field(repr=False)
    client: str
    #: An index's short name or an address; None when it can only be known when the workflow runs.
    destination: str | None
    #: What a login is given by, each with its file and line.
    logins: tuple[tuple[str, str], ...]


def publishing_steps(workflow: Workflow) -> tuple[Publishing, ...]:
    """All steps that publish to any Python package index, in the file's order."""
    return tuple(found for job in workflow.jobs() for step in job.steps() for found in _publishing(step))


def _publishing(step: Step) -> t.Iterator[Publishing]:
    if step.action == PUBLISH_ACTION:
        yield _by_action(step)
    elif step.action == MATURIN_ACTION and str(step.inputs.get("command")) in _VERBS["maturin"]:
        arguments = _commands(str(step.inputs.get("args") or ""))
        yield _by_command(step, "maturin", arguments[0] if arguments else [])
    for command in _commands(_script(step)):
        client = publishing_client(command)
        if client:
            yield _by_command(step, client, command)


def _by_action(step: Step) -> Publishing:
    inputs = step.inputs
    destination = inputs.get("repository-url") or inputs.get("repository_url") or PYPI
    logins = [(name, step.where("with", name)) for name in ("user", "username", "password") if inputs.get(name)]
    return _made(step, PUBLISH_ACTION, str(destination), logins, step.where("with"))


def _by_command(step: Step, client: str, command: list[str]) -> Publishing:
    variables = step.variables()
    flags = dict(_flags(command))
    logins = [(name, variables[name][1]) for name in _LOGIN_VARIABLES[client] if variables.get(name, ("",))[0]]
    logins += [(name, step.where("run")) for name in flags if name in _LOGIN_FLAGS]
    chosen = [flags[name] for name in _PLACE_FLAGS if name in flags]
    chosen += [variables[name][0] for name in _PLACE_VARIABLES if name.lower().startswith(client) and name in variables]
    return _made(step, client, str(chosen[0]) if chosen else PYPI, logins, step.where("run"))


def _made(step: Step, client: str, destination: str, logins: list[tuple[str, str]], where: str) -> Publishing:
    """What a step publishes. A login that its address holds is one, and is not shown."""
    address = _LOGIN.sub("", destination)
    if address != destination:
        logins = [*logins, ("The address", where)]
    return Publishing(step, client, _certain(address), tuple(logins))


def _certain(destination: str) -> str | None:
    """The destination, unless something is yet to be put into it."""
    return None if "$" in destination else destination


def _flags(command: list[str]) -> t.Iterator[tuple[str, str]]:
    """Options with what follows them, also for those that take nothing."""
    for word, following in zip(command, [*command[1:], ""], strict=True):
        if word.startswith("-"):
            name, equals, value = word.partition("=")
            yield name, value if equals else following


def only_publishes(step: Step) -> bool:
    """Whether all that a step runs is publishing, and installing or describing what it is done with."""
    commands = _commands(_script(step))
    return all(publishing_client(command) or _is_preparation(command) for command in commands)


def _is_preparation(command: list[str]) -> bool:
    words = [word for word in command if not word.startswith("-")]
    return words[:1] in (["ls"], ["echo"], ["set"], ["cd"]) or "install" in words[:3] or words[:2] == ["twine", "check"]


def publishing_client(command: list[str]) -> str | None:
    """The client that a command publishes with, if it does."""
    words, wrapped = _unwrapped(command)
    # What starts another program may take options of its own, and values to them, before that.
    for start in range(len(words) if wrapped else min(len(words), 1)):
        client = words[start].rpartition("/")[2].partition("@")[0].partition("==")[0]
        verb = next((word for word in words[start + 1 :] if not word.startswith("-")), "")
        if verb in _VERBS.get(client, ()):
            return client
    return None


def _unwrapped(command: list[str]) -> tuple[list[str], bool]:
    """The words from the program on that a command is about, or from those on that may be it."""
    words, wrapped = command, False
    while words:
        wrapper = next((found for found in _WRAPPERS if tuple(words[: len(found)]) == found), ())
        if wrapper:
            words, wrapped = words[len(wrapper) :], True
        elif _ASSIGNMENT.fullmatch(words[0]) or words[0] in _KEYWORDS:
            words = words[1:]
        else:
            break
    return words, wrapped


def _script(step: Step) -> str:
    return str(step.content.get("run") or "")


def _commands(script: str) -> list[list[str]]:
    """The commands of a shell script, in words. What only a shell can tell is left as it is written."""
    commands: list[list[str]] = [[]]
    for line in script.replace("\\\n", " ").splitlines():
        for word in _words(line):
            if word and set(word) <= _SEPARATORS:
                commands.append([])
            else:
                commands[-1].append(word)
        commands.append([])
    return [command for command in commands if command]


def _words(line: str) -> list[str]:
    lexer = shlex.shlex(line, posix=True, punctuation_chars=True)
    lexer.whitespace_split = True
    try:
        return list(lexer)
    except ValueError:
        # A quote that ends on another line.
        return line.split()

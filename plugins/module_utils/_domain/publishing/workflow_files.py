# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Workflow files of GitHub Actions, as values and as lines."""

from __future__ import annotations

import typing as t

from ..._base.errors import MissingLibrary
from ..._base.findings import Finding
from .workflows import Path, Workflow

#: Bytes of a file. GitHub's API shows no more of one, either.
_LARGEST = 1 << 20
#: Keys and items of a file. Aliases can make far more of a few lines, which would take for ever.
_MOST = 100_000


class _TooMuch(Exception):
    """There are more of them."""


def read_workflow(text: str, name: str) -> Workflow | Finding:
    """Read a workflow file, or say why it cannot be read.

    :param text: what is in the file
    :param name: the file's name, for messages
    :raises MissingLibrary: ruamel.yaml is not there
    """
    try:
        from ruamel.yaml import YAML
        from ruamel.yaml.error import MarkedYAMLError, YAMLError
    except ImportError as error:
        raise MissingLibrary("ruamel.yaml", error) from error
    # Of YAML 1.2, in which `on` is no boolean; keeps lines, and refuses a key that is there twice, as GitHub does.
    if len(text) > _LARGEST:
        return _unreadable(name, "it has more than a mebibyte", "Keep what is large in files of its own.")
    parser = YAML(typ="rt", pure=True)
    try:
        content = parser.load(text)
        lines: dict[Path, int] = {}
        merges: list[Path] = []
        _find_lines(content, (), lines, merges)
    except MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        # Of a key that is there twice it would show all that is below it.
        why = str(error.problem or error.context).partition(" with value ")[0]
        return _unreadable(f"{name}:{line}", why)
    except RecursionError:
        return _unreadable(name, "it is nested too deeply")
    except YAMLError as error:
        return _unreadable(name, f"it is not YAML ({type(error).__name__})")
    except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as error:
        # What the parser raises where it makes a value of a text (`!!bool x`), or a key of a list in a list.
        return _unreadable(name, f"it has a key or value that does not fit its type ({type(error).__name__})")
    except _TooMuch:
        return _unreadable(name, "its aliases make too much of it")
    if not isinstance(content, dict) or not isinstance(content.get("jobs"), dict):
        return _unreadable(name, "it has no jobs")
    return Workflow(name, content, lines, tuple(merges))


def _unreadable(where: str, why: str, remedy: str = "Correct it: GitHub would not run it either.") -> Finding:
    return Finding(
        "unreadable-workflow",
        where,
        f"The workflow cannot be read: {why}.",
        remedy,
    )


def _find_lines(node: t.Any, path: Path, lines: dict[Path, int], merges: list[Path]) -> None:
    """The line of each key and item, from 1, and where there are merge keys. Raises _TooMuch."""
    if len(lines) > _MOST:
        raise _TooMuch
    # Where each key and item of it stands; lists with a tag, and keys that a merge brought, have no place of their own.
    places: t.Any = getattr(node, "lc", None)
    if isinstance(node, dict):
        if getattr(node, "merge", None):
            merges.append(path)
        for key, value in node.items():
            own = places.data and key in places.data
            lines[(*path, key)] = places.key(key)[0] + 1 if own else lines.get(path, 1)
            _find_lines(value, (*path, key), lines, merges)
    elif isinstance(node, list):
        for index, value in enumerate(node):
            lines[(*path, index)] = places.item(index)[0] + 1 if places.data else lines.get(path, 1)
            _find_lines(value, (*path, index), lines, merges)

# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which secrets a workflow file uses, as far as its text tells. Pure.

Source: GitHub's documentation, "Contexts reference" and "Evaluate expressions", of how C(secrets) is read, and of C(secrets: inherit) in
"Workflow syntax". Names are compared as GitHub does, in any case.
"""

from __future__ import annotations

import bisect
import re
import typing as t
from dataclasses import dataclass, field

from ..._base.findings import Finding
from .expressions import expressions
from .workflow_files import read_workflow
from .workflows import Path, Workflow

_NAME = r"secrets\s*(?:\.\s*(?P<name>[\w-]+)|\[\s*(?P<quote>['\"])(?P<key>[\w-]+)(?P=quote)\s*\])"
#: A name, wherever it stands: in a comment it may be about to come back.
_NAMED = re.compile(rf"(?<![\w.-]){_NAME}", re.IGNORECASE)
#: In an expression: a text, which says nothing; a name; or C(secrets) in another way.
_READ = re.compile(rf"'(?:[^']|'')*'|(?<![\w.-])(?:{_NAME}|(?P<all>secrets)(?![\w-]))", re.IGNORECASE)


@dataclass(frozen=True)
class SecretUses:
    """What one or more files use."""

    #: Files and lines, by the names of secrets in capitals.
    named: t.Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    #: Files and lines of what may use any secret, each with why.
    untold: tuple[str, ...] = ()

    def of(self, name: str) -> tuple[str, ...]:
        """What uses a secret, or may do so: phrases with file and line."""
        return (*(f"{place} uses it" for place in self.named.get(name.upper(), ())), *self.untold)

    def __add__(self, other: SecretUses) -> SecretUses:
        names = {**self.named, **other.named}
        return SecretUses(
            {name: (*self.named.get(name, ()), *other.named.get(name, ())) for name in names},
            (*self.untold, *other.untold),
        )


def secret_uses(file: str, text: str) -> SecretUses:
    """The uses in one workflow file.

    :raises MissingLibrary: ruamel.yaml is not there
    """
    starts = [found.end() for found in re.finditer("\n", text)]
    places = [(_name(found), bisect.bisect_right(starts, found.start()) + 1) for found in _NAMED.finditer(text)]
    last = dict(places)
    untold: list[str] = []
    read = read_workflow(text, file)
    if isinstance(read, Finding):
        untold.append(f"{file} cannot be read, and may use it")
    else:
        for path, value in _texts(read.content, ()):
            for name in _look(read, path, value, untold):
                line = read.line(*path)
                # Else the file's own text has said it, there or below.
                if last.get(name, 0) < line:
                    places.append((name, line))
    named: dict[str, tuple[str, ...]] = {}
    for name, line in sorted(set(places)):
        named[name] = (*named.get(name, ()), f"{file}:{line}")
    return SecretUses(named, tuple(dict.fromkeys(untold)))


def _look(workflow: Workflow, path: Path, value: str, untold: list[str]) -> t.Iterator[str]:
    """The names in a value, those that its text in the file does not show, too: it may be folded or escaped there. Adds to C(untold)."""
    if path[-1:] == ("secrets",) and len(path) == 3 and path[0] == "jobs" and value.strip() == "inherit":
        untold.append(f"{workflow.where(*path)} hands all secrets to another workflow, which may use it")
    for expression in expressions(value):
        for found in _READ.finditer(expression):
            if found["all"]:
                untold.append(f"{workflow.where(*path)} reads secrets by names that only show when it runs")
            elif _name(found):
                yield _name(found)


def _name(found: re.Match[str]) -> str:
    return str(found["name"] or found["key"] or "").upper()


def _texts(node: t.Any, path: Path) -> t.Iterator[tuple[Path, str]]:
    """All texts in a file with the paths to them; names of keys are texts, too."""
    if isinstance(node, str):
        yield path, node
    elif isinstance(node, t.Mapping):
        for key, value in node.items():
            if isinstance(key, str):
                yield (*path, key), key if isinstance(value, (t.Mapping, list)) else ""
            yield from _texts(value, (*path, key))
    elif isinstance(node, list):
        for index, value in enumerate(node):
            yield from _texts(value, (*path, index))

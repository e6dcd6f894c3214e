# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Variables that have no effect because their names are misspelled. Ansible itself says nothing of them."""

from __future__ import annotations

import re
import typing as t
from collections import defaultdict
from collections.abc import Iterator, Mapping
from difflib import get_close_matches

#: How much two names must have in common, as difflib counts: of four letters, two may have changed places.
ALIKE = 0.75


class Spelling:
    """Tells misspelled variables from those of somebody's own."""

    def __init__(self, known: Mapping[str, str], of: str = "the workflow") -> None:
        """C(known): the variables that are read, each with its last part, which tells it from others of its prefix. C(of): by what."""
        self._of = of
        self._known = frozenset(known)
        self._parts: dict[str, list[str]] = defaultdict(list)
        for name, part in known.items():
            self._parts[name.removesuffix(part)].append(part)
        self._prefixes = tuple(self._parts)
        #: Hosts have the same names again and again.
        self._meant: dict[str, str] = {}

    def mistakes(self, variables: Mapping[str, t.Any]) -> tuple[list[str], list[str]]:
        """A sentence for each variable of a host whose name is almost that of a known one: what to fail for, and what to warn of.

        A variable that another one uses is somebody's own. One that stands next to the known one may be, too: that is a warning.

        :param variables: as they are written, with their templates, which nobody evaluates for this
        """
        wrong: list[str] = []
        doubtful: list[str] = []
        for name in map(str, variables):
            if name.startswith(self._prefixes) and name not in self._known:
                meant = self._meant[name] if name in self._meant else self._meant.setdefault(name, self._alike(name))
                if meant and not _is_used(name, variables):
                    told = doubtful if meant in variables else wrong
                    told.append(f"{name} is not a variable of {self._of}. Did you mean {meant}?")
        return wrong, doubtful

    def _alike(self, name: str) -> str:
        """The known variable that is called almost like that, or nothing. The prefix is no likeness."""
        for prefix, parts in self._parts.items():
            if name.startswith(prefix):
                part = name.removeprefix(prefix).lower()
                # A known name with a word more is what people call helpers.
                near = [one for one in parts if not (part.startswith(f"{one}_") or part.endswith(f"_{one}"))]
                if found := get_close_matches(part, near, n=1, cutoff=ALIKE):
                    return f"{prefix}{found[0]}"
        return ""


def _is_used(name: str, variables: Mapping[str, t.Any]) -> bool:
    """Whether any other variable has the name in its value."""
    word = re.compile(rf"\b{re.escape(name)}\b")
    return any(word.search(text) for other, value in variables.items() if other != name for text in _texts(value))


def _texts(value: t.Any) -> Iterator[str]:
    """The texts in a value. What Ansible adds of other hosts is of other kinds."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, (dict, list)):
        for one in value.values() if isinstance(value, dict) else value:
            yield from _texts(one)

# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Variables that have no effect because their names are misspelled. Ansible itself says nothing of them."""

from __future__ import annotations

import re
import typing as t
from collections import defaultdict
from collections.abc import Iterator, Mapping

#: From how many letters on a name may have two typos: two in a shorter one make other words, such as production of protection.
LONG = 12
#: Up to how many letters a wrong one makes another word, such as part of port.
SHORT = 4


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

        A variable that another one uses is somebody's own, and so is a list of what the known one has one of. One that stands next to
        the known one may be, too: that is a warning.

        :param variables: as they are written, with their templates, which nobody evaluates for this
        """
        wrong: list[str] = []
        doubtful: list[str] = []
        for name, value in ((str(name), value) for name, value in variables.items()):
            if name.startswith(self._prefixes) and name not in self._known:
                meant = self._meant[name] if name in self._meant else self._meant.setdefault(name, self._alike(name))
                several = isinstance(value, list) and name.lower() in _plurals(meant)
                if meant and not several and not _is_used(name, variables):
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
                if found := [one for one in near if _may_mean(part, one)]:
                    return f"{prefix}{min(found, key=lambda one: _typos(part, one))}"
        return ""


def _may_mean(written: str, meant: str) -> bool:
    """Whether a name can be another one with a typo, or with one thing for several."""
    if written in _plurals(meant) or meant in _plurals(written):
        return True
    return _typos(written, meant) <= (2 if len(meant) >= LONG else 1)


def _plurals(word: str) -> tuple[str, ...]:
    return f"{word}s", f"{word}es", f"{word.removesuffix('y')}ies"


def _typos(written: str, meant: str) -> int:
    """How many letters are missing, too many, wrong, or swapped with the next one."""
    wrong = 2 if len(meant) <= SHORT else 1
    above: list[int] = []
    row = list(range(len(meant) + 1))
    for i, letter in enumerate(written):
        twice_above, above, row = above, row, [i + 1]
        for j, wanted in enumerate(meant):
            typos = [above[j + 1] + 1, row[j] + 1, above[j] + (0 if letter == wanted else wrong)]
            if i and j and (written[i - 1], letter) == (wanted, meant[j - 1]):
                typos.append(twice_above[j - 1] + 1)
            row.append(min(typos))
    return row[-1]


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

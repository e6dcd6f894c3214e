# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which names are of one project. A project has one id and one number, which never change, and either names it. Pure.

Source: Resource Manager's documentation, "Creating and managing projects". Action plugins import it, so it imports nothing of ours.
"""

from __future__ import annotations

import typing as t
from collections import defaultdict
from collections.abc import Hashable, Iterable, Iterator, Mapping


class Projects:
    """What is known of the numbers of projects. It only ever grows."""

    def __init__(self) -> None:
        self._numbers: dict[str, str] = {}
        self._ids: dict[str, str] = {}

    @property
    def numbers(self) -> Mapping[str, str]:
        """The numbers, by ids."""
        return self._numbers

    def learn(self, project: str, number: str) -> None:
        """Remember the number of a project. Where the project is named by a number already, there is nothing to learn."""
        # Two ids are two projects: the one to which a number is given by mistake does not become the other.
        if number.isdigit() and not project.isdigit() and self._ids.setdefault(number, project) == project:
            self._numbers[project] = number

    def key(self, project: str) -> str:
        """One name for all names of a project, as far as they are known."""
        return self._numbers.get(project, project)

    def is_open(self, project: str) -> bool:
        """Whether the project may have another name: the number of its id, or the id of its number, is not known."""
        return project not in (self._ids if project.isdigit() else self._numbers)

    def same(self, one: str, other: str) -> bool | None:
        """Whether two names are of one project; None when that is not known."""
        if self.key(one) == self.key(other):
            return True
        if one.isdigit() == other.isdigit():
            return False
        return None if self.is_open(one) and self.is_open(other) else False


class Uses:
    """Secrets by project and the rest of their names, among which another is looked for in one step, however many there are."""

    def __init__(self, projects: Projects, secrets: Iterable[tuple[str, Hashable]]) -> None:
        self._projects = projects
        self._keys: set[tuple[str, Hashable]] = set()
        self._open: set[tuple[bool, Hashable]] = set()
        for project, rest in secrets:
            self._keys.add((projects.key(project), rest))
            if projects.is_open(project):
                self._open.add((project.isdigit(), rest))

    def may_have(self, project: str, rest: Hashable) -> bool:
        """Whether a secret is one of them, or may be."""
        if (self._projects.key(project), rest) in self._keys:
            return True
        return self._projects.is_open(project) and (not project.isdigit(), rest) in self._open


class Kind(t.NamedTuple):
    """What there can be one value for, in words."""

    thing: str
    holds_two: str
    values: str


SECRET = Kind("secret", "hold two tokens", "tokens")
REPOSITORY = Kind("repository", "have two logins", "logins")


class Holding(t.NamedTuple):
    """That somebody gives a thing its value, as a secret its token. C(rest): of its name, what comes after the project."""

    holder: str
    project: str
    rest: str
    value: Hashable
    kind: Kind = SECRET

    @property
    def name(self) -> str:
        """The name of the thing."""
        return f"projects/{self.project}/{self.rest}"


class Clash(t.NamedTuple):
    """Different values for what is one thing, or, if it is not C(certain), may be one."""

    holdings: tuple[Holding, ...]
    certain: bool

    @property
    def holders(self) -> list[str]:
        """Who gives them, each once."""
        return list(dict.fromkeys(one.holder for one in self.holdings))

    @property
    def ids(self) -> list[str]:
        """The ids of projects. Where it is not certain, their numbers would decide."""
        return list(dict.fromkeys(one.project for one in self.holdings if not one.project.isdigit()))

    def __str__(self) -> str:
        holders, kind = self.holders, self.holdings[0].kind
        who = f"{', '.join(holders)} {'names' if len(holders) == 1 else 'name'}"
        if not self.certain:
            names = dict.fromkeys(one.name for one in self.holdings)
            return f"{', '.join(names)} may be one {kind.thing}, and {who} it with different {kind.values}."
        # An id says more than a number.
        name = min(self.holdings, key=lambda one: one.project.isdigit()).name
        return f"{name} would {kind.holds_two}: {who} it with different ones."


def clashes(holdings: Iterable[Holding], projects: Projects) -> Iterator[Clash]:
    """Where different values are given to one thing: each would replace the other in every run."""
    by_name: dict[tuple[str, str], list[Holding]] = defaultdict(list)
    in_doubt: dict[str, list[Holding]] = defaultdict(list)
    for one in holdings:
        by_name[projects.key(one.project), one.rest].append(one)
        if projects.is_open(one.project):
            in_doubt[one.rest].append(one)
    for group in by_name.values():
        if _differ(group):
            yield Clash(tuple(group), certain=True)
    for group in in_doubt.values():
        # Two ids are two projects, and so are two numbers.
        if _differ(group) and len({one.project.isdigit() for one in group}) > 1:
            yield Clash(tuple(group), certain=False)


def _differ(holdings: Iterable[Holding]) -> bool:
    return len({one.value for one in holdings}) > 1

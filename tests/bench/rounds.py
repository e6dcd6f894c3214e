# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What runs, in which order: contenders take turns, so that a machine that slows down does so for all of them."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from checkout import CHECKOUT
from contenders import CONTENDERS, LIMIT, OURS, Stand, alternatives
from measure import Measurement, measure
from results import SAMPLE, Case, Results
from subject import Entry, Subject
from world import World

#: How often the long runs are repeated at most that only the drawing of the growth and the sample of other tools need.
LONG_RUNS = 3


@dataclass(frozen=True)
class Settings:
    """What C(make bench) was asked for."""

    runs: int
    #: None is what each subject has of its own.
    sizes: list[int] | None
    growth: list[int] | None
    latency: float
    data: str
    alternatives: bool

    def sizes_of(self, subject: Subject) -> list[int]:
        """How many entries of a subject are measured for the tables."""
        return list(subject.sizes) if self.sizes is None or not subject.growth else self.sizes

    def growth_of(self, subject: Subject) -> list[int]:
        """And for the drawing: none, or at least two numbers."""
        return list(subject.growth) if self.growth is None or not subject.growth else self.growth


@dataclass(frozen=True)
class Round:
    """Contenders that take turns at the same entries, so many times."""

    subject: Subject
    state: str
    size: int
    contenders: tuple[str, ...]
    turns: int

    def __len__(self) -> int:
        return len(self.contenders) * self.turns


def plan(subject: Subject, settings: Settings) -> Iterator[Round]:
    """The rounds of one subject."""
    others = tuple(alternatives(subject)) if settings.alternatives else ()
    sizes = settings.sizes_of(subject)
    samples = {1, SAMPLE if max(sizes) > 1 else 1} if others else set()
    main = {*sizes, *settings.growth_of(subject)}
    for size in sorted(main | samples):
        contenders = (*((OURS, LIMIT) if size in main else ()), *(others if size in samples else ()))
        turns = settings.runs if size in sizes else min(settings.runs, LONG_RUNS)
        yield Round(subject, "converged", size, contenders, turns)
    for size in sizes if subject.writes else ():
        yield Round(subject, "nothing", size, (OURS, LIMIT), settings.runs)


def run(one: Round, world: World, settings: Settings, results: Results, progress: Callable[[str], None]) -> None:
    """Run a round and keep what it measures.

    :param progress: told what was measured, each time
    :raises CommandError: a contender fails, or does not do what it is there for
    """
    subject, entries = one.subject, one.subject.entries(one.size)
    folder = world.folder / f"{subject.name}-{one.state}-{one.size}"
    folder.mkdir()
    stand = Stand(world, subject, folder, entries, settings.data)
    commands = {name: CONTENDERS[name](stand, one.state, engine_concurrency()) for name in one.contenders}

    def prepare(make: Callable[[World, list[Entry]], None]) -> None:
        world.reset()
        make(world, entries)
        world.slow_down(settings.latency)

    def one_turn(name: str) -> Measurement:
        command, output = commands[name], folder / "output"
        world.forget_calls()
        used = world.cpu()
        cost = measure(command.words, {**world.environment, **command.environment}, output)
        command.check(output.read_text(errors="replace"), one.state)
        return replace(cost, calls=world.calls(), cloud=world.cpu() - used)

    if one.state == "converged":
        prepare(subject.make_converged)
    for _turn in range(one.turns):
        for name in one.contenders:
            if one.state == "nothing":
                prepare(subject.make_nothing)
            results.measured[Case(subject.name, one.state, one.size, name)].append(one_turn(name))
            progress(f"{subject.title}: {one.size} {one.state}, {name}")


def engine_concurrency() -> int:
    """How many entries the engine works on at once, which is how wide the limit scripts are."""
    source = CHECKOUT / "plugins" / "module_utils" / "_engine/reconcile.py"
    for statement in ast.parse(source.read_text()).body:
        if isinstance(statement, ast.Assign) and ast.unparse(statement.targets[0]) == "CONCURRENCY":
            return ast.literal_eval(statement.value)
    raise LookupError(f"{source.name} says no CONCURRENCY")

# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a world is: something that is there, a task that is run on it, and what the task asks for, told apart from our own code."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from random import Random
from typing import Any

from harness import Given

from campaign.snapshots import Snapshot

#: Stands in options for where the service is, which each run says anew: behind a proxy, or where nobody is.
HERE = "http://here.invalid"


@dataclass(frozen=True)
class Entry:
    """What one entry asks for: the name that a failure has to give, and a look at what is there."""

    name: str
    look: Callable[[Snapshot], bool]

    def met(self, snapshot: Snapshot) -> bool:
        """Whether it is as asked for."""
        return self.look(snapshot)


@dataclass(frozen=True)
class Case:
    """A task on a world that is made.

    :param ours: how the names of what it may change begin
    :param calls: whether it needs the service at all
    :param extra: what is special: C(unseen) writes, which show nowhere; C(anew) for what each run asks for once more; C(given_up) versions;
        C(also), a judge of the case's own, which takes what was seen
    """

    module: str
    options: dict[str, Any]
    entries: list[Entry]
    snapshot: Callable[[Given], Snapshot]
    ours: tuple[str, ...] = ()
    secrets: tuple[str, ...] = ()
    in_use: tuple[str, ...] = ()
    batch: bool = False
    reads_only: bool = False
    calls: bool = True
    extra: dict[str, Any] = field(default_factory=dict)

    def at(self, url: str) -> Case:
        """The same with the service at an address."""
        return replace(self, options=_led(self.options, url))


def _led(value: Any, url: str) -> Any:
    if isinstance(value, dict):
        return {key: _led(inner, url) for key, inner in value.items()}
    if isinstance(value, list):
        return [_led(inner, url) for inner in value]
    return value.replace(HERE, url) if isinstance(value, str) else value


#: Makes what is there, and says what is asked for.
World = Callable[[Given, Random], Case]


def always(_snapshot: Snapshot) -> bool:
    """For what only reads."""
    return True


def one_or_batch(random: Random, entries: list[dict[str, Any]]) -> tuple[dict[str, Any], bool]:
    """Options for all entries; a single one is at times given without a batch."""
    if len(entries) == 1 and random.random() < 0.7:
        return dict(entries[0]), False
    return {"batch": entries}, True

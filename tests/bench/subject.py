# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What every subject says of itself: a kind of things that are brought to their desired state."""

from __future__ import annotations

from typing import Any, ClassVar

from world import World

Entry = dict[str, Any]


class Subject:
    """One kind, each as a user would write it down, and how it comes to be.

    It has a state C(nothing), in which only what is not made here is there, and a state C(converged).
    """

    name: ClassVar[str]
    title: ClassVar[str]
    #: What the entries have in common.
    common: ClassVar[Entry] = {}
    #: How an entry is called.
    key: ClassVar[str]
    #: What the axis of the drawing counts.
    unit: ClassVar[str] = "entries"
    #: The module, when it is one task.
    module: ClassVar[str] = ""
    #: The limit script, when it is not named like the subject.
    limit: ClassVar[str] = ""
    #: Options of google.cloud.gcp_secret_manager for an entry, when that can do it.
    peer: ClassVar[Entry | None] = None
    #: What a user would type for one entry.
    gcloud: ClassVar[str] = ""
    aws: ClassVar[str] = ""
    #: Whether it makes what is not there yet. What only reads is measured in one state, and in one task of no batch.
    writes: ClassVar[bool] = True
    #: How many entries, when the command line does not say, in the tables and in the drawing.
    sizes: ClassVar[tuple[int, ...]] = (1, 10, 100, 1000)
    growth: ClassVar[tuple[int, ...]] = (1, 10, 100, 500, 1000, 2000, 5000)
    #: Between these numbers of entries, time per entry stays the same.
    steady: ClassVar[tuple[int, int] | None] = (500, 5000)

    def calls_besides(self, size: int) -> int:
        """The API calls that a task of so many entries makes for all of them together."""
        return 0

    def entries(self, size: int) -> list[Entry]:
        raise NotImplementedError

    def data(self, entries: list[Entry]) -> Entry:
        """What the limit script reads."""
        return {**self.common, "entries": entries}

    def inventory(self, entries: list[Entry]) -> Entry:
        """The groups of hosts that the workflow works on, when it is no single task."""
        raise NotImplementedError

    def make_nothing(self, world: World, entries: list[Entry]) -> None:
        """Make, in an empty cloud, what must be there before."""
        raise NotImplementedError

    def make_converged(self, world: World, entries: list[Entry]) -> None:
        """Make, in an empty cloud, what the entries ask for too."""
        raise NotImplementedError

# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""How far a batch is, told while it runs.

What a module prints, Ansible shows when the module has ended. So a module that runs on the controller tells its action
plugin, through a FIFO: lines of numbers, never a name or a value.
"""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from dataclasses import asdict, dataclass, replace

from .lifeline import ending_with_reader

#: The environment variable by which a module knows the FIFO.
VARIABLE = "REGISTRY_AUTH_PROGRESS"

#: Seconds: between two lines, and before the first. What takes less time says nothing.
SHORTEST_PAUSE = 5.0
#: Seconds: what a reader of a long run waits for a sign of life at most.
LONGEST_PAUSE = 30.0


@dataclass(frozen=True)
class Counts:
    """How many entries have ended, and how."""

    total: int
    done: int = 0
    changed: int = 0
    failed: int = 0

    @property
    def left(self) -> int:
        """Entries that have not ended."""
        return self.total - self.done

    def as_line(self) -> bytes:
        """For the FIFO. Far shorter than what the system writes to one in a piece (POSIX: PIPE_BUF, 512 bytes or more)."""
        return f"{json.dumps(asdict(self))}\n".encode()

    @classmethod
    def from_line(cls, line: bytes) -> Counts:
        """What as_line() made a line of. Raises ValueError or TypeError on any other line."""
        return cls(**{name: int(number) for name, number in json.loads(line).items()})


def pauses() -> Iterator[float]:
    """Seconds to wait before each line: the longer a run, the rarer its lines, so that they do not fill a log."""
    elapsed = 0.0
    while True:
        pause = min(max(SHORTEST_PAUSE, elapsed / 10), LONGEST_PAUSE)
        yield pause
        elapsed += pause


class Progress:
    """Counts entries as they end, and tells the counts from time to time: also when none has ended meanwhile.

    Costs nothing, and says nothing, where nobody listens, and for a single entry. A total of 0 grows by what is expected.
    """

    def __init__(self, total: int = 0) -> None:
        self._counts = Counts(total)
        self._counting = threading.Lock()
        self._over = threading.Event()
        self._teller: threading.Thread | None = None
        self._lifeline = ExitStack()

    def __enter__(self) -> Progress:
        writer = self._lifeline.enter_context(ending_with_reader(os.environ.get(VARIABLE)))
        if writer is not None and self._counts.total != 1:
            self._teller = threading.Thread(target=self._tell, args=(writer,), name="progress", daemon=True)
            self._teller.start()
        return self

    def __exit__(self, *exception: object) -> None:
        self._over.set()
        if self._teller is not None:
            self._teller.join()
        self._lifeline.close()

    def expect(self, more: int) -> None:
        """Count so many more entries in."""
        with self._counting:
            self._counts = replace(self._counts, total=self._counts.total + more)

    def ended(self, *, changed: bool, failed: bool) -> None:
        """Count an entry. Called by several threads."""
        with self._counting:
            counts = self._counts
            self._counts = Counts(counts.total, counts.done + 1, counts.changed + changed, counts.failed + failed)

    def _tell(self, writer: int) -> None:
        # Whatever is wrong with the FIFO or its reader, there is nobody to tell then, and the work is what matters.
        with suppress(OSError):
            for pause in pauses():
                if self._over.wait(pause):
                    return
                if self._counts.total > 1:
                    os.write(writer, self._counts.as_line())

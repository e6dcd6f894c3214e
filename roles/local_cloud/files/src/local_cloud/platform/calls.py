# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The list of calls that were made: which method, on what, by whom, with what outcome. Never a body."""

from __future__ import annotations

import sys
from collections import deque
from dataclasses import dataclass

# Enough for any test; a cloud that runs for days must not grow.
_KEPT = 100_000


@dataclass(frozen=True)
class CallRecord:
    method: str
    resource: str
    caller: str
    status: int


class CallLog:
    """The newest calls, oldest first. Each is a line of the standard error, too.

    Not through logging: looking up where a call was noted, and in which thread, took a tenth of the whole request.
    """

    def __init__(self) -> None:
        self._records: deque[CallRecord] = deque(maxlen=_KEPT)

    def add(self, record: CallRecord) -> None:
        self._records.append(record)
        sys.stderr.write(f"{record.status} {record.method} {record.resource} {record.caller or '-'}\n")

    def clear(self) -> None:
        self._records.clear()

    def as_json(self) -> list[dict[str, object]]:
        # Not dataclasses.asdict, which copies every value: a long list would hold up all other requests.
        return [dict(vars(record)) for record in self._records]

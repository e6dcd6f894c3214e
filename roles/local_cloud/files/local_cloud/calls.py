# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The list of calls that were made: which method, on what, by whom, with what outcome. Never a body."""

from __future__ import annotations

import logging
from collections import deque
from dataclasses import asdict, dataclass

LOG = logging.getLogger("local_cloud")
# Enough for any test; a cloud that runs for days must not grow.
_KEPT = 100_000


@dataclass(frozen=True)
class CallRecord:
    method: str
    resource: str
    caller: str
    status: int


class CallLog:
    """The newest calls, oldest first."""

    def __init__(self) -> None:
        self._records: deque[CallRecord] = deque(maxlen=_KEPT)

    def add(self, record: CallRecord) -> None:
        self._records.append(record)
        LOG.info("%s %s %s %s", record.status, record.method, record.resource, record.caller or "-")

    def clear(self) -> None:
        self._records.clear()

    def as_json(self) -> list[dict[str, object]]:
        return [asdict(record) for record in self._records]

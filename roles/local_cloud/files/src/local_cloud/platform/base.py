# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a service is given to stand on, and what the port asks of it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from aiohttp import web

from local_cloud.platform.calls import CallLog
from local_cloud.platform.clock import Clock
from local_cloud.platform.errors import ApiError
from local_cloud.platform.faults import Faults
from local_cloud.platform.quotas import Quotas
from local_cloud.platform.tls import Tls


@dataclass
class Platform:
    """The same for all services."""

    faults: Faults
    quotas: Quotas
    tls: Tls
    calls: CallLog = field(default_factory=CallLog)
    clock: Clock = field(default_factory=Clock)
    #: Where the cloud listens, once it does.
    url: str = ""

    def now(self) -> datetime:
        return self.clock.now()

    def reset(self) -> None:
        """Forget faults, quotas and calls, and how far the clock was put forward."""
        self.clock.reset()
        self.faults.clear()
        self.quotas.clear()
        # What is under way is noted in the log that it began with.
        self.calls = CallLog()


@dataclass(frozen=True)
class Requested:
    """What a request asks of a service.

    ``method`` is the name by which calls are logged and faults are matched; ``resource`` is what is named. ``identify`` says
    who calls, whose text is what is logged; ``challenge`` is answered to whoever is nobody.
    """

    method: str
    resource: str
    identify: Callable[[], Any]
    answer: Callable[[Any], Awaitable[web.Response]]
    challenge: str | None = None


class Application(Protocol):
    """What a service mounts on the port."""

    async def find(self, request: web.Request, path: str) -> Requested | web.Response | None:
        """What is asked for; None when the path is another's, an answer where nothing is to be noted. Raises ApiError."""

    def in_own_words(self, error: ApiError) -> ApiError:
        """A refusal in the form that the service's clients know."""


class Service(Protocol):
    """What keeps something."""

    def reset(self) -> None:
        """Forget everything but what it was made with."""

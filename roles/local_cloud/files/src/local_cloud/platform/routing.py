# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a service is to the HTTP server: a prefix, its name, and its methods as routes."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from google.protobuf.message import Message

from local_cloud.cloud import Cloud
from local_cloud.platform.wire import compile_template

Answer = Message | dict[str, Any]


@dataclass(frozen=True)
class Call:
    """One authenticated call of a method."""

    cloud: Cloud
    caller: str
    request: Any


@dataclass(frozen=True)
class Route:
    """A method: where it is found, what it takes, and the function that does it.

    ``method`` is the full name by which calls are logged and faults are matched. ``body`` is the field of the request
    message that the HTTP body is ("*": the message itself, None: there is no body).
    """

    verb: str
    template: str
    method: str
    message: type[Message]
    handler: Callable[[Call], Answer | Awaitable[Answer]]
    body: str | None = None
    _compiled: Any = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_compiled", compile_template(self.template))

    def match(self, verb: str, path: str) -> dict[str, str] | None:
        """The path's variables, or None when the route is another one."""
        if verb != self.verb:
            return None
        pattern, names = self._compiled
        found = pattern.fullmatch(path)
        return None if found is None else dict(zip(names, found.groups(), strict=True))


@dataclass(frozen=True)
class Service:
    """``charge`` counts a call, of a method on what is named, against the service's quotas, or refuses it."""

    prefix: str
    routes: Sequence[Route]
    charge: Callable[[Cloud, str, str], None] | None = None

    def find(self, verb: str, path: str) -> tuple[Route, dict[str, str]] | None:
        """The method for a path below the prefix, with the path's variables."""
        for route in self.routes:
            variables = route.match(verb, path)
            if variables is not None:
                return route, variables
        return None

# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The methods of a service of Google's as routes, and a call of one."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from google.protobuf.message import Message

from local_cloud.platform.wire import compile_template

Answer = Message | dict[str, Any]
Served = TypeVar("Served")


@dataclass(frozen=True)
class Call(Generic[Served]):
    """One authenticated call of a method of a service."""

    service: Served
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
    handler: Callable[[Any], Answer | Awaitable[Answer]]
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


def find(routes: Sequence[Route], verb: str, path: str) -> tuple[Route, dict[str, str]] | None:
    """The method for a path below the service's prefix, with the path's variables."""
    for route in routes:
        variables = route.match(verb, path)
        if variables is not None:
            return route, variables
    return None

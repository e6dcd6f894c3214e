# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Bodies of control requests and of the answers to them."""

from __future__ import annotations

import shlex
from typing import Any

from aiohttp import web

from local_cloud.platform.errors import invalid_argument


async def read_json(request: web.Request, kind: type) -> Any:
    """The body, if it is JSON of this kind.

    Raises:
        ApiError: INVALID_ARGUMENT.
    """
    try:
        body = await request.json()
    except ValueError:
        raise invalid_argument("The body is not JSON.") from None
    if not isinstance(body, kind):
        raise invalid_argument(f"The body must be a JSON {kind.__name__}.")
    return body


def exports(settings: dict[str, str]) -> list[str]:
    """Commands for a POSIX shell that export the variables."""
    return [f"export {name}={shlex.quote(value)}" for name, value in settings.items()]


def texts(value: object) -> frozenset[str]:
    """A list of strings. Raises ApiError: INVALID_ARGUMENT."""
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise invalid_argument("A list of strings is expected.")
    return frozenset(value)

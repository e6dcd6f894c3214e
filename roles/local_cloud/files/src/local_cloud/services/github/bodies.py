# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Bodies of requests: JSON objects of known keys and types. What is wrong is said as GitHub says it, without the value."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from local_cloud.services.github.errors import GitHubError, invalid_request, not_of_type

_KINDS = {str: "a string", int: "an integer", bool: "a boolean", list: "an array", dict: "an object"}


def read(body: bytes) -> dict[str, Any]:
    """The object that the body is; no body is one without keys.

    Raises:
        GitHubError: 400.
    """
    try:
        value = json.loads(body or b"{}")
    except (ValueError, RecursionError):
        raise GitHubError(400, "Problems parsing JSON") from None
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise GitHubError(400, "Body should be a JSON object")
    return value


def check(
    body: Mapping[str, Any], kinds: Mapping[str, type], *, required: tuple[str, ...] = (), closed: bool = False
) -> None:
    """Check the types of keys. Null is as good as absent, where a key need not be there.

    Raises:
        GitHubError: 422.
    """
    for name in required:
        if body.get(name) is None:
            raise invalid_request(f'"{name}" wasn\'t supplied.')
    for name, value in body.items():
        kind = kinds.get(name)
        if kind is None:
            if closed:
                raise invalid_request(f'Invalid input: "{name}" is not a permitted key.')
        elif value is not None and not is_a(value, kind):
            raise not_of_type(name, value, _KINDS[kind])


def is_a(value: Any, kind: type) -> bool:
    """Whether a value of JSON is of a type; true and false are no numbers there."""
    return isinstance(value, kind) and (kind is bool or not isinstance(value, bool))

# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What an ID token says, without asking whether it is true. Pure."""

from __future__ import annotations

import base64
import binascii
import json
import typing as t


def read_parts(token: str) -> tuple[t.Any, t.Any]:
    """Header and claims of a JSON Web Token, None for what is none. The signature is not verified."""
    parts = token.strip().split(".")
    header = _json(parts[0])
    if len(parts) != 3 or not isinstance(header, t.Mapping):
        # Whatever it claims: who reads it needs the header first.
        return None, None
    return header, _json(parts[1])


def _json(part: str) -> t.Any:
    try:
        return json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    except (ValueError, binascii.Error, RecursionError):
        return None

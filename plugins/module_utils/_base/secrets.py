# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""How a secret may be written in a message, and logins in addresses."""

from __future__ import annotations

import json
import re
import typing as t

#: What stands before the host of a URL. A password may have any characters; without one, a path may have an C(@).
_LOGIN = re.compile(r"://(?:[^/\s]*|[^/\s:@]*:\S*)@")


def forms_of(secret: str) -> set[str]:
    """A secret as it is, and as Python and JSON write it between quotes.

    Messages quote wrong values in such a way, Ansible's own as well: a line's end is C(\\n) in them, and a backslash is two.
    """
    # Within a longer text with both kinds of quotes, Python escapes single ones.
    in_longer = repr(f"'\"{secret}")[4:-1]
    return {
        secret,
        repr(secret)[1:-1],
        in_longer,
        json.dumps(secret)[1:-1],
        json.dumps(secret, ensure_ascii=False)[1:-1],
    }


def without_logins(value: t.Any) -> t.Any:
    """A copy in which no URL has a login."""
    if isinstance(value, str):
        return _LOGIN.sub("://", value)
    if isinstance(value, t.Mapping):
        return {name: without_logins(item) for name, item in value.items()}
    return [without_logins(item) for item in value] if isinstance(value, (list, tuple)) else value

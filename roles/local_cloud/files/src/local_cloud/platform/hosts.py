# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The vendors' own host names, and where on the port what they serve is."""

from __future__ import annotations

import re
from collections.abc import Mapping


class Hosts:
    """``places`` are prefixes of paths by patterns of host names, whose groups they may have."""

    def __init__(self, places: Mapping[str, str]) -> None:
        self._places = [(re.compile(pattern), place) for pattern, place in places.items()]

    def __contains__(self, host: str) -> bool:
        return any(pattern.fullmatch(host) for pattern, _place in self._places)

    def place(self, host: str) -> str:
        """The prefix of what a host serves; an empty one for a host that is no vendor's."""
        for pattern, place in self._places:
            if found := pattern.fullmatch(host):
                return found.expand(place)
        return ""

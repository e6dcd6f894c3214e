# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Answers about a location: it does not exist, or a policy does not allow it."""

from __future__ import annotations

import re
import typing as t

#: Source: google.api.ErrorReason.
_REASONS = frozenset({"LOCATION_POLICY_VIOLATED", "LOCATION_ORG_POLICY_VIOLATED", "LOCATION_TAX_POLICY_VIOLATED"})
#: What makes words about a location a refusal of it. Google documents none. Users report "Permission denied on 'locations/X' (or it may
#: not exist)" and "Location X is not found or access is unauthorized".
_BEFORE = r"\b(?:invalid|unsupported|unknown|no such|denied on|denied for)\W{1,3}"
_AFTER = (
    r",? (?:is |was |does |may )?(?:not (?:exist|found|supported|available|valid|permitted|allowed)"
    r"|invalid|unsupported|unknown|unauthorized)\b"
)


def location_of(resource: str) -> str:
    """The location in a resource's name; empty for a global one."""
    _project, _locations, rest = resource.partition("/locations/")
    return rest.partition("/")[0]


def refused_location(resource: str, message: str, reason: str, metadata: t.Mapping[str, str]) -> str:
    """The location that an answer with an error refuses; empty when it is about something else.

    :param resource: what was asked for
    :param message: the service's own words
    :param reason: of the answer's ErrorInfo, as C(metadata)
    """
    asked = location_of(resource)
    if reason in _REASONS:
        return metadata.get("location", "").rpartition("/")[2] or asked
    return asked if asked and _refuses(message, asked) else ""


def _refuses(message: str, location: str) -> bool:
    """Whether a message refuses the location itself: names of other resources have it as a part, and words about these name it."""
    named = rf"\blocations?[ /:]{{1,2}}['\"\[]?{re.escape(location)}(?![\w/-])['\"\]]?"
    return bool(re.search(f"{_BEFORE}{named}|{named}{_AFTER}", message, re.IGNORECASE))

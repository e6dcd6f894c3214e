# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whether a client is offered a public package under a name that is ours, by the one index that it asks. Pure.

The rows of the table that this follows have names: A for CodeArtifact, G for Artifact Registry. They are told, and tests go by them.
"""

from __future__ import annotations

import typing as t
from dataclasses import dataclass

#: C(DEPENDS): the vendor's documents do not say, or what would tell could not be read.
YES, NO, DEPENDS = "yes", "no", "depends"


@dataclass(frozen=True)
class Listing:
    """Whether an index lists public versions of a package, and why."""

    outcome: str
    row: str
    reason: str
    #: Whether even an equal version can be the public one.
    equal: bool = False
    #: The repository or group that decides.
    by: str = ""


def worst(listings: t.Iterable[Listing], otherwise: Listing) -> Listing:
    """The one that offers most: what one way brings, no other way takes away. C(otherwise): when there is none."""
    order = (YES, DEPENDS, NO)
    return min(listings, key=lambda one: order.index(one.outcome), default=otherwise)

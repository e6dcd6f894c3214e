# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which package a client installs of those that are listed: the private one, a public one, or none. Pure.

Source: measured with pip 23.0.1, 23.2.1 and 24.2, uv 0.13.9 and npm 11.19.1.
"""

from __future__ import annotations

from dataclasses import dataclass

from .listings import DEPENDS, NO, YES, Listing

#: Our package, a public one in its place, or a failure; DEPENDS is none of them for certain.
OURS, THEIRS, FAILS = "ours", "theirs", "fails"

#: How a client chooses: the highest version of all its indexes, among them a public one; the first index that has the name, the private one
#: before a public one; what the tag latest says of its one index, if the range allows; the highest version of its one index.
ANY_INDEX, FIRST_INDEX, LATEST, ONE_INDEX = "any index", "first index", "latest", "one index"
#: Also what is asked for: any version, one version, or one file.
UNPINNED, VERSION, HASH = "unpinned", "version", "hash"


@dataclass(frozen=True)
class Client:
    """A program with its configuration."""

    chooses: str
    pin: str = UNPINNED


#: By the rows of the table.
CLIENTS = {
    "C1": Client(ONE_INDEX),
    "C1 ==": Client(ONE_INDEX, VERSION),
    "C1u": Client(ONE_INDEX),
    "C2": Client(ANY_INDEX),
    "C3": Client(ANY_INDEX, VERSION),
    "C3c": Client(ANY_INDEX, HASH),
    "C4": Client(ANY_INDEX),
    "C4 reversed": Client(FIRST_INDEX),
    "C5": Client(FIRST_INDEX),
    "C6": Client(ANY_INDEX),
    "C7": Client(FIRST_INDEX),
    "C8": Client(LATEST),
    "C9": Client(LATEST),
    "C10": Client(ANY_INDEX),
}


def installed(client: Client, listing: Listing, *, private: bool) -> str:
    """What a client installs.

    :param listing: whether its private index lists public versions
    :param private: whether a version of ours is there
    """
    if listing.outcome == DEPENDS:
        both = {_installed(client, outcome, listing.equal, private) for outcome in (YES, NO)}
        return both.pop() if len(both) == 1 else DEPENDS
    return _installed(client, listing.outcome, listing.equal, private)


def _installed(client: Client, outcome: str, equal: bool, private: bool) -> str:
    if client.pin == HASH:
        return OURS if private else FAILS
    if client.chooses == ANY_INDEX:
        return THEIRS
    if outcome == NO:
        absent = THEIRS if client.chooses == FIRST_INDEX else FAILS
        return OURS if private else absent
    if private and client.pin == VERSION and not equal:
        return OURS
    # Which version the tag names, after a merge, is for nobody to say.
    return DEPENDS if private and client.chooses == LATEST else THEIRS

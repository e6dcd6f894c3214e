# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Changes that take several calls."""

from __future__ import annotations

import typing as t
from contextlib import contextmanager

from ..._base.errors import as_ours
from ..._engine.resource import State

#: A call of a change. It answers the state that it made, or nothing when its answer does not have it.
Step = t.Callable[[], "State | None"]


@contextmanager
def only_reading() -> t.Iterator[None]:
    """Look once more in here, between a plan and its write: where that fails, nothing was written."""
    try:
        yield
    except Exception as caught:
        error = as_ours(caught)
        error.unclear = False
        raise error from None


def in_turn(steps: t.Iterable[Step[State]], state: State) -> State:
    """Make the calls of a change; returns what they made of the state.

    What is raised says whether another call was made before. Where it comes from between the calls, from what is read there, no
    call of which the answer was lost was a write.
    """
    made = writing = False
    try:
        for step in steps:
            writing = True
            state = step() or state
            made, writing = True, False
    except Exception as caught:
        error = as_ours(caught)
        error.partially_applied = error.partially_applied or made
        error.unclear = error.unclear and writing
        raise error from None
    return state

# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Changes that take several calls."""

from __future__ import annotations

import typing as t

from ..._base.errors import RegistryAuthError

State = t.TypeVar("State")
#: A call of a change. It answers the state that it made, or nothing when its answer does not have it.
Step = t.Callable[[], "State | None"]


def in_turn(steps: t.Iterable[Step[State]], state: State) -> State:
    """Make the calls of a change; returns what they made of the state. What one raises tells whether another was made before."""
    made = False
    for step in steps:
        try:
            state = step() or state
        except RegistryAuthError as error:
            error.partially_applied = error.partially_applied or made
            raise
        made = True
    return state

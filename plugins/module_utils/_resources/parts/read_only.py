# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What all resources that are read, and never changed, have in common."""

from __future__ import annotations

import typing as t

from ..._engine.reconcile import Change

Found = t.TypeVar("Found")


class ReadOnly(t.Generic[Found]):
    """The part of a resource that writes nothing."""

    def plan(self, current: Found, desired: t.Any) -> Change[Found] | None:
        """Nothing, ever."""
        return None

    def apply(self, change: Change[Found], desired: t.Any) -> Found:
        """Nothing to do: there is never a plan."""
        return change.after

    def diff(self, state: Found, desired: t.Any) -> dict[str, t.Any]:
        """Nothing: there is never a change to show."""
        return {}

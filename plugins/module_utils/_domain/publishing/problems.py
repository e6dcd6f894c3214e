# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a check finds. Pure."""

from __future__ import annotations

from dataclasses import asdict, dataclass

ERROR, WARNING = "error", "warning"


@dataclass(frozen=True)
class Problem:
    """Something wrong, in words that a person can act on."""

    #: Names the kind of problem, for playbooks.
    code: str
    #: An option, a place in a file, or what else is meant.
    where: str
    message: str
    fix: str
    #: C(error): publishing will fail, or is open to others. C(warning): it will work, and could be safer.
    severity: str = ERROR

    def as_dict(self) -> dict[str, str]:
        """In the shape that a task registers."""
        return asdict(self)

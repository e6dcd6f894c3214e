# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Says to C(molecule test) which scenarios are in a part of the suite: quick, rest, or all."""

from __future__ import annotations

import sys

from checkout import CHECKOUT

#: The whole workflow on the clouds that it is for; what changes a role is seen in these first.
QUICK = ("auth_workflow", "codeartifact_policy", "package_protection")


def scenarios(part: str) -> list[str]:
    """The names of the scenarios of a part."""
    found = sorted(file.parent.name for file in (CHECKOUT / "extensions" / "molecule").glob("*/molecule.yml"))
    # The local cloud that the others share comes first, and is theirs in both parts.
    others = [name for name in found if name != "default"]
    return [name for name in others if (name in QUICK) == (part == "quick")]


if __name__ == "__main__":
    PART = sys.argv[1] if len(sys.argv) > 1 else ""
    print(" ".join(f"--scenario-name {name}" for name in scenarios(PART)) if PART else "--all")

# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Somebody publishes a newer package under a name of ours, and pip takes it, until the name is protected. What both clouds have in common."""

from __future__ import annotations

import json
import textwrap
from dataclasses import dataclass
from pathlib import Path

from narration import Cloud, apply_role, ask, build, say, twine

TOOL = "acme-tool"
OURS, THEIRS = "acme_tool-1.0.0", "acme_tool-99.0.0"
NAMES = ["acme-*"]
INVENTORY = f"""\
all:
  hosts:
    demo:
      ansible_connection: local
      ansible_python_interpreter: "{{{{ ansible_playbook_python }}}}"
      package_protection_names: {json.dumps(NAMES)}
      package_protection_formats: [pypi]
"""


@dataclass
class Stranger:
    """Who publishes in public under a name of ours."""

    cloud: Cloud
    directory: Path
    #: What the public index takes.
    token: str

    def publish(self) -> str | None:
        """None when the index took it, else its refusal."""
        wheel = build(self.directory, TOOL, "99.0.0", "Somebody else's.")
        say(f"stranger:  $ twine upload {wheel.name}, to the public index")
        return twine(wheel, self.cloud.public_index, "__token__", self.token)


@dataclass
class Names:
    """Our names on one of the clouds: what the access answer finds, and the role that protects them."""

    directory: Path
    #: Of the access answer and what it is asked, besides the names.
    module: str
    options: dict[str, object]
    #: Variables of the role.
    role: str
    #: What lets the modules call as the owner.
    environment: dict[str, str]

    @property
    def _inventory(self) -> str:
        return INVENTORY + textwrap.indent(self.role, " " * 6)

    def findings(self) -> list[dict[str, str]]:
        """What the access answer says about our names; shown as it says it."""
        options = json.dumps({**self.options, "names": NAMES, "formats": ["pypi"]})
        answer = ask(self.directory, self.module, options, self._inventory, self.environment)
        found = [one for one in answer["access"]["findings"] if one["code"] == "public_package_in_place_of_ours"]
        for one in found:
            _show(f"{one['severity'].upper()} {one['message']}", "  ")
        if not found:
            say("  nothing is open under these names")
            return found
        say("  Remedy:")
        for line in found[0]["remedy"].strip().splitlines():
            _show(line, "    ")
        return found

    def protect(self) -> tuple[int, str]:
        """Run the role: how many tasks changed something, and what it says."""
        changed, said = apply_role(self.directory, "package_protection", self._inventory, self.environment)
        say(f"  {changed} {'task' if changed == 1 else 'tasks'} changed something")
        return changed, said


def _show(text: str, indent: str) -> None:
    """A long line as several."""
    for line in textwrap.wrap(text, 110, subsequent_indent="  ", break_on_hyphens=False):
        say(f"{indent}{line}")

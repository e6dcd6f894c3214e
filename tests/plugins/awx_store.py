# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The objects of the stand-in for AWX: their numbers, what they have when a request leaves it out, and how they are shown."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

Fields = dict[str, Any]

#: What AWX shows in place of a secret.
ENCRYPTED = "$encrypted$"

_OBJECTS = json.loads((Path(__file__).parent / "data" / "awx_objects.json").read_text())
#: Types whose objects share their numbers.
_NUMBERED_TOGETHER = {
    "project": "template",
    "job_template": "template",
    "workflow_job_template": "template",
    "job": "run",
    "workflow_job": "run",
    "project_update": "run",
}
#: Fields that refer to another object, whose type is the name of the field.
REFERENCES = (
    "organization",
    "inventory",
    "project",
    "execution_environment",
    "credential_type",
    "workflow_job_template",
)
#: What a named URL of a type has after the object's own name. An organization's name alone is enough.
_NAMED_BELOW = {
    "credential": ("credential_type", "organization"),
    "project": ("organization",),
    "inventory": ("organization",),
    "group": ("inventory",),
    "host": ("inventory",),
    "job_template": ("organization",),
    "workflow_job_template": ("organization",),
    "workflow_job_template_node": ("workflow_job_template",),
}
_UNNAMED = ("job", "workflow_job", "project_update", "schedule")
#: Objects below others, which are shown in C(related).
_BELOW = {
    "job_template": ("survey_spec", "launch", "credentials", "schedules"),
    "workflow_job_template": ("survey_spec", "launch", "workflow_nodes", "schedules"),
    "group": ("hosts", "children"),
    "project": ("playbooks", "update"),
    "job": ("job_events", "relaunch"),
}


class Store:
    """All objects, by type and number. Secrets are kept as given, and shown encrypted."""

    def __init__(self) -> None:
        self.objects: dict[str, dict[int, Fields]] = defaultdict(dict)
        #: Associations: (type, number, name of the list) to the numbers in it.
        self.lists: dict[tuple[str, int, str], list[int]] = defaultdict(list)
        self._last: dict[str, int] = defaultdict(int)
        for known in _OBJECTS["credential_types"]:
            self.objects["credential_type"][known["id"]] = {
                **_OBJECTS["defaults"]["credential_type"],
                **known,
                "type": "credential_type",
            }
        self._last["credential_type"] = max(self.objects["credential_type"])
        # What each installation has from the start.
        self.add("organization", {"name": "Default"})
        self.add("credential", {"name": "Demo Credential", "credential_type": self.named("credential_type", "Machine")})
        galaxy = self.named("credential_type", "Ansible Galaxy/Automation Hub API Token")
        self.add(
            "credential",
            {"name": "Ansible Galaxy", "credential_type": galaxy, "inputs": {"url": "https://galaxy.example.com/"}},
        )
        self.add("execution_environment", {"name": "AWX EE (latest)", "image": "registry.example.com/awx-ee:latest"})
        self.add(
            "execution_environment",
            {"name": "Control Plane Execution Environment", "image": "registry.example.com/awx-ee:latest"},
        )
        self.add("inventory", {"name": "Demo Inventory", "organization": 1})
        self.add("host", {"name": "localhost", "inventory": 1})

    def skip(self, kind: str, number: int) -> None:
        """Let the next object of a type have at least this number, as if others had been made."""
        counter = _NUMBERED_TOGETHER.get(kind, kind)
        self._last[counter] = max(self._last[counter], number - 1)

    def add(self, kind: str, fields: Mapping[str, Any]) -> Fields:
        """Make an object and return it as it is kept."""
        counter = _NUMBERED_TOGETHER.get(kind, kind)
        self._last[counter] += 1
        known = _OBJECTS["defaults"].get(kind, {})
        made = {**json.loads(json.dumps(known)), **fields, "id": self._last[counter], "type": kind}
        self.objects[kind][made["id"]] = made
        return made

    def forget(self, made: Fields) -> None:
        """Take back what was made last: a refused request uses no number up."""
        del self.objects[made["type"]][made["id"]]
        self._last[_NUMBERED_TOGETHER.get(made["type"], made["type"])] -= 1

    def named(self, kind: str, name: str) -> int:
        """The number of the only object of that name."""
        [number] = [number for number, found in self.objects[kind].items() if found["name"] == name]
        return number

    def where(self, kind: str, /, **fields: Any) -> Iterator[Fields]:
        """The objects of a type that have these values."""
        for found in self.objects[kind].values():
            if all(found.get(name) == value for name, value in fields.items()):
                yield found

    def listed(self, kind: str, number: int, name: str, of: str) -> list[Fields]:
        """The objects in a list of another."""
        return [self.objects[of][member] for member in self.lists[kind, number, name] if member in self.objects[of]]

    def shown(self, found: Fields) -> Fields:
        """An object as the API shows it."""
        kind, number = found["type"], found["id"]
        url = f"/api/v2/{plural(kind)}/{number}/"
        related = {name: f"{url}{name}/" for name in _BELOW.get(kind, ())} | found.get("related", {})
        if kind not in _UNNAMED:
            related["named_url"] = f"/api/v2/{plural(kind)}/{self.name(found)}/"
        shown = {name: value for name, value in found.items() if not name.startswith("_")}
        shown |= {"url": url, "related": related, "summary_fields": {}}
        if kind == "credential":
            shown["inputs"] = self._hidden(found)
        return shown

    def name(self, found: Fields) -> str:
        """The name of an object among all: what a named URL ends with."""
        kind = found["type"]
        if kind == "credential_type":
            return f"{found['name']}+{found['kind']}"
        own = str(found["identifier"] if kind == "workflow_job_template_node" else found["name"])
        above = [(field, found.get(field)) for field in _NAMED_BELOW.get(kind, ())]
        return "++".join([own, *(self.name(self.objects[field][number]) if number else "" for field, number in above)])

    def secrets(self, credential: Fields) -> set[str]:
        """The ids of a credential's fields that are secret."""
        inputs = self.objects["credential_type"][credential["credential_type"]]["inputs"]
        return {field["id"] for field in inputs.get("fields", ()) if field.get("secret")}

    def _hidden(self, credential: Fields) -> Fields:
        secret = self.secrets(credential)
        return {name: ENCRYPTED if name in secret and value else value for name, value in credential["inputs"].items()}


def plural(kind: str) -> str:
    """The part of a URL that lists objects of a type."""
    return {"inventory": "inventories"}.get(kind, f"{kind}s")


def singular(part: str) -> str:
    """The type of the objects that are listed there."""
    return {"inventories": "inventory"}.get(part, part.removesuffix("s"))

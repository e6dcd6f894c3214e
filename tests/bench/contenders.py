# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The commands that compete: ours, the limit, and what a user would pick instead."""

from __future__ import annotations

import json
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml
from checkout import COLLECTIONS
from measure import CommandError
from subject import Entry, Subject
from world import PROJECT, World

HERE = Path(__file__).resolve().parent
COLLECTION = "pkgops.registry_auth"
#: Ansible's own default, whatever the user's configuration says.
FORKS = 5

OURS, LIMIT = "ours", "limit"
#: How contenders are called in tables.
TITLES = {
    OURS: "ours",
    LIMIT: "limit script",
    "loop": "loop over our module",
    "peer": "loop over google.cloud",
    "gcloud": "gcloud, one by one",
    "aws": "AWS CLI, one by one",
}

_CHANGED = re.compile(r"\bchanged=(\d+)")


@dataclass(frozen=True)
class Command:
    """A command, and what its environment has beside what all have."""

    words: list[str]
    environment: Mapping[str, str] = field(default_factory=dict)
    #: Whether it says how much it changed.
    reports: bool = True

    def check(self, output: str, state: str) -> None:
        """Raises CommandError when it changed what was right, or nothing where nothing was there."""
        if not self.reports:
            return
        changed = [int(number) for number in _CHANGED.findall(output)]
        if not changed or any(changed) == (state == "converged"):
            raise CommandError(f"{' '.join(self.words)} says changed={changed} where the state was {state}.")


@dataclass(frozen=True)
class Stand:
    """Where the contenders of one subject find the entries: in a file each, in a folder of their own."""

    world: World
    subject: Subject
    folder: Path
    entries: list[Entry]
    #: How Ansible gets the entries: json or yaml. The workflow has them in its inventory either way.
    data: str

    def file(self) -> Path:
        """The entries, and what they have in common."""
        file = self.folder / "entries.json"
        file.write_text(json.dumps(self.subject.data(self.entries)))
        return file

    def inventory(self, groups: Entry) -> list[str]:
        """The options of ansible-playbook that name an inventory of these groups."""
        file = self.folder / f"hosts.{self.data}"
        with file.open("w") as stream:
            if self.data == "json":
                json.dump(groups, stream, indent=1)
            else:
                yaml.dump(groups, stream, Dumper=getattr(yaml, "CSafeDumper", yaml.SafeDumper), sort_keys=False)
        return ["-i", str(file)]

    def playbook(self, name: str, task: Entry) -> list[str]:
        """ansible-playbook with one task, and the entries in the file that the limit reads, or in its inventory in YAML."""
        play = {"name": "Bench", "hosts": "packages", "gather_facts": False, "tasks": [{"name": "Work", **task}]}
        local = {"ansible_connection": "local", "ansible_python_interpreter": "{{ ansible_playbook_python }}"}
        variables: Entry = {"entries": self.entries}
        if self.data == "json":
            variables = {"entries": f"{{{{ (lookup('ansible.builtin.file', '{self.file()}') | from_json).entries }}}}"}
        file = self.folder / f"{name}.yml"
        file.write_text(yaml.safe_dump([play], sort_keys=False))
        inventory = self.inventory({"scopes": {"hosts": {"packages": {**local, **variables}}}})
        return [_program("ansible-playbook"), *inventory, str(file)]

    def shell_loop(self, program: str, arguments: str) -> list[str]:
        """A shell that runs a program for one entry after the other."""
        names = self.folder / "names"
        names.write_text("".join(f"{entry[self.subject.key]}\n" for entry in self.entries))
        one = f"{shlex.quote(program)} {arguments.format('$name')} </dev/null >/dev/null"
        return ["sh", "-e", "-c", f'while read -r name; do {one}; done < "$0"', str(names)]


def ours(stand: Stand, _state: str, _threads: int) -> Command:
    subject = stand.subject
    if subject.module:
        options = {**subject.common, **({"batch": "{{ entries }}"} if subject.writes else {})}
        return Command(stand.playbook("batch", {f"{COLLECTION}.{subject.module}": options}))
    inventory = stand.inventory(subject.inventory(stand.entries))
    return Command([_program("ansible-playbook"), *inventory, f"--forks={FORKS}", f"{COLLECTION}.auth_workflow"])


def limit(stand: Stand, state: str, threads: int) -> Command:
    script = HERE / "limits" / f"limit_{stand.subject.limit or stand.subject.name}.py"
    # For the collection's own rules.
    environment = {"PYTHONPATH": str(COLLECTIONS)}
    return Command([sys.executable, str(script), str(stand.file()), str(threads), state], environment)


def loop(stand: Stand, _state: str, _threads: int) -> Command:
    each = {name: f"{{{{ item.{name} }}}}" for name in stand.entries[0]}
    task = {f"{COLLECTION}.{stand.subject.module}": {**stand.subject.common, **each}, **_loop(stand.subject)}
    return Command(stand.playbook("loop", task))


def peer(stand: Stand, _state: str, _threads: int) -> Command:
    login = {"auth_kind": "accesstoken", "access_token": "{{ lookup('ansible.builtin.env', 'GCP_ACCESS_TOKEN') }}"}
    options = {"project": PROJECT, **login, **(stand.subject.peer or {})}
    environment = {
        "PYTHONPATH": str(HERE / "peer_host"),
        "BENCH_SECRETMANAGER": f"{stand.world.url}/secretmanager",
    }
    task = {"google.cloud.gcp_secret_manager": options, **_loop(stand.subject)}
    return Command(stand.playbook("peer", task), environment)


def gcloud(stand: Stand, _state: str, _threads: int) -> Command:
    return Command(stand.shell_loop("gcloud", stand.subject.gcloud), reports=False)


def aws(stand: Stand, _state: str, _threads: int) -> Command:
    return Command(stand.shell_loop(_without_shim("aws"), stand.subject.aws), reports=False)


#: What makes the command of each contender: its data, the state that it meets, and how wide the engine is.
CONTENDERS: dict[str, Callable[[Stand, str, int], Command]] = {
    OURS: ours,
    LIMIT: limit,
    "loop": loop,
    "peer": peer,
    "gcloud": gcloud,
    "aws": aws,
}


def alternatives(subject: Subject) -> list[str]:
    """What of a user's other choices can do this, and is installed."""
    able: dict[str, Any] = {
        "loop": subject.module and subject.writes,
        "peer": subject.peer,
        "gcloud": subject.gcloud and shutil.which("gcloud"),
        "aws": subject.aws and shutil.which("aws"),
    }
    return [name for name, can in able.items() if can]


def _loop(subject: Subject) -> Entry:
    return {"loop": "{{ entries }}", "loop_control": {"label": f"{{{{ item.{subject.key} }}}}"}}


def _program(name: str) -> str:
    return str(Path(sys.executable).parent / name)


def _without_shim(program: str) -> str:
    """The program itself: a shim of pyenv in front of it would cost it a fifth of its time."""
    found = shutil.which(program) or program
    if Path(found).parent.name != "shims":
        return found
    return subprocess.run(["pyenv", "which", program], check=True, stdout=subprocess.PIPE, text=True).stdout.strip()

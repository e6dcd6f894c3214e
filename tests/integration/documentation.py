# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The blocks of code in the project's pages, and a reader who does what they say, far from the checkout."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from checkout import CHECKOUT
from harness import FOREIGN, LIMIT, Run

#: Where the pages say that the local cloud is.
DOCUMENTED = "http://127.0.0.1:8085"
#: Nobody listens there: what would leave the machine fails instead.
NOWHERE = "http://127.0.0.1:9"

#: Blocks may be parts of lists, and are indented then.
_FENCED = re.compile(
    r"^(?P<indent> *)(?P<fence>```+|~~~+)(?P<language>[\w-]*)[^`\n]*\n(?P<text>.*?)^ *(?P=fence) *$",
    re.MULTILINE | re.DOTALL,
)
_DIRECTIVE = re.compile(
    r"^(?P<indent> *)\.\. (?:code-block|code|sourcecode|parsed-literal)::(?: (?P<language>[\w-]+))? *\n"
    r"(?:(?P=indent) +:.*\n)*\n(?P<text>(?:(?:(?P=indent) +\S.*)?\n)+)",
    re.MULTILINE,
)
#: A block whose language nobody names, behind a paragraph that ends with two colons.
_LITERAL = re.compile(
    r"^(?P<indent> *)(?!\.\. )\S.*::\n\n(?P<text>(?:(?:(?P=indent) +\S.*)?\n)+)(?P<language>)", re.MULTILINE
)


@dataclass(frozen=True)
class Block:
    """A block as it stands in its page."""

    language: str
    text: str


def pages() -> list[str]:
    """The pages of the project, by their paths."""
    found = [
        *sorted(CHECKOUT.glob("*.md")),
        CHECKOUT / "playbooks" / "README.md",
        CHECKOUT / "extensions" / "molecule" / "README.md",
    ]
    found += sorted((CHECKOUT / "roles").glob("*/README.md"))
    found += sorted((CHECKOUT / "docs").rglob("*.rst")) + sorted((CHECKOUT / "docs").rglob("*.md"))
    return [str(path.relative_to(CHECKOUT)) for path in found]


def blocks(page: str) -> list[Block]:
    """All blocks of a page, in order."""
    text = (CHECKOUT / page).read_text()
    return [block for _place, block in sorted(_found(page, text), key=lambda found: found[0])]


def _found(page: str, text: str) -> Iterator[tuple[int, Block]]:
    for pattern in (_DIRECTIVE, _LITERAL) if page.endswith(".rst") else (_FENCED,):
        for found in pattern.finditer(text):
            yield found.start(), Block(found["language"] or "", textwrap.dedent(found["text"]).strip() + "\n")


def _place(url: str) -> str:
    """Host and port, before which a URL may have a login."""
    return url.partition("://")[2]


class Reader:
    """Somebody who has installed the collection, has a folder, and types what a page says."""

    def __init__(self, folder: Path, collections: Path, url: str) -> None:
        self.folder = folder
        self.url = url
        #: How the last commands ended, for a block that shows what they print.
        self.last = Run(0, "", "")
        kept = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith((*FOREIGN, "PIP_", "UV_", "TWINE_")) and not name.lower().endswith("_proxy")
        }
        programs = [str(Path(sys.executable).parent), kept["PATH"], str(CHECKOUT / "build" / "aws" / "bin")]
        self.environment = {
            **kept,
            "PATH": os.pathsep.join(programs),
            "HOME": str(folder / "home"),
            "ANSIBLE_HOME": str(folder / "home" / "ansible"),
            "ANSIBLE_COLLECTIONS_PATH": str(collections),
            "ANSIBLE_NOCOLOR": "true",
            "HTTP_PROXY": NOWHERE,
            "HTTPS_PROXY": NOWHERE,
            "NO_PROXY": "127.0.0.1",
            "NO_GCE_CHECK": "true",
            "CLOUDSDK_CORE_DISABLE_PROMPTS": "1",
            "CLOUDSDK_COMPONENT_MANAGER_DISABLE_UPDATE_CHECK": "true",
        }
        (folder / "home").mkdir()

    def save(self, name: str, text: str) -> None:
        """Write a file next to the others, or add to it what a page says later."""
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("a") as file:
            file.write(self._led(f"{text}\n"))

    def _led(self, text: str) -> str:
        """What a page says, with the address of this local cloud."""
        return text.replace(_place(DOCUMENTED), _place(self.url))

    def shell(self, script: str) -> Run:
        """Run commands in a new terminal, led to the local cloud as the pages say."""
        lead = f'eval "$(curl --fail --silent --show-error {DOCUMENTED}/_local/environment)"\n'
        done = subprocess.run(
            [shutil.which("bash") or "/bin/sh", "-e"],
            input=self._led(lead + script),
            env=self.environment,
            cwd=self.folder,
            capture_output=True,
            text=True,
            timeout=LIMIT,
            check=False,
        )
        self.last = Run(done.returncode, done.stdout, done.stderr)
        return self.last

    def plays(self, text: str, **variables: Any) -> Run:
        """Run a playbook in which machines are meant that are all this one."""
        local = {"ansible_connection": "local", "ansible_python_interpreter": "{{ ansible_playbook_python }}"}
        inventory = {
            "all": {"hosts": {"localhost": {}}, "vars": local | variables},
        }
        (self.folder / "machines.json").write_text(json.dumps(inventory))
        (self.folder / "play.yml").write_text(text)
        return self.shell("ansible-playbook --inventory=machines.json play.yml")

    def tasks(self, tasks: list[dict[str, Any]], **play: Any) -> Run:
        """Run tasks in a play."""
        return self.plays(
            yaml.safe_dump([{"name": "Play", "hosts": "localhost", "gather_facts": False, **play, "tasks": tasks}])
        )

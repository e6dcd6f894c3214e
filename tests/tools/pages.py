# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Writes the parts of the documentation's pages that are said elsewhere already.

- The variables of the playbooks: in the comment at the head of each playbook.
- The permissions of the modules: in the notes of each module.

C(python tests/tools/pages.py) writes them, and a unit test fails when they are not as this would write them.
"""

from __future__ import annotations

import ast
import re
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import yaml
from antsibull_docs_parser import dom, parser, rst
from checkout import CHECKOUT

PAGES = CHECKOUT / "docs" / "docsite" / "rst"
BEGIN, END = ".. begin of what tests/tools/pages.py writes", ".. end of what tests/tools/pages.py writes"

#: A line of a definition: its name, and what it means, which begins two spaces or more behind, or in the next line.
_DEFINITION = re.compile(r"(?P<indent> {2}| {4})(?P<name>\S.*?)(?: {2,}(?P<text>\S.*))?")
#: What is indented further than any name goes on with the line before.
_CONTINUATION = " " * 20
#: What of a comment is code: an example in braces, what is called group or role, and every word with an underscore.
_CODE = re.compile(r"(?P<example>[\[{].*[\]}])|\b(?P<kind>group|role) (?P<named>[a-z_]+)\b|(?P<word>\w*_\w*)")
#: How notes on permissions begin, which differs with what the module asks.
_PERMISSIONS = re.compile(
    r"Permissions needed are |The permission needed is |(?=No permissions are needed|Permissions that |A fine-grained token needs |"
    r"Reading from an Artifact Registry repository needs |Run it in the job itself|GitHub is asked only with |"
    # More of what comes before, in a note of its own.
    r"(?=With O\([a-z]+=[a-z]+\), they are |O\(retained\) needs ))"
)


@dataclass
class Definition:
    """A variable, or several that mean the same, and the keys of its entries."""

    name: str
    text: str
    keys: list[Definition] = field(default_factory=list)


def head(playbook: Path) -> list[str | list[Definition]]:
    """The comment at the head of a playbook: its paragraphs, commands, and lists of variables."""
    lines = playbook.read_text().splitlines()
    start = next(number for number, line in enumerate(lines) if line == "#" or "SPDX-License" in line) + 1
    comment: list[str] = []
    for line in lines[start:]:
        if line.startswith("#"):
            comment.append(line.removeprefix("#").removeprefix(" "))
        elif comment:
            break
    found: list[str | list[Definition]] = []
    for block in "\n".join(comment).split("\n\n"):
        text = block.strip("\n")
        found.append(_definitions(text) if text.startswith("  ") and "  " in text.strip() else text)
    return found


def _definitions(text: str) -> list[Definition]:
    found: list[Definition] = []
    for line in text.splitlines():
        known = [*found, *(found[-1].keys if found else [])]
        if line.startswith(_CONTINUATION):
            known[-1].text = f"{known[-1].text} {line.strip()}".strip()
        elif parts := _DEFINITION.fullmatch(line):
            into = found[-1].keys if len(parts["indent"]) == 4 else found
            into.append(Definition(parts["name"], parts["text"] or ""))
        else:
            raise ValueError(f"Neither a definition nor more of one: {line!r}")
    return found


def playbooks() -> str:
    """The playbooks, with their variables."""
    return "\n".join(line for path in sorted((CHECKOUT / "playbooks").glob("*.yml")) for line in _playbook(path))


def _playbook(path: Path) -> Iterator[str]:
    title = f"pkgops.registry_auth.{path.stem}"
    yield from (title, "-" * len(title), "")
    for part in head(path):
        if isinstance(part, list):
            yield from _table("Variable", part)
            for one in part:
                if one.keys:
                    yield from (f"Each entry of ``{one.name}``:", "")
                    yield from _table("Key", one.keys)
        elif part.startswith("  "):
            yield from (".. code-block:: shell", "", part, "")
        elif "tests/tools/pages.py" not in part:
            yield from (_prose(" ".join(part.split())), "")


def _table(first: str, definitions: list[Definition]) -> Iterator[str]:
    yield from (".. list-table::", "  :header-rows: 1", "  :widths: 35 65", "", f"  * - {first}", "    - Meaning")
    for one in definitions:
        names = ", ".join(f"``{name}``" for name in one.name.split(", "))
        yield from (f"  * - {names}", f"    - {_prose(one.text[:1].upper() + one.text[1:])}")
    yield ""


def _prose(text: str) -> str:
    """Text of a comment with its code and its roles marked."""
    return _CODE.sub(_mark, re.sub(r", each with$", ", see below", text))


def _mark(found: re.Match[str]) -> str:
    if found["kind"] == "role":
        return f"role :ansplugin:`pkgops.registry_auth.{found['named']}#role`"
    return f"group ``{found['named']}``" if found["kind"] else f"``{found[0]}``"


def permissions() -> str:
    """A table of the permissions that each module says that it needs."""
    lines = [".. list-table::", "  :header-rows: 1", "  :widths: 30 70", "", "  * - Module", "    - Permissions"]
    for path in sorted((CHECKOUT / "plugins" / "modules").glob("*.py")):
        told = [note[said.end() :] for note in module_notes(path) if (said := _PERMISSIONS.match(note))]
        if told:
            needed = " ".join(_marked(note, path.stem) for note in told)
            lines += [f"  * - :ansplugin:`pkgops.registry_auth.{path.stem}#module`", f"    - {needed}"]
    return "\n".join([*lines, ""])


def module_notes(module: Path) -> list[str]:
    """What the documentation of a module has as notes."""
    tree = ast.parse(module.read_text())
    (text,) = (
        ast.literal_eval(node.value)
        for node in tree.body
        if isinstance(node, ast.Assign)
        and isinstance(node.targets[0], ast.Name)
        and node.targets[0].id == "DOCUMENTATION"
    )
    notes: list[str] = yaml.safe_load(text).get("notes", [])
    return notes


def _marked(note: str, module: str) -> str:
    plugin = dom.PluginIdentifier(fqcn=f"pkgops.registry_auth.{module}", type="module")
    return rst.to_rst(parser.parse(note, parser.Context(current_plugin=plugin)), current_plugin=plugin)


#: What is written into which page.
PARTS = {"playbooks.rst": playbooks, "permissions.rst": permissions}


def written(page: str) -> str:
    """A page with its part as it should be."""
    before, _begin, rest = (PAGES / page).read_text().partition(f"{BEGIN}\n")
    _part, found, after = rest.partition(f"{END}\n")
    if not found:
        raise ValueError(f"{page} does not say where its part begins and ends.")
    return f"{before}{BEGIN}\n\n{textwrap.dedent(PARTS[page]())}\n{END}\n{after}"


def main() -> None:
    for page in PARTS:
        (PAGES / page).write_text(written(page))


if __name__ == "__main__":
    main()

# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Phrases over which a native speaker stumbles do not come back into anything that users read.

CONTRIBUTING.md has the words to use in their place.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from checkout import CHECKOUT

pytestmark = pytest.mark.checkout

#: Each phrase, and what to say in its place.
STUMBLES = {
    r"besides?": "next to, in addition to, except, default for every entry",
    r"(?<!there )(?:is|are) none(?! of)": "there is no ..., does not exist",
    r"(?:go|goes|going|went) on": "continue",
    r"(?:is|are|was|were) told": "is reported, is notified, is asked",
    r"(?:cannot|could not) be told(?! (?:apart|from))": "is not known",
    r"hand(?:s|ed|ing)? (?:it |them )?on": "pass",
    r"in clear": "unencrypted, as plain text",
    r"lets? read": "allows ... to read",
    r"slips? of the pen": "typo",
    r"(?:at|in) hand": "available, known",
    r"what (?:stands|stood)": "what is there, the default",
    r"for ever": "forever",
    r"spares": "saves",
    r"insists? on that": "make sure that",
    r"(?:it|this) is (?:\S+ )?(?:what it is )?when not set": "This is the default, The default is ...",
    r"anew": "again",
    r"stands (?:anywhere|at the end)": "is, appears",
    r"pass(?:es|ed|ing)? (?:it |them )?over(?! to)": "skip",
    r"in silence": "silently",
    r"sees? to it": "make sure that, keeps ... from",
    r"called otherwise": "must be called ...",
    r"not reached within": "timed out before ... was processed",
}
_STUMBLE = re.compile(
    "|".join(rf"(?P<p{number}>\b{phrase}\b)" for number, phrase in enumerate(STUMBLES)), re.IGNORECASE
)
#: Words in code are no English: in a page's code, and in templates and conditions, in which they are Jinja's.
_TEMPLATE = re.compile(
    r"`[^`\n]+`|\{\{.*?\}\}|\{%.*?%\}|^\s*(?:-\s+)?(?:when|that|until|failed_when|changed_when):[^\n]*$",
    re.DOTALL | re.MULTILINE,
)
#: What YAML files of roles say to users, by key.
_SAID = {"name", "msg", "fail_msg", "success_msg", "description", "short_description"}


def pages() -> Iterator[Path]:
    """Files that are text as a whole."""
    yield from CHECKOUT.glob("*.md")
    for folder in ("docs/docsite", "playbooks", "changelogs/fragments"):
        for path in (CHECKOUT / folder).rglob("*"):
            if path.suffix in {".md", ".rst", ".yml"}:
                yield path
    yield from (CHECKOUT / "roles").glob("*/README.md")
    yield from (CHECKOUT / "extensions").rglob("*.md")


def roles() -> Iterator[Path]:
    for folder in ("tasks", "meta", "defaults", "handlers"):
        yield from (CHECKOUT / "roles").glob(f"*/{folder}/*.yml")


def code() -> Iterator[Path]:
    yield from (CHECKOUT / "plugins").rglob("*.py")
    yield from (CHECKOUT / "plugins").rglob("*.yml")


def _texts(path: Path) -> Iterator[str]:
    if path.suffix == ".py":
        yield from _strings(ast.parse(path.read_text()))
    elif path.suffix == ".yml" and path.parent.parent.parent.name == "roles":
        yield from _said(yaml.load(path.read_text(), Loader=_Plain))
    else:
        yield path.read_text()


def _strings(tree: ast.AST) -> Iterator[str]:
    """All strings but docstrings, which users do not see. Parts of one message are one text."""
    seen: set[int] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            seen.add(id(node.value))
        elif isinstance(node, ast.JoinedStr):
            seen.update(id(part) for part in node.values)
            yield "".join(part.value if isinstance(part, ast.Constant) else "…" for part in node.values)
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in seen:
            yield node.value


class _Plain(yaml.SafeLoader):
    """Takes Ansible's tags for what they are on."""


_Plain.add_multi_constructor("!", lambda loader, _tag, node: loader.construct_scalar(node))


def _said(value: object) -> Iterator[str]:
    if isinstance(value, dict):
        for key, one in value.items():
            if key in _SAID and isinstance(one, str):
                yield one
            elif key in _SAID and isinstance(one, list):
                yield from (text for text in one if isinstance(text, str))
            yield from _said(one)
    elif isinstance(value, list):
        for one in value:
            yield from _said(one)


def stumbles(path: Path) -> list[str]:
    """Each phrase that a file has, with what is around it and what to say in its place."""
    found = []
    for text in _texts(path):
        flat = " ".join(_TEMPLATE.sub("…", text).split())
        for one in _STUMBLE.finditer(flat):
            better = list(STUMBLES.values())[int(str(one.lastgroup).removeprefix("p"))]
            found.append(
                f"{path.relative_to(CHECKOUT)}: {flat[max(0, one.start() - 60) : one.end() + 60]!r}: say {better!r}"
            )
    return found


@pytest.mark.parametrize("files", [pages, roles, code], ids=lambda files: files.__name__)
def test_nobody_stumbles(files: object) -> None:
    assert callable(files)
    found = [one for path in sorted(files()) for one in stumbles(path)]
    assert not found, "\n".join(found)


def test_a_phrase_is_found_across_lines_and_parts_of_a_message(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(globals(), "CHECKOUT", tmp_path)
    (tmp_path / "page.md").write_text("Then go\non.\n")
    (tmp_path / "module.py").write_text(
        'def f(x):\n    "Nobody is told."\n    raise E(f"The user {x} " f"is " "told.")\nD = "{{ x is none }}"\n'
    )

    assert len(stumbles(tmp_path / "page.md")) == 1
    assert len(stumbles(tmp_path / "module.py")) == 1

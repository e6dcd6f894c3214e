# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""That no block of code in a page stays unseen by the test that runs them, wherever it stands."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from checkout import CHECKOUT

sys.path.insert(0, str(Path(__file__).parents[1] / "integration"))

import documentation
from documentation import Block, blocks, pages

pytestmark = pytest.mark.checkout

FOUND: dict[str, tuple[str, str, list[Block]]] = {
    "fenced": ("a.md", "```yaml\na: 1\n```\n", [Block("yaml", "a: 1\n")]),
    "in a list": ("a.md", "- text:\n\n  ```yaml\n  a:\n    b: 1\n  ```\n\n  more\n", [Block("yaml", "a:\n  b: 1\n")]),
    "in a list in a list": ("a.md", "1. a\n   - b\n     ```shell\n     ls\n     ```\n", [Block("shell", "ls\n")]),
    "by tildes": ("a.md", "~~~shell\nls\n~~~\n", [Block("shell", "ls\n")]),
    "with a block in it": ("a.md", "````text\n```\nls\n```\n````\n", [Block("text", "```\nls\n```\n")]),
    "without a language": ("a.md", "```\nls\n```\n", [Block("", "ls\n")]),
    "two": (
        "a.md",
        "```shell\na\n```\n\n- x\n\n  ```shell\n  b\n  ```\n",
        [Block("shell", "a\n"), Block("shell", "b\n")],
    ),
    "a directive": ("a.rst", ".. code-block:: shell\n\n  ls\n\n  pwd\n\ntext\n", [Block("shell", "ls\n\npwd\n")]),
    "a directive in a list": (
        "a.rst",
        "- a\n\n  .. code-block:: yaml\n\n     a: 1\n\n- b\n",
        [Block("yaml", "a: 1\n")],
    ),
    "with options": ("a.rst", ".. code-block:: yaml\n   :caption: x\n\n   a: 1\n", [Block("yaml", "a: 1\n")]),
    "behind two colons": ("a.rst", "So::\n\n  ls\n\ntext\n", [Block("", "ls\n")]),
}


@pytest.mark.parametrize(("page", "text", "found"), FOUND.values(), ids=FOUND.keys())
def test_a_block_is_seen(
    page: str, text: str, found: list[Block], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(documentation, "CHECKOUT", tmp_path)
    (tmp_path / page).write_text(text)

    assert blocks(page) == found


@pytest.mark.parametrize("page", [page for page in pages() if page.endswith(".md")])
def test_each_fence_is_one_of_a_block(page: str) -> None:
    fences = [line for line in (CHECKOUT / page).read_text().splitlines() if "```" in line or "~~~" in line]

    assert len(fences) == 2 * len(blocks(page))

# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Draws the documentation's pictures from text: C(python tests/tools/pictures.py) writes them, and a unit test compares.

They have a background of their own, so they can be read on light and on dark pages.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape
from textwrap import wrap

from checkout import CHECKOUT

#: Pixels.
MARGIN, GAP, LINE = 24, 36, 20
WIDTH = 960
LICENSE = "<!--\nSPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors\nSPDX-License-Identifier: GPL-3.0-or-later\n-->"
STYLE = """\
<style>
  text { font: 15px "DejaVu Sans", Verdana, Arial, sans-serif; fill: #1b2733; }
  .title { font-weight: bold; }
  .box { fill: #ffffff; stroke: #44617b; stroke-width: 1.5; }
  .key { fill: #dcebf7; }
  .way { stroke: #44617b; stroke-width: 2; fill: none; marker-end: url(#head); }
</style>
<defs><marker id="head" markerWidth="9" markerHeight="8" refX="8" refY="4" orient="auto">
  <path d="M0,0 L9,4 L0,8 z" fill="#44617b"/>
</marker></defs>"""


@dataclass(frozen=True)
class Box:
    """A box with a title and a text below it. C(key): one to look at. C(last): one that leads nowhere."""

    title: str
    text: str = ""
    key: bool = False
    last: bool = False

    def lines(self, width: float) -> list[str]:
        """The text in lines that fit."""
        return wrap(self.text, int((width - 24) / 8.6))


#: Each row of a picture, from left to right, and whether an arrow leads from box to box.
WORKFLOW = (
    (
        Box("1  Check", "everything, before anything is written"),
        Box("2  Store", "the token as a version of the secret"),
        Box("3  Grant", "the service agent may read the secret"),
        Box("4  Log in", "the repository names that version"),
    ),
    (
        Box("5  Share", "who may install and publish"),
        Box("6  Prove", "fetch a package through the repository", key=True),
        Box("7  Retire", "old versions, only now"),
    ),
)
ARCHITECTURE = (
    (Box("Playbooks", "auth_workflow, access_report, ...: whole inventories, in few lines"),),
    (
        Box("Roles", "one function each, for playbooks of your own"),
        Box("Workflow modules", "the same steps for all scopes at once"),
    ),
    (Box("Modules", "options for one thing, or a batch of them; documentation"),),
    (
        Box(
            "Engine",
            "read, plan, apply; again when somebody else was faster; check mode stops before the write",
            key=True,
        ),
    ),
    (
        Box("Decisions", "plan: policies, names, findings; call nothing", last=True),
        Box("Clients", "read and apply: the only code that knows a URL"),
    ),
    (
        Box("The services", "Google Cloud, AWS, GitHub, package indexes"),
        Box("The local cloud", "in their place, over the same protocols"),
    ),
)


def flow(rows: Sequence[Sequence[Box]]) -> str:
    """Boxes of one size in the order of reading, with arrows from each to the next."""
    columns = max(len(row) for row in rows)
    width = (WIDTH - 2 * MARGIN - GAP * (columns - 1)) / columns
    height = _height([box for row in rows for box in row], width)
    parts: list[str] = []
    for number, row in enumerate(rows):
        y = MARGIN + number * (height + GAP)
        for column, box in enumerate(row):
            x = MARGIN + column * (width + GAP)
            parts += _box(box, x, y, width, height)
            if column:
                parts.append(_way(f"M{x - GAP + 3:g},{y + height / 2:g} H{x - 2:g}"))
        if number:
            end, below, middle = MARGIN + (len(rows[number - 1]) - 0.5) * (width + GAP) - GAP / 2, y - 2, y - GAP / 2
            parts.append(_way(f"M{end:g},{y - GAP + 2:g} V{middle:g} H{MARGIN + width / 2:g} V{below:g}"))
    return _picture(parts, 2 * MARGIN + len(rows) * (height + GAP) - GAP)


def layers(rows: Sequence[Sequence[Box]]) -> str:
    """Rows of boxes that fill the width, with arrows from each row to the one below."""
    parts: list[str] = []
    y: float = MARGIN
    for number, row in enumerate(rows):
        width = (WIDTH - 2 * MARGIN - GAP * (len(row) - 1)) / len(row)
        height = _height(row, width)
        for column, box in enumerate(row):
            parts += _box(box, MARGIN + column * (width + GAP), y, width, height)
        if number:
            parts += [_way(path) for path in _down(rows[number - 1], row, y)]
        y += height + GAP
    return _picture(parts, y - GAP + MARGIN)


def _down(above: Sequence[Box], below: Sequence[Box], y: float) -> Iterator[str]:
    """Ways to a row that begins at C(y). Below a box that leads nowhere, they come from its neighbor."""
    columns = max(len(above), len(below))
    centers = [MARGIN + (column + 0.5) * (WIDTH - 2 * MARGIN + GAP) / columns - GAP / 2 for column in range(columns)]
    leading = [center for center, box in zip(centers, above, strict=False) if not box.last]
    for number, center in enumerate(centers):
        start = center if number >= len(above) or not above[number].last else leading[0]
        yield f"M{start:g},{y - GAP + 2:g} V{y - GAP / 2:g} H{center:g} V{y - 2:g}"


def _height(boxes: Sequence[Box], width: float) -> int:
    return 24 + LINE * (1 + max(len(box.lines(width)) for box in boxes))


def _box(box: Box, x: float, y: float, width: float, height: float) -> Iterator[str]:
    kind = "box key" if box.key else "box"
    yield f'<rect class="{kind}" x="{x:g}" y="{y:g}" width="{width:g}" height="{height:g}" rx="8"/>'
    yield f'<text class="title" x="{x + 12:g}" y="{y + 26:g}">{escape(box.title)}</text>'
    for number, line in enumerate(box.lines(width), 1):
        yield f'<text x="{x + 12:g}" y="{y + 26 + number * LINE:g}">{escape(line)}</text>'


def _way(path: str) -> str:
    return f'<path class="way" d="{path}"/>'


def _picture(parts: Sequence[str], height: float) -> str:
    size = f'viewBox="0 0 {WIDTH} {height:g}" width="{WIDTH}" height="{height:g}"'
    back = f'<rect width="{WIDTH}" height="{height:g}" rx="12" fill="#f3f6f9"/>'
    return "\n".join([f'<svg xmlns="http://www.w3.org/2000/svg" {size}>', LICENSE, STYLE, back, *parts, "</svg>", ""])


#: The pictures by their files.
PICTURES = {
    CHECKOUT / "docs" / "workflow.svg": flow(WORKFLOW),
    CHECKOUT / "docs" / "architecture.svg": layers(ARCHITECTURE),
}


def main() -> None:
    for path, picture in PICTURES.items():
        path.write_text(picture)


if __name__ == "__main__":
    main()

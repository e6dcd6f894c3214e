# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Boxes and arrows for where packages come from: what asks is on the left of what it asks. Pure. All lengths are pixels of a picture."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass, field

from .cells import Read, Shown

_HEIGHT, _ROW, _GAP, _MARGIN = 40, 52, 120, 8
#: Of a letter of the two lines of a box, in a monospaced font of 12 pixels.
_LETTER, _PADDING = 7.4, 20


@dataclass
class _Column:
    #: Names of nodes, and for an arrow that passes through its number.
    places: list[str | int] = field(default_factory=list)
    left: int = 0
    width: int = 0

    @property
    def right(self) -> int:
        return self.left + self.width

    def middle(self, place: str | int) -> int:
        return _MARGIN + self.places.index(place) * _ROW + _HEIGHT // 2


def drawn(flow: Read) -> Shown:
    """Where to draw what of a flow, and the same in words. Nodes without arrows are counted only.

    :param flow: as of_project() and of_domain() make it
    """
    nodes = {one["name"]: one for one in flow["nodes"]}
    arrows = flow["arrows"]
    depths = _depths(arrows)
    columns = [_Column() for _depth in range(max(depths.values(), default=-1) + 1)]
    for place, depth in _places(arrows, depths):
        columns[depth].places.append(place)
    left = _MARGIN
    for column in columns:
        letters = max(len(text) for place in column.places for text in _lines(nodes, place))
        column.left, column.width = left, round(letters * _LETTER + _PADDING)
        left = column.right + _GAP
    return {
        "width": left - _GAP + _MARGIN if columns else 0,
        "height": max((len(one.places) for one in columns), default=0) * _ROW + _MARGIN,
        "boxes": [
            {
                **nodes[place],
                "x": one.left,
                "y": one.middle(place) - _HEIGHT // 2,
                "width": one.width,
                "height": _HEIGHT,
            }
            for one in columns
            for place in one.places
            if isinstance(place, str)
        ],
        "arrows": [_arrow(number, arrow, depths, columns) for number, arrow in enumerate(arrows)],
        "words": [_words(one, nodes) for one in arrows],
        "alone": len(nodes) - len(depths),
    }


def _lines(nodes: t.Mapping[str, Read], place: str | int) -> tuple[str, ...]:
    return (nodes[place]["name"], nodes[place]["detail"]) if isinstance(place, str) else ("",)


def _depths(arrows: t.Sequence[Read]) -> dict[str, int]:
    """The column of each node: one after the last of those that ask it. Those in a circle stop moving after as many rounds as there are."""
    depths = {one[end]: 0 for one in arrows for end in ("source", "target")}
    for _round in range(len(depths)):
        moved = False
        for one in arrows:
            behind = min(depths[one["source"]] + 1, len(depths) - 1)
            if depths[one["target"]] < behind:
                depths[one["target"]], moved = behind, True
        if not moved:
            break
    used = sorted(set(depths.values()))
    return {name: used.index(depth) for name, depth in depths.items()}


def _places(arrows: t.Sequence[Read], depths: t.Mapping[str, int]) -> t.Iterator[tuple[str | int, int]]:
    """All nodes, each followed by what it asks, so that these are close; and each arrow in the columns between its ends."""
    leaving: dict[str, list[int]] = {}
    for number, one in enumerate(arrows):
        leaving.setdefault(one["source"], []).append(number)
    told: set[str] = set()
    for root in sorted(depths, key=lambda name: (depths[name], name)):
        waiting = [root]
        while waiting:
            name = waiting.pop()
            if name in told:
                continue
            told.add(name)
            yield name, depths[name]
            for number in leaving.get(name, ()):
                for depth in range(depths[name] + 1, depths[arrows[number]["target"]]):
                    yield number, depth
            waiting += [arrows[number]["target"] for number in reversed(leaving.get(name, ()))]


def _arrow(number: int, arrow: Read, depths: t.Mapping[str, int], columns: t.Sequence[_Column]) -> Shown:
    """A curve through the gaps, and straight on through columns that it passes."""
    first, last = depths[arrow["source"]], depths[arrow["target"]]
    x, y = columns[first].right, columns[first].middle(arrow["source"])
    path = f"M{x} {y}"
    label = None
    for depth in range(first + 1, last + 1) if last > first else (last,):
        column = columns[depth]
        left, middle = column.left, column.middle(number if depth < last else arrow["target"])
        path += f" C{x + _GAP // 2} {y} {left - _GAP // 2} {middle} {left} {middle}"
        label = label or {"x": (x + left) // 2, "y": (y + middle) // 2 - 4}
        x, y = column.right, middle
        if depth < last:
            path += f" H{x}"
    return {"path": path, "label": arrow["label"], "label_at": label}


def _words(arrow: Read, nodes: t.Mapping[str, Read]) -> str:
    verb = "fetches from" if nodes[arrow["target"]]["kind"] == "outside" else "looks into"
    return f"{arrow['source']} {verb} {arrow['target']}" + (f", {arrow['label']}" if arrow["label"] else "")

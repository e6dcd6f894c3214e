# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How time and memory grow with the number of scopes and of entries, as a drawing for the documentation."""

from __future__ import annotations

from pathlib import Path

import matplotlib as mpl
from contenders import LIMIT, OURS
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from results import Case, Results, typical
from rounds import Settings
from scopes import Fleet
from subject import Subject
from subjects import SUBJECTS

#: Legible on a light and on a dark page; there is no background.
INK = "#7a828e"
COLORS = ("#3b82c4", "#d9822b", "#3a9d5d", "#b565c7", "#8a7340", "#c94f4f", "#5b9aa0")
#: Panels side by side, and the names of those with the memory of fleets, and of all others.
ACROSS, FLEET_MEMORY, MEMORY = 3, "fleet memory", "memory"
STYLE = {
    "axes.edgecolor": INK,
    "axes.grid": True,
    "axes.labelcolor": INK,
    "axes.spines.right": False,
    "axes.spines.top": False,
    "axes.titlecolor": INK,
    "axes.titlesize": 10,
    "font.sans-serif": ["DejaVu Sans"],
    "font.size": 9,
    "grid.alpha": 0.25,
    "grid.color": INK,
    "legend.frameon": False,
    "legend.labelcolor": INK,
    # Text stays text, and the file the same when the measurements are.
    "svg.fonttype": "none",
    "svg.hashsalt": "growth",
    "xtick.color": INK,
    "xtick.major.size": 0,
    "ytick.color": INK,
    "ytick.major.size": 0,
}


def draw(results: Results, settings: Settings, file: Path) -> None:
    """A panel for each subject, ours and the limit, and two for memory. What most users have comes first: fleets."""
    growing = [subject for subject in SUBJECTS.values() if subject.growth]
    fleets = [subject for subject in growing if isinstance(subject, Fleet)]
    others = [subject for subject in growing if not isinstance(subject, Fleet)]
    rows = [others[start : start + ACROSS] for start in range(0, len(others), ACROSS)]
    layout = [
        [*(subject.name for subject in fleets), FLEET_MEMORY],
        # A dot leaves a place empty.
        *([subject.name for subject in row] + ["."] * (ACROSS - len(row)) for row in rows),
        [MEMORY] * ACROSS,
    ]
    with mpl.rc_context(STYLE):
        figure = Figure(figsize=(9, 3 + 2.7 * len(layout[1:])), layout="constrained")
        panels = figure.subplot_mosaic(layout)
        for group, memory in ((fleets, panels[FLEET_MEMORY]), (others, panels[MEMORY])):
            # What goes together has one axis.
            for subject, color in zip(group, COLORS, strict=False):
                sizes = settings.growth_of(subject)
                panels[subject.name].sharex(memory)
                _wall(panels[subject.name], results, subject, sizes, color)
                entries, runs = _measured(results, subject, OURS, sizes)
                memory.plot(entries, [run.memory for run in runs], marker=".", color=color)
            label = f"{group[0].unit}, all as they should be"
            memory.set(title="Greatest process of ours", ylabel="MiB", ylim=(0, None), xlabel=label)
        figure.savefig(file, format="svg", transparent=True, metadata={"Date": None, "Creator": None})


def _wall(panel: Axes, results: Results, subject: Subject, sizes: list[int], color: str) -> None:
    one = "a scope" if isinstance(subject, Fleet) else "an entry"
    for contender, line in ((OURS, "-"), (LIMIT, "--")):
        entries, runs = _measured(results, subject, contender, sizes)
        label = f"{contender}: {results.slope(subject.name, contender, sizes):.1f} ms {one}"
        panel.plot(entries, [run.wall for run in runs], line, marker=".", color=color, label=label)
    panel.set(title=subject.title, ylabel="seconds", ylim=(0, None))
    panel.legend(loc="upper left")


def _measured(results: Results, subject: Subject, contender: str, sizes: list[int]) -> tuple[list[int], list]:
    cases = {size: results.of(Case(subject.name, "converged", size, contender)) for size in sizes}
    return list(cases), [typical(runs) for runs in cases.values()]

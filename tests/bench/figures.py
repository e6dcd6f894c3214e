# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The table of the page about speed, as C(make bench) measured it: filled in, or with C(--check) only compared."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from checkout import CHECKOUT
from contenders import LIMIT, OURS
from scopes import Fleet
from subjects import SUBJECTS

PAGE = CHECKOUT / "docs" / "docsite" / "rst" / "speed.rst"
BEGIN, END = ".. begin of what tests/bench/figures.py writes\n", ".. end of what tests/bench/figures.py writes\n"
HEADINGS = ("Scopes", "What they are", "State", "Workflow", "Limit script", "Ratio", "Calls per repository", "Memory")
STATES = {"converged": "as they should be", "nothing": "from nothing"}


def table(report: dict[str, Any]) -> str:
    """The fleets and single scopes that a report has, in reStructuredText."""
    rows = [HEADINGS, *_rows(report["cases"])]
    lines = [".. list-table::", "  :header-rows: 1", ""]
    for row in rows:
        lines += [f"  {'*' if index == 0 else ' '} - {cell}" for index, cell in enumerate(row)]
    return "\n".join(lines) + "\n"


def _rows(cases: list[dict[str, Any]]) -> Iterator[tuple[str, ...]]:
    measured = {(case["subject"], case["state"], case["size"], case["contender"]): case for case in cases}
    for (name, state, size, contender), ours in sorted(measured.items(), key=_order):
        subject = SUBJECTS[name]
        if contender != OURS or not isinstance(subject, Fleet) or size not in subject.sizes:
            continue
        limit = measured[name, state, size, LIMIT]
        yield (
            str(size),
            subject.title,
            STATES[state],
            f"{ours['median']['wall']:.1f} s",
            f"{limit['median']['wall']:.1f} s",
            f"{ours['ratio_to'][LIMIT]:.1f}",
            f"{ours['calls_per_repository']:.1f}, limit {limit['calls_per_repository']:.1f}",
            f"{ours['median']['memory']:.0f} MiB",
        )


def _order(item: tuple[tuple[str, str, int, str], dict[str, Any]]) -> tuple[int, int, str]:
    name, state, size, _contender = item[0]
    return list(SUBJECTS).index(name), size, state


def filled(page: str, report: dict[str, Any]) -> str:
    """The page with the table between its two marks. Raises ValueError when a mark is missing."""
    before, _begin, rest = page.partition(BEGIN)
    _old, end, after = rest.partition(END)
    if not end:
        raise ValueError(f"There is no {BEGIN.strip()!r} with its end in {PAGE.name}.")
    return f"{before}{BEGIN}\n{table(report)}\n{END}{after}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("report", type=Path, nargs="?", default=CHECKOUT / "build" / "bench.json", help="(%(default)s)")
    parser.add_argument("--check", action="store_true", help="write nothing; fail when the page says something else")
    options = parser.parse_args()
    page = PAGE.read_text()
    wanted = filled(page, json.loads(options.report.read_text()))
    if not options.check:
        PAGE.write_text(wanted)
    elif wanted != page:
        sys.exit(f"{PAGE.relative_to(CHECKOUT)} has other figures than {options.report}.")


if __name__ == "__main__":
    main()

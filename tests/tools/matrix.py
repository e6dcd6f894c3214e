# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Tests the collection with every ansible-core and every bound of a library that it supports, each in a copy of the checkout.

A row of the matrix is a Python and what is installed there; its columns are make targets. Rows run three at a time. The output of each
cell is in C(build/matrix/ROW/CELL.log), the table in C(build/matrix/table.txt).
"""

from __future__ import annotations

import argparse
import os
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from checkout import BUILD, copy_collection
from rich.console import Console
from rich.table import Table

MATRIX = BUILD / "matrix"
#: Rows at once: each keeps half a core to a whole one busy, and the machine that this is for has two.
SIDE_BY_SIDE = 3
#: The make targets of each cell, by its name.
CELLS = {
    "unit": ("unit", "PART=matrix"),
    "targets": ("integration", "TESTS=tests/integration/test_targets.py"),
    "demo": ("demo",),
    "sanity": ("sanity",),
}
REQUIREMENTS = ("requirements.txt", "requirements-cloud.txt", "requirements-dev.txt")
#: What says to make that something is installed.
STAMPS = ("installed-cloud", "installed-ansible", "installed-dev")
#: What is the same for all rows, and is not for pip.
SHARED = ("npm", "aws")
#: Environment variables that are not for a cell.
OTHERS = ("VIRTUAL_ENV", "MAKEFLAGS", "MAKELEVEL", "PART", "ROWS", "CELLS")
#: Seconds after which a cell is given up.
LIMIT = 1500


@dataclass(frozen=True)
class Row:
    """One of the environments in which the collection must work."""

    name: str
    #: The version of Python that uv finds, C(3.12).
    python: str
    #: What is installed, whatever the requirements files say of it.
    instead: tuple[str, ...]
    #: How uv resolves the rest.
    options: tuple[str, ...] = ()
    cells: tuple[str, ...] = tuple(CELLS)
    #: Whether a failure is only reported: of a release that is not out yet.
    may_fail: bool = False


#: The oldest that will do. Up to 2.19.3, a worker that Ansible ends after the last task of a play may send its result again. The next play then
#: loses all of its results and waits for them forever (fixed by ansible-core's change 85907).
FLOOR = "2.19.4"
ROWS = (
    # Each release of the package ansible brings the amazon.aws of its time, which is there without Galaxy that way. ansible 11 is the first
    # with amazon.aws 9; the ansible-core that it asks for is older than ours.
    # Its ansible-test judges as that of make sanity does.
    Row(
        "lowest",
        "3.11",
        (f"ansible-core=={FLOOR}", "ansible==11.0.0"),
        ("--resolution=lowest-direct",),
        cells=("unit", "targets", "demo"),
    ),
    Row("core-2.19", "3.11", ("ansible-core==2.19.*", "ansible==12.*")),
    Row("core-2.20", "3.12", ("ansible-core==2.20.*", "ansible==13.*")),
    Row("core-2.21", "3.13", ("ansible-core==2.21.*", "ansible==14.*")),
    # Sanity tests and the demo wait for the release.
    Row(
        "core-next",
        "3.13",
        ("ansible-core>=2.22.0b1", "ansible==14.*"),
        ("--prerelease=allow",),
        cells=("unit", "targets"),
        may_fail=True,
    ),
)


def releases(*, may_fail: bool = False) -> list[str]:
    """The releases of ansible-core that rows install, as C(2.19), oldest first; with C(may_fail), those whose failures are only reported."""
    installed = " ".join(row.instead[0] for row in ROWS if row.may_fail == may_fail)
    return sorted(set(re.findall(r"ansible-core[>=]=(\d+\.\d+)", installed)), key=lambda one: int(one.split(".")[1]))


def told() -> str:
    """What the README says of it."""
    *others, last = releases()
    pythons = sorted({row.python for row in ROWS}, key=lambda one: int(one.split(".")[1]))
    return (
        f"Tested with ansible-core {', '.join(others)} and {last}, on Python {pythons[0]} to {pythons[-1]}, also with the oldest libraries that the"
        f" requirements allow. Failures with ansible-core {', '.join(releases(may_fail=True))}, which is not out yet, are only reported."
    )


@dataclass
class Outcome:
    """What became of a row."""

    row: Row
    #: Success and seconds, by cell.
    cells: dict[str, tuple[bool, float]] = field(default_factory=dict)
    #: Why it was not run, or only in part.
    note: str = ""
    #: The ansible-core that was installed.
    core: str = ""

    @property
    def passed(self) -> bool:
        """Whether the matrix may be called green with it."""
        return self.row.may_fail or all(passed for passed, _seconds in self.cells.values())


def run(row: Row, cells: Sequence[str]) -> Outcome:
    """Install what a row says, and run its cells."""
    outcome = Outcome(row)
    folder = MATRIX / row.name
    folder.mkdir(parents=True, exist_ok=True)
    for log in folder.glob("*.log"):
        log.unlink()
    if not _finds(row.python):
        outcome.note = "skipped: this machine does not have this Python"
        return outcome
    copy = copy_collection(folder)
    started = time.monotonic()
    outcome.core = _install(row, copy, folder / "install.log")
    if not outcome.core:
        outcome.cells["install"] = (False, time.monotonic() - started)
        outcome.note = f"see {folder / 'install.log'}"
        return outcome
    for cell in cells:
        if cell in row.cells:
            started = time.monotonic()
            passed = _succeeds(["make", *CELLS[cell]], copy, folder / f"{cell}.log")
            outcome.cells[cell] = (passed, time.monotonic() - started)
            print(f"{row.name} {cell}: {_shown(outcome, cell)}", flush=True)
    return outcome


def _finds(python: str) -> bool:
    command = ["uv", "python", "find", "--no-python-downloads", python]
    return subprocess.run(command, env=_environment(), capture_output=True, check=False).returncode == 0


def _environment() -> dict[str, str]:
    """The variables of this process, without what was said to its own make, and with the Pythons that pyenv has.

    pyenv's shims answer for all of its Pythons, also those that they then refuse to run, and uv looks no further.
    """
    kept = {name: value for name, value in os.environ.items() if name not in OTHERS}
    folders: list[str] = []
    for folder in map(Path, kept.get("PATH", os.defpath).split(os.pathsep)):
        pythons = sorted(folder.parent.glob("versions/*/bin")) if folder.name == "shims" else [folder]
        folders += map(str, pythons)
    return kept | {"PATH": os.pathsep.join(folders)}


def _install(row: Row, copy: Path, log: Path) -> str:
    """Make the virtual environment of a copy, as make expects it; the release of ansible-core in it, or nothing if that failed."""
    folder = log.parent
    overrides = log.with_name("overrides.txt")
    overrides.write_text("".join(f"{one}\n" for one in row.instead))
    python = copy / ".venv" / "bin" / "python"
    requirements = [word for name in REQUIREMENTS for word in ("--requirements", name)]
    install = [
        "uv",
        "pip",
        "install",
        "--python",
        str(python),
        "--overrides",
        str(overrides),
        *row.options,
        *requirements,
    ]
    # Tools ask for it: pip is what sanity tests install with.
    commands = [["uv", "venv", "--no-python-downloads", "--seed", "--python", row.python, str(copy / ".venv")], install]
    if not all(_succeeds(command, copy, log) for command in commands):
        return ""
    (copy / "build").mkdir()
    for name in SHARED:
        if (BUILD / name).exists():
            (copy / "build" / name).symlink_to(BUILD / name, target_is_directory=True)
    # What ansible-test installs for itself is good for the next run, too.
    (folder / "sanity-home").mkdir(exist_ok=True)
    (copy / "build" / "sanity-home").symlink_to(folder / "sanity-home", target_is_directory=True)
    for stamp in STAMPS:
        (copy / ".venv" / stamp).touch()
    asked = "from importlib.metadata import version; print(version('ansible-core'))"
    return subprocess.run([python, "-c", asked], check=True, capture_output=True, text=True).stdout.strip()


def _succeeds(command: Sequence[str], folder: Path, log: Path) -> bool:
    """Run a command with its output added to a file."""
    with log.open("ab") as output:
        try:
            done = subprocess.run(
                command,
                cwd=folder,
                env=_environment(),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                timeout=LIMIT,
                check=False,
            )
            return done.returncode == 0
        except subprocess.TimeoutExpired:
            output.write(f"\nGiven up after {LIMIT} s.\n".encode())
            return False


def _shown(outcome: Outcome, cell: str) -> str:
    if cell not in outcome.cells:
        return "-"
    passed, seconds = outcome.cells[cell]
    return f"{'ok' if passed else 'FAILED'} {seconds:.0f} s"


def table(outcomes: Sequence[Outcome], cells: Sequence[str]) -> Table:
    """All rows."""
    drawn = Table("Row", "Python", "ansible-core", *cells, "Note")
    for outcome in outcomes:
        notes = [outcome.note] if outcome.note else []
        notes += ["allowed to fail"] if outcome.row.may_fail else []
        shown = [_shown(outcome, cell) for cell in cells]
        drawn.add_row(outcome.row.name, outcome.row.python, outcome.core, *shown, ", ".join(notes))
    return drawn


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=_list(row.name for row in ROWS), default=[row.name for row in _rows()])
    parser.add_argument("--cells", type=_list(CELLS), default=list(CELLS))
    options = parser.parse_args()
    rows = [row for row in ROWS if row.name in options.rows]
    started = time.monotonic()
    with ThreadPoolExecutor(SIDE_BY_SIDE) as pool:
        outcomes = list(pool.map(lambda row: run(row, options.cells), rows))
    console = Console(width=120)
    console.print(table(outcomes, options.cells))
    console.print(f"{time.monotonic() - started:.0f} s. Output of each cell: {MATRIX}/ROW/CELL.log")
    with (MATRIX / "table.txt").open("w") as file:
        Console(file=file, width=120).print(table(outcomes, options.cells))
    for outcome in outcomes:
        for cell, (passed, _seconds) in outcome.cells.items():
            if not passed:
                log = MATRIX / outcome.row.name / f"{cell}.log"
                tail = "\n".join(log.read_text(errors="replace").splitlines()[-40:])
                print(f"\n==== {outcome.row.name} {cell}: make matrix ROWS={outcome.row.name} CELLS={cell}\n{tail}")
    return 0 if all(outcome.passed for outcome in outcomes) else 1


def _rows() -> list[Row]:
    """Those that a run has when none are named: all but the one in which make test runs with this Python."""
    here = f"{sys.version_info.major}.{sys.version_info.minor}"
    return [row for row in ROWS if row.options or row.python != here]


def _list(known: Iterable[str]) -> Callable[[str], list[str]]:
    """Reads names with commas between them."""
    names = list(known)

    def read(text: str) -> list[str]:
        given = text.split(",")
        if unknown := [name for name in given if name not in names]:
            raise argparse.ArgumentTypeError(f"{unknown[0]} is not one of {', '.join(names)}")
        return given

    return read


if __name__ == "__main__":
    sys.exit(main())

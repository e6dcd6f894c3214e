# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Tries the mutants of a session, each by the tests that run what it changes. For mutate.py, in a copy of the checkout.

    python tests/tools/mutants.py SESSION SECONDS TEST-FILE ...

To start Python, the libraries and pytest takes longer than most tests. So this process loads libraries once, and each mutant is tried in a
fork of it, which loads only our code and its tests.
"""

from __future__ import annotations

import ast
import json
import multiprocessing
import os
import runpy
import signal
import sys
import time
from collections.abc import Callable, Collection, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cache
from importlib import import_module
from pathlib import Path

import coverage
import pytest
from cosmic_ray.mutating import apply_mutation, use_mutation
from cosmic_ray.plugins import get_operator
from cosmic_ray.work_db import WorkDB, use_db
from cosmic_ray.work_item import MutationSpec, TestOutcome, WorkerOutcome, WorkResult

#: Tests are given up after so many seconds, and so many times what they take without a change. Changed code may never end.
PATIENCE = (20.0, 4.0)
HERE = Path.cwd()
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)


@dataclass
class Suite:
    """The tests, as they run without a change."""

    files: list[str]
    #: By test.
    seconds: dict[str, float] = field(default_factory=dict)
    #: The tests that run a line, by file and line.
    lines: dict[str, dict[int, list[str]]] = field(default_factory=dict)

    def of(self, mutation: MutationSpec) -> Collection[str]:
        """The tests that run what is changed. What is run when it is imported, or where coverage does not see it, is for all."""
        path = str(mutation.module_path)
        found: set[str] = set()
        for line in _lines_together(path, mutation.start_pos[0]):
            found.update(self.lines.get(path, {}).get(line, ()))
        return found or self.seconds.keys()


@cache
def _statements(path: str) -> list[tuple[ast.stmt, bool]]:
    """The statements of a file, outer ones first, each with whether it is in a function."""

    def walk(node: ast.AST, within: bool) -> Iterator[tuple[ast.stmt, bool]]:
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.stmt):
                yield child, within
            yield from walk(child, within or isinstance(child, FUNCTIONS))

    return list(walk(ast.parse(Path(path).read_text()), False))


def _lines_together(path: str, line: int) -> range:
    """The lines of the statement that a line belongs to, none if it is run by an import: tracing tells lines of long statements apart."""
    innermost, within = None, False
    for statement, in_function in _statements(path):
        if statement.lineno <= line <= (statement.end_lineno or statement.lineno):
            innermost, within = statement, in_function
    if innermost is None or not within:
        return range(0)
    return range(innermost.lineno, (innermost.end_lineno or innermost.lineno) + 1)


class Watch:
    """A plugin of pytest that records what each test runs, and for how long."""

    def __init__(self, measured: coverage.Coverage) -> None:
        self._measured = measured
        self.seconds: dict[str, float] = {}

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Iterator[None]:
        self._measured.switch_context(item.nodeid)
        started = time.monotonic()
        done = yield
        self.seconds[item.nodeid] = time.monotonic() - started
        self._measured.switch_context("")
        return done


class Picked:
    """A plugin of pytest that runs some tests only, first those that noticed other changes last."""

    def __init__(self, tests: Collection[str], first: list[str]) -> None:
        self._tests, self._first = tests, {test: -rank for rank, test in enumerate(first, 1)}
        self.noticed = ""

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        picked = [item for item in items if item.nodeid in self._tests]
        items[:] = sorted(picked, key=lambda item: self._first.get(item.nodeid, 0))

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.failed:
            self.noticed = report.nodeid


def in_fork(work: Callable[[], int], seconds: float, log: Path) -> int | None:
    """What the work returns in a process forked from this one, or nothing when the time is up. Nothing of it is left."""

    def run() -> None:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        os.setsid()
        output = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
        os.dup2(output, 1)
        os.dup2(output, 2)
        code = 1
        try:
            code = work()
        finally:
            sys.stdout.flush()
            os._exit(code)

    process = multiprocessing.get_context("fork").Process(target=run)
    process.start()
    try:
        process.join(seconds)
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid or 0, signal.SIGKILL)
    ended = process.exitcode
    process.join()
    return ended


def run_tests(files: Collection[str], folder: Path, plugin: object) -> int:
    """Run tests in this process, and leave nothing behind but in a folder."""
    options = ["-x", "-q", "--no-header", f"--basetemp={folder / 'tmp'}"]
    return int(pytest.main([*options, *files], plugins=[plugin]))


def look(files: list[str], code: set[str], folder: Path) -> Suite:
    """Run all tests as they are, and load the libraries that they loaded. Raises SystemExit if one fails."""
    found, log = folder / "found.json", folder / "tests.log"

    def work() -> int:
        measured = coverage.Coverage(data_file=None, config_file=False, include=[str(HERE / path) for path in code])
        watch = Watch(measured)
        measured.start()
        code_of_end = run_tests(files, folder, watch)
        measured.stop()
        data = measured.get_data()
        lines = {path: data.contexts_by_lineno(str(HERE / path)) for path in code}
        loaded = [name for name, module in list(sys.modules.items()) if _is_of_a_library(name, module)]
        found.write_text(json.dumps({"seconds": watch.seconds, "lines": lines, "loaded": loaded}))
        return code_of_end

    if in_fork(work, 3600, log) != 0:
        sys.exit(f"The tests fail without a change: see {log}")
    told = json.loads(found.read_text())
    for name in told["loaded"]:
        # It is only for speed. Some look at what else is loaded.
        with suppress(Exception):
            import_module(name)
    lines = {
        path: {int(line): [test for test in tests if test] for line, tests in by_line.items()}
        for path, by_line in told["lines"].items()
    }
    return Suite(files, told["seconds"], lines)


def _is_of_a_library(name: str, module: object) -> bool:
    file = getattr(module, "__file__", None) or ""
    return (
        bool(file)
        and not file.startswith(str(HERE))
        and not name.startswith(("ansible_collections", "__mp_", "__main__"))
    )


def attempt(mutation: MutationSpec, suite: Suite, first: list[str], folder: Path) -> WorkResult:
    """Change code, and run the tests that may notice."""
    operator = get_operator(mutation.operator_name)(**mutation.operator_args)
    picked = suite.of(mutation)
    files = [file for file in suite.files if any(test.startswith(f"{file}::") for test in picked)]
    noticed = folder / "noticed"
    noticed.write_text("")

    def work() -> int:
        plugin = Picked(picked, first)
        try:
            return run_tests(files, folder, plugin)
        finally:
            noticed.write_text(plugin.noticed)

    try:
        apply_mutation(mutation.module_path, operator, mutation.occurrence)
    except AttributeError:
        # cosmic-ray finds exceptions with a dot in their names, and cannot replace them.
        return WorkResult(worker_outcome=WorkerOutcome.SKIPPED)
    with use_mutation(mutation.module_path, operator, mutation.occurrence) as (before, after):
        if after is None:
            return WorkResult(worker_outcome=WorkerOutcome.NO_TEST)
        limit, times = PATIENCE
        code = in_fork(work, limit + times * sum(suite.seconds[test] for test in picked), folder / "tests.log")
    if test := noticed.read_text():
        first[:] = [*(one for one in first if one != test), test]
    outcome = TestOutcome.SURVIVED if code == 0 else TestOutcome.KILLED
    changed = "\n".join(_changed(before.split("\n"), after.split("\n")))
    return WorkResult(WorkerOutcome.NORMAL, output=test or f"ended with {code}", test_outcome=outcome, diff=changed)


def _changed(before: list[str], after: list[str]) -> Iterator[str]:
    """The lines that differ. A mutant has them in one place."""
    start = next((number for number, pair in enumerate(zip(before, after, strict=False)) if pair[0] != pair[1]), 0)
    end = next(
        (number for number, pair in enumerate(zip(before[::-1], after[::-1], strict=False)) if pair[0] != pair[1]), 0
    )
    yield from (f"-{line}" for line in before[start : len(before) - end])
    yield from (f"+{line}" for line in after[start : len(after) - end])


def main() -> int:
    # So that a fork ends with this process, and the code is as it was.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    session, seconds, *files = sys.argv[1:]
    ends, folder = time.monotonic() + float(seconds), Path(session).parent
    # What the first conftest.py does, for good: our collection is found here.
    runpy.run_path("tests/conftest.py")
    with use_db(session, WorkDB.Mode.open) as work_db:
        pending = list(work_db.pending_work_items)
        suite = look(files, {str(one.mutations[0].module_path) for one in pending}, folder)
        # What is compiled now is right. Of a mutant, nothing must be kept.
        sys.dont_write_bytecode = True
        first: list[str] = []
        for number, one in enumerate(pending, 1):
            if time.monotonic() > ends:
                break
            work_db.set_result(one.job_id, attempt(one.mutations[0], suite, first, folder))
            if number % 50 == 0:
                print(f"{folder.name}: {len(pending) - number} left", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())

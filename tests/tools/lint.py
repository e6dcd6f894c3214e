# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Runs every linter, each to its end, and fails when one of them has something to say.

    python tests/tools/lint.py [quick | rest]

C(quick) leaves ansible-lint's look at the targets of the integration tests to C(rest): they have more tasks than all else, and it takes a fifth
of a second for each.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from checkout import BUILD, CHECKOUT, copy_collection

#: The linter's environment: its neighbors on PATH, because some of them start others by name.
ENVIRONMENT = os.environ | {
    "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)])
}

#: The package whose types are checked.
TYPED = "ansible_collections.pkgops.registry_auth.plugins.module_utils"

#: The targets of the integration tests.
TARGETS = "tests/integration/targets"


def run(*command: str, cwd: Path, **variables: str) -> bool:
    return subprocess.run(command, cwd=cwd, env=ENVIRONMENT | variables, check=False).returncode == 0


def galaxy_importer(copy: Path) -> bool:
    """Build the collection as for a release and hand it to the judge of uploads, whose warnings count too.

    It would run ansible-lint once more, with fewer rules than ours.
    """
    output = BUILD / "artifact"
    output.mkdir(parents=True, exist_ok=True)
    for old in output.iterdir():
        old.unlink()
    if not run("ansible-galaxy", "collection", "build", "--output-path", str(output), cwd=copy):
        return False
    (artifact,) = output.iterdir()
    judged = subprocess.run(
        [sys.executable, "-m", "galaxy_importer.main", str(artifact)],
        cwd=output,
        env=ENVIRONMENT | {"GALAXY_IMPORTER_RUN_ANSIBLE_LINT": "false"},
        check=False,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    print(judged.stdout, end="")
    complaints = [line for line in judged.stdout.splitlines() if line.startswith(("WARNING:", "ERROR:"))]
    return judged.returncode == 0 and not complaints


def ansible_lint(copy: Path, *arguments: str) -> bool:
    # The tests' own actions, which it would not know.
    actions = {"ANSIBLE_LIBRARY": str(copy / "tests" / "integration" / "action_plugins")}
    return run("ansible-lint", "--nocolor", *arguments, cwd=copy, **collections(copy), **actions)


def collections(copy: Path) -> dict[str, str]:
    return {"ANSIBLE_COLLECTIONS_PATH": str(copy.parents[2])}


def judges(copy: Path, part: str) -> dict[str, Callable[[], bool]]:
    """Each linter by name, quickest first. They look at a copy, in which nothing comes and goes as they read."""
    if part == "rest":
        return {"ansible-lint": lambda: ansible_lint(copy, TARGETS)}
    left_out = ("--exclude", TARGETS) if part == "quick" else ()
    return {
        "ruff check": lambda: run("ruff", "check", cwd=copy),
        "ruff format": lambda: run("ruff", "format", "--check", cwd=copy),
        "codespell": lambda: run("codespell", cwd=copy),
        "mypy": lambda: run("mypy", "-p", TYPED, cwd=copy, MYPYPATH=str(copy.parents[2])),
        "pyright": lambda: run("pyright", "--pythonpath", sys.executable, cwd=copy, PYRIGHT_PYTHON_IGNORE_WARNINGS="1"),
        "reuse": lambda: run("reuse", "lint", "--lines", cwd=copy),
        "antsibull-changelog": lambda: run("antsibull-changelog", "lint", cwd=copy),
        "yamllint": lambda: run("yamllint", "--strict", ".", cwd=copy),
        "antsibull-docs": lambda: run(
            "antsibull-docs",
            "lint-collection-docs",
            "--plugin-docs",
            # Our own, Ansible's and those of amazon.aws. For "all" it reads the hundred collections of the package ansible, for minutes.
            "--validate-collection-refs=dependent",
            "--check-extra-docs-refs",
            ".",
            cwd=copy,
            **collections(copy),
            # It copies what git tracks, and git would say that the dependencies, in .venv, are the checkout's and ignored.
            GIT_CEILING_DIRECTORIES=str(CHECKOUT),
        ),
        "galaxy-importer": lambda: galaxy_importer(copy),
        "ansible-lint": lambda: ansible_lint(copy, *left_out),
    }


def main() -> int:
    failed = []
    part = sys.argv[1] if len(sys.argv) > 1 else ""
    for name, judge in judges(copy_collection(BUILD / "lint"), part).items():
        print(f"-- {name}", flush=True)
        started = time.monotonic()
        passed = judge()
        print(f"-- {name}: {'ok' if passed else 'FAILED'} ({time.monotonic() - started:.1f} s)", flush=True)
        if not passed:
            failed.append(name)
    if failed:
        print(f"lint failed: {', '.join(failed)}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())

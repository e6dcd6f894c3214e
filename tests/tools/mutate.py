# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Changes code on purpose, one small thing at a time, and counts what the unit tests do not notice.

    python tests/tools/mutate.py [GROUP ...] [--only=PART-OF-A-PATH] [--minutes=60] [--again | --fresh]

Works on two groups at once, each in a copy of its own below C(build/mutate), where a session remembers what is done: the next run
continues there. After a change of tests, C(--again) tries what was not noticed before. C(--fresh) begins anew, which a change of code needs.
Each survivor is shown with what was changed.

The changes are those of cosmic-ray, which makes them where the files are, so that modules are imported by the name that Ansible gives them.
mutmut 3 finds functions by the paths of their files, which here are not the names of their modules. Which tests run: see mutants.py.
"""

from __future__ import annotations

import argparse
import filecmp
import json
import shutil
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from checkout import BUILD, CHECKOUT, PLACE, copy_collection
from cosmic_ray.work_db import WorkDB, use_db
from cosmic_ray.work_item import TestOutcome, WorkerOutcome

ROOT = BUILD / "mutate"
#: Groups at once: each keeps about one core busy.
SIDE_BY_SIDE = 2
UTILS = "plugins/module_utils"
#: Changes that are not tried, by patterns of their names: those that mean nothing, and those that nobody makes by mistake.
EXCLUDED = (
    # Of annotations, which nobody evaluates.
    "core/ReplaceBinaryOperator_BitOr_.*",
    # Arithmetic to bits and powers: often the same by chance, as 4 + 1 and 4 | 1 are.
    r"core/ReplaceBinaryOperator_\w+_(BitAnd|BitOr|BitXor|LShift|RShift|Pow)$",
    # Whether two are equal to whether they are the same object, or how they are in order, which means nothing for texts, and back.
    r"core/ReplaceComparisonOperator_(?!Is)\w+_(Is|IsNot)$",
    r"core/ReplaceComparisonOperator_(Eq|NotEq|Is|IsNot)_(Lt|LtE|Gt|GtE)$",
    "core/ReplaceComparisonOperator_(Is|IsNot)_(Eq|NotEq)$",
)


@dataclass(frozen=True)
class Group:
    """Code that belongs together, and the tests that are to notice its changes; paths below module_utils and tests/unit."""

    code: tuple[str, ...]
    tests: tuple[str, ...]


GROUPS = {
    "engine": Group(
        ("_engine/reconcile.py", "_engine/task.py", "_engine/resource.py", "_engine/censor.py", "_engine/progress.py"),
        (
            "reconcile",
            "resource",
            "task",
            "censor",
            "progress",
            "retry",
            "quota",
            "texts_as_given",
            "readers_in_check_mode",
        ),
    ),
    "evaluator": Group(
        (
            "_domain/codeartifact/evaluation.py",
            "_domain/codeartifact/refusals.py",
            "_domain/codeartifact/rules.py",
            "_domain/iam/callers.py",
            "_domain/iam/conditions.py",
            "_domain/iam/statements.py",
            "_domain/iam/wildcards.py",
        ),
        (
            "codeartifact_evaluation",
            "codeartifact_preflight",
            "codeartifact_rules",
            "codeartifact_findings",
            "codeartifact_access",
            "conditions",
            "iam_decisions",
            "policy_interaction",
        ),
    ),
    "merging": Group(
        ("_domain/codeartifact/merging.py", "_domain/codeartifact/grants.py", "_domain/gcp/bindings.py"),
        ("codeartifact_grants", "codeartifact_documents", "codeartifact_policy", "gcp_bindings"),
    ),
    "retention": Group(
        ("_domain/gcp/retention.py", "_resources/gcp_secret_retention.py"),
        ("secret_retention", "retirable_secrets"),
    ),
    "http": Group(
        ("_clients/http/bounds.py", "_clients/http/failures.py", "_clients/http/sessions.py"),
        ("connections", "calls", "github_calls", "package_index", "aws_codeartifact"),
    ),
}


def prepare(name: str, group: Group, only: str, *, again: bool) -> Path:
    """The session of a group, begun unless it is there. Raises SystemExit if it is of other code than there is now."""
    folder = ROOT / name
    if not (folder / PLACE).exists():
        copy_collection(folder)
    # A run whose time was up has left its last change behind.
    subprocess.run(["git", "checkout", "--quiet", "--", "."], cwd=folder / PLACE, check=True)
    session = folder / f"session{only.replace('/', '-')}.sqlite"
    settings = session.with_suffix(".toml")
    code = [f"{UTILS}/{path}" for path in group.code if only in path]
    if changed := [path for path in code if not filecmp.cmp(CHECKOUT / path, folder / PLACE / path, shallow=False)]:
        sys.exit(f"{name}: {changed[0]} has changed since this began: begin anew (FRESH=yes)")
    if again and session.exists():
        copy_collection(folder)
        database = sqlite3.connect(session)
        with closing(database), database:
            database.execute("DELETE FROM work_results WHERE test_outcome = ?", (TestOutcome.SURVIVED.name,))
    settings.write_text(
        # The last two are asked for, and not used.
        f"[cosmic-ray]\nmodule-path = {json.dumps(code)}\nexcluded-modules = []\ntimeout = 1\ntest-command = 'true'\n"
        f"[cosmic-ray.filters.operators-filter]\nexclude-operators = {json.dumps(EXCLUDED)}\n"
    )
    if not session.exists():
        subprocess.run(["cosmic-ray", "init", str(settings), str(session)], cwd=folder / PLACE, check=True)
        subprocess.run(["cr-filter-operators", str(session), str(settings)], cwd=folder / PLACE, check=True)
    return session


def work(session: Path, seconds: float, tests: Sequence[str]) -> bool:
    """Continue for so long, unless the tests fail without a change."""
    files = [f"tests/unit/test_{test}.py" for test in tests]
    command = [sys.executable, "tests/tools/mutants.py", str(session), str(seconds), *files]
    return subprocess.run(command, cwd=session.parent / PLACE, check=False).returncode == 0


def report(name: str, session: Path) -> bool:
    """Print the survivors and the score; returns whether all was tried."""
    with use_db(str(session), WorkDB.Mode.open) as work_db:
        tried = [
            (one, result)
            for one, result in work_db.completed_work_items
            if result.worker_outcome != WorkerOutcome.SKIPPED
        ]
        left = work_db.num_work_items - work_db.num_results
    survivors = [(one, result) for one, result in tried if result.test_outcome == TestOutcome.SURVIVED]
    for one, result in survivors:
        mutation = one.mutations[0]
        print(f"\n{mutation.module_path}:{mutation.start_pos[0]} {mutation.operator_name}\n{result.diff}")
    killed = len(tried) - len(survivors)
    score = f"{100 * killed / len(tried):.1f} %" if tried else "none tried"
    print(f"\n{name}: {killed} of {len(tried)} noticed ({score}), {left} left to try", flush=True)
    return left == 0


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("groups", nargs="*", metavar="GROUP", help=f"of {', '.join(GROUPS)}; all when none is named")
    parser.add_argument("--only", default="", help="only files whose path has this in it")
    parser.add_argument("--minutes", type=float, default=60.0, help="how long to try at the most")
    begin = parser.add_mutually_exclusive_group()
    begin.add_argument("--again", action="store_true", help="try with the tests as they are now what was not noticed")
    begin.add_argument("--fresh", action="store_true", help="begin anew")
    options = parser.parse_args()
    if unknown := sorted(set(options.groups) - set(GROUPS)):
        parser.error(f"there is no group {unknown[0]}: give some of {', '.join(GROUPS)}")
    groups = [name for name in options.groups or GROUPS if any(options.only in path for path in GROUPS[name].code)]
    if options.fresh:
        for name in groups:
            shutil.rmtree(ROOT / name, ignore_errors=True)
    ends, printing = time.monotonic() + 60 * options.minutes, threading.Lock()

    def finish(name: str) -> bool:
        session = prepare(name, GROUPS[name], options.only, again=options.again)
        worked = work(session, max(1.0, ends - time.monotonic()), GROUPS[name].tests)
        with printing:
            return report(name, session) and worked

    with ThreadPoolExecutor(SIDE_BY_SIDE) as workers:
        return 0 if all(list(workers.map(finish, groups))) else 3


if __name__ == "__main__":
    sys.exit(main())

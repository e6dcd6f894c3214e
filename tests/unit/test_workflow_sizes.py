# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What takes long to check does not take longer than its length explains.

Nothing is timed: calls are counted, for an input and for one of twice its length. What regular expressions do inside is not counted; where
one of them looked at the rest of the text again and again, these lengths would take hours.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from typing import Any

import pytest
from ansible_collections.pkgops.registry_auth.plugins.module_utils._base.findings import Finding
from ansible_collections.pkgops.registry_auth.plugins.module_utils._domain.publishing.expressions import expressions
from ansible_collections.pkgops.registry_auth.plugins.module_utils._domain.publishing.indexes import Index
from ansible_collections.pkgops.registry_auth.plugins.module_utils._domain.publishing.matrix import variants
from ansible_collections.pkgops.registry_auth.plugins.module_utils._domain.publishing.shell import commands
from ansible_collections.pkgops.registry_auth.plugins.module_utils._domain.publishing.trusted_publishers import (
    Publisher,
)
from ansible_collections.pkgops.registry_auth.plugins.module_utils._domain.publishing.workflow_checks import (
    Surroundings,
    workflow_problems,
)
from ansible_collections.pkgops.registry_auth.plugins.module_utils._domain.publishing.workflow_events import (
    Gate,
    Start,
    is_taken,
)
from ansible_collections.pkgops.registry_auth.plugins.module_utils._domain.publishing.workflow_files import (
    read_workflow,
)
from ansible_collections.pkgops.registry_auth.plugins.module_utils._domain.publishing.workflows import Workflow

INDEX = Index("pypi", "https://index.example.com", "pypi", frozenset({"index.example.com"}), "/legacy/")
PUBLISHER = Publisher("demo", "octo-org", "demo", "release.yml", "pypi")


def calls(do: Callable[[], Any]) -> int:
    """How many functions are called."""
    count = 0

    def profile(_frame: Any, event: str, _argument: Any) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    before = sys.getprofile()
    sys.setprofile(profile)
    try:
        do()
    finally:
        sys.setprofile(before)
    return count


#: What is repeated, with what stands before and behind.
SCRIPTS: dict[str, tuple[str, str, str]] = {
    "here-documents without end": ("", "cat <<A{}\n", ""),
    "here-documents of one name without end": ("", "cat <<A\n", ""),
    "many in one line": ("cat", " <<A{}", "\n"),
    "single quotes": ("echo '", "'a", ""),
    "double quotes": ('echo "', '"a', ""),
    "quotes in quotes": ("echo ", "\"'", ""),
    "escaped quotes": ('echo "', '\\"', ""),
    "one long word": ("echo ", "a", ""),
    "one long word in quotes": ("echo '", "a", "'"),
    "expressions": ("", "echo ${{{{ a }}}}\n", ""),
    "expressions without end": ("", "echo ${{{{ a\n", ""),
    "expressions with texts without end": ("", "echo ${{{{ 'a\n", ""),
    "assignments": ("", "A{}=1 ", "make"),
    "assignments and commands": ("", "A{}=1\nmake\n", ""),
    "keywords": ("", "! ", "make"),
    "options": ("env", " -i", " make"),
    "programs that start others": ("", "sudo ", "make"),
    "evaluations": ("", "eval ", "make"),
    "shells in shells": ("", "bash -c ", "make"),
    "commands": ("", "uv publish\n", ""),
    "comments": ("", "# '\n", ""),
}


def script(name: str, length: int) -> str:
    before, repeated, behind = SCRIPTS[name]
    return before + "".join(repeated.format(number) for number in range(length)) + behind


@pytest.mark.parametrize("name", SCRIPTS)
def test_a_script_takes_as_long_as_it_is(name: str) -> None:
    once, twice = (calls(lambda length=length: list(commands(script(name, length)))) for length in (500, 1000))

    assert twice < 2.5 * once + 500


@pytest.mark.parametrize("name", [name for name in SCRIPTS if "without end" in name or "quotes" in name])
def test_a_script_may_be_long(name: str) -> None:
    assert len(list(commands(script(name, 10_000)))) <= 10_000


@pytest.mark.parametrize("text", ["${{ a", "${{ 'a", "${{ }", "${{ ''"])
def test_expressions_may_be_many(text: str) -> None:
    assert expressions(text * 200_000) == []


def workflow(jobs: str) -> Workflow:
    read = read_workflow(f"on: push\njobs:\n{jobs}", "release.yml")
    assert not isinstance(read, Finding), read
    return read


JOB = "  j:\n    runs-on: ubuntu-latest\n    permissions: {id-token: write}\n    environment: pypi\n    steps:\n"
STEPS = {
    "that publish": "      - run: twine upload dist/*\n",
    "that publish with a login": "      - {run: twine upload dist/*, env: {TWINE_PASSWORD: '${{ secrets.A }}'}}\n",
    "that configure poetry": "      - run: poetry config pypi-token.pypi a && poetry publish\n",
    "that set a variable": "      - run: echo TWINE_PASSWORD=a >> $GITHUB_ENV; twine upload dist/*\n",
    "of actions": "      - uses: pypa/gh-action-pypi-publish@release/v1\n",
}


@pytest.mark.parametrize("step", STEPS.values(), ids=STEPS.keys())
def test_a_job_takes_as_long_as_it_has_steps(step: str) -> None:
    siblings = (Publisher("other", "octo-org", "demo", "release.yml", "other"),)
    around = Surroundings(siblings, Gate("pypi", frozenset(), frozenset({"v*"})), "main")
    found = {length: workflow(JOB + step * length) for length in (50, 100)}
    once, twice = (
        calls(lambda read=read: workflow_problems(read, PUBLISHER, INDEX, around)) for read in found.values()
    )

    assert twice < 2.5 * once


def test_a_matrix_makes_no_more_than_is_looked_at() -> None:
    """What it would make of a job is then known when it runs, as if its values were computed."""
    steps = [{"run": "echo ${{ matrix.a }}" + "x" * 1000}] * 100
    job = {"strategy": {"matrix": {"a": list(range(256))}}, "steps": steps}

    assert list(variants(job)) == [job]
    assert len(list(variants({**job, "steps": steps[:1]}))) == 256


def test_jobs_share_what_matrices_may_make() -> None:
    strategy = {"matrix": {"a": list(range(256))}}
    jobs = {f"j{number}": {"strategy": strategy, "steps": [{"run": "x" * 1000}]} for number in range(1000)}
    read = Workflow("release.yml", {"on": "push", "jobs": jobs})

    assert len(list(read.jobs())) < 5000


def test_a_file_has_an_end() -> None:
    found = read_workflow("on: push\njobs: {}\n" + "#" * (1 << 20), "release.yml")

    assert isinstance(found, Finding)
    assert "it has more than a mebibyte" in found.message


def test_patterns_that_nobody_has_are_not_looked_into() -> None:
    long = "*a" * 5000

    assert is_taken(Start("push", "tag", long), Gate("pypi", frozenset(), frozenset({"v*"})))
    assert is_taken(Start("push", "tag", "v*"), Gate("pypi", frozenset(), frozenset({long})))


#: What a shell makes of each word. Source: POSIX, "Quoting".
WORDS = {
    r"a\ b": "a b",
    "'a b'c": "a bc",
    '"a\\"b"': 'a"b',
    '"a\\b"': "a\\b",
    "'a\\b'": "a\\b",
    '""': "",
    "'it'\\''s'": "it's",
}


@pytest.mark.parametrize(("word", "unquoted"), WORDS.items())
def test_quotes(word: str, unquoted: str) -> None:
    (command,) = commands(f"echo {word}")

    assert command.words == ("echo", unquoted)


HERE = {
    "one": ("cat <<A\nuv publish\nA\nmake\n", ["cat", "make"]),
    "one in quotes": ("cat <<'A' >x\nuv publish\nA\nmake\n", ["cat", "make"]),
    "one that is indented": ("cat <<-A\n\tuv publish\n\tA\nmake\n", ["cat", "make"]),
    "two in a line": ("cat <<A <<B\nuv publish\nA\nuv publish\nB\nmake\n", ["cat", "make"]),
    "one after the other": ("cat <<A\nx\nA\nuv build\ncat <<A\nx\nA\n", ["cat", "uv", "cat"]),
    "one without end": ("cat <<A\nuv publish\n", ["cat", "uv"]),
    "a text as input": ("cat <<< A\nuv publish\nA\n", ["cat", "uv", "A"]),
    "a command behind it": ("cat <<A | twine upload\nx\nA\n", ["cat", "twine"]),
}


@pytest.mark.parametrize(("text", "programs"), HERE.values(), ids=HERE.keys())
def test_here_documents(text: str, programs: list[str]) -> None:
    assert [re.sub(" .*", "", " ".join(command.words)) for command in commands(text)] == programs

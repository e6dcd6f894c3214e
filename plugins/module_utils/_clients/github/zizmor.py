# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The findings of zizmor, a linter of workflows that is used where it is installed."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import typing as t
from pathlib import Path
from tempfile import TemporaryDirectory

from ..._base.errors import Refused
from ..._base.findings import LOW, MEDIUM, Finding
from ..._domain.publishing.workflow_validity import INVALID

_OPTIONS = ("--offline", "--no-progress", "--no-config", "--strict-collection", "--format=json")
#: Seconds; it takes less than one.
_LIMIT = 60
#: What the exit status says. Source: its documentation.
_NOT_READ = 1
_FINDINGS = frozenset({0, 11, 12, 13, 14})
#: What the collection says itself, whether zizmor is there or not.
_OURS = frozenset({"unpinned-uses"})
# Publishing works with what it finds, so none of it is grave here.
_SEVERITIES = {"high": MEDIUM, "medium": MEDIUM}


def find_zizmor() -> str | None:
    """The program, beside this interpreter or on the PATH; None when it is not installed."""
    beside = str(Path(sys.executable).parent)
    return shutil.which("zizmor", path=os.pathsep.join([beside, os.environ.get("PATH", os.defpath)]))


def zizmor_problems(program: str, text: str, name: str) -> tuple[Finding, ...]:
    """What zizmor finds in a workflow file. It is given the text, no token and no network.

    :param name: the file's name, for messages
    :raises Refused: zizmor did not do its work
    """
    environment = {key: value for key, value in os.environ.items() if not key.startswith(("GH_", "GITHUB_", "ZIZMOR_"))}
    try:
        # What it reads from its standard input it takes for a workflow only if there is nothing wrong with it.
        with TemporaryDirectory() as folder:
            file = Path(folder, "workflow.yml")
            file.write_text(text, "utf-8")
            # There is no AnsibleModule here to call run_command on.
            # pylint: disable-next=ansible-bad-function
            done = subprocess.run(  # noqa: S603 - words of our own, without a shell
                [program, *_OPTIONS, str(file)],
                capture_output=True,
                text=True,
                env=environment,
                timeout=_LIMIT,
                check=False,
            )
        if done.returncode in _FINDINGS:
            return tuple(_problem(finding, name) for finding in json.loads(done.stdout) if _counts(finding))
    except (OSError, subprocess.TimeoutExpired, ValueError, KeyError, IndexError, TypeError) as error:
        raise Refused(f"{program} did not do its work ({type(error).__name__}).") from None
    if done.returncode == _NOT_READ:
        return (_unreadable(done.stderr, name),)
    raise Refused(f"{program} did not do its work: it ended with {done.returncode}.")


def _counts(finding: t.Mapping[str, t.Any]) -> bool:
    return not finding["ignored"] and finding["ident"] not in _OURS


def _problem(finding: t.Mapping[str, t.Any], name: str) -> Finding:
    place = next(place for place in finding["locations"] if place["symbolic"]["kind"] == "Primary")
    row = place["concrete"]["location"]["start_point"]["row"]
    severity = finding["determinations"]["severity"].lower()
    return Finding(
        f"zizmor/{finding['ident']}",
        f"{name}:{row + 1}",
        f"zizmor finds {finding['desc']}, of severity {severity}: {place['symbolic']['annotation']}.",
        f"See {finding['url']}.",
        _SEVERITIES.get(severity, LOW),
    )


def _unreadable(stderr: str, name: str) -> Finding:
    """What zizmor says of a file that breaks the rules of workflow files: a headline, and what in particular."""
    _before, _cause, said = stderr.partition("Caused by:\n")
    lines = [re.sub(r"^[0-9]+: ", "", line.strip()) for line in said.partition("\n\n")[0].splitlines()]
    why = "; ".join(dict.fromkeys(filter(None, lines[1:] or lines))) or "it is not a workflow"
    return Finding(
        INVALID,
        name,
        f"zizmor cannot read the workflow: {why}.",
        "Correct it, if GitHub does not run it either.",
        # zizmor knows new keys of GitHub's later than GitHub: what it cannot read may run.
        MEDIUM,
    )

# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Runs proofs as their module does, in a process of its own: for a user who may not read all files, as root may."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import pytest
from checkout import BUILD

_SCRIPT = """
import json, sys
from ansible_collections.pkgops.registry_auth.plugins.module_utils._machines.proof.proving import Proof, clean_environment, prove_all
given = json.load(sys.stdin)
proofs = [Proof.from_options(entry, number) for number, entry in enumerate(given["proofs"])]
outcomes = prove_all(proofs, clean_environment(given["environment"], None), given["time_limit"], given["folder"])
print(json.dumps([outcome.as_dict() for outcome in outcomes]))
"""


def without_privileges() -> list[str]:
    """What starts a program that may read no more than its user's own files."""
    if os.getuid():
        return []
    program = shutil.which("setpriv")
    if program is None:
        pytest.skip("setpriv, which takes root's privileges away, is not on PATH")
    return [program, "--bounding-set=-dac_override,-dac_read_search"]


def proved(home: Path, *proofs: dict[str, str], time_limit: int = 60, **environment: str) -> list[dict[str, Any]]:
    """What comes of proofs for the user of a home."""
    folder = Path(tempfile.mkdtemp(dir=home))
    given = {
        "proofs": proofs,
        "environment": {**environment, "HOME": str(home)},
        "time_limit": time_limit,
        "folder": str(folder),
    }
    done = subprocess.run(
        [*without_privileges(), sys.executable, "-c", _SCRIPT],
        input=json.dumps(given),
        capture_output=True,
        text=True,
        env={
            **os.environ,
            "PYTHONPATH": str(BUILD / "collections"),
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        },
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert list(folder.iterdir()) == []
    outcomes: list[dict[str, Any]] = json.loads(done.stdout)
    return outcomes

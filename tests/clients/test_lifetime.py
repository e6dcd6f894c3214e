# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A local cloud that a run has started ends with the run, however that ends."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import cloud_control
import pytest
from checkout import CHECKOUT

pytestmark = pytest.mark.thorough

PLUGINS, TOOLS = CHECKOUT / "tests" / "plugins", CHECKOUT / "tests" / "tools"
#: Starts one as tests do, and says where it is.
RUN = f"""
import sys, time
from pathlib import Path
sys.path.insert(0, {str(PLUGINS)!r})
import cloud_control
cloud = cloud_control.start(Path(sys.argv[1]))
# Whole at once, for who waits for it.
Path(sys.argv[1], "new").write_text(cloud.url)
Path(sys.argv[1], "new").rename(Path(sys.argv[1], "url"))
time.sleep(600)
"""
#: Stands for make: its only stage is that run.
MAKE = f"#!/bin/sh\nexec {sys.executable} -c '{RUN.replace(chr(39), chr(34))}' \"$FOLDER\"\n"


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(f"{url}/_local/health", timeout=5):
            return True
    except OSError:
        return False


def _wait(seconds: float, until: object) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if until():
            return True
        time.sleep(0.05)
    return False


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """Where the state of the cloud is; at the end none of it is left."""
    folder = tmp_path / "cloud"
    folder.mkdir()
    yield folder
    cloud_control.stop(folder)


def _started(folder: Path) -> str:
    assert _wait(30, (folder / "url").exists)
    url = (folder / "url").read_text()
    assert _answers(url)
    return url


@pytest.mark.parametrize("ending", [signal.SIGTERM, signal.SIGINT, signal.SIGKILL])
def test_a_cloud_of_a_run_that_is_ended(folder: Path, ending: signal.Signals) -> None:
    run = subprocess.Popen([sys.executable, "-c", RUN, str(folder)], stderr=subprocess.DEVNULL)
    url = _started(folder)
    run.send_signal(ending)
    run.wait()
    assert _wait(10, lambda: not _answers(url))


@pytest.mark.parametrize("ending", [signal.SIGTERM, signal.SIGINT])
def test_a_cloud_of_stages_that_are_ended(folder: Path, tmp_path: Path, ending: signal.Signals) -> None:
    """As C(make test) that is ended early: the stages are ended, nothing new is started, and the run has failed."""
    make = tmp_path / "bin" / "make"
    make.parent.mkdir()
    make.write_text(MAKE)
    make.chmod(0o755)
    environment = {**os.environ, "PATH": f"{make.parent}:{os.environ['PATH']}", "FOLDER": str(folder)}
    stages = [sys.executable, str(TOOLS / "stages.py"), "first"]
    run = subprocess.Popen(stages, env=environment, stdout=subprocess.PIPE, text=True)
    url = _started(folder)
    run.send_signal(ending)
    stdout, _none = run.communicate(timeout=20)
    assert run.returncode == 1
    assert "first        FAILED" in stdout
    assert _wait(10, lambda: not _answers(url))


def test_a_parent_that_has_ended_already(tmp_path: Path) -> None:
    gone = subprocess.Popen(["true"])
    gone.wait()
    serve = [sys.executable, "-m", "local_cloud", "serve", "--port=0", f"--parent-pid={gone.pid}"]
    environment = {**os.environ, "PYTHONPATH": str(cloud_control.SOURCE)}
    done = subprocess.run(serve, env=environment, capture_output=True, text=True, timeout=30, check=False)
    assert done.returncode == 0, done.stderr


def test_the_parent_may_be_named_by_the_environment(folder: Path) -> None:
    """As for scenarios of Molecule, where the one who starts it ends at once."""
    with subprocess.Popen(["sleep", "600"]) as parent:
        environment = {"PYTHONPATH": str(cloud_control.SOURCE), "LOCAL_CLOUD_PARENT_PID": str(parent.pid)}
        start = [sys.executable, "-m", "local_cloud", "start", "--port=0", "--directory", str(folder)]
        done = subprocess.run(start, env={**os.environ, **environment}, stdout=subprocess.PIPE, check=True)
        url = json.loads(done.stdout)["url"]
        assert _answers(url)
        parent.kill()
    assert _wait(10, lambda: not _answers(url))

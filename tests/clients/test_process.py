# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Starting and stopping the cloud as people and roles do."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

import cloud_control
import pytest

ENVIRONMENT = {**os.environ, "PYTHONPATH": str(cloud_control.SOURCE)}


def local_cloud(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "local_cloud", *arguments]


def run(*arguments: str) -> dict[str, Any]:
    done = subprocess.run(local_cloud(*arguments), env=ENVIRONMENT, stdout=subprocess.PIPE, check=True)
    result: dict[str, Any] = json.loads(done.stdout)
    return result


@pytest.mark.parametrize("ending", [signal.SIGTERM, signal.SIGINT])
def test_foreground_prints_one_line_and_ends_cleanly(ending: signal.Signals) -> None:
    started = time.monotonic()
    process = subprocess.Popen(
        local_cloud("serve", "--port=0"),
        env=ENVIRONMENT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        line = process.stdout.readline()
        assert time.monotonic() - started < 60
        assert line.startswith("local cloud ready at http://127.0.0.1:")
        with urllib.request.urlopen(f"{line.split()[-1]}/_local/health", timeout=5) as answer:
            health = json.load(answer)
        assert health["pid"] == process.pid
        assert health["upstream_url"].startswith("http://127.0.0.1:")
    finally:
        process.send_signal(ending)
        stdout, stderr = process.communicate(timeout=10)
    assert (process.returncode, stdout) == (0, "")
    assert "Traceback" not in stderr


def test_background_is_started_once_and_stopped_once(tmp_path: Path) -> None:
    directory = str(tmp_path / "state")
    options = ("--directory", directory, "--port=0", "--project=first-project=1", "--owner=user:a@example.com")
    first = run("start", *options)
    try:
        assert first["started"] is True
        second = run("start", *options)
        assert second == {**first, "started": False}
        cloud = cloud_control.LocalCloud(first["url"], first["upstream_url"], first["pid"])
        project = cloud.call("user:a@example.com", "GET", "cloudresourcemanager/v1/projects/first-project")
        assert project["projectNumber"] == "1"
    finally:
        assert run("stop", "--directory", directory) == {"stopped": True}
    assert run("stop", "--directory", directory) == {"stopped": False}
    assert run("stop", "--directory", str(tmp_path / "never")) == {"stopped": False}


def test_nothing_is_left_when_it_is_stopped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    monkeypatch.setitem(ENVIRONMENT, "TMPDIR", str(scratch))
    run("start", "--directory", str(tmp_path / "cloud"))
    assert list(scratch.iterdir())

    assert run("stop", "--directory", str(tmp_path / "cloud")) == {"stopped": True}
    assert list(scratch.iterdir()) == []


def test_the_log_says_who_did_what_and_no_payload(tmp_path: Path) -> None:
    owner, path = "user:owner@example.com", "secretmanager/v1/projects/demo-project/secrets"
    payload = "Q0FOQVJZLVBBWUxPQUQ="
    cloud = cloud_control.start(tmp_path, "--upstream-token=CANARY-TOKEN")
    try:
        cloud.call(owner, "POST", f"{path}?secretId=s", {"replication": {"automatic": {}}})
        cloud.call(owner, "POST", f"{path}/s:addVersion", {"payload": {"data": payload}})
        cloud.call(owner, "GET", f"{path}/s/versions/1:access")
        for wrong in ({"payload": {"data": payload, "dataCrc32c": "1"}}, {"payload": payload}):
            with pytest.raises(urllib.error.HTTPError):
                cloud.call(owner, "POST", f"{path}/s:addVersion", wrong)
        with pytest.raises(urllib.error.HTTPError):
            cloud.call("CANARY-CALLER", "GET", f"{path}/s")
    finally:
        cloud_control.stop(tmp_path)
    log = (tmp_path / "local_cloud.log").read_text()
    method = "google.cloud.secretmanager.v1.SecretManagerService.AddSecretVersion"
    assert f"200 {method} projects/demo-project/secrets/s {owner}" in log
    for canary in ("CANARY", payload[:12]):
        assert canary not in log


def test_a_stale_state_stops_nobody(tmp_path: Path) -> None:
    bystander = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    try:
        stale = {"url": "http://127.0.0.1:9", "upstream_url": "http://127.0.0.1:9", "pid": bystander.pid}
        (tmp_path / "local_cloud.json").write_text(json.dumps(stale))
        assert run("stop", "--directory", str(tmp_path)) == {"stopped": False}
        assert bystander.poll() is None
    finally:
        bystander.kill()
        bystander.wait()


def test_a_taken_port_is_said(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        done = subprocess.run(
            local_cloud("serve", f"--port={port}"), env=ENVIRONMENT, capture_output=True, text=True, check=False
        )
        assert done.returncode == 1
        assert f"cannot listen on port {port}" in done.stderr
        start = local_cloud("start", f"--port={port}", "--directory", str(tmp_path))
        done = subprocess.run(start, env=ENVIRONMENT, capture_output=True, text=True, check=False)
        assert done.returncode == 1
        assert "did not get ready" in done.stderr

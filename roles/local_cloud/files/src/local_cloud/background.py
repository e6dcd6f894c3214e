# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Start and stop a local cloud in the background, with its state in a directory."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import select
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from local_cloud import READY

_STATE = "local_cloud.json"
_LOG = "local_cloud.log"
_START_SECONDS = 30.0
_STOP_SECONDS = 10.0


class BackgroundError(Exception):
    """The cloud did not start or did not stop; the text says what to look at."""


def start(directory: Path, serve_arguments: Sequence[str]) -> dict[str, Any]:
    """Start one unless the one of this directory runs; returns when it is ready.

    Raises:
        BackgroundError: it ended, or did not get ready in time.
    """
    directory.mkdir(parents=True, exist_ok=True)
    with _locked(directory):
        running = _running(directory)
        if running is not None:
            return {**running, "started": False}
        return {**_launch(directory, serve_arguments), "started": True}


def stop(directory: Path) -> dict[str, Any]:
    """Stop the one of this directory; nothing to do when it does not run.

    Raises:
        BackgroundError: it does not end.
    """
    if not directory.is_dir():
        return {"stopped": False}
    with _locked(directory):
        running = _running(directory)
        if running is not None:
            os.kill(running["pid"], signal.SIGTERM)
            _wait_for_end(running)
        (directory / _STATE).unlink(missing_ok=True)
        return {"stopped": running is not None}


def _launch(directory: Path, serve_arguments: Sequence[str]) -> dict[str, Any]:
    package_parent = str(Path(__file__).resolve().parent.parent)
    search_path = os.pathsep.join(filter(None, [package_parent, os.environ.get("PYTHONPATH", "")]))
    log = directory / _LOG
    before = log.stat().st_size if log.exists() else 0
    reader, writer = os.pipe()
    with log.open("ab") as log_file, os.fdopen(writer, "w") as stdout:
        process = subprocess.Popen(  # noqa: S603 - this very interpreter and module, without a shell
            [sys.executable, "-m", "local_cloud", "serve", *serve_arguments],
            stdin=subprocess.DEVNULL,
            stdout=stdout,
            stderr=log_file,
            env={**os.environ, "PYTHONPATH": search_path},
            start_new_session=True,
        )
    url = _await_ready(reader)
    if url is None:
        process.kill()
        process.wait()
        said = log.read_bytes()[before:].decode(errors="replace").strip().rpartition("\n")[2]
        raise BackgroundError(
            f"The local cloud did not get ready. {said or 'It said nothing.'} All that it said is in {log}"
        )
    health = _health(url)
    if health is None:
        raise BackgroundError(f"The local cloud does not answer at {url}; see {log}")
    (directory / _STATE).write_text(json.dumps(health))
    return health


def _await_ready(reader: int) -> str | None:
    """The URL of the ready line, or None when the process ends or takes too long."""
    with os.fdopen(reader) as stdout:
        readable, _writable, _failed = select.select([stdout], [], [], _START_SECONDS)
        line = stdout.readline().strip() if readable else ""
    return line.removeprefix(READY) if line.startswith(READY) else None


def _running(directory: Path) -> dict[str, Any] | None:
    """The health of the directory's cloud, if it runs and is the very process that was started."""
    try:
        state = json.loads((directory / _STATE).read_text())
    except (FileNotFoundError, ValueError):
        return None
    health = _health(state["url"])
    return health if health is not None and health["pid"] == state["pid"] else None


def _health(url: str) -> dict[str, Any] | None:
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(f"{url}/_local/health", timeout=5) as answer:
            health: dict[str, Any] = json.load(answer)
    except (OSError, ValueError):
        return None
    return health if isinstance(health, dict) and {"pid", "url", "upstream_url"} <= set(health) else None


def _wait_for_end(running: dict[str, Any]) -> None:
    deadline = time.monotonic() + _STOP_SECONDS
    while _health(running["url"]) is not None:
        if time.monotonic() > deadline:
            raise BackgroundError(f"The local cloud with pid {running['pid']} does not stop.")
        time.sleep(0.05)


@contextlib.contextmanager
def _locked(directory: Path) -> Iterator[None]:
    """One start or stop at a time."""
    with (directory / f"{_STATE}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield

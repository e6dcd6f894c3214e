# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The end of programs that take too long. Standard library only: it runs on managed hosts."""

from __future__ import annotations

import os
import signal
import subprocess
import typing as t
from contextlib import suppress


def end_group(process: subprocess.Popen[t.Any]) -> None:
    """End a program that leads a group, with all that is in it.

    What has left the group may hold its output open for as long as it likes, so nothing more is read.
    """
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    for stream in (process.stdin, process.stdout, process.stderr):
        if stream is not None:
            with suppress(OSError):
                stream.close()
    process.wait()

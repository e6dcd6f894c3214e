# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Shows how far a batch is while its module runs.

The action plugin is the part of a task that may show something before the task has ended: in a terminal, in a log, and
as an event in AWX. The module finds it by an environment variable, which only a module on the controller inherits
(connection C(local), no C(become)). Elsewhere the task runs as without it, silently.

The module also learns from it that the task's worker is no longer there (see C(module_utils/_engine/lifeline.py)).
"""

from __future__ import annotations

import os
import threading
import typing as t
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from tempfile import TemporaryDirectory

from ansible.utils.display import Display

from ..module_utils._engine.progress import VARIABLE, Counts
from . import _core
from ._direct import DirectAction
from ._processes import start_helper

#: Ends the reading of a FIFO. No module writes it.
END = b"\n"


def sentence(host: str, module: str, counts: Counts) -> str:
    """The line that a person reads."""
    return (
        f"progress: [{host}] {module}: {counts.done} of {counts.total} done"
        f" ({counts.changed} changed, {counts.failed} failed), {counts.left} left"
    )


class BatchAction(DirectAction):
    """Runs the module, and shows its progress.

    Also when the task has C(no_log): that hides options and results, and this is numbers only.
    """

    def run(self, tmp: None = None, task_vars: dict[str, t.Any] | None = None) -> dict[str, t.Any]:
        """Run the task. Raises what the normal action raises, and nothing of its own."""
        host = (task_vars or {}).get("inventory_hostname", self._play_context.remote_addr)
        module = self._task.action.rpartition(".")[2]
        with ExitStack() as stack:
            # In the background, a module outlives the one who would listen.
            if not self._task.async_val:
                stack.enter_context(listening(lambda counts: Display().display(sentence(host, module, counts))))
            result: dict[str, t.Any] = super().run(tmp, task_vars)
        if self._task.no_log:
            # Ansible takes a result with results for that of a loop, and hides only items that are marked.
            for entry in result.get("results", ()):
                entry["_ansible_no_log"] = True
        return result


@contextmanager
def listening(show: Callable[[Counts], None]) -> Iterator[None]:
    """While inside, each line of a module started by this process is shown, by a thread.

    A task's worker is a process of its own, so the environment is nobody else's.
    """
    with ExitStack() as stack:
        try:
            _listen(show, stack)
        except (OSError, RuntimeError) as error:
            # No room, no FIFOs on this file system, no more threads: the task can do without.
            Display().vvvv(f"Progress is not shown: {error}")
        yield


def _listen(show: Callable[[Counts], None], stack: ExitStack) -> None:
    """Start to listen until the stack is unwound. Raises OSError or RuntimeError when it cannot."""
    # Below a folder that is the user's alone, and that Ansible removes in any case when it ends.
    folder = stack.enter_context(
        TemporaryDirectory(prefix="progress-", dir=_core.constant("DEFAULT_LOCAL_TMP"), ignore_cleanup_errors=True)
    )
    fifo = os.path.join(folder, "fifo")
    os.mkfifo(fifo, 0o600)
    # To open waits for the other end, except to read without blocking.
    reader = os.open(fifo, os.O_RDONLY | os.O_NONBLOCK)
    stack.callback(os.close, reader)
    os.set_blocking(reader, True)
    # With a writer of our own, the end of a module is not the end of the FIFO; modules come and go with retries.
    writer = os.open(fifo, os.O_WRONLY)
    stack.callback(os.close, writer)
    thread = start_helper(lambda: _read(reader, show), "progress")
    stack.callback(_stop, thread, writer)
    os.environ[VARIABLE] = fifo
    stack.callback(os.environ.pop, VARIABLE, None)


def _read(reader: int, show: Callable[[Counts], None]) -> None:
    with open(reader, "rb", closefd=False) as lines:
        for line in lines:
            if line == END:
                return
            show(Counts.from_line(line))


def _stop(thread: threading.Thread, writer: int) -> None:
    """Let the reader finish what was written, so that no line comes after the task's result."""
    with suppress(OSError):
        os.write(writer, END)
    thread.join()

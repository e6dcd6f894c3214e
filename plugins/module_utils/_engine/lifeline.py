# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Ends a module when nobody is left to take its result, and at once when it is told to.

A module that writes must not continue after who runs the playbook has stopped it. Python would wait for all threads of a module
that is interrupted, which finish their work before they end. And when Ansible's own processes are killed, nothing tells a module
on the controller, which is the child of a shell: it sees that nobody reads the FIFO any more in which it tells of its progress.
"""

from __future__ import annotations

import errno
import os
import select
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager

#: Events on the writing end of a FIFO when the last reader is gone: on Linux, and on other systems.
NO_READER = select.POLLERR | select.POLLHUP


@contextmanager
def ending_with_reader(fifo: str | None) -> Iterator[int | None]:
    """While inside, this process ends when it is interrupted, and when the reader of the FIFO is gone.

    :param fifo: its path; where nothing is there that can be opened, nobody is waited for
    :returns: the end to write to, which does not block; None when nobody reads
    """
    with _interruptible():
        writer = _open(fifo) if fifo else None
        if writer is None:
            yield None
            return
        released, release = os.pipe()
        thread = threading.Thread(target=_watch, args=(writer, released), name="lifeline", daemon=True)
        thread.start()
        try:
            yield writer
        finally:
            os.close(release)
            thread.join()
            os.close(released)
            os.close(writer)


@contextmanager
def _interruptible() -> Iterator[None]:
    """Let an interrupt end the process by itself. Only the main thread may say so; elsewhere, nothing is said."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGINT, signal.SIG_DFL)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before or signal.SIG_DFL)


def _open(fifo: str) -> int | None:
    try:
        # Without a reader, to open would otherwise be to wait for one.
        return os.open(fifo, os.O_WRONLY | os.O_NONBLOCK)
    except OSError as error:
        if error.errno == errno.ENXIO:
            # It is there, and its reader is not.
            _end()
        return None


def _watch(writer: int, released: int) -> None:
    """Wait until nobody reads any more, or nobody needs to know."""
    waiting = select.poll()
    waiting.register(writer, 0)
    waiting.register(released, select.POLLIN)
    events = dict(waiting.poll())
    if released not in events and events.get(writer, 0) & NO_READER:
        _end()


def _end() -> None:
    os.kill(os.getpid(), signal.SIGKILL)

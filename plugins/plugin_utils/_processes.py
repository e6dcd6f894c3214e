# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Signals and parents of Ansible's processes, where this collection adds threads or processes to them.

The system gives a signal to any thread of a process that does not block it, and Python runs its handler in the main thread
alone, which may be waiting for something else then. So the main thread has to be the one that gets it.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
import typing as t
from collections.abc import Callable, Iterator
from contextlib import contextmanager

#: Seconds between two looks at whether the parent is still there.
LOOK = 0.5


@contextmanager
def signals_blocked() -> Iterator[None]:
    """While inside, this thread gets no signals, and neither do threads and processes that it starts. They come afterwards."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def start_helper(work: Callable[[], None], name: str) -> threading.Thread:
    """Start a thread that leaves signals to the main thread, and that no process waits for. Raises RuntimeError."""
    thread = threading.Thread(target=work, name=name, daemon=True)
    with signals_blocked():
        thread.start()
    return thread


def default_signals() -> None:
    """Let signals do what they do to a program that has just started: end it at once, whatever its threads are doing."""
    for number in signal.valid_signals():
        if callable(signal.getsignal(number)):
            signal.signal(number, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_SETMASK, ())


@contextmanager
def ending_with_parent() -> Iterator[None]:
    """While inside, this process ends soon after its parent, with all that it has started.

    Ansible's workers are in sessions of their own, so what ends Ansible does not reach them, except where Ansible itself can
    still pass it on.
    """
    process = multiprocessing.parent_process()
    parent = os.getppid() if process is None else process.pid
    over = threading.Event()

    def watch() -> None:
        while not over.wait(LOOK):
            if os.getppid() != parent:
                end()

    helper = start_helper(watch, "parent")
    try:
        yield
    finally:
        over.set()
        helper.join()


def end() -> t.NoReturn:
    """End this process at once, and its group if it leads one: a task's worker leads the processes of its module."""
    if os.getpgrp() == os.getpid():
        os.killpg(os.getpid(), signal.SIGKILL)
    os.kill(os.getpid(), signal.SIGKILL)
    raise AssertionError("unreachable: nothing survives SIGKILL")

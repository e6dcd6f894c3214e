# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Runs a module in a process forked from this one, as Ansible would in one of its own.

A fork and not this process itself: what a module does to its environment, its streams and its exit stays its own, and one that
dies is one task that failed.
"""

from __future__ import annotations

import gc
import os
import selectors
import signal
import sys
import traceback
import typing as t
from collections.abc import Collection, Mapping, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass

from . import _core
from ._processes import default_signals, end, signals_blocked, start_helper

#: Objects that are made before Python looks for garbage: far more than its own number, which is for programs that run for long.
GARBAGE = 50_000

#: Bytes that are read from a pipe at once: what Linux holds in one.
PIECE = 65536


@dataclass(frozen=True)
class Job:
    """A module to run: its full Python name, its options as _core.module_options() gives them, and what is set for it in addition to
    the environment of this process.
    """

    module: str
    options: bytes
    environment: Mapping[str, str]


@dataclass
class Fork:
    """A process that runs a module, our ends of its pipes, and what came from them."""

    process: int
    output: dict[int, bytearray]
    #: While it is open, the module runs.
    life: int
    open_ends: set[int]

    def ended(self) -> dict[str, t.Any]:
        """Wait for its end; C(rc), C(stdout) and C(stderr), as of a command."""
        _pid, status = os.waitpid(self.process, 0)
        results, errors = (text.decode(errors="surrogateescape") for text in self.output.values())
        return {"rc": os.waitstatus_to_exitcode(status), "stdout": results, "stderr": errors}

    def close(self) -> None:
        """Close our ends."""
        for one in (*self.output, self.life):
            os.close(one)


def run_forked(jobs: Sequence[Job], width: int = 1) -> list[dict[str, t.Any]]:
    """Run modules, up to C(width) of them at once; what came of each, in their order, as of commands."""
    waiting = list(enumerate(jobs))[::-1]
    running: dict[int, Fork] = {}
    found: dict[int, dict[str, t.Any]] = {}
    with selectors.DefaultSelector() as ends:
        try:
            while waiting or running:
                while waiting and len(running) < width:
                    number, job = waiting[-1]
                    fork = _start_if_possible(job, others_run=bool(running))
                    if fork is None:
                        width = len(running)
                        break
                    waiting.pop()
                    running[number] = fork
                    for output in fork.output:
                        ends.register(output, selectors.EVENT_READ, number)
                # They are read in turns, so that a module that fills one does not wait for the end of another.
                for ready, _events in ends.select():
                    fork = running[ready.data]
                    piece = os.read(ready.fd, PIECE)
                    fork.output[ready.fd] += piece
                    if not piece:
                        ends.unregister(ready.fd)
                        fork.open_ends.remove(ready.fd)
                        if not fork.open_ends:
                            found[ready.data] = fork.ended()
                            running.pop(ready.data).close()
        except BaseException:
            # Such as the end of the task's time: a module must not continue unseen.
            _kill(running.values())
            raise
    return [found[number] for number in range(len(jobs))]


def _kill(forks: Collection[Fork]) -> None:
    """End modules at once. One may have been waited for at the very moment."""
    for fork in forks:
        with suppress(ProcessLookupError):
            os.kill(fork.process, signal.SIGKILL)
    for fork in forks:
        with suppress(ChildProcessError):
            os.waitpid(fork.process, 0)
        fork.close()


def _start_if_possible(job: Job, *, others_run: bool) -> Fork | None:
    """Start a module. None where the system has no room for it, which is no reason to end others that run. Raises OSError."""
    try:
        return _start(job)
    except OSError:
        if not others_run:
            raise
        return None


def _start(job: Job) -> Fork:
    """Start a module. Should anything fail in here, nothing of it is left."""
    with ExitStack() as ours, ExitStack() as forks:
        (out, out_end), (err, err_end), (life, life_end) = os.pipe(), os.pipe(), os.pipe()
        for kept, given in ((out, out_end), (err, err_end), (life_end, life)):
            ours.callback(os.close, kept)
            forks.callback(os.close, given)
        # A signal must find either a process that it ends, or one that knows what it has to end.
        with signals_blocked():
            process = os.fork()
            if process == 0:
                try:
                    os._exit(_run(job, out_end, err_end, life))
                finally:
                    # Whatever it ended in: as a second worker it would do the task's work once more.
                    os._exit(1)
        ours.pop_all()
        return Fork(process, {out: bytearray(), err: bytearray()}, life_end, {out, err})


def _run(job: Job, out: int, err: int, life: int) -> int:
    """In the fork: become the process of a module. Never returns to the worker's code; gives the exit code."""
    try:
        # What is there already is the worker's. It need not be looked through for garbage, nor be copied for that.
        gc.freeze()
        gc.set_threshold(GARBAGE)
        _leave_files(out, err, life)
        start_helper(lambda: _end_with_worker(life), "lifeline")
        default_signals()
        os.environ.update(job.environment)
        _core.become_module()
        try:
            _core.run_module(job.module, job.options)
        finally:
            sys.stdout.flush()
            sys.stderr.flush()
    except SystemExit as ended:
        return ended.code if isinstance(ended.code, int) else int(ended.code is not None)
    except BaseException:
        os.write(2, traceback.format_exc().encode())
    return 1


def _leave_files(out: int, err: int, life: int) -> None:
    """Keep nothing open that the worker has, as a started program would.

    What has an object in this process gets an end of nothing, and is not closed: a number that is used again would have that object
    write to somebody else's file.
    """
    nothing = os.open(os.devnull, os.O_RDWR)
    for given, standard in ((nothing, 0), (out, 1), (err, 2)):
        os.dup2(given, standard)
    for number in _open_files() - {0, 1, 2, life}:
        with suppress(OSError):
            os.dup2(nothing, number, inheritable=False)
    # Of the same kind as those of an interpreter that has just started, without what the worker's hold unwritten.
    sys.stdin, sys.stdout, sys.stderr = os.fdopen(0), os.fdopen(1, "w"), os.fdopen(2, "w")


def _open_files() -> set[int]:
    """The open files of this process, and some more that are closed already: those by which they were listed."""
    with suppress(OSError):
        return {int(name) for name in os.listdir("/dev/fd")}
    return set()


def _end_with_worker(life: int) -> None:
    """Wait for the worker to end, which alone holds the other end, and end with it."""
    os.read(life, 1)
    end()

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
from collections.abc import Iterable, Mapping
from contextlib import ExitStack, suppress

from . import _core
from ._processes import default_signals, end, signals_blocked, start_helper

#: Objects that are made before Python looks for garbage: far more than its own number, which is for programs that run for long.
GARBAGE = 50_000

#: Bytes that are read from a pipe at once: what Linux holds in one.
PIECE = 65536


def run_forked(module: str, options: bytes, environment: Mapping[str, str]) -> dict[str, t.Any]:
    """Run a module by its full Python name.

    :param options: as _core.module_options() gives them
    :param environment: what is set for the module, in addition to what this process has
    :returns: C(rc), C(stdout) and C(stderr), as of a command
    """
    process = status = 0
    with ExitStack() as ours, ExitStack() as forks:
        (out, out_end), (err, err_end), (life, life_end) = os.pipe(), os.pipe(), os.pipe()
        for kept, given in ((out, out_end), (err, err_end), (life_end, life)):
            ours.callback(os.close, kept)
            forks.callback(os.close, given)
        try:
            # A signal must find either a process that it ends, or one that knows what it has to end.
            with signals_blocked():
                process = os.fork()
                if process == 0:
                    try:
                        os._exit(_run(module, options, environment, out_end, err_end, life))
                    finally:
                        # Whatever it ended in: as a second worker it would do the task's work once more.
                        os._exit(1)
            forks.close()
            results, errors = _read(out, err)
        except BaseException:
            # Such as the end of the task's time: a module must not continue unseen.
            if process:
                os.kill(process, signal.SIGKILL)
            raise
        finally:
            if process:
                _pid, status = os.waitpid(process, 0)
    return {"rc": os.waitstatus_to_exitcode(status), "stdout": results, "stderr": errors}


def _read(*ends: int) -> Iterable[str]:
    """All that comes from pipes. They are read in turns, so that a module that fills one does not wait for the end of another."""
    texts = {one: bytearray() for one in ends}
    with selectors.DefaultSelector() as waiting:
        for one in ends:
            waiting.register(one, selectors.EVENT_READ)
        while waiting.get_map():
            for ready, _events in waiting.select():
                piece = os.read(ready.fd, PIECE)
                texts[ready.fd] += piece
                if not piece:
                    waiting.unregister(ready.fd)
    return [text.decode(errors="surrogateescape") for text in texts.values()]


def _run(module: str, options: bytes, environment: Mapping[str, str], out: int, err: int, life: int) -> int:
    """In the fork: become the process of a module. Never returns to the worker's code; gives the exit code."""
    try:
        # What is there already is the worker's. It need not be looked through for garbage, nor be copied for that.
        gc.freeze()
        gc.set_threshold(GARBAGE)
        _leave_files(out, err, life)
        start_helper(lambda: _end_with_worker(life), "lifeline")
        default_signals()
        os.environ.update(environment)
        _core.become_module()
        try:
            _core.run_module(module, options)
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

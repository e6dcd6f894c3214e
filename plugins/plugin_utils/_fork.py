# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Runs a module in a process forked from this one, as Ansible would in one of its own.

A fork and not this process itself: what a module does to its environment, its streams and its exit stays its own, and one that
dies is one task that failed. The parts of ansible-core in use here are private, so it is imported for known releases only.
"""

from __future__ import annotations

import gc
import json
import os
import signal
import sys
import threading
import traceback
import typing as t

from ansible.module_utils import _internal
from ansible.module_utils._internal import _traceback
from ansible.module_utils._internal._ansiballz._loader import run_module
from ansible.module_utils.common.json import Direction, get_module_encoder

#: How Ansible writes the options and results of modules in Python, which is not said by the public parts of it.
PROFILE = "legacy"

#: Objects that are made before Python looks for garbage: far more than its own number, which is for programs that run for long.
GARBAGE = 50_000


def run_forked(module: str, options: dict[str, t.Any], environment: t.Mapping[str, t.Any]) -> dict[str, t.Any]:
    """Run a module by its full Python name.

    :param options: with those that Ansible adds
    :param environment: what is set for the module, beside what this process has
    :returns: C(rc), C(stdout) and C(stderr), as of a command
    """
    encoder = get_module_encoder(PROFILE, Direction.CONTROLLER_TO_MODULE)
    given = json.dumps({"ANSIBLE_MODULE_ARGS": options}, cls=encoder).encode()
    out, err = os.pipe(), os.pipe()
    # Worker and fork end with the task. So what is there already need not be looked through for garbage, nor be copied for that.
    gc.freeze()
    gc.set_threshold(GARBAGE)
    process = os.fork()
    if process == 0:
        os._exit(_run(module, given, environment, out[1], err[1]))
    os.close(out[1])
    os.close(err[1])
    told: list[bytes] = []
    with open(out[0], "rb") as results, open(err[0], "rb") as errors:
        # Both are read at once, so that a module that fills the one does not wait for the end of the other.
        listener = threading.Thread(target=lambda: told.append(errors.read()), daemon=True)
        listener.start()
        try:
            result = results.read()
        except BaseException:
            # The task's time is over: a module must not go on unseen.
            os.kill(process, signal.SIGKILL)
            raise
        finally:
            listener.join()
            _pid, status = os.waitpid(process, 0)
    return {
        "rc": os.waitstatus_to_exitcode(status),
        "stdout": result.decode(errors="surrogateescape"),
        "stderr": b"".join(told).decode(errors="surrogateescape"),
    }


def _run(module: str, given: bytes, environment: t.Mapping[str, t.Any], out: int, err: int) -> int:
    """In the fork: become the process of a module. Never returns to the worker's code; gives the exit code."""
    try:
        for end, standard in ((os.open(os.devnull, os.O_RDONLY), 0), (out, 1), (err, 2)):
            os.dup2(end, standard)
        # Of the same kind as those of an interpreter that has just started, without what the worker's hold unwritten.
        sys.stdin, sys.stdout, sys.stderr = os.fdopen(0), os.fdopen(1, "w"), os.fdopen(2, "w")
        os.environ.update({name: str(value) for name, value in environment.items()})
        _internal.is_controller = False
        _traceback._is_traceback_enabled = _traceback._is_module_traceback_enabled
        try:
            run_module(json_params=given, profile=PROFILE, module_fqn=module, modlib_path="", extensions={})
        finally:
            sys.stdout.flush()
            sys.stderr.flush()
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else int(end.code is not None)
    except BaseException:
        os.write(2, traceback.format_exc().encode())
    return 1

# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Runs a module in a fork of this process, with time that passes only where a module sleeps, and ends it when it takes too long."""

from __future__ import annotations

import gc
import json
import os
import signal
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from importlib import import_module
from types import FunctionType
from typing import Any

from ansible_collections.pkgops.registry_auth.plugins.module_utils._clients.aws import calls as aws_calls
from ansible_collections.pkgops.registry_auth.plugins.module_utils._clients.aws import codeartifact as aws_client
from ansible_collections.pkgops.registry_auth.plugins.module_utils._clients.gcp import artifactregistry
from ansible_collections.pkgops.registry_auth.plugins.module_utils._clients.http import sessions
from ansible_collections.pkgops.registry_auth.plugins.module_utils._clients.http.bounds import Bounds
from ansible_collections.pkgops.registry_auth.plugins.module_utils._clients.pypi import index
from ansible_collections.pkgops.registry_auth.plugins.module_utils._domain.gcp import fingerprints
from ansible_collections.pkgops.registry_auth.plugins.module_utils._workflow import google as google_workflow
from ansible_collections.pkgops.registry_auth.plugins.plugin_utils._fork import Job, run_forked
from checkout import CHECKOUT

OURS = "ansible_collections.pkgops.registry_auth.plugins"
MODULES = f"{OURS}.modules"
#: Seconds after which a run is given up.
LIMIT = 60
#: Seconds that one thread of a run may sleep: the longest patience of the engine, for each of the few things that an entry may wait for.
MOST_SLEEP = 3600.0
#: Seconds by which clocks may differ. Half of what the window of announcements allows.
NEAR = fingerprints.WINDOW / 2
#: All that bounds answers, as the modules have it: where it is, under which name, and what it is for users.
BOUNDS = [
    (vars(module), name, value)
    for module in (sessions, aws_calls, aws_client, artifactregistry, index)
    for name, value in vars(module).items()
    if isinstance(value, Bounds)
]


class OversleptError(BaseException):
    """A run slept for longer than any may. Nothing in a module catches it."""


class _Time:
    """Stands in for the module C(time). Each thread has its own sleep, which takes no time of the machine's."""

    def __init__(self) -> None:
        self._slept = threading.local()

    def _offset(self) -> float:
        return getattr(self._slept, "seconds", 0.0)

    def monotonic(self) -> float:
        return time.monotonic() + self._offset()

    def near(self) -> float:
        """Seconds since 1970, never far from a service's own: so much apart, a module would take the clocks for wrong ones."""
        return time.time() + min(self._offset(), NEAR)

    def sleep(self, seconds: float) -> None:
        self._slept.seconds = self._offset() + seconds
        if self._slept.seconds > MOST_SLEEP:
            raise OversleptError(f"It slept {self._slept.seconds:.0f} seconds.")
        time.sleep(0.0005)


#: What modules import when they begin to work, which takes most of a second.
_LIBRARIES = (
    "google.cloud.secretmanager_v1", "google.cloud.artifactregistry_v1", "google.cloud.resourcemanager_v3", "google.auth.transport.requests",
    "google.oauth2.service_account", "google.auth.impersonated_credentials", "boto3", "botocore.session", "requests", "nacl", "ruamel.yaml",
    "google_crc32c", "pypi_simple", "ansible_collections.amazon.aws.plugins.module_utils.modules",
)  # fmt: skip


def _share_descriptions() -> None:
    """Let all sessions of botocore have one loader, with the descriptions of services that it has loaded already."""
    import boto3
    import botocore.loaders

    loader = botocore.loaders.create_loader()
    botocore.loaders.create_loader = lambda *_paths: loader
    boto3.session.Session().client(
        "codeartifact", region_name="eu-west-1", aws_access_key_id="x", aws_secret_access_key="x"
    )


def quicken() -> None:
    """Let sleeping take no time in the modules of this process and its forks, and let them find their libraries loaded."""
    for name in (
        *_LIBRARIES,
        *(f"{MODULES}.{path.stem}" for path in (CHECKOUT / "plugins" / "modules").glob("[!_]*.py")),
    ):
        with suppress(ImportError):
            import_module(name)
    _share_descriptions()
    ours: Any = _Time()
    stand_in({time.monotonic: ours.monotonic, time.sleep: ours.sleep, time.time: ours.near})
    google_workflow.time = ours
    # Collecting what was loaded before would copy its memory in each fork.
    gc.collect()
    gc.freeze()


def stand_in(instead: Mapping[Any, Any]) -> set[str]:
    """Give everything in the collection other clocks, where one is a default; the names of what had any.

    All of it: what waits by one clock for what it has noted by another waits in vain.
    """
    changed = set()
    for module in [found for name, found in sys.modules.items() if name.startswith(OURS)]:
        for value in vars(module).values():
            function = value.__init__ if isinstance(value, type) else value
            if not isinstance(function, FunctionType) or not function.__module__.startswith(OURS):
                continue
            named, others = function.__kwdefaults__ or {}, function.__defaults__ or ()
            if any(default in instead for default in (*named.values(), *others) if callable(default)):
                function.__kwdefaults__ = {name: _other(default, instead) for name, default in named.items()}
                function.__defaults__ = tuple(_other(default, instead) for default in others)
                changed.add(value.__qualname__)
    return changed


def _other(default: Any, instead: Mapping[Any, Any]) -> Any:
    return instead.get(default, default) if callable(default) else default


def _bound(*, short: bool) -> None:
    for names, name, usual in BOUNDS:
        # A download is still told from a page by what it may take.
        names[name] = Bounds(silence=1.5, whole=3.0, size=usual.size // 16) if short else usual


@dataclass(frozen=True)
class Ran:
    """How a module ended. C(result) is None when it told none; C(problem) says what is wrong apart from that."""

    result: dict[str, Any] | None
    output: str
    problem: str = ""


class TookTooLongError(Exception):
    """A run was given up."""


@contextmanager
def _limit(seconds: int) -> Iterator[None]:
    def give_up(*_: object) -> None:
        raise TookTooLongError

    before = signal.signal(signal.SIGALRM, give_up)
    signal.alarm(seconds)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


def run(
    module: str, options: Mapping[str, Any], environment: Mapping[str, str], *, faults: bool, check: bool = False
) -> Ran:
    """Run a module to its end, or until that is too late. With faults, it waits less long for answers."""
    _bound(short=faults)
    settings = {"_ansible_check_mode": check, "_ansible_diff": True, "_ansible_no_log": False, "_ansible_verbosity": 3}
    arguments = json.dumps({"ANSIBLE_MODULE_ARGS": {**options, **settings}}).encode()
    # A module is run as a program, which Python warns of when somebody has imported it.
    sys.modules.pop(f"{MODULES}.{module}", None)
    try:
        with _limit(LIMIT):
            [ended] = run_forked([Job(f"{MODULES}.{module}", arguments, environment)])
    except TookTooLongError:
        return Ran(None, "", f"it runs for more than {LIMIT} seconds")
    output = f"{ended['stdout']}{ended['stderr']}"
    try:
        result = json.loads(ended["stdout"])
    except ValueError:
        return Ran(None, output, f"it ends with {ended['rc']} and without a result")
    problem = f"it writes to its errors: {ended['stderr'][-300:]}" if ended["stderr"].strip() else ""
    return Ran(result, output, problem)


def children() -> set[int]:
    """The processes that this one has started and that run."""
    with open(f"/proc/self/task/{os.getpid()}/children") as file:
        return {int(pid) for pid in file.read().split()}

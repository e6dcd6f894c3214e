# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Where a run leaves what, and the search for secrets in all of it."""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

from cloud_control import LocalCloud

from campaign.invariants import forms

#: Stands in for Python's module of this name, which sends to the system log: Ansible logs options of each module there.
_SYSLOG = """\
import os

LOG_PID = LOG_USER = LOG_INFO = LOG_NOTICE = LOG_DEBUG = 0


def __getattr__(name):
    # Facilities, by whatever name.
    if not name.startswith("LOG_"):
        raise AttributeError(name)
    return 0


def openlog(*_given):
    pass


def syslog(*given):
    with open(os.environ["CAMPAIGN_SYSLOG"], "a", encoding="utf-8", errors="surrogateescape") as log:
        log.write(f"{given[-1]}\\n")


def closelog():
    pass
"""


def system_log(folder: Path) -> dict[str, str]:
    """Have what programs in Python send to the system log written to the file C(syslog) of a folder. The environment that they need."""
    stand_in = folder / "stand-in"
    stand_in.mkdir()
    (stand_in / "syslog.py").write_text(_SYSLOG)
    log = folder / "syslog"
    log.touch()
    return {"PYTHONPATH": str(stand_in), "CAMPAIGN_SYSLOG": str(log)}


#: Seconds between two looks at the processes.
LOOK = 0.05


class Search:
    """Looks for secrets, each known by a name, in every form that one may have."""

    def __init__(self, secrets: Mapping[str, str]) -> None:
        self._forms = {name: {form.encode() for form in forms(secret)} for name, secret in secrets.items()}

    def within(self, content: bytes) -> set[str]:
        """The names of the secrets in some content."""
        return {name for name, found in self._forms.items() if any(form in content for form in found)}

    def folder(self, folder: Path) -> Iterator[str]:
        """What is found in files below a folder, and in their names."""
        for file in sorted(folder.rglob("*")):
            content = os.fsencode(file.relative_to(folder))
            if file.is_file() and not file.is_symlink():
                with suppress(OSError):
                    content += b"\n" + file.read_bytes()
            for name in sorted(self.within(content)):
                yield f"{name} is in the file {file.relative_to(folder)}"

    def output(self, where: str, content: bytes) -> Iterator[str]:
        """What is found in an output."""
        for name in sorted(self.within(content)):
            yield f"{name} is in {where}"

    def cloud(self, cloud: LocalCloud) -> Iterator[str]:
        """What is found in what the local cloud logs and tells of its calls."""
        yield from self.output("the local cloud's log", Path(f"/proc/{cloud.pid}/fd/2").resolve().read_bytes())
        yield from self.output("the local cloud's calls", json.dumps(cloud.calls()).encode())

    @contextmanager
    def processes(self, mark: bytes, found: list[str]) -> Iterator[None]:
        """While inside, look at the command lines and environments of processes that have a mark in their environment."""
        over, seen = threading.Event(), set[tuple[str, str]]()
        # Those that run already have another environment, and keep it.
        others = set(Path("/proc").glob("[0-9]*"))

        def look() -> None:
            while not over.wait(LOOK):
                for folder in set(Path("/proc").glob("[0-9]*")) - others:
                    with suppress(OSError):
                        variables = (folder / "environ").read_bytes()
                        if mark in variables.split(b"\0"):
                            for where, content in (
                                ("a command line", (folder / "cmdline").read_bytes()),
                                ("an environment", variables),
                            ):
                                seen.update((name, where) for name in self.within(content))

        thread = threading.Thread(target=look, daemon=True)
        thread.start()
        try:
            yield
        finally:
            over.set()
            thread.join()
            found += [f"{name} is in {where}" for name, where in sorted(seen)]

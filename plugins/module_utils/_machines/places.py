# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which file of a client counts for a machine, a user or a virtual environment.

Sources: the clients' own documentation, and what was measured with pip 26, uv 0.13, twine 7, npm 11 and poetry 2.
"""

from __future__ import annotations

import os
import pwd
import stat
import subprocess
import tempfile
import typing as t
from dataclasses import dataclass

from .._base.errors import InvalidInput, Refused
from .files import Place, name_of, user

MACHINE, USER, VENV = "machine", "user", "venv"
LEVELS = (MACHINE, USER, VENV)
CLIENTS = ("pip", "uv", "twine", "npm", "poetry")
#: Seconds that npm may take to say where its file is.
NPM_LIMIT = 60

#: Bits of a mode.
_OTHERS = 0o077
_READABLE = 0o444

_NO_LEVEL = {
    (
        "twine",
        MACHINE,
    ): "twine has no file for the machine: configure each user, or set TWINE_REPOSITORY_URL in /etc/environment.",
    ("poetry", MACHINE): "poetry has no file for the machine: configure each user.",
    ("uv", VENV): "uv reads no file in a virtual environment: configure the user or the machine.",
    ("twine", VENV): "twine reads no file in a virtual environment: configure the user.",
    ("npm", VENV): "npm knows no virtual environments: configure the user or the machine.",
    ("poetry", VENV): "poetry reads no file in a virtual environment: configure the user.",
}


class NoFile(Refused):
    """There is no place for a file."""

    code = "file"


@dataclass(frozen=True)
class Surroundings:
    """Where files are looked for."""

    #: Of the user that this process runs as.
    home: str
    config: str
    #: The machine's own folder for configuration.
    etc: str = "/etc"

    @classmethod
    def of_process(cls, environment: t.Mapping[str, str] | None = None) -> Surroundings:
        """Those of the user that this process runs as. Raises NoFile."""
        environment = os.environ if environment is None else environment
        home = home_of_process(environment)
        # As the clients do, which follow the XDG Base Directory Specification.
        config = environment.get("XDG_CONFIG_HOME", "")
        return cls(home, config if os.path.isabs(config) else os.path.join(home, ".config"))


def home_of_process(environment: t.Mapping[str, str]) -> str:
    """The home of the user that this process runs as. Raises NoFile where that is missing or somebody else's."""
    try:
        entry: str | None = pwd.getpwuid(os.geteuid()).pw_dir
    except KeyError:
        entry = None
    home = environment.get("HOME") or entry
    if not home or not os.path.isabs(home):
        raise NoFile(f"{user()} has no home, so there is no place for a configuration.")
    try:
        status = os.stat(home)
    except OSError as error:
        raise NoFile(f"The home {home} of {user()} cannot be used: {(error.strerror or 'unknown').lower()}.") from None
    if not stat.S_ISDIR(status.st_mode):
        raise NoFile(f"The home {home} of {user()} is not a folder.")
    if status.st_uid != os.geteuid() and home != entry:
        raise NoFile(
            f"HOME is {home}, which belongs to {name_of(status.st_uid)} and not to {user()}: run the task as that user, with become_user."
        )
    return home


def check_levels(clients: t.Sequence[str], level: str, venv: str | None) -> None:
    """Raises InvalidInput where a client has no file at a level."""
    refused = [_NO_LEVEL[client, level] for client in clients if (client, level) in _NO_LEVEL]
    if refused:
        raise InvalidInput(" ".join(refused))
    if (level == VENV) != bool(venv):
        raise InvalidInput("level venv and venv go together: give both, or neither.")


def config_place(client: str, level: str, venv: str | None, around: Surroundings) -> Place:
    """The file in which a client's indexes are set. Raises Refused."""
    if level == VENV:
        return Place(os.path.join(checked_venv(str(venv)), "pip.conf"), always=0)
    if level == MACHINE:
        return Place(_machine_file(client, around), always=_READABLE)
    return _user_place(client, around)


def _user_place(client: str, around: Surroundings) -> Place:
    config, home = around.config, around.home
    return {
        "pip": Place(os.path.join(config, "pip", "pip.conf"), folder_mode=0o700),
        "uv": Place(os.path.join(config, "uv", "uv.toml"), folder_mode=0o700),
        # Logins are to be in these.
        "twine": Place(os.path.join(home, ".pypirc"), mode=0o600),
        "npm": Place(os.path.join(home, ".npmrc"), mode=0o600),
        "poetry": Place(os.path.join(config, "pypoetry", "config.toml"), folder_mode=0o700),
    }[client]


def login_place(client: str, around: Surroundings) -> Place:
    """The file in which a user's client finds its login: that user's alone."""
    name = {"twine": ".pypirc", "npm": ".npmrc"}.get(client, ".netrc")
    return Place(os.path.join(around.home, name), mode=0o600, never=_OTHERS)


def _machine_file(client: str, around: Surroundings) -> str:
    if client == "pip":
        return os.path.join(around.etc, "pip.conf")
    if client == "uv":
        # Only one of the two is read, and this one first.
        hiding = os.path.join(around.etc, "xdg", "uv", "uv.toml")
        return hiding if os.path.lexists(hiding) else os.path.join(around.etc, "uv", "uv.toml")
    return npm_global_file()


def npm_global_file() -> str:
    """npm's file for the machine, as npm says. Raises NoFile."""
    # Without the user's own file, which could move it, as for every user who has none.
    environment = {name: value for name, value in os.environ.items() if not name.lower().startswith("npm_config_")}
    environment["npm_config_userconfig"] = os.devnull
    # npm logs each run below its cache, which by default is in the user's home.
    with tempfile.TemporaryDirectory(prefix="npm-") as kept:
        asked = _ask_npm({**environment, "npm_config_cache": kept})
    path = asked.stdout.strip()
    if asked.returncode or not os.path.isabs(path) or "\n" in path:
        raise NoFile("npm config get globalconfig did not name a file: see what it says on this machine.")
    return path


def _ask_npm(environment: t.Mapping[str, str]) -> subprocess.CompletedProcess[str]:
    try:
        # There is no AnsibleModule here to call run_command on.
        # pylint: disable-next=ansible-bad-function
        return subprocess.run(
            ["npm", "config", "get", "globalconfig"],  # noqa: S607 - whichever npm this host has
            env=environment,
            cwd="/",
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=NPM_LIMIT,
            check=False,
        )
    except FileNotFoundError:
        raise NoFile(
            "npm is not on the PATH of this task, and only npm knows where its file for the machine is: install it first."
        ) from None
    except OSError as error:
        raise NoFile(
            f"npm cannot be started, and only npm knows where its file for the machine is: {(error.strerror or 'unknown').lower()}."
        ) from None
    except subprocess.TimeoutExpired:
        raise NoFile(f"npm did not say within {NPM_LIMIT} seconds where its file for the machine is.") from None


def checked_venv(venv: str) -> str:
    """The path of a virtual environment of the user that this process runs as. Raises InvalidInput and NoFile."""
    owner = check_is_venv(venv)
    if owner != os.geteuid():
        raise NoFile(
            f"{venv} belongs to {name_of(owner)} and not to {user()}: run the task as that user, with become_user."
        )
    return venv


def check_is_venv(venv: str) -> int:
    """The owner of a virtual environment. Raises InvalidInput and NoFile."""
    if not os.path.isabs(venv):
        raise InvalidInput(f"venv {venv!r} is not an absolute path.")
    try:
        status = os.stat(os.path.join(venv, "pyvenv.cfg"))
        owner = os.stat(venv).st_uid
    except OSError as error:
        raise NoFile(
            f"{venv} is not a virtual environment: pyvenv.cfg there: {(error.strerror or 'unknown').lower()}."
        ) from None
    if not stat.S_ISREG(status.st_mode):
        raise NoFile(f"{venv} is not a virtual environment: pyvenv.cfg there is no file.")
    return owner

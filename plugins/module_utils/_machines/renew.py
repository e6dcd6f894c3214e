# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The renewal program: gets logins from keyrings by the machine's own identity, and writes them for the user that it runs as.

It runs on its own, from a timer, by whatever Python the machine has: nothing but the standard library. A login that cannot be had or
written leaves the old one as it was. Sources: keyring's documentation, "Command-line Utility"; C(keyring get) prints the password alone.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
import typing as t
from dataclasses import dataclass, replace

from .._base.errors import RegistryAuthError, Unauthenticated
from .._base.values import UTC, format_time
from . import files
from .desired.logins import Login, check_password
from .login import steps_of
from .places import Surroundings
from .processes import end_group

#: Exit codes.
WELL, FAILED, UNREADABLE = 0, 1, 2
#: Characters of a program's last words that are shown.
SHOWN = 300


@dataclass(frozen=True)
class Source:
    """A login without its password, and where that comes from."""

    login: Login
    keyring: str
    #: What the keyring is asked for.
    url: str
    #: Seconds that a password is good; 0 when nobody said.
    lifetime: int


@dataclass(frozen=True)
class Settings:
    """What is renewed."""

    clients: tuple[str, ...]
    sources: tuple[Source, ...]
    #: Seconds that a keyring may take.
    timeout: int

    def as_json(self) -> str:
        """As the program reads them. No secret is among them."""
        logins = [
            {
                "name": source.login.name,
                "url": source.login.url,
                "format": source.login.format,
                "username": source.login.username,
                "publish": source.login.publish,
                "keyring": source.keyring,
                "keyring_url": source.url,
                "lifetime": source.lifetime,
            }
            for source in self.sources
        ]
        document = {"clients": list(self.clients), "timeout": self.timeout, "logins": logins}
        return json.dumps(document, indent=2, sort_keys=True) + "\n"

    @classmethod
    def from_json(cls, text: str) -> Settings:
        """Raises ValueError, KeyError and TypeError when it is not one of ours."""
        document = json.loads(text)
        sources = [
            Source(
                Login(one["name"], one["url"], one["format"], one["username"], publish=one["publish"]),
                one["keyring"],
                one["keyring_url"],
                one["lifetime"],
            )
            for one in document["logins"]
        ]
        return cls(tuple(document["clients"]), tuple(sources), document["timeout"])


def main(arguments: t.Sequence[str] | None = None) -> int:
    """Renew all logins that the settings file names; the exit code."""
    arguments = sys.argv[1:] if arguments is None else arguments
    if len(arguments) != 1:
        return _fail("give the path of the settings file, and nothing else", UNREADABLE)
    try:
        with open(arguments[0], encoding="utf-8") as file:
            settings = Settings.from_json(file.read())
    except OSError as error:
        return _fail(f"{arguments[0]} cannot be read: {(error.strerror or 'unknown').lower()}", UNREADABLE)
    except (ValueError, KeyError, TypeError):
        return _fail(f"{arguments[0]} has no settings of this program", UNREADABLE)
    return renew(settings)


def renew(settings: Settings) -> int:
    """Renew all logins, each for itself; the exit code."""
    code, had = WELL, {}
    for source in settings.sources:
        # What is of one host is one login.
        key = (source.keyring, source.login.host, source.login.username)
        try:
            if key not in had:
                had[key] = _asked(source, settings.timeout)
            password, until = had[key]
            login = replace(source.login, password=password, until=until)
            for step in steps_of(settings.clients, [login], Surroundings.of_process()):
                files.apply(step.place, step.change)
        except RegistryAuthError as error:
            code = _fail(
                f"the login {source.login.name} was not renewed, and the old one is as it was: {error}", FAILED
            )
    return code


def _fail(sentence: str, code: int) -> int:
    sys.stderr.write(f"pkgops.registry_auth renewal: {sentence.rstrip('.')}.\n")
    return code


def _asked(source: Source, timeout: int) -> tuple[str, str]:
    """A password, and until when it is good. Raises Unauthenticated."""
    began = time.time()
    process = _started(source)
    try:
        output, errors = process.communicate(timeout=timeout)
    except subprocess.TimeoutExpired:
        end_group(process)
        raise Unauthenticated(f"{source.keyring} did not answer within {timeout} seconds.") from None
    if process.returncode:
        raise Unauthenticated(f"{source.keyring} ended with {process.returncode}{_last_words(errors)}.")
    password = output.rstrip("\r\n")
    if not password:
        raise Unauthenticated(f"{source.keyring} has no password for {source.url}{_last_words(errors)}.")
    check_password(password)
    return password, _time(began + source.lifetime) if source.lifetime else ""


def _time(seconds: float) -> str:
    from datetime import datetime

    return format_time(datetime.fromtimestamp(int(seconds), UTC))


def _started(source: Source) -> subprocess.Popen[str]:
    """The keyring, which gets nothing but an address and a name, in a session of its own. Raises Unauthenticated."""
    try:
        # This runs without Ansible, so there is no run_command.
        # pylint: disable-next=ansible-bad-function
        return subprocess.Popen(  # noqa: S603 - the settings' own program, without a shell
            [source.keyring, "get", source.url, source.login.username],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            errors="replace",
            start_new_session=True,
        )
    except OSError as error:
        raise Unauthenticated(f"{source.keyring} cannot be started: {(error.strerror or 'unknown').lower()}.") from None


def _last_words(errors: str) -> str:
    """The last line that it said, which names the cause where a backend failed."""
    lines = [line.strip() for line in errors.splitlines() if line.strip()]
    return f", and says: {lines[-1][:SHOWN]}" if lines else ", without a word"

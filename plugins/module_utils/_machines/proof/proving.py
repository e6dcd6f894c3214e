# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The proof that a client, with nothing but its settings, fetches a package from the index that it is to come from.

Standard library only, for Python 3.9 and newer: it runs on managed hosts.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile
import typing as t
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from ..._base.errors import InvalidInput
from ..files import user
from ..places import Surroundings, check_is_venv
from ..processes import end_group
from ..task import Ended
from .causes import cause_of, passed_over
from .commands import CLIENTS, Fetched, is_below

#: Seconds that a command may be given. The system waits for no more than some weeks at once.
LONGEST = 86_400

#: All that a client gets of the environment of the task. Others may hold logins and indexes that are the controller's.
_KEPT = ("PATH", "USER", "LOGNAME", "LANG", "LC_ALL")
#: What would be another source of settings than files. Source: the clients' documentation.
_SETTINGS = re.compile(r"(PIP|UV|NPM_CONFIG|POETRY|TWINE)_|NETRC$|VIRTUAL_ENV$|PYTHON", re.IGNORECASE)
#: How the network is to be reached is the machine's, and no setting of an index.
_NETWORK = re.compile(
    r"(PIP|UV|NPM_CONFIG)_(CERT|CAFILE|NATIVE_TLS|SYSTEM_CERTS|PROXY|HTTPS_PROXY|NOPROXY|TIMEOUT|HTTP_TIMEOUT)$",
    re.IGNORECASE,
)
#: A name and perhaps an extra or a version, but no option and no address.
_PACKAGE = re.compile(
    r"(?:@[A-Za-z0-9._~-]+/)?[A-Za-z0-9][A-Za-z0-9._~-]*(?:\[[A-Za-z0-9,._-]+\])?(?:(?:==|@)[A-Za-z0-9][A-Za-z0-9.+!_-]*)?"
)


@dataclass(frozen=True)
class Proof:
    """What is to be proved."""

    client: str
    package: str
    index_url: str
    executable: str | None = None

    @classmethod
    def from_options(cls, options: Mapping[str, t.Any], number: int) -> Proof:
        """Raises InvalidInput, which names the entry by its number."""
        where = f"proofs[{number}]"
        try:
            parts = urlsplit(options["index_url"])
            valid = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
        except ValueError:
            valid = False
        if not valid:
            raise InvalidInput(f"{where}.index_url is not a URL: give https://HOST[:PORT][/PATH].")
        if "@" in parts.netloc:
            raise InvalidInput(
                f"{where}.index_url holds a user name or password, and none is needed here: leave it out."
            )
        if not _PACKAGE.fullmatch(options["package"]):
            raise InvalidInput(
                f"{where}.package {options['package']!r} is not a package: give its name, and a version if need be."
            )
        return cls(options["client"], options["package"], options["index_url"], options.get("executable"))


@dataclass(frozen=True)
class Outcome:
    """How a proof ended. C(msg) says why when it is not proved."""

    proof: Proof
    cause: str = ""
    msg: str = ""
    fetched: Fetched | None = None

    def as_dict(self) -> dict[str, t.Any]:
        """In the shape that a task registers."""
        return {
            "client": self.proof.client,
            "package": self.proof.package,
            "index_url": self.proof.index_url,
            "proved": not self.cause,
            "cause": self.cause or None,
            "msg": self.msg,
            "came_from": self.fetched.came_from if self.fetched else None,
            "file": self.fetched.file if self.fetched else None,
        }


def clean_environment(wanted: Mapping[str, str], venv: str | None) -> dict[str, str]:
    """What clients run with: they look for settings where those are written that the other modules write.

    Raises InvalidInput when it would be settings of its own, and NoFile when the user has no home.

    :param wanted: what the user's sessions have on this machine, such as proxies
    """
    settings = sorted(name for name in wanted if _SETTINGS.match(name) and not _NETWORK.match(name))
    if settings:
        raise InvalidInput(
            f"environment has {', '.join(settings)}, by which clients take other settings than those in files: leave it out."
        )
    impossible = [name for name, value in wanted.items() if not name or "=" in name or "\0" in name + value]
    if impossible:
        raise InvalidInput(
            f"environment has {impossible[0]!r}, which cannot be set: a name has at least one character and no =, and neither names nor "
            "values have null characters."
        )
    around = Surroundings.of_process({**os.environ, **wanted})
    found = {
        "USER": user(),
        "LOGNAME": user(),
        "PATH": os.defpath,
        **{name: os.environ[name] for name in _KEPT if name in os.environ},
        **wanted,
        "HOME": around.home,
        "XDG_CONFIG_HOME": around.config,
    }
    if venv:
        found["VIRTUAL_ENV"] = venv
        found["PATH"] = os.pathsep.join([os.path.join(venv, "bin"), found["PATH"]])
    return found


def prove(proof: Proof, environment: Mapping[str, str], time_limit: int, folder: str) -> Outcome:
    """Fetch a package.

    :param time_limit: seconds for each command
    :param folder: where to make a folder for it, which is gone afterwards
    """
    program = _program(proof, environment)
    if program is None:
        where = f"{proof.executable} is no program that it may run" if proof.executable else "not on its PATH"
        return Outcome(proof, "missing", f"{proof.client} is not installed for {environment['USER']}, or {where}.")
    inside = tempfile.mkdtemp(dir=folder, prefix="proof-")
    try:
        _stop_search(inside)

        def run(command: list[str], text: str) -> tuple[int, str]:
            return _run(command, text, environment, inside, time_limit)

        return _judged(proof, CLIENTS[proof.client].fetch(program, proof.package, inside, run), environment)
    except subprocess.TimeoutExpired:
        sentence = (
            f"{proof.client} had not fetched {proof.package} after {time_limit} seconds: the index, or a keyring that is asked for the login, "
            "does not answer."
        )
        return Outcome(proof, "timeout", sentence)
    except _NotStarted as error:
        sentence = (
            f"{proof.client} cannot be started as {shutil.which(program[0], path=environment['PATH'])}: {error}. If it is a script, what its "
            "first line names may be gone: install it again."
        )
        return Outcome(proof, "missing", sentence)
    finally:
        shutil.rmtree(inside, ignore_errors=True)


def _program(proof: Proof, environment: Mapping[str, str]) -> list[str] | None:
    if proof.executable:
        usable = os.path.isfile(proof.executable) and os.access(proof.executable, os.X_OK)
        return [proof.executable] if usable else None
    for words in CLIENTS[proof.client].programs:
        if shutil.which(words[0], path=environment["PATH"]):
            return list(words)
    return None


def _stop_search(folder: str) -> None:
    """uv and npm look for settings of a project here and above, where they may be anybody's: empty ones end that."""
    for name, content in (("uv.toml", ""), ("package.json", "{}"), (".npmrc", "")):
        with open(os.path.join(folder, name), "w", encoding="utf-8") as file:
            file.write(content)


class _NotStarted(Exception):
    """The system could not run a program."""


def _run(
    command: list[str], text: str, environment: Mapping[str, str], folder: str, time_limit: int
) -> tuple[int, str]:
    """Raises subprocess.TimeoutExpired, after all that was started has ended, and _NotStarted."""
    try:
        # run_command cannot end a whole process group when its time is up.
        # pylint: disable-next=ansible-bad-function
        process = subprocess.Popen(  # noqa: S603 - the user's own client, or the one that the task names, without a shell
            command,
            cwd=folder,
            env=dict(environment),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            # A group of its own, by which a keyring that hangs is ended, too. Nobody is there to be asked for a password.
            start_new_session=True,
        )
    except OSError as error:
        raise _NotStarted((error.strerror or "unknown").lower()) from None
    try:
        output, _none = process.communicate(text.encode(), timeout=time_limit)
    except subprocess.TimeoutExpired:
        end_group(process)
        raise
    return process.returncode, output.decode(errors="replace")


def _judged(proof: Proof, fetched: Fetched, environment: Mapping[str, str]) -> Outcome:
    hints = " ".join(["", *passed_over(proof.client, environment)])
    if fetched.code:
        cause, words = cause_of(fetched.output)
        return Outcome(proof, cause, f"{proof.client} gets no {proof.package} from {proof.index_url}: {words}.{hints}")
    if fetched.came_from is None:
        sentence = (
            f"{proof.client} fetched {proof.package} and does not say from which index, so nothing is proved.{hints}"
        )
        return Outcome(proof, "unclear", sentence, fetched)
    if not is_below(fetched.came_from, proof.index_url):
        sentence = (
            f"{proof.client} took {proof.package} from {fetched.came_from}, not from {proof.index_url}: another index is in its settings, "
            f"or ours is not.{hints}"
        )
        return Outcome(proof, "other_index", sentence, fetched)
    return Outcome(proof, fetched=fetched)


def prove_all(proofs: Sequence[Proof], environment: Mapping[str, str], time_limit: int, folder: str) -> list[Outcome]:
    """All of them, in order."""
    return [prove(proof, environment, time_limit, folder) for proof in proofs]


def run_proofs(params: Mapping[str, t.Any], folder: str) -> Ended:
    """Prove what the module's options say. Raises InvalidInput and NoFile before anything is run.

    :param folder: of the user's own, for what is fetched
    """
    if not 1 <= params["time_limit"] <= LONGEST:
        raise InvalidInput(f"time_limit {params['time_limit']} is not accepted: 1 to {LONGEST} seconds are.")
    proofs = [Proof.from_options(entry, number) for number, entry in enumerate(params["proofs"])]
    if params["venv"]:
        # Another program of the client's name would be found in its place.
        check_is_venv(params["venv"])
    environment = clean_environment({name: str(value) for name, value in params["environment"].items()}, params["venv"])
    outcomes = prove_all(proofs, environment, params["time_limit"], folder)
    failed = [outcome.msg for outcome in outcomes if outcome.cause]
    values: dict[str, t.Any] = {"changed": False, "proofs": [outcome.as_dict() for outcome in outcomes]}
    if failed:
        return Ended(True, {**values, "msg": " ".join(failed), "failure": {"code": "not_proved"}})
    return Ended(False, values)

# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Worlds of a user's package clients: the home of one, which each world makes anew. Files are read as the clients read them."""

from __future__ import annotations

import json
import shutil
import sys
import tomllib
from collections.abc import Callable, Iterator
from configparser import RawConfigParser
from functools import cache, partial
from netrc import netrc
from pathlib import Path
from random import Random
from tempfile import NamedTemporaryFile, TemporaryDirectory
from typing import Any

from harness import Given
from wheels import build, upload

from campaign.invariants import Seen
from campaign.snapshots import Snapshot
from campaign.worlds import HERE, Case, Entry, World, always

URL = "https://packages.example.com/acme/python/simple/"
NPM_URL = "https://packages.example.com/acme/npm/"
_PYTHON: dict[str, Any] = {"name": "ours", "url": URL, "publish": True}
_NPM: dict[str, Any] = {"name": "ours-npm", "url": NPM_URL, "format": "npm", "scope": "@acme"}
#: What clients leave in a home: pip's question for the version of rustc, which is one of rustup's programs, and uv's for credentials.
_OF_CLIENTS = {".rustup", ".local"}
#: What others wrote, by the path below a home.
_FOREIGN = {
    ".config/pip/pip.conf": "# Theirs.\n[global]\ntimeout = 30\n",
    ".config/uv/uv.toml": "# Theirs.\noffline = false\n",
    ".pypirc": "[distutils]\nindex-servers =\n    theirs\n\n[theirs]\nrepository = https://theirs.example.com/\n",
    ".npmrc": "; Theirs.\nfund=false\n",
    ".config/pypoetry/config.toml": '# Theirs.\ncache-dir = "/tmp/theirs"\n',
    ".netrc": "machine theirs.example.com login theirs password kept\n",
}
_FILES = {
    "pip": ".config/pip/pip.conf",
    "uv": ".config/uv/uv.toml",
    "twine": ".pypirc",
    "npm": ".npmrc",
    "poetry": ".config/pypoetry/config.toml",
    "netrc": ".netrc",
}


@cache
def _kept() -> TemporaryDirectory[str]:
    # It goes with this process.
    return TemporaryDirectory(prefix="campaign-home-")


def home() -> Path:
    """The home of whoever runs modules in this process."""
    return Path(_kept().name)


def _new(*names: str) -> tuple[str, ...]:
    """Where a killed run may leave the new content of files of the home, for the next run to remove."""
    return tuple(f"home/{Path(name).with_name(f'.{Path(name).name}.pkgops-registry-auth')}" for name in names)


def _removes_new(seen: Seen) -> Iterator[str]:
    """A run that ends leaves no such file, its own or another's."""
    for name in seen.after:
        if name.endswith(".pkgops-registry-auth") and seen.ran.result:
            yield f"{name} is left"


def _snapshot(_given: Given) -> Snapshot:
    """All files of the home with their modes."""
    return {
        f"home/{file.relative_to(home())}": (oct(file.stat().st_mode), file.read_bytes().decode("latin-1"))
        for file in sorted(home().rglob("*"))
        if file.is_file() and file.relative_to(home()).parts[0] not in _OF_CLIENTS
    }


def _new_home(random: Random, *names: str) -> dict[str, str]:
    """Empty the home, but for some files of others, which are returned. One that nobody names is always there."""
    for there in home().iterdir():
        shutil.rmtree(there) if there.is_dir() else there.unlink()
    _write("bystander/.netrc", _FOREIGN[".netrc"])
    foreign = {name: _FOREIGN[name] for name in names if random.random() < 0.6}
    for name, content in foreign.items():
        _write(name, content)
    return foreign


def _write(name: str, content: str) -> None:
    file = home() / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(content)
    file.chmod(0o600)


def _ini(content: str) -> RawConfigParser:
    parser = RawConfigParser()
    parser.read_string(content)
    return parser


#: Whether a file has our index, as its client would read it.
_HAS_INDEX: dict[str, Callable[[str], bool]] = {
    "pip": lambda content: _ini(content).get("global", "index-url", fallback="") == URL,
    "uv": lambda content: URL in [one["url"] for one in tomllib.loads(content).get("index", ())],
    "twine": lambda content: _ini(content).has_section("ours"),
    "npm": lambda content: f"@acme:registry={NPM_URL}" in content.splitlines(),
    "poetry": lambda content: "ours" in tomllib.loads(content).get("repositories", {}),
}


def _set(clients: list[str], foreign: dict[str, str], state: str, snapshot: Snapshot) -> bool:
    for client in clients:
        file = _FILES[client]
        _mode, content = snapshot.get(f"home/{file}", ("", ""))
        lost = [line for line in foreign.get(file, "").splitlines() if line not in content.splitlines()]
        if lost or (_HAS_INDEX[client](content) if content else False) != (state == "present"):
            return False
        if state == "absent" and content != foreign.get(file, ""):
            return False
    return True


def config(_given: Given, random: Random) -> Case:
    """Clients that are to use an index, or not to use it any more, with settings of others in their files."""
    clients = random.sample(sorted(_HAS_INDEX), random.choice((1, 2, 5)))
    foreign = _new_home(random, *(_FILES[client] for client in clients))
    state = random.choice(("present", "present", "absent"))
    # One that none of the clients can use is refused.
    indexes = [_PYTHON] * (clients != ["npm"]) + [_NPM] * ("npm" in clients)
    return Case(
        "package_client_config",
        {"level": "user", "clients": clients, "indexes": indexes, "state": state},
        [Entry("home", partial(_set, clients, foreign, state))],
        _snapshot,
        ours=(*(f"home/{_FILES[client]}" for client in clients), *_new(*(_FILES[client] for client in clients))),
        calls=False,
        extra={"also": (_removes_new,)},
    )


def _logged_in(password: str, clients: list[str], snapshot: Snapshot) -> bool:
    found = True
    if {"pip", "netrc"} & set(clients):
        with NamedTemporaryFile("w", suffix=".netrc") as copy:
            copy.write(snapshot.get("home/.netrc", ("", ""))[1])
            copy.flush()
            found = netrc(copy.name).authenticators("packages.example.com") == ("aws", "", password)
    if "npm" in clients:
        mode, content = snapshot.get("home/.npmrc", ("", ""))
        token = f"{NPM_URL.removeprefix('https:')}:_authToken={password}"
        found = found and token in content.splitlines() and mode.endswith("600")
    return found


def login(_given: Given, random: Random) -> Case:
    """Clients that are to log in, with logins of others in their files."""
    clients = random.sample(["pip", "npm", "netrc"], random.choice((1, 2)))
    _new_home(random, ".netrc", ".npmrc")
    password = f"canary-{random.getrandbits(80):020x}"
    # A netrc file has one login for a host, of whatever format.
    given = {"username": "aws", "password": password, "expires": "2100-01-01T00:00:00Z"}
    indexes = [{"name": "ours", "url": URL}, {"name": "ours-npm", "url": NPM_URL, "format": "npm"}]
    return Case(
        "package_client_login",
        {"clients": clients, "logins": [{**one, **given} for one in indexes]},
        [Entry("home", partial(_logged_in, password, clients))],
        _snapshot,
        ours=("home/.netrc", "home/.npmrc", *_new(".netrc", ".npmrc")),
        secrets=(password,),
        calls=False,
        extra={"also": (_removes_new,)},
    )


def renewal(_given: Given, random: Random) -> Case:
    """The program that renews logins, new or to be removed."""
    _new_home(random)
    state = random.choice(("present", "present", "absent"))
    login = {"name": "ours", "url": URL, "username": "aws", "keyring": "/opt/keyring", "lifetime": "1h"}
    if state == "absent":
        _write("renew.pyz", "x")

    def met(snapshot: Snapshot) -> bool:
        mode, _content = snapshot.get("home/renew.pyz", ("", ""))
        _mode, settings = snapshot.get("home/renew.json", ("", ""))
        if state == "absent":
            return not mode and not settings
        return mode.endswith("755") and URL in json.dumps(json.loads(settings))

    return Case(
        "package_client_renewal",
        {
            "program": str(home() / "renew.pyz"),
            "settings": str(home() / "renew.json"),
            "clients": ["pip"],
            "logins": [login],
            "state": state,
        },
        [Entry("home", met)],
        _snapshot,
        ours=("home/renew.", *_new("renew.pyz", "renew.json")),
        calls=False,
        extra={"also": (_removes_new,)},
    )


def client_info(_given: Given, random: Random) -> Case:
    """What a user's clients are set to, with a login of others."""
    _new_home(random, *_FOREIGN)
    password = f"canary-{random.getrandbits(80):020x}"
    _write(".npmrc", f"//packages.example.com/:_authToken={password}\n")
    return Case(
        "package_clients_info",
        {},
        [Entry("home", always)],
        _snapshot,
        secrets=(password,),
        reads_only=True,
        calls=False,
    )


def proof(given: Given, random: Random) -> Case:
    """A package that the real pip or uv fetches, through a proxy as many networks have one."""
    _new_home(random)
    given._cloud.set_up_index(projects=[{"name": "our-package", "owners": ["ada"]}])
    with TemporaryDirectory() as folder:
        login = ("__token__", given._cloud.upload_token("ada"))
        upload(f"{given._cloud.url}/index/legacy/", login, build(Path(folder)))
    index = f"{given._cloud.url}/index/simple/"
    client = random.choice(("pip", "uv"))
    _write(".config/pip/pip.conf", f"[global]\nindex-url = {index}\nretries = 1\n")
    _write(".config/uv/uv.toml", f'index-url = "{index}"\n')
    one = {"client": client, "package": "our-package", "index_url": index}
    one["executable"] = str(Path(sys.executable).with_name(client))
    return Case(
        "package_client_proof",
        {"proofs": [one], "environment": {"http_proxy": HERE}, "time_limit": 10},
        [Entry("our-package", always)],
        _snapshot,
        reads_only=True,
    )


WORLDS: dict[str, World] = {
    "client_config": config,
    "client_login": login,
    "client_renewal": renewal,
    "clients_info": client_info,
    "client_proof": proof,
}

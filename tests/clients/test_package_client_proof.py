# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The proof on a machine, with the real pip, Debian's old one, uv and npm: whatever is wrong with a login, no package comes from elsewhere.

A public index has a newer package of the same name. Nobody may ask it, but where a user's own settings name it.
"""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from aws_clients import ACCOUNT, ADA_KEY, ADMINISTRATOR
from aws_clients import Clients as AwsClients
from cloud_control import LocalCloud
from proof_runner import proved, without_privileges
from wheels import build, publish_to_npm, upload

pytestmark = pytest.mark.thorough

OLD_PIP = "/usr/bin/pip"
CLIENTS = ("pip", "old pip", "uv", "npm")


@dataclass
class Machine:
    """A user's home, whose clients know one index, and what they are to get from it."""

    cloud: LocalCloud
    home: Path
    token: str
    #: Of the index, where that is another one than the local cloud's.
    port: int | None = None

    def endpoint(self, package_format: str, port: int | None = None) -> str:
        base = self.cloud.url if port is None else f"http://127.0.0.1:{port}"
        return f"{base}/codeartifact.d/dom-{ACCOUNT}/eu-west-1/{package_format}/repo/"

    def write(self, path: str, content: str) -> Path:
        file = self.home / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(content)
        file.chmod(0o600)
        return file

    def set_up(self, token: str, port: int | None = None) -> None:
        """One index for each client, and the login where each of them looks for it."""
        python, npm = f"{self.endpoint('pypi', port)}simple/", self.endpoint("npm", port)
        self.write(".config/pip/pip.conf", f"[global]\nindex-url = {python}\nretries = 0\nno-input = true\n")
        self.write(".config/uv/uv.toml", f'[[index]]\nname = "ours"\nurl = "{python}"\ndefault = true\n')
        self.write(".netrc", f"machine 127.0.0.1 login aws password {token}\n")
        key = npm.removeprefix("http:")
        self.write(".npmrc", f"registry={npm}\n{key}:_authToken={token}\nfetch-retries=0\n")

    def proof(self, client: str, port: int | None = None) -> dict[str, str]:
        program = shutil.which(OLD_PIP if client == "old pip" else client)
        if client == "uv":
            program = str(Path(sys.executable).with_name("uv"))
        elif client == "pip":
            program = str(Path(sys.executable).with_name("pip"))
        if program is None:
            pytest.skip(f"{client} is not on this machine")
        index = self.endpoint("npm", port) if client == "npm" else f"{self.endpoint('pypi', port)}simple/"
        package = "@acme/tool" if client == "npm" else "our-package"
        return {"client": client.split()[-1], "package": package, "index_url": index, "executable": program}

    def proxies(self) -> dict[str, str]:
        """What would go to a public host goes to the local cloud's proxy, which counts it."""
        variables = self.cloud.vendors_environment()
        return {name: value for name, value in variables.items() if name.lower().endswith("_proxy")}

    def run(self, *command: str, **more: str) -> subprocess.CompletedProcess[str]:
        """A command as the user types it."""
        environment = {
            **self.proxies(),
            "HOME": str(self.home),
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
            "PYTHON_KEYRING_BACKEND": "keyring.backends.null.Keyring",
            "POETRY_CACHE_DIR": str(self.home / "poetry-cache"),
            "POETRY_REQUESTS_MAX_RETRIES": "0",
            **more,
        }
        return subprocess.run(
            [*without_privileges(), *command],
            env=environment,
            cwd=self.home,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    def proved(self, *clients: str, port: int | None = None) -> list[dict[str, Any]]:
        """What comes of each client's proof, all at once."""
        network = self.proxies()
        with ThreadPoolExecutor(len(clients)) as pool:
            runs = [pool.submit(proved, self.home, self.proof(client, port), **network) for client in clients]
        outcomes = [run.result()[0] for run in runs]
        assert self.token not in json.dumps(outcomes)
        return outcomes


@pytest.fixture
def machine(cloud: LocalCloud, codeartifact: AwsClients, tmp_path: Path) -> Machine:
    """A machine whose set-up is good, and a public index with a newer package of the name."""
    cloud.set_identities(**{ADA_KEY: {"arn": f"arn:aws:iam::{ACCOUNT}:user/ada", "policies": [ADMINISTRATOR]}})
    owner = codeartifact()
    owner.create_domain(domain="dom")
    owner.create_repository(domain="dom", repository="repo")
    token = str(owner.get_authorization_token(domain="dom")["authorizationToken"])
    home = tmp_path / "home"
    home.mkdir()
    machine = Machine(cloud, home, token)
    upload(machine.endpoint("pypi"), ("aws", token), build(tmp_path))
    publish_to_npm(machine.endpoint("npm"), token, "@acme/tool")
    cloud.set_up_index(projects=[{"name": "our-package", "owners": ["ada"]}])
    upload(f"{cloud.url}/index/legacy/", ("__token__", cloud.upload_token("ada")), build(tmp_path, "9.0.0"))
    machine.set_up(token)
    cloud.clear_calls()
    return machine


def asked_elsewhere(cloud: LocalCloud) -> list[dict[str, Any]]:
    """Requests to the public stand-in, and attempts to reach public hosts."""
    return [call for call in cloud.calls() if call["method"].startswith(("index.", "proxy."))]


def test_it_comes_from_ours(machine: Machine) -> None:
    for outcome in machine.proved(*CLIENTS):
        assert (outcome["proved"], outcome["cause"], outcome["msg"]) == (True, None, ""), outcome
        assert outcome["came_from"].rstrip("/") == outcome["index_url"].rstrip("/")
        assert "1.0.0" in outcome["file"]
    assert asked_elsewhere(machine.cloud) == []


def wrong(machine: Machine) -> None:
    machine.set_up("stale-token")


def expired(machine: Machine) -> None:
    machine.cloud.advance_clock(hours=13)


def unreadable(machine: Machine) -> None:
    (machine.home / ".netrc").chmod(0)


def switched_off(machine: Machine) -> None:
    """A line that is not netrc's makes clients pass over the whole file. npm does not read it."""
    file = machine.home / ".netrc"
    file.write_text(f"and this\n{file.read_text()}")
    machine.write(".npmrc", f"registry={machine.endpoint('npm')}\nfetch-retries=0\n")


@pytest.mark.parametrize("spoil", [wrong, expired, unreadable, switched_off])
def test_a_login_that_is_no_good(machine: Machine, spoil: Any) -> None:
    spoil(machine)
    for outcome in machine.proved(*(one for one in CLIENTS if one != "npm" or spoil is not unreadable)):
        assert (outcome["proved"], outcome["came_from"], outcome["file"]) == (False, None, None), outcome
        assert outcome["cause"] == "login_refused", outcome
        assert "(401)" in outcome["msg"]
        assert ("The user may not read" in outcome["msg"]) == (spoil is unreadable)
    assert asked_elsewhere(machine.cloud) == []


def test_unreadable_settings_of_npm(machine: Machine) -> None:
    """Its registry stands in the file, too, so npm asks the public one in silence. The proof says so."""
    (machine.home / ".npmrc").chmod(0)
    (outcome,) = machine.proved("npm")
    assert (outcome["proved"], outcome["file"]) == (False, None), outcome
    assert f"The user may not read {machine.home / '.npmrc'}" in outcome["msg"]


def test_an_index_that_is_down(machine: Machine) -> None:
    with socket.socket() as taken:
        # Bound and not listening: whoever connects is refused.
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
        machine.set_up(machine.token, port)
        for outcome in machine.proved(*CLIENTS, port=port):
            assert (outcome["proved"], outcome["cause"], outcome["file"]) == (False, "unreachable", None), outcome
    assert asked_elsewhere(machine.cloud) == []


@pytest.mark.parametrize("refused", [False, True])
def test_another_index_in_the_settings(machine: Machine, refused: bool) -> None:
    """pip takes the newest of all, and continues when ours refuses; the proof says where that came from. uv ends."""
    public = f"{machine.cloud.url}/index/simple/"
    python = f"{machine.endpoint('pypi')}simple/"
    machine.write(
        ".config/pip/pip.conf", f"[global]\nindex-url = {python}\nextra-index-url = {public}\nno-input = true\n"
    )
    settings = (
        f'[[index]]\nname = "ours"\nurl = "{python}"\n[[index]]\nname = "public"\nurl = "{public}"\ndefault = true\n'
    )
    machine.write(".config/uv/uv.toml", settings)
    if refused:
        machine.cloud.advance_clock(hours=13)
    *pips, uv = machine.proved("pip", "old pip", "uv")
    assert uv["cause"] == ("login_refused" if refused else None), uv
    for outcome in pips:
        assert (outcome["proved"], outcome["cause"]) == (False, "other_index"), outcome
        assert outcome["came_from"] == public
        assert f"from {public}, not from" in outcome["msg"]


def test_an_unreadable_login_of_npm(machine: Machine, tmp_path: Path) -> None:
    """The registry is in the machine's file, as the role sets it up, and the login alone in the user's: npm asks ours, and is refused."""
    settings = tmp_path / "npmrc"
    settings.write_text(f"registry={machine.endpoint('npm')}\nfetch-retries=0\n")
    token = machine.write(".npmrc", f"{machine.endpoint('npm').removeprefix('http:')}:_authToken={machine.token}\n")
    if shutil.which("npm") is None:
        pytest.skip("npm is not on this machine")
    for mode in (0o600, 0):
        token.chmod(mode)
        done = machine.run("npm", "pack", "@acme/tool", npm_config_globalconfig=str(settings))
        assert (done.returncode == 0) == bool(mode), done.stderr
    assert "E401" in done.stderr
    assert asked_elsewhere(machine.cloud) == []


def down(machine: Machine) -> None:
    """Nobody listens at the port of the discard protocol."""
    machine.port = 9
    machine.set_up(machine.token, machine.port)


@pytest.mark.parametrize("spoil", [None, wrong, expired, unreadable, switched_off, down])
def test_poetry(machine: Machine, spoil: Any) -> None:
    """It has no proof, since its sources are in projects. This one has ours alone."""
    if spoil:
        spoil(machine)
    project = machine.home / "project"
    project.mkdir()
    source = f'[[tool.poetry.source]]\nname = "ours"\nurl = "{machine.endpoint("pypi", machine.port)}simple/"\n'
    head = '[project]\nname = "app"\nversion = "1"\nrequires-python = ">=3.9"\ndependencies = ["our-package"]\n'
    (project / "pyproject.toml").write_text(head + source)
    done = machine.run("poetry", "--project", str(project), "lock", "-n")
    assert (done.returncode == 0) == (spoil is None), done.stdout + done.stderr
    assert (project / "poetry.lock").exists() == (spoil is None)
    assert asked_elsewhere(machine.cloud) == []


@pytest.mark.parametrize("spoil", [None, wrong, expired, unreadable, down])
@pytest.mark.parametrize("client", ["twine", "uv"])
def test_publishing(machine: Machine, client: str, spoil: Any, tmp_path: Path) -> None:
    """What cannot be published to ours is published nowhere."""
    if spoil:
        spoil(machine)
    else:
        machine.set_up(machine.token)
    address = machine.endpoint("pypi", machine.port)
    token = "stale-token" if spoil is wrong else machine.token
    section = f"[ours]\nrepository = {address}\nusername = aws\npassword = {token}\n"
    pypirc = machine.write(".pypirc", f"[distutils]\nindex-servers =\n  ours\n{section}")
    pypirc.chmod(0 if spoil is unreadable else 0o600)
    wheel = str(build(tmp_path, "2.0.0"))
    commands = {
        "twine": ("twine", "upload", "--non-interactive", "--disable-progress-bar", "-r", "ours", wheel),
        "uv": ("uv", "publish", "--publish-url", address, wheel),
    }
    done = machine.run(*commands[client])
    assert (done.returncode == 0) == (spoil is None), done.stdout + done.stderr
    assert machine.token not in done.stdout + done.stderr
    assert asked_elsewhere(machine.cloud) == []


def test_a_keyring_that_hangs(machine: Machine) -> None:
    """The client would wait forever; it is ended, with what it started."""
    keyring = machine.write("bin/keyring", "#!/bin/sh\nsleep 1000\n")
    keyring.chmod(0o755)
    (machine.home / ".netrc").unlink()
    login = machine.endpoint("pypi").replace("//", "//aws@")
    text = f"[global]\nindex-url = {login}simple/\nkeyring-provider = subprocess\nno-input = true\n"
    machine.write(".config/pip/pip.conf", text)
    path = f"{machine.home / 'bin'}:/usr/bin:/bin"
    (outcome,) = proved(machine.home, machine.proof("pip"), time_limit=8, PATH=path)
    assert outcome["cause"] == "timeout", outcome
    assert "after 8 seconds" in outcome["msg"]

# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Settings of a whole machine, with two users who have logins of their own. The machine is this one with layers over /etc and /usr.

What is written there, accounts included, is in memory and seen in a mount namespace of its own, and this machine stays as it is.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from client_machine import BIN, NPM, OURS, Machine
from cloud_control import LocalCloud
from harness import Ansible

pytestmark = pytest.mark.thorough

USERS = ("pkgops-one", "pkgops-two")
PYTHON = "/usr/bin/python3"
#: Folders with a layer each, which holds what was written there in the machine and nothing that others write to this one.
LAYERED = ("etc", "usr", "opt")
LAYERS = """
set -e
folder=$1
shift
mount -t tmpfs tmpfs "$folder"
for name; do
  mkdir -p "$folder/$name/upper" "$folder/$name/work"
  mount -t overlay overlay -o "lowerdir=/$name,upperdir=$folder/$name/upper,workdir=$folder/$name/work" "/$name"
done
echo ready
exec sleep 3600
"""
FOREIGN = {
    "/etc/pip.conf": "# Of the machine.\n[global]\ntimeout = 30\n",
    "/etc/uv/uv.toml": "# Of the machine.\noffline = false\n",
    "npm": "; Of the machine.\nfund=false\n",
}


@pytest.fixture
def ansible(cloud: LocalCloud) -> Iterator[Ansible]:
    """As elsewhere, in a folder that other users may look into."""
    with TemporaryDirectory(prefix="pkgops-") as folder:
        Path(folder).chmod(0o755)
        ansible = Ansible(Path(folder), cloud)
        # Each user's own.
        ansible.environment["ANSIBLE_REMOTE_TMP"] = "~/.ansible/tmp"
        yield ansible


@pytest.fixture
def layered(machine: Machine) -> Iterator[Machine]:
    """The machine with layers, its accounts, and what others have set there."""
    if os.getuid() or not all(map(shutil.which, ("unshare", "nsenter", "useradd", "su"))):
        pytest.skip(
            "layers over folders of the machine, and accounts, are root's, and take unshare, nsenter, useradd and su"
        )
    layers = machine.home / "layers"
    layers.mkdir()
    command = ["unshare", "--mount", "--propagation=private", "sh", "-c", LAYERS, "sh", str(layers), *LAYERED]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as holder:
        try:
            if str(holder.stdout and holder.stdout.readline()).strip() != "ready":
                said = holder.stderr.read() if holder.stderr else ""
                pytest.skip(f"this machine does not permit layers over its folders: {said.strip()}")
            machine.ansible.prefix = ["nsenter", f"--mount=/proc/{holder.pid}/ns/mnt", f"--wd={machine.home}"]
            prepare(machine)
            yield machine
        finally:
            holder.kill()


def there(machine: Machine, *command: str, text: str | None = None) -> str:
    """Run a command in the machine, as root."""
    done = subprocess.run([*machine.ansible.prefix, *command], input=text, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def prepare(machine: Machine) -> None:
    """Accounts, clients that others may run, and what the machine has set already."""
    for user in USERS:
        there(machine, "useradd", "--create-home", "--home-dir", str(machine.home / user), user)
    authority = machine.home / "authority.pem"
    shutil.copy(machine.network["SSL_CERT_FILE"], authority)
    own = {machine.network["SSL_CERT_FILE"]: str(authority), machine.network["NODE_EXTRA_CA_CERTS"]: str(authority)}
    machine.network = {name: own.get(value, value) for name, value in machine.network.items()}
    shutil.copy(BIN / "uv", machine.bin / "uv")
    newest = machine.home / "newest"
    import pip

    shutil.copytree(Path(str(pip.__file__)).parent, newest / "pip")
    script = machine.bin / "pip"
    script.write_text(f'#!/bin/sh\nPYTHONPATH={newest} exec {PYTHON} -m pip "$@"\n')
    script.chmod(0o755)
    machine.path = f"{machine.bin}:/usr/local/bin:/usr/bin:/bin"
    machine.ansible.environment["PATH"] = f"{machine.path}:/usr/sbin:/sbin"
    machine.connection = {"ansible_python_interpreter": PYTHON, "ansible_become_method": "su"}
    for path, content in FOREIGN.items():
        if path != "npm" or shutil.which("npm"):
            file = path if path != "npm" else there(machine, "npm", "config", "get", "globalconfig").strip()
            there(machine, "sh", "-c", 'mkdir -p "$(dirname "$1")" && cat > "$1"', "sh", file, text=content)


def snapshot(machine: Machine) -> dict[str, Any]:
    """What was written in layers and in the users' homes: modes, owners and checksums, by the path a user sees."""
    script = (
        "import hashlib, json, os, sys\n"
        "found = {}\n"
        "for written in sys.argv[1:]:\n"
        "    top, seen = written.split('=')\n"
        "    for folder, folders, names in os.walk(top):\n"
        "        for name in [*folders, *names]:\n"
        "            path = os.path.join(folder, name)\n"
        "            status = os.lstat(path)\n"
        "            held = open(path, 'rb').read() if os.path.isfile(path) else b''\n"
        "            found[seen + path[len(top):]] = [status.st_mode, status.st_uid, hashlib.sha256(held).hexdigest()]\n"
        "print(json.dumps(found))\n"
    )
    layers = [f"{machine.home / 'layers' / name / 'upper'}=/{name}" for name in LAYERED]
    homes = [f"{home}={home}" for home in (machine.home / user for user in USERS)]
    found: dict[str, Any] = json.loads(there(machine, PYTHON, "-c", script, *layers, *homes))
    # What the clients themselves, and Ansible, leave in homes.
    return {
        path: what for path, what in found.items() if not {".cache", ".npm", ".ansible", ".local"} & {*Path(path).parts}
    }


def installs(machine: Machine, user: str) -> dict[str, subprocess.CompletedProcess[str]]:
    """Each client fetches a package as a user types it: with nothing but what the user's sessions have."""
    home = machine.home / user
    commands = {
        "pip": "pip download --no-deps --no-cache-dir --disable-pip-version-check --retries 0 -d pip our-package",
        "uv": f"uv pip install --no-deps --no-cache --python {PYTHON} --target uv our-package",
    }
    if Path("/usr/bin/pip").exists():
        commands["old pip"] = "/usr/bin/pip download --no-deps --no-cache-dir --retries 0 -d old our-package"
    if shutil.which("npm"):
        commands["npm"] = "npm pack @acme/tool --fetch-retries=0"
    variables = [
        f"{name}={value}" for name, value in {**machine.network, "HOME": str(home), "PATH": machine.path}.items()
    ]
    for folder in ("pip", "uv", "old"):
        shutil.rmtree(home / folder, ignore_errors=True)
    done = {}
    for client, command in commands.items():
        typed = ["su", user, "-c", f"cd {home} && exec env -i {' '.join(variables)} {command}"]
        done[client] = subprocess.run([*machine.ansible.prefix, *typed], capture_output=True, text=True, check=False)
    for leftover in (*home.glob("*.tgz"), home / "pip", home / "uv", home / "old"):
        shutil.rmtree(leftover) if leftover.is_dir() else leftover.unlink(missing_ok=True)
    return done


def test_a_machine_with_two_users(layered: Machine) -> None:
    machine = layered
    machine.control()
    npm = [{**NPM, "login": "controller"}] if shutil.which("npm") else []
    variables: dict[str, Any] = {
        "level": "machine",
        "users": list(USERS),
        "login": "controller",
        "indexes": [OURS, *npm],
        "clients": ["pip", "uv", *(["npm"] if npm else [])],
        "environment": machine.network,
    }
    real = {path: Path(path).read_bytes() for path in FOREIGN if Path(path).exists()}
    before = snapshot(machine)
    result = machine.passed(**variables)
    assert {(one["user"], one["client"]) for one in result["logins"]} == {
        (user, client) for user in USERS for client in variables["clients"]
    }
    assert all(one["proved"] for one in result["proofs"])
    assert len(result["proofs"]) == len(USERS) * len(variables["clients"])
    machine.passed(**variables, prove=False)
    assert not machine.changed(), machine.stdout
    written = snapshot(machine)
    for path in ("/etc/pip.conf", "/etc/uv/uv.toml"):
        assert written[path] != before[path]
        assert (written[path][0] & 0o777, written[path][1]) == (0o644, 0)
        assert "password" not in there(machine, "cat", path)

    for name in (".netrc", ".npmrc"):
        (machine.home / USERS[1] / name).unlink(missing_ok=True)
    assert 0 not in {run.returncode for run in installs(machine, USERS[1]).values()}
    done = installs(machine, USERS[0])
    assert {run.returncode for run in done.values()} == {0}, {client: run.stderr for client, run in done.items()}

    machine.passed(**variables, state="absent")
    assert snapshot(machine) == before
    assert 0 not in {run.returncode for run in installs(machine, USERS[0]).values()}
    assert {path: Path(path).read_bytes() for path in FOREIGN if Path(path).exists()} == real
    assert not any(user in Path("/etc/passwd").read_text() for user in USERS)

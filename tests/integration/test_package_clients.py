# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The role package_clients on a machine whose network is the local cloud: real pip, uv, npm and twine with what it wrote, and nothing else.

The keyring backends are the vendors' own, and ask at the vendors' own addresses. The machine's identity is a key of Google's and one of
AWS's in the user's home.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from aws_clients import ACCOUNT, ADA_KEY, ADMINISTRATOR
from cloud_control import LocalCloud
from cloud_fixtures import OWNER, PROJECT
from harness import COLLECTION, TRANSFERRED, Ansible, Given, Run
from wheels import build, publish_to_npm, upload

ROBOT = f"robot@{PROJECT}.iam.gserviceaccount.com"
BIN = Path(sys.executable).parent
GOOGLE = {"project": PROJECT, "location": "us-central1", "repository": "python-ours"}
AWS = {"domain": "dom", "domain_owner": ACCOUNT, "region": "eu-west-1", "repository": "repo"}
OURS = {"name": "ours", "artifact_registry": GOOGLE, "package": "our-package"}
NPM = {"name": "ours-npm", "format": "npm", "scope": "@acme", "codeartifact": AWS, "package": "@acme/tool"}
THEIRS = "# Of the team.\n[global]\ntimeout = 30\n\n[install]\nno-compile = true"


class Machine:
    """A machine that Ansible reaches, one of whose users is set up."""

    def __init__(self, ansible: Ansible, cloud: LocalCloud) -> None:
        self.ansible, self.cloud, self.home = ansible, cloud, ansible.folder
        self.bin = ansible.folder / "bin"
        self.bin.mkdir()
        # Where it is on people's machines: not in the environment of a client.
        (self.bin / "keyring").symlink_to(BIN / "keyring")
        ansible.environment["PATH"] = self.path = f"{self.bin}:{BIN}:{os.environ['PATH']}"
        # What lets the user reach the network at all. Machines of other vendors' need not be looked for.
        self.network = {
            **cloud.vendors_environment(),
            "npm_config_cafile": cloud.vendors_environment()["NODE_EXTRA_CA_CERTS"],
            "NO_GCE_CHECK": "true",
            "AWS_EC2_METADATA_DISABLED": "true",
            "AWS_MAX_ATTEMPTS": "1",
        }

    def give_identity(self) -> None:
        """Who the machine is, in files of the user's home."""
        key = {**self.cloud.service_account_key(ROBOT), "token_uri": "https://oauth2.googleapis.com/token"}
        self.write(".config/gcloud/application_default_credentials.json", json.dumps(key))
        self.write(".aws/credentials", f"[default]\naws_access_key_id = {ADA_KEY}\naws_secret_access_key = local\n")
        ada = {"arn": f"arn:aws:iam::{ACCOUNT}:user/ada", "policies": [ADMINISTRATOR]}
        self.cloud.set_identities(**{ADA_KEY: ada})

    def write(self, path: str, content: str) -> Path:
        file = self.home / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(content)
        return file

    def role(self, *options: str, **variables: Any) -> Run:
        """Run the role for the user. Nothing of it is outside the user's home."""
        given = {
            "level": "user",
            "indexes": [OURS],
            "environment": self.network,
            "directory": str(self.home / "opt"),
            "settings_directory": str(self.home / "etc"),
            "keyring_install": False,
            "keyring_link": str(self.bin / "keyring"),
            "keyring_python": sys.executable,
            "renewal": "none",
            **variables,
        }
        names = {f"package_clients_{name}": value for name, value in given.items()}
        cron = json.dumps(
            {"__package_clients_cron": str(self.home), "__package_clients_units": str(self.home / "units")}
        )
        included = {"ansible.builtin.include_role": {"name": f"{COLLECTION}.package_clients"}}
        results = {
            "name": "Keep the result",
            "ansible.builtin.copy": {
                "content": "{{ package_clients_result | default({}) | to_json }}",
                "dest": str(self.home / "result.json"),
                "mode": "0600",
            },
            "check_mode": False,
            "changed_when": False,
        }
        tasks = [{"name": "Run the role", **included}, results]
        return self.ansible.play(tasks, "-e", cron, *options, vars={**TRANSFERRED, **names})

    def passed(self, *options: str, **variables: Any) -> dict[str, Any]:
        """As role(), which must work; the role's result."""
        run = self.role(*options, **variables)
        assert run.code == 0, run.tail
        self.stdout = run.stdout
        result: dict[str, Any] = json.loads((self.home / "result.json").read_text())
        return result

    def changed(self) -> bool:
        return "changed=0 " not in self.stdout

    def run(self, *command: str, **more: str) -> subprocess.CompletedProcess[str]:
        """A command as the user types it: no variable but those of the network."""
        folder = self.home / "typed"
        folder.mkdir(exist_ok=True)
        return subprocess.run(
            command,
            env={"PATH": self.path, "HOME": str(self.home), **self.network, **more},
            cwd=folder,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    def installs(self, client: str) -> subprocess.CompletedProcess[str]:
        """Fetch a package with a client."""
        target = self.home / "installed"
        shutil.rmtree(target, ignore_errors=True)
        commands = {
            "pip": [
                "pip",
                "install",
                "--no-deps",
                "--no-cache-dir",
                "--disable-pip-version-check",
                "--target",
                target,
                "our-package",
            ],
            "uv": ["uv", "pip", "install", "--no-deps", "--no-cache", "--target", target, "our-package"],
            "old pip": ["/usr/bin/pip", "download", "--no-deps", "--no-cache-dir", "-d", target, "our-package"],
            "npm": ["npm", "pack", "@acme/tool", "--cache", target],
        }
        return self.run(*(str(word) for word in commands[client]))


@pytest.fixture
def machine(ansible: Ansible, cloud: LocalCloud, given: Given) -> Machine:
    """A machine in front of a repository of Artifact Registry and one of CodeArtifact, each with a package."""
    given.repository("python-ours", mode="STANDARD_REPOSITORY")
    name = f"artifactregistry/v1/projects/{PROJECT}/locations/us-central1/repositories/python-ours"
    binding = {"role": "roles/artifactregistry.reader", "members": [f"serviceAccount:{ROBOT}"]}
    given.call(f"{name}:setIamPolicy", {"policy": {"bindings": [binding]}})
    upload(f"{cloud.index_host()}/{PROJECT}/python-ours/", ("oauth2accesstoken", OWNER), build(ansible.folder))
    given.domain("dom", "repo")
    token = given.call("codeartifact/v1/authorization-token?domain=dom", {}, "POST", "AKIALOCALOWNER000000")
    registry = f"{cloud.url}/codeartifact.d/dom-{ACCOUNT}/eu-west-1/npm/repo/"
    publish_to_npm(registry, token["authorizationToken"], "@acme/tool")
    machine = Machine(ansible, cloud)
    # The controller's own logins are the controller's.
    for variable in [name for name in ansible.environment if name.startswith(("AWS_", "GCP_", "CLOUDSDK_"))]:
        del ansible.environment[variable]
    return machine


def snapshot(home: Path) -> dict[str, tuple[int, bytes]]:
    """The user's files, but for those of Ansible and of the test itself."""
    passed_over = {
        "tmp",
        "ansible-home",
        "remote-tmp",
        "result.json",
        "play.yml",
        "typed",
        "installed",
        "dist",
        ".npm",
        ".ansible",
        ".cache",
        ".local",
        ".rustup",
        "gcloud",
    }
    return {
        str(path.relative_to(home)): (path.stat().st_mode & 0o777, path.read_bytes())
        for path in sorted(home.rglob("*"))
        if path.is_file() and not {*path.relative_to(home).parts} & passed_over
    }


def test_by_the_keyring(machine: Machine) -> None:
    """pip and uv ask the machine's own identity; nothing secret is written. Taken away again, what was there is as it was."""
    machine.give_identity()
    machine.write(".config/pip/pip.conf", THEIRS)
    before = snapshot(machine.home)
    machine.passed("--check")
    assert snapshot(machine.home) == before
    result = machine.passed()
    assert {login["login"] for login in result["logins"]} == {"keyring"}
    assert [proof["proved"] for proof in result["proofs"]] == [True, True]
    machine.passed(prove=False)
    assert not machine.changed(), machine.stdout
    assert THEIRS.splitlines()[0] in (machine.home / ".config/pip/pip.conf").read_text()
    assert not (machine.home / ".netrc").exists()
    machine.cloud.clear_calls()
    for client in ("pip", "uv"):
        done = machine.installs(client)
        assert done.returncode == 0, done.stderr
    fetched = {call["caller"] for call in machine.cloud.calls("DownloadFile") if call["status"] == 200}
    assert machine.cloud.calls("proxy.Connect") == []
    assert fetched <= {f"serviceAccount:{ROBOT}"}
    machine.passed(state="absent")
    assert snapshot(machine.home) == before


def as_cron(machine: Machine) -> subprocess.CompletedProcess[str]:
    """Run the line of the entry as cron does: with the variables of the entry alone."""
    (entry,) = machine.home.glob("pkgops-package-clients-*")
    lines = [line for line in entry.read_text().splitlines() if line and not line.startswith("#")]
    variables = dict(line.split("=", 1) for line in lines[:-1])
    *when, _user, command = lines[-1].split(maxsplit=6)
    assert when == ["*/4", "*", "*", "*", "*"]
    return subprocess.run(
        [variables["SHELL"], "-c", command],
        env={**variables, "HOME": str(machine.home)},
        capture_output=True,
        text=True,
        check=False,
    )


def test_renewed_on_the_machine(machine: Machine) -> None:
    """Time passes, and what cron runs keeps logins alive; npm and an old pip have no keyring. Revoked, it ends with a sentence."""
    machine.give_identity()
    clients = ["pip", "npm"] if shutil.which("npm") else ["pip"]
    indexes = [{**OURS, "login": "renewed"}, {**NPM, "login": "renewed"}][: len(clients)]
    result = machine.passed(clients=clients, indexes=indexes, renewal="cron")
    assert {login["login"] for login in result["logins"]} == {"renewed"}
    machine.passed(clients=clients, indexes=indexes, renewal="cron", prove=False)
    assert not machine.changed(), machine.stdout
    assert (machine.home / ".netrc").stat().st_mode & 0o777 == 0o600
    used = [*clients, *(["old pip"] if Path("/usr/bin/pip").exists() else [])]
    for _round in range(2):
        machine.cloud.advance_clock(minutes=50)
        done = as_cron(machine)
        assert (done.returncode, done.stderr) == (0, "")
        for client in used:
            assert machine.installs(client).returncode == 0
    machine.cloud.revoke(f"serviceAccount:{ROBOT}")
    machine.cloud.set_identities(**{ADA_KEY: None})
    done = as_cron(machine)
    assert done.returncode == 1
    assert "login ours was not renewed" in done.stderr, done.stderr
    for client in used:
        assert machine.installs(client).returncode != 0
    before = snapshot(machine.home)
    assert ".netrc" in before
    machine.passed(clients=clients, indexes=indexes, renewal="cron", state="absent")
    after = snapshot(machine.home)
    assert not {name for name in after if name.startswith(("pkgops", "opt", "etc", ".netrc", ".npmrc", ".config/pip"))}


def test_by_the_controller(machine: Machine) -> None:
    """The machine has no identity: the controller's token is written, with when it ends, and a second run keeps it."""
    machine.ansible.environment |= machine.cloud.aws_environment("AKIALOCALOWNER000000")
    index = {"name": "ours", "codeartifact": AWS}
    given = {"indexes": [index], "clients": ["pip"], "login": "controller"}
    run = machine.role(**given, minimum_life="13h")
    assert run.code != 0
    assert "package_clients_minimum_life wants 46800 seconds from now" in " ".join(run.stdout.split()), run.tail
    assert not (machine.home / ".netrc").exists()
    result = machine.passed(**given)
    (told,) = result["logins"]
    assert (told["index"], told["client"], told["login"]) == ("ours", "pip", "controller")
    ends = datetime.fromisoformat(told["expires"]) - datetime.now(UTC)
    assert timedelta(hours=11, minutes=50) < ends <= timedelta(hours=12)
    login = (machine.home / ".netrc").read_text()
    assert "login aws" in login
    assert login.split("password ")[1].split()[0] not in machine.stdout
    machine.passed(**given)
    assert not machine.changed(), machine.stdout
    assert (machine.home / ".netrc").read_text() == login


WRONG: dict[str, tuple[dict[str, Any], str]] = {
    "no such client": ({"clients": ["pip", "conda"]}, "package_clients_clients has 'conda', which is not known"),
    "no machine-wide file": (
        {"clients": ["twine"], "level": "machine"},
        "package_clients_clients has twine, which reads no machine-wide file: set package_clients_level to user for it",
    ),
    "a name that is text by luck": (
        {"indexes": [{"name": True}]},
        "package_clients_indexes[0].name is the boolean true",
    ),
}


@pytest.mark.parametrize("case", WRONG)
def test_mistakes_are_told_before_anything_is_touched(machine: Machine, case: str) -> None:
    variables, sentence = WRONG[case]
    before = snapshot(machine.home)
    run = machine.role(**variables)
    assert run.code != 0
    assert sentence in " ".join((run.stdout + run.stderr).split()), run.tail
    assert snapshot(machine.home) == before


def test_a_login_that_the_machine_does_not_have(machine: Machine) -> None:
    """The keyring is wanted, and the identity behind it is missing: the cause is told, and nothing is written."""
    before = snapshot(machine.home)
    run = machine.role(login="keyring")
    assert run.code != 0
    said = " ".join((run.stdout + run.stderr).split())
    assert "gets no login for ours from the machine's own identity" in said, run.tail
    assert snapshot(machine.home) == before


def test_units_are_what_systemd_takes(machine: Machine) -> None:
    program = shutil.which("systemd-analyze")
    if program is None:
        pytest.skip("systemd-analyze is not on this machine")
    units = machine.home / "units"
    units.mkdir()
    template = str(Path(__file__).parents[2] / "roles" / "package_clients" / "templates")
    variables = {
        "package_clients_environment": {"HTTPS_PROXY": "http://proxy.example.com:3128", "ODD": "100% sure"},
        "package_clients_keyring_python": "/usr/bin/env",
        "package_clients_settings_directory": "/etc/pkgops-registry-auth",
        "__package_clients_program": "/opt/pkgops-registry-auth/renew.pyz",
        "__package_clients_plan": {"minutes": 4},
    }
    names = [f"pkgops-package-clients@.{kind}" for kind in ("service", "timer")]
    tasks = [
        {
            "name": "Write a unit",
            "ansible.builtin.template": {"src": f"{template}/{name}.j2", "dest": str(units / name), "mode": "0644"},
        }
        for name in names
    ]
    run = machine.ansible.play(tasks, vars={**TRANSFERRED, **variables})
    assert run.code == 0, run.tail
    for name in names:
        done = subprocess.run(
            [program, "verify", str(units / name.replace("@", "@ci"))], capture_output=True, text=True, check=False
        )
        assert (done.returncode, done.stderr) == (0, ""), done.stderr
    assert 'Environment="ODD=100%% sure"' in (units / names[0]).read_text()

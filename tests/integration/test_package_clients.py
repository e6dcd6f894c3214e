# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The role package_clients on a machine whose network is the local cloud: real pip, uv, npm and twine with what it wrote, and nothing else.

The keyring backends are the vendors' own, and ask at the vendors' own addresses. The machine's identity is a key of Google's and one of
AWS's in the user's home.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.pkgops.registry_auth.plugins.module_utils._machines import info
from ansible_collections.pkgops.registry_auth.plugins.module_utils._machines.places import Surroundings
from aws_clients import ADA_KEY
from client_machine import AWS, NPM, OURS, ROBOT, Machine, snapshot
from cloud_fixtures import OWNER, PROJECT
from harness import TRANSFERRED

THEIRS = "# Of the team.\n[global]\ntimeout = 30\n\n[install]\nno-compile = true"


@pytest.mark.thorough
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
    assert entry.stat().st_mode & 0o777 == 0o600
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


@pytest.mark.thorough
def test_renewed_on_the_machine(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
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
    # What the module package_clients_info finds an hour later.
    around = Surroundings(str(machine.home), str(machine.home / ".config"))
    with monkeypatch.context() as later:
        later.setattr(info.time, "time", lambda now=time.time: now() + 3600)
        found = info.tell({"clients": clients, "venv": None, "soon": "0s"}, around).values["package_clients"]
    expired = [one["where"] for one in found["findings"] if one["code"] == "login_expired"]
    assert len(expired) == len(clients), found
    before = snapshot(machine.home)
    assert ".netrc" in before
    machine.passed(clients=clients, indexes=indexes, renewal="cron", state="absent")
    after = snapshot(machine.home)
    assert not {name for name in after if name.startswith(("pkgops", "opt", "etc", ".netrc", ".npmrc", ".config/pip"))}


@pytest.mark.thorough
def test_by_the_controller(machine: Machine) -> None:
    """The machine has no identity: the controller's token is written, with when it ends, and a second run keeps it."""
    machine.ansible.environment |= machine.cloud.aws_environment("AKIALOCALOWNER000000")
    index = {"name": "ours", "codeartifact": AWS}
    given = {"indexes": [index], "clients": ["pip"], "login": "controller"}
    before = snapshot(machine.home)
    run = machine.role(**given, minimum_life="13h")
    assert run.code != 0
    assert "package_clients_minimum_life wants 46800 seconds from now" in " ".join(run.stdout.split()), run.tail
    # Not even the settings, with which pip would be refused.
    assert snapshot(machine.home) == before
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


@pytest.mark.thorough
def test_a_token_of_google_by_the_controller(machine: Machine) -> None:
    """The role gets it itself. gcloud, pip and uv decide whether it is one."""
    machine.control()
    clients = {"clients": ["pip", "uv", "netrc"], "login": "controller"}
    machine.passed("--check", **clients)
    assert not (machine.home / ".netrc").exists()
    result = machine.passed(**clients)
    ends = {login["expires"] for login in result["logins"]}
    assert len(ends) == 1
    assert timedelta(minutes=59) < datetime.fromisoformat(ends.pop()) - datetime.now(UTC) <= timedelta(hours=1)
    written = (machine.home / ".netrc").read_text()
    token = written.split("password ")[1].split()[0]
    assert token not in machine.stdout
    machine.passed(**clients)
    assert not machine.changed(), machine.stdout
    assert (machine.home / ".netrc").read_text() == written
    for client in ("pip", "uv"):
        done = machine.installs(client)
        assert done.returncode == 0, done.stderr
    if shutil.which("gcloud"):
        file = machine.write("typed/token", token)
        settings = {
            "CLOUDSDK_AUTH_ACCESS_TOKEN_FILE": str(file),
            "CLOUDSDK_CONFIG": str(machine.home / "gcloud"),
            "CLOUDSDK_API_ENDPOINT_OVERRIDES_ARTIFACTREGISTRY": f"{machine.cloud.endpoint('artifactregistry')}/",
        }
        describe = ("gcloud", "artifacts", "repositories", "describe", "python-ours", "--location=us-central1")
        done = machine.run(*describe, f"--project={PROJECT}", "--format=value(format)", **settings)
        assert (done.returncode, done.stdout.strip()) == (0, "PYTHON"), done.stderr
    (machine.home / ".netrc").unlink()
    run = machine.role(**clients, google_account=f"nobody@{PROJECT}.iam.gserviceaccount.com")
    assert run.code != 0
    assert "iam.serviceAccounts.getAccessToken" in run.stdout, run.tail
    # A token whose end nobody knows, as in the environment of the local cloud.
    machine.ansible.environment["GCP_ACCESS_TOKEN"] = OWNER
    del machine.ansible.environment["GCP_SERVICE_ACCOUNT_FILE"]
    said = " ".join(machine.role(**clients).stdout.split())
    assert "GCP_ACCESS_TOKEN is an access token already" in said
    assert "package_clients_google_account in the role package_clients" in said
    assert not (machine.home / ".netrc").exists()


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


def test_variables_without_a_value_are_as_if_not_set(machine: Machine) -> None:
    machine.passed(indexes=None, environment=None, users=None)
    assert not machine.changed(), machine.stdout


@pytest.mark.skipif(os.geteuid() != 0, reason="only root becomes others")
def test_a_user_who_is_not_there(machine: Machine) -> None:
    before = snapshot(machine.home)
    run = machine.role(users=["root", "not-there"])
    assert run.code != 0
    said = " ".join((run.stdout + run.stderr).split())
    assert "has no user not-there: correct package_clients_users, or make the user first." in said, run.tail
    assert snapshot(machine.home) == before


def test_a_login_that_the_machine_does_not_have(machine: Machine) -> None:
    """The keyring is wanted, and the identity behind it is missing: the cause is told, and nothing is written."""
    before = snapshot(machine.home)
    run = machine.role(login="keyring")
    assert run.code != 0
    said = " ".join((run.stdout + run.stderr).split())
    assert "gets no login for ours from the machine's own identity" in said, run.tail
    assert snapshot(machine.home) == before


@pytest.mark.thorough
def test_settings_are_written_where_sessions_have_them(machine: Machine) -> None:
    """pip and uv look in XDG_CONFIG_HOME where a session has it, and so the role writes there and takes it away from there."""
    settings = machine.home / "settings"
    given: dict[str, Any] = {
        "indexes": [
            {
                "name": "ours",
                "url": "https://packages.example.com/simple/",
                "username": "ci",
                "password": "sesame",
                "keep": True,
            }
        ],
        "environment": {**machine.network, "XDG_CONFIG_HOME": str(settings)},
        # As an inventory in INI has lists.
        "clients": "pip, uv",
        "prove": False,
    }
    machine.passed(**given)
    assert (settings / "pip" / "pip.conf").exists()
    assert (settings / "uv" / "uv.toml").exists()
    assert not (machine.home / ".config").exists()
    machine.passed(**given, state="absent")
    assert not (settings / "pip" / "pip.conf").exists()


def test_units_are_what_systemd_takes(machine: Machine) -> None:
    program = shutil.which("systemd-analyze")
    if program is None:
        pytest.skip("systemd-analyze is not on this machine")
    units = machine.home / "units"
    units.mkdir()
    template = str(Path(__file__).parents[2] / "roles" / "package_clients" / "templates")
    variables = {
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

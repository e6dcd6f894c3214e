# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Real twine, uv, poetry and npm publish to both clouds, and pip, uv, poetry and npm install from there, with what the role wrote.

Taken away again, each of them is refused. Whether a package arrived, the repositories say to others than the clients.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from aws_clients import ACCOUNT
from client_machine import AWS, GOOGLE, ROBOT, Machine
from cloud_fixtures import PROJECT
from harness import Given
from wheels import build

OLD_PIP = "/usr/bin/pip"
#: By vendor: the role's index, its npm registry, and where uv publishes to, which reads neither .pypirc nor names of indexes.
CLOUDS: dict[str, dict[str, Any]] = {
    "google": {
        "python": {"name": "ours", "artifact_registry": GOOGLE, "publish": True},
        "npm": {
            "name": "ours-npm",
            "format": "npm",
            "scope": "@acme",
            "artifact_registry": {**GOOGLE, "repository": "npm-ours"},
        },
        "publish": f"https://us-central1-python.pkg.dev/{PROJECT}/python-ours/",
    },
    "aws": {
        "python": {"name": "ours", "codeartifact": AWS, "publish": True},
        "npm": {"name": "ours-npm", "format": "npm", "scope": "@acme", "codeartifact": AWS},
        "publish": f"https://dom-{ACCOUNT}.d.codeartifact.eu-west-1.amazonaws.com/pypi/repo/",
    },
}
NULL_KEYRING = {"PYTHON_KEYRING_BACKEND": "keyring.backends.null.Keyring"}


@pytest.fixture
def publisher(machine: Machine, given: Given) -> Machine:
    """A machine whose controller may publish to both clouds."""
    given.repository("npm-ours", mode="STANDARD_REPOSITORY", package_format="NPM")
    for name in ("python-ours", "npm-ours"):
        resource = f"artifactregistry/v1/projects/{PROJECT}/locations/us-central1/repositories/{name}"
        binding = {"role": "roles/artifactregistry.writer", "members": [f"serviceAccount:{ROBOT}"]}
        given.call(f"{resource}:setIamPolicy", {"policy": {"bindings": [binding]}})
    machine.control()
    return machine


def project(folder: Path, name: str, source: str = "") -> Path:
    """A project of poetry's, with a wheel that is built already."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "pyproject.toml").write_text(
        f'[project]\nname = "{name}"\nversion = "1.0.0"\nrequires-python = ">=3.9"\n{source}'
    )
    return folder


def publishing(machine: Machine, vendor: str, begin: str = "by") -> dict[str, list[str]]:
    """How each client publishes a package of its own, whose name has that beginning."""
    folder = machine.home / "tmp" / vendor / begin
    folder.mkdir(parents=True, exist_ok=True)
    twine, uv = (str(build(folder, name=f"{begin}-{client}")) for client in ("twine", "uv"))
    (folder / "poetry").mkdir(exist_ok=True)
    build(folder / "poetry", name=f"{begin}-poetry")
    project(folder / "poetry", f"{begin}-poetry")
    package = folder / "npm" / "package.json"
    package.parent.mkdir(exist_ok=True)
    package.write_text(json.dumps({"name": f"@acme/{begin}-npm", "version": "1.0.0"}))
    return {
        "twine": ["twine", "upload", "--non-interactive", "--disable-progress-bar", "-r", "ours", twine],
        "uv": ["uv", "publish", "--publish-url", CLOUDS[vendor]["publish"], uv],
        "poetry": ["poetry", "--project", str(folder / "poetry"), "publish", "-n", "-r", "ours"],
        "npm": ["npm", "publish", str(package.parent), "--cache", str(folder / "cache")],
    }


def installing(machine: Machine, vendor: str, clients: list[str]) -> dict[str, list[str]]:
    """How each client gets what another one published."""
    folder = machine.home / "tmp" / vendor
    source = f'dependencies = ["by-twine"]\n[[tool.poetry.source]]\nname = "ours"\nurl = "{CLOUDS[vendor]["publish"]}simple/"\n'
    target = ["--no-deps", "--target"]
    found = {
        "pip": [
            "pip",
            "install",
            "--no-cache-dir",
            "--disable-pip-version-check",
            *target,
            str(folder / "got-by-pip"),
            "by-uv",
        ],
        "old pip": [OLD_PIP, "download", "--no-cache-dir", "--no-deps", "-d", str(folder / "got-by-old-pip"), "by-uv"],
        "uv": ["uv", "pip", "install", "--no-cache", *target, str(folder / "got-by-uv"), "by-poetry"],
        "poetry": ["poetry", "--project", str(project(folder / "locking", "locking", source)), "lock", "-n"],
        "npm": ["npm", "pack", "@acme/by-npm", "--cache", str(folder / "cache-2"), "--pack-destination", str(folder)],
    }
    return {client: command for client, command in found.items() if client in clients}


def all_of(machine: Machine, commands: dict[str, list[str]]) -> dict[str, subprocess.CompletedProcess[str]]:
    """Run them at once, each as the user types it."""
    with ThreadPoolExecutor(2) as pool:
        own = {"POETRY_CACHE_DIR": str(machine.home / "tmp" / "poetry-cache"), **NULL_KEYRING}
        runs = {client: pool.submit(machine.run, *command, **own) for client, command in commands.items()}
        return {client: run.result() for client, run in runs.items()}


def texts(done: dict[str, subprocess.CompletedProcess[str]]) -> str:
    return "\n".join(f"{client}: {run.returncode}\n{run.stdout}{run.stderr}" for client, run in done.items())


@pytest.mark.thorough
@pytest.mark.parametrize("vendor", CLOUDS)
def test_publish_and_install(publisher: Machine, given: Given, vendor: str) -> None:
    machine, npm = publisher, shutil.which("npm") is not None
    indexes = [CLOUDS[vendor]["python"], *([CLOUDS[vendor]["npm"]] if npm else [])]
    clients = ["pip", "uv", "twine", "poetry", *(["npm"] if npm else [])]
    variables = {"indexes": indexes, "clients": clients, "login": "controller"}
    users = ["pip", "uv", "poetry", *(["npm"] if npm else []), *(["old pip"] if os.path.exists(OLD_PIP) else [])]

    def publish(begin: str) -> dict[str, subprocess.CompletedProcess[str]]:
        commands = publishing(machine, vendor, begin)
        return all_of(machine, {client: command for client, command in commands.items() if client in clients})

    machine.passed(**variables)
    done = publish("by")
    assert {run.returncode for run in done.values()} == {0}, texts(done)
    assert published(given, vendor) >= {"by-twine", "by-uv", "by-poetry", *(["@acme/by-npm"] if npm else [])}

    install = installing(machine, vendor, users)
    done = all_of(machine, install)
    assert {run.returncode for run in done.values()} == {0}, texts(done)
    assert "by-twine" in (machine.home / "tmp" / vendor / "locking" / "poetry.lock").read_text()

    machine.passed(**variables, state="absent")
    shutil.rmtree(machine.home / "tmp" / "poetry-cache", ignore_errors=True)
    for leftover in (machine.home / "tmp" / vendor).glob("got-by-*"):
        shutil.rmtree(leftover)
    (machine.home / "tmp" / vendor / "locking" / "poetry.lock").unlink()
    for refused in (publish("late"), all_of(machine, installing(machine, vendor, users))):
        assert 0 not in {run.returncode for run in refused.values()}, texts(refused)
    assert not [name for name in published(given, vendor) if "late" in name]


def published(given: Given, vendor: str) -> set[str]:
    """The packages that the repositories have, by the vendors' APIs."""
    if vendor == "aws":
        listed = given.call("codeartifact/v1/packages?domain=dom&repository=repo", {}, "POST", "AKIALOCALOWNER000000")
        return {
            f"@{one['namespace']}/{one['package']}" if one.get("namespace") else one["package"]
            for one in listed["packages"]
        }
    names = set()
    for repository in ("python-ours", "npm-ours"):
        parent = f"artifactregistry/v1/projects/{PROJECT}/locations/us-central1/repositories/{repository}"
        for one in given.call(f"{parent}/packages", None, "GET")["packages"]:
            names.add(one["name"].partition("/packages/")[2].replace("%2F", "/").replace("%40", "@"))
    return names

# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The real pip and twine on CodeArtifact's repositories of the local cloud."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from aws_clients import ACCOUNT, Clients
from flit_core.wheel import WheelBuilder


def token_of(codeartifact: Clients, key: str) -> str:
    token: str = codeartifact(key).get_authorization_token(domain="dom", domainOwner=ACCOUNT)["authorizationToken"]
    return token


def with_login(endpoint: str, token: str) -> str:
    return endpoint.replace("http://", f"http://aws:{token}@")


def pip_download(index: str, target: Path, environment: dict[str, str], package: str = "demo-package") -> int:
    command = ["download", "--no-input", "--no-deps", "--no-cache-dir", "--disable-pip-version-check"]
    done = subprocess.run(
        [sys.executable, "-m", "pip", *command, "--index-url", f"{index}simple/", "--dest", str(target), package],
        capture_output=True,
        text=True,
        env=environment | {"PIP_CONFIG_FILE": "/dev/null"},
        check=False,
    )
    return done.returncode


def twine_upload(endpoint: str, token: str, wheel: Path, environment: dict[str, str]) -> subprocess.CompletedProcess:
    command = ["upload", "--non-interactive", "--disable-progress-bar", "--config-file", "/dev/null"]
    return subprocess.run(
        [sys.executable, "-m", "twine", *command, "--repository-url", endpoint, str(wheel)],
        capture_output=True,
        text=True,
        env=environment | {"TWINE_USERNAME": "aws", "TWINE_PASSWORD": token},
        check=False,
    )


def build(directory: Path, version: str, name: str = "our-package") -> Path:
    """A wheel of a project with one empty module."""
    module = name.replace("-", "_")
    (directory / f"{module}.py").write_text(f'"""Ours."""\n__version__ = "{version}"\n')
    (directory / "pyproject.toml").write_text(
        f'[build-system]\nrequires = ["flit_core"]\nbuild-backend = "flit_core.buildapi"\n'
        f'[project]\nname = "{name}"\ndynamic = ["version", "description"]\nrequires-python = ">=3.9"\n'
    )
    wheel = directory / f"{module}-{version}-py3-none-any.whl"
    with wheel.open("wb") as target:
        WheelBuilder.from_ini_path(directory / "pyproject.toml", target).build(editable=False)
    return wheel

# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What cannot run for want of a library says which one, and how to get it."""

from __future__ import annotations

import venv
from pathlib import Path

import pytest
from harness import COLLECTION, Ansible

#: Makes a library not importable in Ansible's own process, and in what is forked from it.
HIDE = """
import sys
from importlib import metadata
hidden = {library!r}
class Hide:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] == hidden:
            raise ModuleNotFoundError(f"No module named {{hidden!r}}", name=hidden)
sys.meta_path.insert(0, Hide())
files = metadata.files
def found(name):
    if name == hidden:
        raise metadata.PackageNotFoundError(name)
    return files(name)
metadata.files = found
"""

#: Expressions in which filters and lookups need a library, and what the sentence names.
EXPRESSIONS = {
    "pypi_token": ("pypitoken", "token | pkgops.registry_auth.pypi_token", "pypitoken is missing"),
    "pypi_token_info": ("pypitoken", "token | pkgops.registry_auth.pypi_token_info", "pypitoken is missing"),
    "pypi_token_restricted": (
        "pypitoken",
        "token | pkgops.registry_auth.pypi_token_restricted(['p'], '2030-01-31T12:00:00Z')",
        "pypitoken is missing",
    ),
    "pypi_token, where PyPI is": (
        "pypi_simple",
        "token | pkgops.registry_auth.pypi_token",
        "pypi-simple is missing",
    ),
    "codeartifact_token": (
        "boto3",
        "lookup('pkgops.registry_auth.codeartifact_token', 'demo')",
        "The Python library boto3 is missing for the interpreter",
    ),
    "gcp_secret_version": (
        "google",
        "lookup('pkgops.registry_auth.gcp_secret_version', 'index-token')",
        "The Python library google-auth[requests] is missing for the interpreter",
    ),
    "package_file": (
        "itables",
        "lookup('pkgops.registry_auth.package_file', 'itables/html/dt_bundle.js', package='itables')",
        "The Python package itables is not installed where Ansible runs: python -m pip install itables",
    ),
}


@pytest.mark.parametrize("name", EXPRESSIONS)
def test_filters_and_lookups(ansible: Ansible, tmp_path: Path, name: str) -> None:
    library, expression, says = EXPRESSIONS[name]
    (tmp_path / "site").mkdir()
    (tmp_path / "site" / "sitecustomize.py").write_text(HIDE.format(library=library))
    show = {"name": "Show", "ansible.builtin.debug": {"msg": f"{{{{ {expression} }}}}"}}
    token = f"pypi-{'x' * 100}"
    run = ansible.play([show], vars={"token": token}, env={"PYTHONPATH": str(tmp_path / "site")})
    assert run.code != 0
    assert says in " ".join((run.stdout + run.stderr).split()), run.tail
    assert "Traceback" not in run.stdout + run.stderr
    assert token not in run.stdout + run.stderr


def test_the_role_local_cloud(ansible: Ansible, tmp_path: Path) -> None:
    venv.create(tmp_path / "bare", with_pip=False, symlinks=True)
    bare = str(tmp_path / "bare" / "bin" / "python")
    role = {
        "role": f"{COLLECTION}.local_cloud",
        "local_cloud_directory": str(tmp_path / "cloud"),
        "local_cloud_python": bare,
    }
    run = ansible.play([], roles=[role])
    assert run.code != 0
    said = (
        f"The local cloud needs Python packages that {bare} does not have (No module named 'aiohttp'): install what "
        "requirements-cloud.txt of the collection lists, or have the role local_cloud do it with local_cloud_install: true."
    )
    assert said in run.stdout + run.stderr, run.tail

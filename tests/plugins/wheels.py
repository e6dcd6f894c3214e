# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Packages to publish, where clients look for them, and how they are published when no client is in question."""

from __future__ import annotations

import base64
import hashlib
import io
import json
import tarfile
from pathlib import Path
from urllib.parse import quote

import aws_packages
import requests


def build(directory: Path, version: str = "1.0.0", name: str = "our-package") -> Path:
    """A wheel in dist/, with attestations beside it if there are any."""
    (directory / "dist").mkdir(exist_ok=True)
    return aws_packages.build(directory, version, name).rename(
        directory / "dist" / f"{name.replace('-', '_')}-{version}-py3-none-any.whl"
    )


def upload(endpoint: str, login: tuple[str, str], wheel: Path) -> None:
    """Publish a wheel as twine does."""
    content = wheel.read_bytes()
    name, version, *_tags = wheel.name.split("-")
    fields = {
        ":action": "file_upload",
        "protocol_version": "1",
        "metadata_version": "2.1",
        "name": name.replace("_", "-"),
        "version": version,
        "filetype": "bdist_wheel",
        "pyversion": "py3",
        "sha256_digest": hashlib.sha256(content).hexdigest(),
    }
    answer = requests.post(endpoint, data=fields, files={"content": (wheel.name, content)}, auth=login, timeout=10)
    assert answer.ok, answer.text


def publish_to_npm(registry: str, token: str, name: str, version: str = "1.0.0") -> None:
    """Publish a package of one file as npm does."""
    manifest = json.dumps({"name": name, "version": version}).encode()
    archive = io.BytesIO()
    with tarfile.open(fileobj=archive, mode="w:gz") as target:
        entry = tarfile.TarInfo("package/package.json")
        entry.size = len(manifest)
        target.addfile(entry, io.BytesIO(manifest))
    attachment = {"data": base64.b64encode(archive.getvalue()).decode()}
    about = {
        "name": name,
        "version": version,
        "dist": {"tarball": f"{registry}{name}/-/{name.rpartition('/')[2]}-{version}.tgz"},
    }
    body = {
        "name": name,
        "dist-tags": {"latest": version},
        "versions": {version: about},
        "_attachments": {f"{name}-{version}.tgz": attachment},
    }
    headers = {"Authorization": f"Bearer {token}"}
    answer = requests.put(f"{registry}{quote(name, safe='@')}", json=body, headers=headers, timeout=10)
    assert answer.ok, answer.text

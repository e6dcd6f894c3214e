# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Fixtures for tests against the local cloud. A conftest.py imports those it wants.

C(cloud) is fresh for each test, though one process serves them all; C(gcloud) is the real program, pointed at it and
kept away from the user's own settings and from the network.
"""

from __future__ import annotations

import base64
import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import cloud_control
import pytest
from cloud_control import LocalCloud

OWNER = "user:owner@example.com"
PROJECT = "demo-project"
NUMBER = "123456789012"
AGENT = f"serviceAccount:service-{NUMBER}@gcp-sa-artifactregistry.iam.gserviceaccount.com"
UPSTREAM_TOKEN = "upstream-token-1"
UPSTREAM_VERSION = f"projects/{NUMBER}/secrets/upstream/versions/1"
SERVICE_IDENTITY = (
    f"serviceusage/v1beta1/projects/{PROJECT}/services/artifactregistry.googleapis.com:generateServiceIdentity"
)
#: gcloud probes for a metadata server when this file is older than ten minutes.
_FAR_FUTURE = 4_000_000_000


@pytest.fixture(scope="session")
def cloud_process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalCloud]:
    """One local cloud for the whole run."""
    directory = tmp_path_factory.mktemp("local-cloud")
    try:
        yield cloud_control.start(directory, f"--upstream-token={UPSTREAM_TOKEN}")
    finally:
        cloud_control.stop(directory)


@pytest.fixture
def cloud(cloud_process: LocalCloud) -> LocalCloud:
    """The local cloud with nothing in it but the demo project and its owner."""
    cloud_process.reset()
    return cloud_process


@pytest.fixture
def granted(cloud: LocalCloud) -> str:
    """The name of a secret version that holds the upstream's token and that the service agent may read."""
    encoded = base64.b64encode(UPSTREAM_TOKEN.encode()).decode()
    secrets = f"secretmanager/v1/projects/{PROJECT}/secrets"
    cloud.call(OWNER, "POST", f"{secrets}?secretId=upstream", {"replication": {"automatic": {}}})
    cloud.call(OWNER, "POST", f"{secrets}/upstream:addVersion", {"payload": {"data": encoded}})
    cloud.call(OWNER, "POST", SERVICE_IDENTITY)
    binding = {"role": "roles/secretmanager.secretAccessor", "members": [AGENT]}
    cloud.call(OWNER, "POST", f"{secrets}/upstream:setIamPolicy", {"policy": {"bindings": [binding]}})
    return UPSTREAM_VERSION


@dataclass(frozen=True)
class Ran:
    """How a gcloud command ended."""

    code: int
    stdout: str
    stderr: str

    def json(self) -> Any:
        return json.loads(self.stdout)


class Gcloud(Protocol):
    """Run gcloud as a member (C(caller)); a failure is an error of the test unless C(fails) expects it."""

    def __call__(self, *arguments: str, stdin: str = ..., caller: str = ..., fails: bool = ...) -> Ran: ...


@pytest.fixture(scope="session")
def gcloud_settings(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A configuration folder for gcloud of its own."""
    directory = tmp_path_factory.mktemp("gcloud")
    probed = directory / "gce"
    probed.write_text("False")
    os.utime(probed, (_FAR_FUTURE, _FAR_FUTURE))
    return directory


@pytest.fixture
def gcloud(cloud: LocalCloud, gcloud_settings: Path) -> Gcloud:
    """The real gcloud against the local cloud."""
    program = shutil.which("gcloud")
    if program is None:
        pytest.skip("gcloud is not on PATH")
    tokens = gcloud_settings / "tokens"
    tokens.mkdir(exist_ok=True)

    def run(*arguments: str, stdin: str = "", caller: str = OWNER, fails: bool = False) -> Ran:
        token = tokens / caller.replace("/", "_")
        token.write_text(caller)
        done = subprocess.run(
            [program, *arguments],
            input=stdin,
            capture_output=True,
            text=True,
            env=gcloud_environment(cloud, gcloud_settings, token),
            check=False,
        )
        ran = Ran(done.returncode, done.stdout, done.stderr)
        if (ran.code != 0) != fails:
            pytest.fail(f"gcloud {' '.join(arguments)} ended with {ran.code}:\n{ran.stdout}{ran.stderr}")
        return ran

    return run


def gcloud_environment(cloud: LocalCloud, settings: Path, token: Path) -> dict[str, str]:
    """The caller's environment without settings of gcloud's and proxies, and with our own."""
    kept = {
        key: value
        for key, value in os.environ.items()
        if not key.startswith("CLOUDSDK_") and not key.lower().endswith("_proxy")
    }
    endpoints = {
        f"CLOUDSDK_API_ENDPOINT_OVERRIDES_{service.upper()}": f"{cloud.endpoint(service)}/"
        for service in ("secretmanager", "artifactregistry", "cloudresourcemanager", "serviceusage", "iam")
    }
    return {
        **kept,
        **endpoints,
        "CLOUDSDK_CONFIG": str(settings),
        "CLOUDSDK_AUTH_ACCESS_TOKEN_FILE": str(token),
        "CLOUDSDK_CORE_PROJECT": PROJECT,
        "CLOUDSDK_CORE_DISABLE_PROMPTS": "1",
        "CLOUDSDK_CORE_DISABLE_USAGE_REPORTING": "true",
        "CLOUDSDK_CORE_DISABLE_FILE_LOGGING": "true",
        "CLOUDSDK_COMPONENT_MANAGER_DISABLE_UPDATE_CHECK": "true",
    }

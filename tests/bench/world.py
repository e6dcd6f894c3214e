# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The local cloud as the benchmark needs it: filled fast, slow on demand, counting what it is asked."""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path

import cloud_control
from checkout import ansible_environment
from cloud_control import LocalCloud

OWNER = "user:owner@example.com"
PROJECT = "demo-project"
NUMBER = "123456789012"
LOCATION = "us-central1"
DOMAIN = "bench"

#: What the engine keeps to is raised out of the way: measured is what it does at the API's latency.
QUOTA = 1_000_000
QUOTAS = (
    "GCP_SECRETMANAGER_READ_QUOTA",
    "GCP_SECRETMANAGER_WRITE_QUOTA",
    "GCP_SECRETMANAGER_ACCESS_QUOTA",
    "CODEARTIFACT_READ_QUOTA",
    "CODEARTIFACT_WRITE_QUOTA",
)

#: A method, a path below the cloud's URL, and a body.
Request = tuple[str, str, object]

_CONNECTIONS = 8
#: What of the user's environment would change what the contenders do.
_FOREIGN = ("ANSIBLE_", "AWS_", "CLOUDSDK_", "GCP_", "GOOGLE_", "PYTHON")
#: gcloud probes for a metadata server when this file is older than ten minutes.
_FAR_FUTURE = 4_000_000_000


class World:
    """A running local cloud and the environment by which all contenders reach it."""

    def __init__(self, cloud: LocalCloud, folder: Path) -> None:
        self._cloud = cloud
        self.folder = folder
        self.url = cloud.url
        self.environment = _environment(cloud, folder)

    @classmethod
    @contextmanager
    def running(cls, folder: Path) -> Iterator[World]:
        """Start a local cloud, and stop it at the end."""
        state = folder / "cloud"
        try:
            yield cls(cloud_control.start(state), folder)
        finally:
            cloud_control.stop(state)

    def reset(self) -> None:
        """Forget all that is there, and be fast again."""
        self._cloud.reset()

    def add_project(self, project: str, number: str) -> None:
        """Add an empty project to the one that is always there."""
        self._cloud.add_project(project, number, OWNER)

    def accept(self, tokens: Iterable[str]) -> None:
        """Make these the tokens that the upstream index takes."""
        self._cloud.set_upstream_tokens(*tokens)

    def fill(self, requests: Iterable[Request]) -> None:
        """Make requests side by side, in no order.

        Raises: ValueError when one is refused.
        """
        work = list(requests)

        def send(part: list[Request]) -> None:
            connection = HTTPConnection(self.url.removeprefix("http://"))
            for method, path, body in part:
                connection.request(method, f"/{path}", json.dumps(body), {"Authorization": self._login(path)})
                answer = connection.getresponse()
                said = answer.read()
                if answer.status != 200:
                    raise ValueError(f"{method} {path} is answered {answer.status}: {said[:300]!r}")
            connection.close()

        with ThreadPoolExecutor(_CONNECTIONS) as pool:
            list(pool.map(send, (work[start::_CONNECTIONS] for start in range(_CONNECTIONS))))

    def _login(self, path: str) -> str:
        if not path.startswith("codeartifact/"):
            return f"Bearer {OWNER}"
        # The local cloud looks at whose key it is, and not at the signature.
        scope = f"{self.environment['AWS_ACCESS_KEY_ID']}/20260101/{self.environment['AWS_DEFAULT_REGION']}"
        return (
            f"AWS4-HMAC-SHA256 Credential={scope}/codeartifact/aws4_request, SignedHeaders=host, Signature={'0' * 64}"
        )

    def slow_down(self, latency: float) -> None:
        """Let every call wait so many seconds before its work."""
        self._cloud.fault("*", count=None, latency=latency)

    def forget_calls(self) -> None:
        self._cloud.clear_calls()

    def calls(self) -> dict[str, int]:
        """How often each method was called, by the last part of its name."""
        return dict(Counter(call["method"].rpartition(".")[2] for call in self._cloud.calls()))

    def cpu(self) -> float:
        """Seconds of CPU that the local cloud itself has used: when it is busy all the time, it is what is measured."""
        after_name = Path(f"/proc/{self._cloud.pid}/stat").read_text().rpartition(") ")[2].split()
        return (int(after_name[11]) + int(after_name[12])) / os.sysconf("SC_CLK_TCK")


def _environment(cloud: LocalCloud, folder: Path) -> dict[str, str]:
    """The user's environment without what points elsewhere, with homes of its own, and with all services on the cloud."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(_FOREIGN) and not name.lower().endswith("_proxy")
    }
    home = folder / "home"
    gcloud = home / "gcloud"
    gcloud.mkdir(parents=True)
    probed, token = gcloud / "gce", home / "token"
    probed.write_text("False")
    os.utime(probed, (_FAR_FUTURE, _FAR_FUTURE))
    token.write_text(OWNER)
    return {
        **kept,
        **ansible_environment(),
        **cloud.control("GET", "environment.json"),
        "HOME": str(home),
        "ANSIBLE_HOME": str(home / "ansible"),
        "ANSIBLE_REMOTE_TMP": str(home / "ansible" / "tmp"),
        "ANSIBLE_NOCOLOR": "true",
        "NO_GCE_CHECK": "true",
        "CLOUDSDK_CONFIG": str(gcloud),
        "CLOUDSDK_AUTH_ACCESS_TOKEN_FILE": str(token),
        "CLOUDSDK_CORE_DISABLE_PROMPTS": "1",
        "CLOUDSDK_CORE_DISABLE_USAGE_REPORTING": "true",
        "CLOUDSDK_CORE_DISABLE_FILE_LOGGING": "true",
        "CLOUDSDK_COMPONENT_MANAGER_DISABLE_UPDATE_CHECK": "true",
        **dict.fromkeys(QUOTAS, str(QUOTA)),
    }

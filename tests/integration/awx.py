# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A stand-in for AWX that C(awx.awx) sets up, and whose jobs run on the local cloud."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

from awx_api import Awx
from awx_launch import Threads
from awx_runs import Nodes
from checkout import COLLECTIONS
from harness import COLLECTION

PROJECT_URL = "https://git.example.com/registry-auth.git"
PASSWORD = "awx-admin-password"
#: Seconds after which a launch is given up.
_LIMIT = 900


@dataclass(frozen=True)
class Served:
    """The stand-in, and where it is."""

    awx: Awx
    url: str

    @property
    def environment(self) -> dict[str, str]:
        """How C(awx.awx) logs in."""
        login = {"CONTROLLER_USERNAME": "admin", "CONTROLLER_PASSWORD": PASSWORD}
        return {"CONTROLLER_HOST": self.url, "CONTROLLER_VERIFY_SSL": "false", **login}

    def token(self) -> str:
        """A token, as a person makes one in a profile."""
        status, answer = self.awx.answer("POST", "/api/v2/tokens/")
        assert status == 201
        return str(answer["token"])

    def get(self, path: str) -> Any:
        """The answer to a request."""
        status, answer = self.awx.answer("GET", f"/api/v2/{path}")
        assert status == 200, answer
        return answer

    def launch(self, template: str, kind: str = "job_templates", **body: Any) -> list[dict[str, Any]]:
        """Launch a template by its named URL, and return its jobs when all have ended, in their order."""
        status, run = self.awx.answer("POST", f"/api/v2/{kind}/{quote(template)}/launch/", body)
        assert status == 201, run
        path = f"{run['type']}s/{run['id']}/"
        end = time.monotonic() + _LIMIT
        while not self.get(path)["finished"]:
            assert time.monotonic() < end, f"{template} does not end"
            time.sleep(0.2)
        return [self.get(f"jobs/{number}/") for number in self._jobs(run)]

    def _jobs(self, run: dict[str, Any]) -> Iterator[int]:
        store = self.awx.store.objects
        if run["type"] == "job":
            yield run["id"]
            return
        for node in store["workflow_job"][run["id"]]["_nodes"]:
            inner = store["job"].get(node["job"]) or store["workflow_job"][node["job"]]
            yield from self._jobs(inner)

    def events(self, job: dict[str, Any]) -> list[dict[str, Any]]:
        """The events of a job."""
        found: list[dict[str, Any]] = self.get(f"jobs/{job['id']}/job_events/?page_size=10000")["results"]
        return found

    def output(self, job: dict[str, Any]) -> str:
        """What a job printed."""
        return "\n".join(event["stdout"] for event in self.events(job))


def project(folder: Path) -> Path:
    """The caller's repository: playbooks that import those of the collection, and one of their own."""
    folder.mkdir()
    for name in ("auth_workflow", "access_report", "package_clients"):
        imported = [{"name": f"Run {name}", "import_playbook": f"{COLLECTION}.{name}"}]
        (folder / f"{name}.yml").write_text(json.dumps(imported))
    told = {
        "name": "Tell people",
        "ansible.builtin.debug": {"msg": "Found: {{ registry_auth_report.findings | to_json }}"},
    }
    play = {"name": "Notify", "hosts": "localhost", "connection": "local", "gather_facts": False, "tasks": [told]}
    (folder / "notify.yml").write_text(json.dumps([play]))
    return folder


@contextmanager
def stand_in(folder: Path, token_uri: str) -> Iterator[Served]:
    """The stand-in, with one project."""
    folder.mkdir()
    nodes = Nodes(folder, {PROJECT_URL: project(folder / "project")}, str(COLLECTIONS), token_uri)
    threads = Threads()
    awx = Awx(nodes.playbooks(), nodes, threads, {"admin": PASSWORD})
    try:
        with awx.served() as url:
            yield Served(awx, url)
    finally:
        threads.join()

# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A token becomes a working remote repository of Artifact Registry, and rotates."""

from __future__ import annotations

import json
import secrets
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from narration import ACCOUNT, LOG, OWNER, PACKAGE, PROJECT, Cloud, expect, pip, say, step, workflow

LOCATION = "us-central1"
REPOSITORY = "pypi-remote"
SECRET = "index-token"
#: Of Google, service accounts. Nobody grants anything to the second one.
MACHINE, OTHER_MACHINE = (f"serviceAccount:{name}@{PROJECT}.iam.gserviceaccount.com" for name in ("build", "unknown"))
SECRET_NAME = f"secretmanager/v1/projects/{PROJECT}/secrets/{SECRET}"

INVENTORY = """\
registry_auth:
  hosts:
    demo:
      registry_auth_project: {project}
      registry_auth_repositories:
        - repository: {repository}
          location: {location}
          secret: {secret}
          token: "{{{{ lookup('ansible.builtin.env', 'INDEX_TOKEN') }}}}"
          access:
            - principals: [{machine}]
              access: [read]
          proof:
            package: {package}
            index_url: {index_url}
      registry_auth_retention:
        keep: 1
        min_age: 0s
        action: destroy
"""


@dataclass
class ArtifactRegistryDemo:
    cloud: Cloud
    directory: Path
    downloads: int = field(default=0, init=False)
    #: Of the service account that the workflow runs as.
    key: Path = field(init=False)
    #: What the index behind the remote repository takes.
    token: str = field(default="", init=False)

    def __post_init__(self) -> None:
        self.key = self.cloud.key(ACCOUNT)

    @staticmethod
    def index_path(repository: str = REPOSITORY) -> str:
        return f"{LOCATION}-python.pkg.dev/{PROJECT}/{repository}/simple/"

    def index_url(self, repository: str = REPOSITORY) -> str:
        return f"{self.cloud.url}/{self.index_path(repository)}"

    def pip_download(self, repository: str = REPOSITORY, package: str = PACKAGE, caller: str = OWNER) -> str | None:
        """What pip gets through a repository, as NAME-VERSION. None when it was refused; raises DemoError when it fails otherwise."""
        self.downloads += 1
        target = self.directory / f"download-{self.downloads}"
        who = caller.partition(":")[2].partition("@")[0]
        say(f"{who + ':':<11}$ pip download {package}, from {repository}")
        options = [package, f"--index-url={self.index_url(repository)}", f"--dest={target}"]
        refusal = pip(self.directory, "oauth2accesstoken", caller, "download", *options)
        if refusal is None:
            (fetched,) = target.iterdir()
            say(f"  fetched {fetched.name}")
            return "-".join(fetched.name.split("-")[:2])
        say(f"  refused: {refusal}")
        return None

    def workflow(self, token: str, *arguments: str) -> int:
        """Run the playbook with a token, and return how many tasks changed something."""
        return workflow(self.directory, self.inventory(), self.environment() | {"INDEX_TOKEN": token}, *arguments)

    def inventory(self) -> str:
        return INVENTORY.format(
            project=PROJECT,
            location=LOCATION,
            repository=REPOSITORY,
            secret=SECRET,
            package=PACKAGE,
            index_url=self.index_url(),
            machine=MACHINE,
        )

    def environment(self) -> dict[str, str]:
        """What lets the modules call the local cloud as an owner of the project."""
        endpoints = {
            f"CLOUDSDK_API_ENDPOINT_OVERRIDES_{service.upper()}": f"{self.cloud.url}/{service}/"
            for service in ("secretmanager", "artifactregistry", "cloudresourcemanager", "serviceusage")
        }
        return endpoints | {"GCP_AUTH_KIND": "serviceaccount", "GCP_SERVICE_ACCOUNT_FILE": str(self.key)}

    def states(self) -> list[tuple[str, str]]:
        """Number and state of each version of the secret."""
        _status, answer = self.cloud.call("GET", f"{SECRET_NAME}/versions")
        return sorted((one["name"].rpartition("/")[2], one["state"]) for one in json.loads(answer)["versions"])

    @contextmanager
    def reading_all_the_time(self) -> Iterator[list[int]]:
        """Read the package's page through the repository again and again; gives the statuses of the answers."""
        statuses: list[int] = []
        ended = threading.Event()

        def read() -> None:
            while not ended.wait(0.2):
                statuses.append(self.cloud.call("GET", f"{self.index_path()}{PACKAGE}/")[0])

        reader = threading.Thread(target=read)
        reader.start()
        try:
            yield statuses
        finally:
            ended.set()
            reader.join()

    def run(self) -> None:
        token, new_token = (f"pypi-{secrets.token_urlsafe(32)}" for _one in range(2))
        cloud = self.cloud
        self.token = new_token
        cloud.accept(token)
        repository = {
            "format": "PYTHON",
            "mode": "REMOTE_REPOSITORY",
            "remoteRepositoryConfig": {"pythonRepository": {"publicRepository": "PYPI"}},
        }
        parent = f"artifactregistry/v1/projects/{PROJECT}/locations/{LOCATION}/repositories"
        status, _answer = cloud.call("POST", f"{parent}?repositoryId={REPOSITORY}", repository)
        expect(status == 200, "The remote repository could not be created.")

        step(1, f"The remote repository {REPOSITORY} has no credentials for the index behind it, which wants a token.")
        expect(not self.pip_download(), "The package came without a token.")

        step(2, "What would the workflow do? It says so, and does nothing.")
        expect(self.workflow(token, "--check") > 0, "Nothing would change.")
        status, _answer = cloud.call("GET", SECRET_NAME)
        expect(status == 404, "Check mode made the secret.")
        say("  There is no secret yet.")

        step(
            3,
            "The workflow stores the token, lets the service agent read it, points the repository at it, and lets one machine install.",
        )
        expect(self.workflow(token) > 0, "Nothing changed.")

        step(4, "That machine can install. One that was not granted is refused.")
        expect(self.pip_download(caller=MACHINE), "The package cannot be fetched.")
        expect(not self.pip_download(caller=OTHER_MACHINE), "A machine that was not granted could install.")

        step(5, "A second run changes nothing.")
        expect(self.workflow(token) == 0, "The second run changed something.")

        step(6, "The token rotates: the workflow runs with a new one, then the index revokes the old one.")
        cloud.accept(token, new_token)
        with self.reading_all_the_time() as statuses:
            expect(self.workflow(new_token) > 0, "The new token changed nothing.")
            cloud.accept(new_token)
            say("  The old token is revoked.")
            time.sleep(1)
        say(f"  {len(statuses)} reads through the repository meanwhile, {statuses.count(200)} of them answered.")
        expect(len(statuses) > 1 and set(statuses) == {200}, "The rotation was an outage.")
        expect(self.pip_download(caller=MACHINE), "The package cannot be fetched after the rotation.")

        step(7, "The old version of the secret is gone, the new one is in use.")
        say("  version  state")
        for version, state in self.states():
            say(f"  {version:<9}{state}")
        expect(self.states() == [("1", "DESTROYED"), ("2", "ENABLED")], "The versions are not as they should be.")
        expect(not any(one in LOG.read_text() for one in (token, new_token)), "A token is in the log.")

# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The limit for Google Cloud in the whole workflow: what one answer tells of a project serves all its repositories.

First, one call for each project, all side by side. Then each repository goes through its steps alone: store the token, grant the
service agent, set the credentials, prove a fetch, retire old versions. Nobody waits for others.

The number of the project, and by that its service agent, is in the name of each version. Versions are numbered from one without a gap, so
the number of the newest says whether there can be any to retire.
"""

from __future__ import annotations

import hashlib
import os
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urljoin

import requests
from google.api_core.exceptions import NotFound
from google.cloud.artifactregistry_v1 import ArtifactRegistryClient, Repository
from google.cloud.secretmanager_v1 import SecretManagerServiceClient, SecretVersion
from limit import TOKEN, Job

ACCESSOR = "roles/secretmanager.secretAccessor"
USERNAME = "__token__"
CREDENTIALS = "remote_repository_config.upstream_credentials.username_password_credentials"
KEEP, MIN_AGE = 2, timedelta(days=30)


class Clients:
    """What all projects share."""

    def __init__(self, job: Job) -> None:
        self.secret_manager = job.google_client(SecretManagerServiceClient, "secretmanager")
        self.artifact_registry = job.google_client(ArtifactRegistryClient, "artifactregistry")
        self.http = requests.Session()
        job.widen(self.http)


class Scope:
    """One project and its repositories."""

    member: str

    def __init__(self, job: Job, clients: Clients, wanted: dict[str, Any]) -> None:
        self.secret_manager, self.artifact_registry = clients.secret_manager, clients.artifact_registry
        self.http = clients.http
        self.creates = job.wanted["creates"]
        location = job.wanted["location"]
        self.project = f"projects/{wanted['project']}"
        self.repositories = f"{self.project}/locations/{location}"
        self.index = f"{os.environ['ARTIFACT_REGISTRY_PACKAGES_URL']}/{location}-python.pkg.dev/{wanted['project']}/"
        self.entries = wanted["repositories"]
        self.found: dict[str, Repository] = {}

    # What one answer tells of all

    def find_service_agent(self) -> None:
        api = f"{os.environ['CLOUDSDK_API_ENDPOINT_OVERRIDES_SERVICEUSAGE']}v1beta1/"
        path = f"{self.project}/services/artifactregistry.googleapis.com:generateServiceIdentity"
        login = {"Authorization": f"Bearer {TOKEN}"}
        operation = self.http.post(f"{api}{path}", headers=login).json()
        while not operation.get("done"):
            time.sleep(0.2)
            operation = self.http.get(f"{api}{operation['name']}", headers=login).json()
        self.member = f"serviceAccount:{operation['response']['email']}"

    def find_repositories(self) -> None:
        request = {"parent": self.repositories, "page_size": 1000}
        self.found = {one.name: one for one in self.artifact_registry.list_repositories(request=request)}

    def versions_in_use(self) -> set[str]:
        """Also of repositories that are elsewhere in the project. Only who is about to retire something needs to know."""
        locations = self.http.get(
            f"{os.environ['CLOUDSDK_API_ENDPOINT_OVERRIDES_ARTIFACTREGISTRY']}v1/{self.project}/locations",
            headers={"Authorization": f"Bearer {TOKEN}"},
        ).json()["locations"]
        return {
            login_of(repository)[1]
            for location in locations
            for repository in self.artifact_registry.list_repositories(
                request={"parent": location["name"], "page_size": 1000}
            )
        }

    # The steps of one repository

    def is_right(self, entry: dict[str, Any]) -> bool:
        secret = f"{self.project}/secrets/{entry['secret']}"
        try:
            version = self.secret_manager.access_secret_version(name=f"{secret}/versions/latest")
        except NotFound:
            return False
        if version.payload.data != entry["token"].encode():
            return False
        policy = self.secret_manager.get_iam_policy(
            request={"resource": secret, "options": {"requested_policy_version": 3}}
        )
        member = f"serviceAccount:service-{version.name.split('/')[1]}@gcp-sa-artifactregistry.iam.gserviceaccount.com"
        if not any(binding.role == ACCESSOR and member in binding.members for binding in policy.bindings):
            return False
        repository = self.found.get(self.repository(entry))
        if repository is None or login_of(repository) != (USERNAME, version.name):
            return False
        remote = repository.remote_repository_config.python_repository.public_repository
        if self.creates and (repository.format_.name, remote.name) != ("PYTHON", "PYPI"):
            return False
        self.prove(entry)
        if int(version.name.rpartition("/")[2]) > KEEP:
            self.retire(secret)
        return True

    def write(self, entry: dict[str, Any]) -> None:
        """Of a repository of which nothing is there, or nothing but itself."""
        client, secret = self.secret_manager, f"{self.project}/secrets/{entry['secret']}"
        client.create_secret(parent=self.project, secret_id=entry["secret"], secret={"replication": {"automatic": {}}})
        version = client.add_secret_version(parent=secret, payload={"data": entry["token"].encode()}).name
        policy = {"version": 3, "bindings": [{"role": ACCESSOR, "members": [self.member]}]}
        client.set_iam_policy(request={"resource": secret, "policy": policy})
        login = {"username": USERNAME, "password_secret_version": version}
        config: dict[str, Any] = {"upstream_credentials": {"username_password_credentials": login}}
        if self.creates:
            config["python_repository"] = {"public_repository": "PYPI"}
            self.artifact_registry.create_repository(
                parent=self.repositories,
                repository_id=entry["repository"],
                repository={"format_": "PYTHON", "mode": "REMOTE_REPOSITORY", "remote_repository_config": config},
            ).result()
        else:
            self.artifact_registry.update_repository(
                repository={"name": self.repository(entry), "remote_repository_config": config},
                update_mask={"paths": [CREDENTIALS]},
            )
        # A secret that was just made has nothing to retire.
        self.prove(entry)

    def repository(self, entry: dict[str, Any]) -> str:
        return f"{self.repositories}/repositories/{entry['repository']}"

    def prove(self, entry: dict[str, Any]) -> None:
        """Fetch the package's page and its smallest proof: one file, whole."""
        page = f"{self.index}{entry['repository']}/simple/{entry['package']}/"
        login = ("oauth2accesstoken", TOKEN)
        answer = self.http.get(page, auth=login, headers={"Accept": "application/vnd.pypi.simple.v1+json"})
        answer.raise_for_status()
        file = answer.json()["files"][0]
        answer = self.http.get(urljoin(page, file["url"]), auth=login)
        answer.raise_for_status()
        if hashlib.sha256(answer.content).hexdigest() != file["hashes"]["sha256"]:
            raise ValueError(f"{file['filename']} is damaged")

    def retire(self, secret: str) -> None:
        versions = self.secret_manager.list_secret_versions(request={"parent": secret, "page_size": 25000})
        enabled = [version for version in versions if version.state == SecretVersion.State.ENABLED]
        old = [version for version in enabled[KEEP:] if datetime.now(UTC) - version.create_time > MIN_AGE]
        in_use = self.versions_in_use() if old else set()
        for version in old:
            if version.name not in in_use:
                self.secret_manager.disable_secret_version(name=version.name)


def login_of(repository: Repository) -> tuple[str, str]:
    has = repository.remote_repository_config.upstream_credentials.username_password_credentials
    return has.username, has.password_secret_version


def main() -> None:
    job = Job()
    clients = Clients(job)
    scopes = [Scope(job, clients, wanted) for wanted in job.wanted["scopes"]]
    # Either no repository has a login yet, or the service agent has been made.
    lookups = [scope.find_service_agent if job.from_nothing else scope.find_repositories for scope in scopes]
    with ThreadPoolExecutor(job.threads) as pool:
        list(pool.map(lambda look_up: look_up(), lookups))
    steps = [(scope, entry) for scope in scopes for entry in scope.entries]
    job.run(lambda step: step[0].is_right(step[1]), lambda step: step[0].write(step[1]), steps)


if __name__ == "__main__":
    main()

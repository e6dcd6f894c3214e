# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The limit for the whole workflow: what is listed once serves all, and each repository goes through its steps alone.

Store the token, grant the service agent, set the credentials, prove a fetch, retire old versions: nobody waits for others.
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
from google.cloud.artifactregistry_v1 import ArtifactRegistryClient
from google.cloud.secretmanager_v1 import SecretManagerServiceClient, SecretVersion
from limit import TOKEN, Job

ACCESSOR = "roles/secretmanager.secretAccessor"
USERNAME = "__token__"
CREDENTIALS = "remote_repository_config.upstream_credentials.username_password_credentials"
KEEP, MIN_AGE = 2, timedelta(days=30)


class Workflow:
    """One project's repositories."""

    def __init__(self, job: Job) -> None:
        project, location = job.wanted["project"], job.wanted["location"]
        self.project = f"projects/{project}"
        self.repositories = f"{self.project}/locations/{location}"
        self.index = job.wanted["index"]
        self.secret_manager = job.google_client(SecretManagerServiceClient, "secretmanager")
        self.artifact_registry = job.google_client(ArtifactRegistryClient, "artifactregistry")
        self.http = requests.Session()
        job.widen(self.http)
        with ThreadPoolExecutor(3) as pool:
            agent = pool.submit(self.service_agent)
            secrets = pool.submit(self.secrets)
            # Nothing has credentials yet when nothing is there.
            credentials = pool.submit(dict if job.from_nothing else self.credentials)
        self.member, self.known, self.found = agent.result(), secrets.result(), credentials.result()
        self.in_use = {version for _username, version in self.found.values()}

    # What one answer tells of all

    def service_agent(self) -> str:
        api = f"{os.environ['CLOUDSDK_API_ENDPOINT_OVERRIDES_SERVICEUSAGE']}v1beta1/"
        path = f"{self.project}/services/artifactregistry.googleapis.com:generateServiceIdentity"
        login = {"Authorization": f"Bearer {TOKEN}"}
        operation = self.http.post(f"{api}{path}", headers=login).json()
        while not operation.get("done"):
            time.sleep(0.2)
            operation = self.http.get(f"{api}{operation['name']}", headers=login).json()
        return f"serviceAccount:{operation['response']['email']}"

    def secrets(self) -> set[str]:
        request = {"parent": self.project, "page_size": 25000}
        return {secret.name.rpartition("/")[2] for secret in self.secret_manager.list_secrets(request=request)}

    def credentials(self) -> dict[str, tuple[str, str]]:
        found = {}
        request = {"parent": self.repositories, "page_size": 1000}
        for repository in self.artifact_registry.list_repositories(request=request):
            has = repository.remote_repository_config.upstream_credentials.username_password_credentials
            found[repository.name] = (has.username, has.password_secret_version)
        return found

    # The steps of one repository

    def is_right(self, entry: dict[str, Any]) -> bool:
        if entry["secret"] not in self.known:
            return False
        secret = f"{self.project}/secrets/{entry['secret']}"
        version = self.secret_manager.access_secret_version(name=f"{secret}/versions/latest")
        if version.payload.data != entry["token"].encode():
            return False
        policy = self.secret_manager.get_iam_policy(
            request={"resource": secret, "options": {"requested_policy_version": 3}}
        )
        if not any(binding.role == ACCESSOR and self.member in binding.members for binding in policy.bindings):
            return False
        if self.found[f"{self.repositories}/repositories/{entry['repository']}"] != (USERNAME, version.name):
            return False
        self.prove(entry)
        self.retire(secret)
        return True

    def write(self, entry: dict[str, Any]) -> None:
        client, secret = self.secret_manager, f"{self.project}/secrets/{entry['secret']}"
        if entry["secret"] not in self.known:
            client.create_secret(
                parent=self.project, secret_id=entry["secret"], secret={"replication": {"automatic": {}}}
            )
        version = client.add_secret_version(parent=secret, payload={"data": entry["token"].encode()}).name
        policy = {"version": 3, "bindings": [{"role": ACCESSOR, "members": [self.member]}]}
        client.set_iam_policy(request={"resource": secret, "policy": policy})
        login = {"username": USERNAME, "password_secret_version": version}
        config = {"upstream_credentials": {"username_password_credentials": login}}
        name = f"{self.repositories}/repositories/{entry['repository']}"
        self.artifact_registry.update_repository(
            repository={"name": name, "remote_repository_config": config}, update_mask={"paths": [CREDENTIALS]}
        )
        # A secret that was just made has nothing to retire.
        self.prove(entry)

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
        for version in enabled[KEEP:]:
            if version.name not in self.in_use and datetime.now(UTC) - version.create_time > MIN_AGE:
                self.secret_manager.disable_secret_version(name=version.name)


def main() -> None:
    job = Job()
    workflow = Workflow(job)
    job.run(workflow.is_right, workflow.write)


if __name__ == "__main__":
    main()

# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The limit for upstream credentials: list the location's repositories, compare, update those that differ."""

from __future__ import annotations

from typing import Any

from google.cloud.artifactregistry_v1 import ArtifactRegistryClient
from limit import Job

CREDENTIALS = "remote_repository_config.upstream_credentials.username_password_credentials"


def main() -> None:
    job = Job()
    client = job.google_client(ArtifactRegistryClient, "artifactregistry")
    wanted = job.wanted
    parent = f"projects/{wanted['project']}/locations/{wanted['location']}"
    credentials = {"username": wanted["username"], "password_secret_version": wanted["password_secret_version"]}
    found: dict[str, dict[str, str]] = {}
    if not job.from_nothing:
        for repository in client.list_repositories(request={"parent": parent, "page_size": 1000}):
            has = repository.remote_repository_config.upstream_credentials.username_password_credentials
            found[repository.name] = {
                "username": has.username,
                "password_secret_version": has.password_secret_version,
            }

    def is_right(entry: dict[str, Any]) -> bool:
        return found[f"{parent}/repositories/{entry['repository']}"] == credentials

    def write(entry: dict[str, Any]) -> None:
        upstream = {"upstream_credentials": {"username_password_credentials": credentials}}
        name = f"{parent}/repositories/{entry['repository']}"
        client.update_repository(
            repository={"name": name, "remote_repository_config": upstream}, update_mask={"paths": [CREDENTIALS]}
        )

    job.run(is_right, write)


if __name__ == "__main__":
    main()

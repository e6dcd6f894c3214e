# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The limit for grants on repositories: get the policy, compare, set it if it differs."""

from __future__ import annotations

from typing import Any

from google.cloud.artifactregistry_v1 import ArtifactRegistryClient
from limit import Job


def main() -> None:
    job = Job()
    client = job.google_client(ArtifactRegistryClient, "artifactregistry")
    role = job.wanted["role"]
    parent = f"projects/{job.wanted['project']}/locations/{job.wanted['location']}/repositories"

    def is_right(entry: dict[str, Any]) -> bool:
        policy = client.get_iam_policy(
            request={"resource": f"{parent}/{entry['repository']}", "options": {"requested_policy_version": 3}}
        )
        held = {member for binding in policy.bindings if binding.role == role for member in binding.members}
        return held >= set(entry["members"])

    def write(entry: dict[str, Any]) -> None:
        # Of a repository without a policy: with one, it would be read first, and written with the binding added.
        policy = {"version": 3, "bindings": [{"role": role, "members": entry["members"]}]}
        client.set_iam_policy(request={"resource": f"{parent}/{entry['repository']}", "policy": policy})

    job.run(is_right, write)


if __name__ == "__main__":
    main()

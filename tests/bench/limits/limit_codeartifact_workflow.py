# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The limit for CodeArtifact in the whole workflow: all policies of all domains side by side.

That a policy can be read shows that its domain or repository exists. From nothing, all domains are made before the first repository.
"""

from __future__ import annotations

import json
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError
from limit import Job


def main() -> None:
    job = Job()
    client = boto3.client("codeartifact", config=Config(max_pool_connections=job.threads))

    def is_right(entry: dict[str, Any]) -> bool:
        try:
            if "repository" in entry:
                answer = client.get_repository_permissions_policy(
                    domain=entry["domain"], repository=entry["repository"]
                )
            else:
                answer = client.get_domain_permissions_policy(domain=entry["domain"])
        except ClientError as error:
            if error.response["Error"]["Code"] != "ResourceNotFoundException":
                raise
            return False
        return json.loads(answer["policy"]["document"]) == json.loads(entry["policy"])

    def write(entry: dict[str, Any]) -> None:
        """Of a domain or repository that is not there."""
        domain, policy = entry["domain"], entry["policy"]
        if "repository" in entry:
            client.create_repository(domain=domain, repository=entry["repository"])
            client.put_repository_permissions_policy(
                domain=domain, repository=entry["repository"], policyDocument=policy
            )
        else:
            client.create_domain(domain=domain)
            client.put_domain_permissions_policy(domain=domain, policyDocument=policy)

    scopes = job.wanted["scopes"]
    domains = [{"domain": scope["domain"], "policy": scope["policy"]} for scope in scopes]
    repositories = [{"domain": scope["domain"], **one} for scope in scopes for one in scope["repositories"]]
    if job.from_nothing:
        job.run(is_right, write, domains)
        job.run(is_right, write, repositories)
    else:
        job.run(is_right, write, domains + repositories)


if __name__ == "__main__":
    main()

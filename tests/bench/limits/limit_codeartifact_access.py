# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The limit for who may do what: list the repositories, get the domain's policy and each of theirs, and judge nothing."""

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
    domain = job.wanted["domain"]
    try:
        client.get_domain_permissions_policy(domain=domain)
    except ClientError as error:
        if error.response["Error"]["Code"] != "ResourceNotFoundException":
            raise
    pages = client.get_paginator("list_repositories_in_domain").paginate(
        domain=domain, PaginationConfig={"PageSize": 1000}
    )
    job.wanted["entries"] = [one["name"] for page in pages for one in page["repositories"]]

    def read(name: str) -> bool:
        answer = client.get_repository_permissions_policy(domain=domain, repository=name)
        return bool(json.loads(answer["policy"]["document"]))

    def write(name: Any) -> None:
        raise LookupError(f"{name} has no policy")

    job.run(read, write)


if __name__ == "__main__":
    main()

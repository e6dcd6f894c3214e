# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The limit for who may do what: list the repositories, get the domain's policy and each of theirs, and judge them.

It judges by the collection's own rules, because there are no others.
"""

from __future__ import annotations

import json
from typing import Any

import boto3
from ansible_collections.pkgops.registry_auth.plugins.module_utils._domain.codeartifact.matrix import Matrix
from ansible_collections.pkgops.registry_auth.plugins.module_utils._domain.codeartifact.rules import find
from ansible_collections.pkgops.registry_auth.plugins.module_utils._domain.codeartifact.scope import Governed, Scope
from botocore.config import Config
from botocore.exceptions import ClientError
from limit import Job


def main() -> None:
    job = Job()
    client = boto3.client("codeartifact", config=Config(max_pool_connections=job.threads))
    domain = job.wanted["domain"]

    def read(name: str | None, administrator: str | None = None) -> Governed:
        get = client.get_repository_permissions_policy if name else client.get_domain_permissions_policy
        try:
            policy = get(domain=domain, **({"repository": name} if name else {}))["policy"]
        except ClientError as error:
            if error.response["Error"]["Code"] != "ResourceNotFoundException":
                raise
            return Governed(domain, name, administrator)
        return Governed(domain, name, administrator, json.loads(policy["document"]), policy["revision"])

    pages = client.get_paginator("list_repositories_in_domain").paginate(
        domain=domain, PaginationConfig={"PageSize": 1000}
    )
    listed = [one for page in pages for one in page["repositories"]]
    job.wanted["entries"] = listed
    repositories: list[Governed] = []

    def get(one: dict[str, Any]) -> bool:
        repositories.append(read(one["name"], one["administratorAccount"]))
        return True

    def write(one: Any) -> None:
        raise LookupError(f"{one} is only read")

    of_domain = read(None)
    job.run(get, write)
    scope = Scope(listed[0]["domainOwner"], client.meta.region_name, of_domain, tuple(repositories))
    matrix = Matrix(scope)
    rows = [row for rows in (matrix.domain, *map(matrix.repository, repositories)) for row in rows]
    print(len(rows), "answers", len(find(matrix)), "findings")


if __name__ == "__main__":
    main()

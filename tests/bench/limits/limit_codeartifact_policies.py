# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The limit for repository policies: get the document, compare, put it if it differs."""

from __future__ import annotations

import json
from typing import Any

import boto3
from botocore.config import Config
from limit import Job


def main() -> None:
    job = Job()
    client = boto3.client("codeartifact", config=Config(max_pool_connections=job.threads))
    domain = job.wanted["domain"]

    def is_right(entry: dict[str, Any]) -> bool:
        answer = client.get_repository_permissions_policy(domain=domain, repository=entry["repository"])
        return json.loads(answer["policy"]["document"]) == json.loads(entry["policy"])

    def write(entry: dict[str, Any]) -> None:
        client.put_repository_permissions_policy(
            domain=domain, repository=entry["repository"], policyDocument=entry["policy"]
        )

    job.run(is_right, write)


if __name__ == "__main__":
    main()

# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The limit for payloads: access the newest version, compare, add one if it differs."""

from __future__ import annotations

from typing import Any

from google.cloud.secretmanager_v1 import SecretManagerServiceClient
from limit import Job


def main() -> None:
    job = Job()
    client = job.google_client(SecretManagerServiceClient, "secretmanager")
    parent = f"projects/{job.wanted['project']}/secrets"

    def is_right(entry: dict[str, Any]) -> bool:
        answer = client.access_secret_version(name=f"{parent}/{entry['secret']}/versions/latest")
        return answer.payload.data == entry["payload"].encode()

    def write(entry: dict[str, Any]) -> None:
        client.add_secret_version(parent=f"{parent}/{entry['secret']}", payload={"data": entry["payload"].encode()})

    job.run(is_right, write)


if __name__ == "__main__":
    main()

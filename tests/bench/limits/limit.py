# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the limit scripts share: their arguments, their threads, and clients whose connections do not wait for each other."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

#: The local cloud takes the name of the caller for a token.
TOKEN = os.environ.get("GCP_ACCESS_TOKEN", "")


class Job:
    """C(limit_*.py DATA THREADS converged|nothing): what is wanted, how wide, and what is known of what is there."""

    def __init__(self) -> None:
        data, threads, state = sys.argv[1:]
        with open(data, "rb") as file:
            self.wanted: dict[str, Any] = json.load(file)
        self.threads = int(threads)
        self.from_nothing = state == "nothing"

    def run(
        self, is_right: Callable[[Any], bool], write: Callable[[Any], object], entries: list[Any] | None = None
    ) -> None:
        """Compare each entry and write those that differ; write all without a look when nothing is there yet.

        The entries are those of the data when they are not given.
        """
        wanted = self.wanted["entries"] if entries is None else entries

        def converge(entry: Any) -> bool:
            if not self.from_nothing and is_right(entry):
                return False
            write(entry)
            return True

        with ThreadPoolExecutor(self.threads) as pool:
            print(f"changed={sum(pool.map(converge, wanted))}")

    def google_client(self, client_class: Callable[..., Any], service: str) -> Any:
        """A REST client with a connection for each thread; by itself it would keep ten."""
        from google.oauth2.credentials import Credentials

        endpoint = os.environ[f"CLOUDSDK_API_ENDPOINT_OVERRIDES_{service.upper()}"]
        client = client_class(
            credentials=Credentials(TOKEN), transport="rest", client_options={"api_endpoint": endpoint.rstrip("/")}
        )
        self.widen(client.transport._session)
        return client

    def widen(self, session: Any) -> None:
        from requests.adapters import HTTPAdapter

        session.mount("http://", HTTPAdapter(pool_connections=1, pool_maxsize=self.threads))

# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The port for clients that insist on HTTPS, with a certificate of an authority that lives as long as this process."""

from __future__ import annotations

import ssl
import tempfile
from pathlib import Path

import trustme


class Tls:
    """``authority_file`` is what clients have to trust; ``url`` is known once somebody listens."""

    def __init__(self) -> None:
        self.url = ""
        self._directory = tempfile.TemporaryDirectory(prefix="local-cloud-tls-")
        authority = trustme.CA()
        self.authority_file = str(Path(self._directory.name) / "authority.pem")
        authority.cert_pem.write_to_path(self.authority_file)
        self.context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        authority.issue_cert("127.0.0.1", "localhost").configure_cert(self.context)

    def stop(self) -> None:
        self._directory.cleanup()

    def variables(self) -> dict[str, str]:
        """The environment variables by which uv, twine and whatever else uses their libraries trust it, and nothing else."""
        return {"SSL_CERT_FILE": self.authority_file, "REQUESTS_CA_BUNDLE": self.authority_file}

# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The port for clients that insist on HTTPS, with certificates of an authority that lives as long as this process."""

from __future__ import annotations

import ssl
import tempfile
from functools import cache
from pathlib import Path

import trustme

from local_cloud.platform.hosts import Hosts


class Tls:
    """``authority_file`` is what clients have to trust; ``url`` is known once somebody listens. ``hosts`` are asked for by name."""

    def __init__(self, hosts: Hosts) -> None:
        self.url = ""
        self._hosts = hosts
        self._directory = tempfile.TemporaryDirectory(prefix="local-cloud-tls-")
        self._authority = trustme.CA()
        self.authority_file = str(Path(self._directory.name) / "authority.pem")
        self._authority.cert_pem.write_to_path(self.authority_file)
        self._context_of = cache(self._new_context)
        self.context = self._new_context("127.0.0.1", "localhost")
        self.context.sni_callback = self._certify

    def stop(self) -> None:
        self._directory.cleanup()

    def variables(self) -> dict[str, str]:
        """The environment variables by which uv, twine and whatever else uses their libraries trust it, and nothing else."""
        return {"SSL_CERT_FILE": self.authority_file, "REQUESTS_CA_BUNDLE": self.authority_file}

    def _new_context(self, *names: str) -> ssl.SSLContext:
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        self._authority.issue_cert(*names).configure_cert(context)
        return context

    def _certify(self, connection: ssl.SSLObject, host: str | None, _context: ssl.SSLContext) -> None:
        """Show the certificate of the host that is asked for, if that is here."""
        if host is not None and host in self._hosts:
            connection.context = self._context_of(host)

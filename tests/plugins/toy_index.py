# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Package indexes on the loopback that note who asks for what: Python's simple API, uploads, and npm's registry, with or without a login."""

from __future__ import annotations

import base64
import hashlib
import io
import json
import tarfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path


@dataclass
class ToyIndex:
    """What it has, whom it lets in, and what it was asked for."""

    url: str
    #: User name and password; None lets everybody in.
    login: tuple[str, str] | None
    wheels: dict[str, bytes] = field(default_factory=dict)
    npm_version: str = "1.0.0"
    #: Path and status of each request.
    asked: list[tuple[str, int]] = field(default_factory=list)
    uploads: int = 0

    def lets_in(self, header: str) -> bool:
        """Whether a request's login is the right one."""
        if self.login is None:
            return True
        basic = base64.b64encode(":".join(self.login).encode()).decode()
        return header in (f"Basic {basic}", f"Bearer {self.login[1]}")


def _tarball(version: str) -> bytes:
    package = json.dumps({"name": "@acme/tool", "version": version}).encode()
    written = io.BytesIO()
    with tarfile.open(fileobj=written, mode="w:gz") as archive:
        entry = tarfile.TarInfo("package/package.json")
        entry.size = len(package)
        archive.addfile(entry, io.BytesIO(package))
    return written.getvalue()


class _Handler(BaseHTTPRequestHandler):
    index: ToyIndex

    def do_GET(self) -> None:
        if not self.index.lets_in(self.headers.get("Authorization", "")):
            self._answer(401, b"")
            return
        path = self.path.replace("%2f", "/").replace("%2F", "/").rstrip("/")
        name = path.rpartition("/")[2]
        if path.startswith("/simple/"):
            page = "".join(f'<a href="/files/{wheel}">{wheel}</a>' for wheel in self.index.wheels)
            self._answer(200 if name == "our-package" else 404, page.encode(), "text/html")
        elif (
            path.startswith("/files/")
            and name.removesuffix(".metadata") in self.index.wheels
            and not name.endswith("metadata")
        ):
            self._answer(200, self.index.wheels[name], "application/octet-stream")
        elif path == "/npm/@acme/tool":
            self._answer(200, json.dumps(self._packument()).encode(), "application/json")
        elif path.startswith("/npm/-/"):
            self._answer(200, _tarball(self.index.npm_version), "application/octet-stream")
        else:
            self._answer(404, b"")

    do_HEAD = do_GET

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        allowed = self.index.lets_in(self.headers.get("Authorization", ""))
        self.index.uploads += allowed
        self._answer(200 if allowed else 401, b"")

    def _packument(self) -> dict[str, object]:
        version = self.index.npm_version
        dist = {
            "tarball": f"{self.index.url}npm/-/tool-{version}.tgz",
            "shasum": hashlib.sha1(_tarball(version)).hexdigest(),
        }
        one = {"name": "@acme/tool", "version": version, "dist": dist}
        return {"name": "@acme/tool", "dist-tags": {"latest": version}, "versions": {version: one}}

    def _answer(self, status: int, body: bytes, kind: str = "text/plain") -> None:
        self.index.asked.append((self.path, status))
        self.send_response(status)
        if status == 401:
            self.send_header("WWW-Authenticate", 'Basic realm="toy"')
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def log_message(self, format: str, *arguments: object) -> None:
        """Say nothing."""


@contextmanager
def toy_index(*wheels: Path, login: tuple[str, str] | None = None) -> Iterator[ToyIndex]:
    """An index with wheels of our-package."""
    handler = type("Handler", (_Handler,), {})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    index = ToyIndex(
        f"http://127.0.0.1:{server.server_port}/", login, {wheel.name: wheel.read_bytes() for wheel in wheels}
    )
    handler.index = index
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield index
    finally:
        server.shutdown()
        thread.join()
        server.server_close()

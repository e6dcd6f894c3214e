# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The index behind the remote repositories: pypiserver, wanting a login for everything, with a demo package."""

from __future__ import annotations

import re
import secrets
import shutil
import tempfile
import threading
from collections.abc import Iterable
from pathlib import Path
from socketserver import ThreadingMixIn
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

import pypiserver
from aiohttp import web
from flit_core.wheel import WheelBuilder

from local_cloud.platform.bodies import read_json, texts
from local_cloud.platform.errors import unknown_control_method
from local_cloud.services.upstream.client import Login

USERNAME = "__token__"
DEMO_VERSIONS = ("1.0.0", "1.1.0")
_DEMO_PROJECT = Path(__file__).resolve().parent / "demo-package"


class Upstream:
    """A package index in a thread of this process, on a loopback port of its own.

    ``tokens`` are the passwords that it takes now; assigning to it takes effect at once. ``login`` always works: it is
    for who reads the index as if it were public.
    """

    def __init__(self, tokens: Iterable[str] = ()) -> None:
        self._seed = frozenset(tokens)
        self.reset()
        self.login = Login(USERNAME, secrets.token_urlsafe())
        self._directory = tempfile.TemporaryDirectory(prefix="local-cloud-index-")
        packages = Path(self._directory.name)
        for version in DEMO_VERSIONS:
            _build_demo_package(version, packages)
        self.application = pypiserver.app(
            roots=[packages],
            authenticate=["list", "download", "update"],
            auther=self._accepts,
            disable_fallback=True,
            hash_algo="sha256",
        )
        self._server = make_server("127.0.0.1", 0, self.application, _ThreadingServer, _QuietHandler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever, name="upstream", daemon=True)

    def reset(self) -> None:
        self.tokens = self._seed

    async def control(self, request: web.Request, path: str) -> web.Response:
        """``PUT /_local/upstream/tokens``: a list of the tokens. Raises ApiError."""
        if (request.method, path) != ("PUT", "tokens"):
            raise unknown_control_method()
        self.tokens = texts(await read_json(request, list))
        return web.json_response({})

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._directory.cleanup()

    def _accepts(self, username: str, password: str) -> bool:
        return username == USERNAME and (password in self.tokens or password == self.login.password)


class _ThreadingServer(ThreadingMixIn, WSGIServer):
    daemon_threads = True

    def server_bind(self) -> None:
        # The parent asks the resolver for this machine's name, which can take seconds and is of no use here.
        self.server_name = "127.0.0.1"
        self.server_address = self._bound_address()
        self.server_port = self.server_address[1]
        self.setup_environ()

    def _bound_address(self) -> tuple[str, int]:
        self.socket.bind(self.server_address)
        return self.socket.getsockname()


class _QuietHandler(WSGIRequestHandler):
    def log_message(self, format: str, *args: object) -> None:
        """The cloud's own call log says what was fetched."""


def _build_demo_package(version: str, packages: Path) -> None:
    """Build one wheel of the sample project under another version number."""
    with tempfile.TemporaryDirectory() as scratch:
        project = shutil.copytree(_DEMO_PROJECT, Path(scratch) / "project")
        module = project / "demo_package" / "__init__.py"
        module.write_text(re.sub(r'__version__ = ".*"', f'__version__ = "{version}"', module.read_text()))
        wheel = packages / f"demo_package-{version}-py3-none-any.whl"
        with wheel.open("wb") as target:
            WheelBuilder.from_ini_path(project / "pyproject.toml", target).build(editable=False)

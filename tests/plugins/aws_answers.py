# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""boto3's client of CodeArtifact with the collection's settings, and a server that gives it one answer and keeps its requests."""

from __future__ import annotations

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, urlsplit

import pytest
from ansible_collections.pkgops.registry_auth.plugins.module_utils._base.quota import CODEARTIFACT, Deadline, Quotas
from ansible_collections.pkgops.registry_auth.plugins.module_utils._clients.aws.codeartifact import client_settings

session = pytest.importorskip("botocore.session")

UNHURRIED = Quotas(CODEARTIFACT, Deadline())


class Answers(BaseHTTPRequestHandler):
    """Gives one answer to everything, and keeps the requests."""

    def answer(self):
        parts = urlsplit(self.path)
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.server.requests.append(
            (self.command, parts.path, dict(parse_qsl(parts.query)), json.loads(body or "null"))
        )
        status, content, headers = self.server.answer
        if status is None:
            self.connection.close()
            return
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    do_GET = do_PUT = do_POST = do_DELETE = answer

    def log_message(self, *args):
        pass


@pytest.fixture(scope="module")
def server():
    server = ThreadingHTTPServer(("127.0.0.1", 0), Answers)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


def client(port, **changes):
    keys = {"aws_access_key_id": "AKIDEXAMPLE", "aws_secret_access_key": "secret"} | changes
    return session.Session(profile=None).create_client(
        "codeartifact",
        region_name="eu-west-1",
        endpoint_url=f"http://127.0.0.1:{port}/ca",
        config=client_settings(4),
        **keys,
    )


def answers(server, status, body=None, **headers):
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    server.answer = status, content, {name.replace("_", "-"): value for name, value in headers.items()}

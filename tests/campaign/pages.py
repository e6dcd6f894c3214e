# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Pages of indexes that are right but for a few places, answered without a network, and what the modules for indexes make of them."""

from __future__ import annotations

import io
import json
from random import Random
from typing import Any

import requests
from ansible_collections.pkgops.registry_auth.plugins.module_utils._clients.pypi.attestations import Verifier
from ansible_collections.pkgops.registry_auth.plugins.module_utils._clients.pypi.index import Login, PackageIndex
from ansible_collections.pkgops.registry_auth.plugins.module_utils._resources.package_index_info import (
    DesiredReading,
    PackageReadings,
)
from ansible_collections.pkgops.registry_auth.plugins.module_utils._resources.pypi_provenance_info import (
    DesiredProvenance,
    Provenances,
)
from requests.adapters import BaseAdapter

from campaign import odd
from campaign.documents import PROVENANCE, refusals

INDEX = "https://index.example.com"
_FILE = "demo-1.0.0-py3-none-any.whl"
_SHA256 = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
#: Source: the simple repository API's specification, version 1.3.
PAGE = {
    "meta": {"api-version": "1.3", "project-status": "active"},
    "name": "demo",
    "versions": ["1.0.0", "2.0"],
    "files": [
        {
            "filename": _FILE,
            "url": f"{INDEX}/files/{_FILE}",
            "hashes": {"sha256": _SHA256, "md5": "d41d8cd98f00b204e9800998ecf8427e"},
            "size": 0,
            "upload-time": "2026-01-31T12:00:00.000000Z",
            "yanked": False,
            "requires-python": ">=3.8",
            "provenance": f"{INDEX}/integrity/demo/1.0.0/{_FILE}/provenance",
        },
        {"filename": "demo-2.0.tar.gz", "url": "../../files/demo-2.0.tar.gz", "hashes": {}, "size": 5, "yanked": "Broken."},
    ],
}  # fmt: skip
HTML = f"""<!DOCTYPE html>
<html><head><meta name="pypi:repository-version" content="1.3"><title>Links for demo</title></head><body>
<a href="{INDEX}/files/{_FILE}#sha256={_SHA256}" data-requires-python="&gt;=3.8" data-provenance="{INDEX}/p">{_FILE}</a><br>
<a href="../../files/demo-2.0.tar.gz" data-yanked="Broken.">demo-2.0.tar.gz</a>
</body></html>
"""
_TYPES = (
    "application/vnd.pypi.simple.v1+json",
    "application/vnd.pypi.simple.v1+html",
    "text/html",
    "text/html; charset=latin-1",
)


class _Answers(BaseAdapter):
    """Answers each request of a session with what is drawn."""

    def __init__(self, random: Random) -> None:
        super().__init__()
        self._random = random

    def send(self, request: requests.PreparedRequest, *_given: Any, **_more: Any) -> requests.Response:
        answer = requests.Response()
        answer.request, answer.url = request, str(request.url)
        answer.status_code = (
            200 if self._random.random() < 0.9 else self._random.choice((204, 301, 404, 410, 403, 451, 503))
        )
        answer.headers["Content-Type"], content = self._drawn(answer.url)
        answer.raw = io.BytesIO(content.encode("utf-8", "surrogatepass"))
        return answer

    def _drawn(self, url: str) -> tuple[str, str]:
        random = self._random
        if "simple" in url:
            kind = random.choice(_TYPES)
            said = json.dumps(odd.altered(PAGE, random)) if "json" in kind else odd.altered_text(HTML, random)
            return (kind if random.random() < 0.9 else odd.text(random)), said
        if "/files/" in url:
            return "application/octet-stream", random.choice(("", "x"))
        return "application/json", json.dumps(odd.altered(PROVENANCE, random))

    def close(self) -> None:
        """Nothing is open."""


class _Index(PackageIndex):
    """The client of indexes, whose sessions have no network."""

    def __init__(self, random: Random) -> None:
        super().__init__()
        self._answering = requests.Session()
        for scheme in ("https://", "http://"):
            self._answering.mount(scheme, _Answers(random))

    def _session(self, _index_url: str, _login: Login | None, _bounds: Any) -> Any:
        return self._answering


def pages(random: Random) -> None:
    """A page of an index in JSON or HTML, and the provenance that it leads to."""
    index, download = _Index(random), random.random() < 0.3
    with refusals():
        wanted = DesiredReading(f"{INDEX}/simple/", "demo", download=download)
        readings = PackageReadings(index, lambda: "")
        json.dumps(readings.result(readings.read(wanted), wanted))
    with refusals():
        version = random.choice(("1.0.0", "1", odd.text(random)))
        options = {"project": "demo", "version": version, "index": INDEX, "verify": False}
        asked = DesiredProvenance.from_options(options)
        provenances = Provenances(f"{INDEX}/simple/", index, Verifier())
        json.dumps(provenances.result(provenances.read(asked), asked))
        provenances.pool.shutdown()

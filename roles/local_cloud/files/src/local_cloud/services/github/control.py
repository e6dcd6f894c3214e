# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The control API of GitHub, below ``/_local/github``: what is there, and what runs.

* ``POST /``: put in what a document has (``setup``);
* ``POST /runs``: start a run of a job (``runs``); its id, and the environment variables of the job, to which those are added
  by which uv and twine publish to the local index;
* ``POST /runs.sh``: the same, as commands for a shell;
* ``POST /id-tokens``: ``{"claims": {...}}``, signed as they are;
* ``POST /attestations``: ``{"run": id, "filename": name, "sha256": digest}``, an attestation as the run's job makes it.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from aiohttp import web

from local_cloud.platform.bodies import exports, read_json
from local_cloud.platform.errors import invalid_argument, unknown_control_method
from local_cloud.services.github import attestations, runs, setup
from local_cloud.services.github.store import GitHub


async def handle(
    state: GitHub, now: datetime, publishing: Mapping[str, str], request: web.Request, path: str
) -> web.Response:
    """Answer one request. ``publishing`` are more variables of a job.

    Raises:
        ApiError: for what it does not know or understand.
    """
    if request.method != "POST":
        raise unknown_control_method()
    body = await read_json(request, dict)
    match path:
        case "":
            setup.apply(state, body, now)
            return web.json_response({})
        case "runs" | "runs.sh":
            run = runs.start(state, body, now)
            variables = runs.variables(run, f"http://{request.host}") | dict(publishing)
            if path == "runs":
                return web.json_response({"id": run.id, "environment": variables})
            return web.Response(text="".join(f"{line}\n" for line in exports(variables)))
        case "id-tokens" if isinstance(body.get("claims"), dict):
            return web.json_response({"token": state.signing_key.sign(body["claims"])})
        case "attestations":
            found = state.runs.get(str(body.get("run")))
            if found is None:
                raise invalid_argument("There is no such run.")
            made = attestations.attest(found, str(body.get("filename")), str(body.get("sha256")), now)
            return web.json_response(made)
        case _:
            raise unknown_control_method()

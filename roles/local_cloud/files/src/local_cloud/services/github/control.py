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

from aiohttp import web

from local_cloud import environment
from local_cloud.cloud import Cloud
from local_cloud.platform.control_bodies import read_json
from local_cloud.platform.errors import invalid_argument, unknown_control_method
from local_cloud.services.github import attestations, runs, setup


async def handle(cloud: Cloud, request: web.Request, path: str) -> web.Response:
    """Answer one request.

    Raises:
        ApiError: for what it does not know or understand.
    """
    if request.method != "POST":
        raise unknown_control_method()
    body, state = await read_json(request, dict), cloud.github
    match path:
        case "":
            setup.apply(state, body, cloud.now())
            return web.json_response({})
        case "runs" | "runs.sh":
            run = runs.start(state, body, cloud.now())
            variables = run.variables(f"http://{request.host}") | _publishing(cloud)
            if path == "runs":
                return web.json_response({"id": run.id, "environment": variables})
            return web.Response(text="".join(f"{line}\n" for line in environment.exports(variables)))
        case "id-tokens" if isinstance(body.get("claims"), dict):
            return web.json_response({"token": state.signing_key.sign(body["claims"])})
        case "attestations":
            found = state.runs.get(str(body.get("run")))
            if found is None:
                raise invalid_argument("There is no such run.")
            made = attestations.attest(found, str(body.get("filename")), str(body.get("sha256")), cloud.now())
            return web.json_response(made)
        case _:
            raise unknown_control_method()


def _publishing(cloud: Cloud) -> dict[str, str]:
    """uv insists on HTTPS for trusted publishing."""
    url = f"{cloud.tls.url}/index/legacy/"
    return {"UV_PUBLISH_URL": url, "TWINE_REPOSITORY_URL": url, **cloud.tls.variables()}

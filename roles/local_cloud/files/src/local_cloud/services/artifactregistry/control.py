# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""``PUT /_local/artifactregistry/virtual-listing``: which versions virtual repositories list, ``"merge"`` or ``"shadow"``."""

from __future__ import annotations

from aiohttp import web

from local_cloud.platform.bodies import read_json
from local_cloud.platform.errors import invalid_argument, unknown_control_method
from local_cloud.services.artifactregistry.service import ArtifactRegistry, Listing


async def control(service: ArtifactRegistry, request: web.Request, path: str) -> web.Response:
    """Answer one control request. Raises ApiError."""
    if (request.method, path) != ("PUT", "virtual-listing"):
        raise unknown_control_method()
    listing = await read_json(request, str)
    if listing not in set(Listing):
        raise invalid_argument(f"The listing must be one of {', '.join(Listing)}.")
    service.virtual_listing = Listing(listing)
    return web.json_response({})

# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The control API of AWS's callers, and what becomes of policies when a user that they name is deleted: they name the user's
unique id, which is nobody's ARN.

Source: IAM User Guide, "AWS JSON policy elements: Principal".
"""

from __future__ import annotations

from base64 import b32encode
from collections.abc import Iterable, Iterator
from dataclasses import replace
from hashlib import sha256

from aiohttp import web

from local_cloud.platform.bodies import read_json
from local_cloud.platform.errors import unknown_control_method
from local_cloud.services.codeartifact.store import CodeArtifact, Governed

_ID_LENGTH = 17


async def control(state: CodeArtifact, request: web.Request, path: str) -> web.Response:
    """``PUT /_local/aws/identities``: callers by access key, null for none. Raises ApiError."""
    if (request.method, path) != ("PUT", "identities"):
        raise unknown_control_method()
    leave_ids(state, state.identities.update(await read_json(request, dict)))
    return web.json_response({})


def leave_ids(state: CodeArtifact, arns: Iterable[str]) -> None:
    """Put the ids of users in place of their ARNs. No policy is written by that, so its revision stays."""
    for arn in arns:
        for governed in _all_of(state):
            if governed.policy is not None:
                document = governed.policy.document.replace(f'"{arn}"', f'"{unique_id(arn)}"')
                governed.policy = replace(governed.policy, document=document)


def unique_id(arn: str) -> str:
    return "AIDA" + b32encode(sha256(arn.encode()).digest()).decode()[:_ID_LENGTH]


def _all_of(state: CodeArtifact) -> Iterator[Governed]:
    for world in state.worlds.values():
        for domain in world.values():
            yield domain
            yield from domain.repositories.values()

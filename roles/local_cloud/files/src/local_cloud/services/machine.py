# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The metadata server of a machine of Compute Engine, as client libraries log in with it.

It is at the root of the port, for GCE_METADATA_HOST has no path. Source: Compute Engine's documentation, "About VM metadata" and "View and query
VM metadata".
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from aiohttp import web

from local_cloud.platform.base import Requested
from local_cloud.platform.bodies import read_json
from local_cloud.platform.errors import ApiError, unknown_control_method
from local_cloud.services.iam.control import checked_account
from local_cloud.services.iam.service import Iam
from local_cloud.services.iam.tokens import shown

_FLAVOR = {"Metadata-Flavor": "Google"}
_ROOT = "computeMetadata/v1/"
_ACCOUNTS = "instance/service-accounts/"
_SCOPES = ["https://www.googleapis.com/auth/cloud-platform"]


class Machine:
    """One machine, of the first project and with its default service account unless the control API says otherwise."""

    def __init__(self, iam: Iam, projects: Sequence[tuple[str, str]]) -> None:
        self._iam = iam
        self._project, self._number = projects[0]
        self.reset()

    def reset(self) -> None:
        self.account = f"{self._number}-compute@developer.gserviceaccount.com"

    async def control(self, request: web.Request, path: str) -> web.Response:
        """``PUT /_local/machine``: say which service account it has. Raises ApiError."""
        if (request.method, path) != ("PUT", ""):
            raise unknown_control_method()
        self.account, _project = checked_account((await read_json(request, dict)).get("account"))
        return web.json_response({})

    async def find(self, request: web.Request, path: str) -> Requested | web.Response | None:
        asked = request.headers.get("Metadata-Flavor") == "Google"
        if path != "computeMetadata" and not path.startswith("computeMetadata/") and not (path == "" and asked):
            return None
        if not asked or "X-Forwarded-For" in request.headers:
            return _text('Missing required header "Metadata-Flavor": "Google"', 403)
        if request.method not in {"GET", "HEAD"}:
            return _text("Method not allowed", 405)
        if not path.startswith(_ROOT):
            return _text("computeMetadata/\n")
        wanted = path.removeprefix(_ROOT)
        if wanted in {f"{_ACCOUNTS}{name}/token" for name in self._names}:
            return Requested("metadata.GetToken", self.account, lambda: self._member, self._token)
        found = self._tree(recursive=request.query.get("recursive", "").lower() == "true").get(wanted)
        if found is None:
            return _text("Not found", 404)
        return _text(found) if isinstance(found, str) else web.json_response(found, headers=_FLAVOR)

    def in_own_words(self, error: ApiError) -> ApiError:
        return error

    @property
    def _member(self) -> str:
        return f"serviceAccount:{self.account}"

    @property
    def _names(self) -> tuple[str, str]:
        return "default", self.account

    async def _token(self, member: str) -> web.Response:
        if member in self._iam.tokens.revoked:
            return _text("The service account was not found.", 404)
        token, _expires = self._iam.tokens.issue(member)
        return web.json_response(shown(token), headers=_FLAVOR)

    def _tree(self, *, recursive: bool) -> dict[str, Any]:
        """What there is by path: text, or what is answered as JSON."""
        account = {"aliases": ["default"], "email": self.account, "scopes": _SCOPES}
        of_account = {
            "": account if recursive else "aliases\nemail\nidentity\nscopes\ntoken\n",
            "aliases": "default\n",
            "email": self.account,
            "scopes": "\n".join([*_SCOPES, ""]),
        }
        return {
            "": "instance/\nproject/\nuniverse/\n",
            "project/project-id": self._project,
            "project/numeric-project-id": self._number,
            "universe/universe-domain": "googleapis.com",
            _ACCOUNTS: dict.fromkeys(self._names, account) if recursive else f"default/\n{self.account}/\n",
            **{f"{_ACCOUNTS}{name}/{part}": value for name in self._names for part, value in of_account.items()},
        }


def _text(text: str, status: int = 200) -> web.Response:
    return web.Response(text=text, status=status, content_type="application/text", headers=_FLAVOR)

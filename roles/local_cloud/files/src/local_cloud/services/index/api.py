# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a request to the index asks for, and its answer."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from urllib.parse import unquote

from aiohttp import web

from local_cloud.cloud import Cloud
from local_cloud.platform.errors import ApiError
from local_cloud.services.index import pages, registration, trusted_publishing, upload_tokens, uploads
from local_cloud.services.index.pages import page_response

PREFIX = "index/"
_OIDC = "_/oidc/"


@dataclass(frozen=True)
class Request:
    """A request for something of the index."""

    http: web.Request
    method: str
    path: dict[str, str]

    @classmethod
    def parse(cls, http: web.Request, path: str) -> Request | None:
        """None when the path is none of the index's.

        Raises:
            ApiError: it is, and there is nothing.
        """
        if not path.startswith((PREFIX, _OIDC)):
            return None
        verb = "GET" if http.method == "HEAD" else http.method
        matching = [
            (wanted, name, found)
            for wanted, pattern, name, _answer in _METHODS
            if (found := re.fullmatch(pattern, path.removeprefix(PREFIX)))
        ]
        for wanted, name, found in matching:
            if wanted == verb:
                return cls(http, name, {key: unquote(value) for key, value in found.groupdict().items() if value})
        raise ApiError("NOT_FOUND", "The index has nothing there.", http_status=405 if matching else 404)

    @property
    def resource(self) -> str:
        return "/".join(self.path.values())

    @property
    def origin(self) -> str:
        """What stands for the index's own address."""
        return f"{self.http.scheme}://{self.http.host}/index"

    @property
    def accept(self) -> str:
        return self.http.headers.get("Accept", "")

    def identify(self, cloud: Cloud) -> str:
        """Who sends an upload token; anybody may read."""
        return str(upload_tokens.holder_of(cloud.index, self.http.headers.get("Authorization")) or "")

    async def answer(self, cloud: Cloud) -> web.Response:
        answer = next(answer for _verb, _pattern, name, answer in _METHODS if name == self.method)
        return await answer(cloud, self)


async def _audience(cloud: Cloud, _request: Request) -> web.Response:
    return trusted_publishing.audience(cloud.index)


async def _mint(cloud: Cloud, request: Request) -> web.Response:
    body, host = await request.http.read(), request.http.host.partition(":")[0]
    return trusted_publishing.mint(cloud.index, cloud.github.signing_key, body, host, cloud.now())


async def _burn(cloud: Cloud, request: Request) -> web.Response:
    return trusted_publishing.burn(cloud.index, await request.http.read())


async def _upload(cloud: Cloud, request: Request) -> web.Response:
    holder = upload_tokens.holder_of(cloud.index, request.http.headers.get("Authorization"))
    return await uploads.upload(cloud.index, holder, request.http, cloud.now())


async def _list_projects(cloud: Cloud, request: Request) -> web.Response:
    return pages.projects(cloud.index, request.accept)


async def _get_project(cloud: Cloud, request: Request) -> web.Response:
    return pages.project(cloud.index, request.path["project"], request.accept, request.origin)


async def _describe(cloud: Cloud, request: Request) -> web.Response:
    return pages.description(cloud.index, request.path["project"])


async def _get_file(cloud: Cloud, request: Request) -> web.Response:
    return pages.file(cloud.index, request.path["project"], request.path["filename"])


async def _get_provenance(cloud: Cloud, request: Request) -> web.Response:
    path = request.path
    return pages.integrity(cloud.index, path["project"], path["version"], path["filename"], request.accept)


async def _show_form(_cloud: Cloud, request: Request) -> web.Response:
    """A link fills in the form of a project that exists, and none other."""
    project = request.path.get("project")
    fields = registration.form_fields(request.http.query_string) if project else {}
    return page_response(registration.page(project, fields))


async def _register(cloud: Cloud, request: Request) -> web.Response:
    """The owner gets the name that GitHub has for it, the repository keeps the one that was typed."""
    project = request.path.get("project")
    fields = registration.form_fields(await request.http.text())
    owner = cloud.github.account(fields.get("owner", ""))
    problems: tuple[str, ...] = ("Unknown GitHub user or organization.",)
    if owner is not None:
        problems = registration.register(cloud.index, project, fields | {"owner": owner.login}, str(owner.id))
    return page_response(registration.page(project, fields, problems), 400 if problems else 200)


Answer = Callable[[Cloud, Request], Awaitable[web.Response]]
_PROJECT = "(?P<project>[^/]+)"
# Of a project, and for one that is to come.
_FORMS = f"manage/(?:project/{_PROJECT}/settings|account)/publishing/?"
#: Verb, path below the index, and the name by which calls are logged and faults are matched.
_METHODS: tuple[tuple[str, str, str, Answer], ...] = (
    ("GET", "_/oidc/audience", "index.Audience", _audience),
    ("POST", "_/oidc/(?:github/)?mint-token", "index.MintToken", _mint),
    ("POST", "_/oidc/burn-token", "index.BurnToken", _burn),
    ("POST", "legacy/?", "index.Upload", _upload),
    ("GET", "simple/?", "index.ListProjects", _list_projects),
    ("GET", f"simple/{_PROJECT}/?", "index.GetProject", _get_project),
    ("GET", f"pypi/{_PROJECT}/json", "index.DescribeProject", _describe),
    ("GET", f"files/{_PROJECT}/(?P<filename>[^/]+)", "index.GetFile", _get_file),
    (
        "GET",
        f"integrity/{_PROJECT}/(?P<version>[^/]+)/(?P<filename>[^/]+)/provenance",
        "index.GetProvenance",
        _get_provenance,
    ),
    ("GET", _FORMS, "index.ShowPublishingForm", _show_form),
    ("POST", _FORMS, "index.RegisterPublisher", _register),
)

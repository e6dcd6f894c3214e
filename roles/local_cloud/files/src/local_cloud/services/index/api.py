# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a request to the index asks for, and its answer."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import unquote

from aiohttp import web

from local_cloud.platform.base import Platform, Requested
from local_cloud.platform.errors import ApiError
from local_cloud.platform.tls import Tls
from local_cloud.services.github.id_tokens import SigningKey
from local_cloud.services.index import control, pages, registration, trusted_publishing, upload_tokens, uploads
from local_cloud.services.index.pages import page_response
from local_cloud.services.index.store import Index

PREFIX = "index/"
_OIDC = "_/oidc/"


@dataclass(frozen=True)
class Request:
    """A request for something of the index, which has its ``store`` then."""

    http: web.Request
    store: Index
    path: dict[str, str]
    now: datetime

    @property
    def origin(self) -> str:
        """What stands for the index's own address."""
        return f"{self.http.scheme}://{self.http.host}/index"

    @property
    def accept(self) -> str:
        return self.http.headers.get("Accept", "")

    @property
    def holder(self) -> upload_tokens.Holder | None:
        """Who sends an upload token; anybody may read."""
        return upload_tokens.holder_of(self.store, self.http.headers.get("Authorization"))


class PackageIndex:
    """The index on the port. It trusts whom ``key`` signs for; ``account_of`` finds the owners of repositories."""

    def __init__(
        self, platform: Platform, key: SigningKey, account_of: Callable[[str], tuple[str, str] | None]
    ) -> None:
        self._platform = platform
        self.key = key
        self.account_of = account_of
        self.reset()

    def reset(self) -> None:
        self.store = Index()

    async def control(self, request: web.Request, path: str) -> web.Response:
        return await control.handle(self.store, request, path)

    async def find(self, http: web.Request, path: str) -> Requested | None:
        if not path.startswith((PREFIX, _OIDC)):
            return None
        verb = "GET" if http.method == "HEAD" else http.method
        matching = {
            wanted: (name, answer, found.groupdict())
            for wanted, pattern, name, answer in _METHODS
            if (found := re.fullmatch(pattern, path.removeprefix(PREFIX)))
        }
        if verb not in matching:
            raise ApiError("NOT_FOUND", "The index has nothing there.", http_status=405 if matching else 404)
        name, answer, groups = matching[verb]
        variables = {key: unquote(value) for key, value in groups.items() if value}
        request = Request(http, self.store, variables, self._platform.now())

        async def work(_caller: str) -> web.Response:
            response = answer(self, request)
            return response if isinstance(response, web.Response) else await response

        return Requested(name, "/".join(variables.values()), lambda: str(request.holder or ""), work)

    def in_own_words(self, error: ApiError) -> ApiError:
        return error


def publishing_variables(tls: Tls) -> dict[str, str]:
    """Those by which uv and twine publish here. uv insists on HTTPS for trusted publishing."""
    url = f"{tls.url}/{PREFIX}legacy/"
    return {"UV_PUBLISH_URL": url, "TWINE_REPOSITORY_URL": url, **tls.variables()}


async def _mint(index: PackageIndex, request: Request) -> web.Response:
    body, host = await request.http.read(), request.http.host.partition(":")[0]
    return trusted_publishing.mint(request.store, index.key, body, host, request.now)


async def _burn(_index: PackageIndex, request: Request) -> web.Response:
    return trusted_publishing.burn(request.store, await request.http.read())


def _show_form(_index: PackageIndex, request: Request) -> web.Response:
    """A link fills in the form of a project that exists, and none other."""
    project = request.path.get("project")
    fields = registration.form_fields(request.http.query_string) if project else {}
    return page_response(registration.page(project, fields))


async def _register(index: PackageIndex, request: Request) -> web.Response:
    """The owner gets the name that GitHub has for it, the repository keeps the one that was typed."""
    project = request.path.get("project")
    fields = registration.form_fields(await request.http.text())
    owner = index.account_of(fields.get("owner", ""))
    problems: tuple[str, ...] = ("Unknown GitHub user or organization.",)
    if owner is not None:
        login, number = owner
        problems = registration.register(request.store, project, fields | {"owner": login}, number)
    return page_response(registration.page(project, fields, problems), 400 if problems else 200)


Answer = Callable[[PackageIndex, Request], web.Response | Awaitable[web.Response]]
_PROJECT = "(?P<project>[^/]+)"
# Of a project, and for one that is to come.
_FORMS = f"manage/(?:project/{_PROJECT}/settings|account)/publishing/?"
#: Verb, path below the index, and the name by which calls are logged and faults are matched.
_METHODS: tuple[tuple[str, str, str, Answer], ...] = (
    ("GET", "_/oidc/audience", "index.Audience", lambda _index, request: trusted_publishing.audience(request.store)),
    ("POST", "_/oidc/(?:github/)?mint-token", "index.MintToken", _mint),
    ("POST", "_/oidc/burn-token", "index.BurnToken", _burn),
    (
        "POST",
        "legacy/?",
        "index.Upload",
        lambda _index, request: uploads.upload(request.store, request.holder, request.http, request.now),
    ),
    ("GET", "simple/?", "index.ListProjects", lambda _index, request: pages.projects(request.store, request.accept)),
    (
        "GET",
        f"simple/{_PROJECT}/?",
        "index.GetProject",
        lambda _index, request: pages.project(
            request.store, **request.path, accept=request.accept, origin=request.origin
        ),
    ),
    (
        "GET",
        f"pypi/{_PROJECT}/json",
        "index.DescribeProject",
        lambda _index, request: pages.description(request.store, **request.path),
    ),
    (
        "GET",
        f"files/{_PROJECT}/(?P<filename>[^/]+)",
        "index.GetFile",
        lambda _index, request: pages.file(request.store, **request.path),
    ),
    (
        "GET",
        f"integrity/{_PROJECT}/(?P<version>[^/]+)/(?P<filename>[^/]+)/provenance",
        "index.GetProvenance",
        lambda _index, request: pages.integrity(request.store, **request.path, accept=request.accept),
    ),
    ("GET", _FORMS, "index.ShowPublishingForm", _show_form),
    ("POST", _FORMS, "index.RegisterPublisher", _register),
)

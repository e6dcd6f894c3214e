# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Packages: ``/LOCATION-FORMAT.pkg.dev/PROJECT/REPOSITORY/PATH``, fetched through a remote repository.

That a package was fetched is remembered, and its content is not: each fetch reads the password as the service agent,
under the secret's policy, and logs in upstream with it, so that a revoked grant, a disabled version or a revoked token
shows at once. Statuses (Google documents none for these cases):

* 401 the caller shows no token, or none of this cloud;
* 403 the caller lacks artifactregistry.repositories.downloadArtifacts, the agent may not read the version, the version
  is disabled, destroyed or missing, an upstream that is a repository is not there or the agent may not read it, or
  upstream refuses the login (401 would make pip ask its user for another one);
* 404 there is no such repository, it is not a remote one, or upstream has no such path;
* 429 the project of the secret has used up its accesses;
* 503 upstream does not answer, or answers nonsense.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from aiohttp import web
from pypi_simple import UnsupportedRepoVersionError

from local_cloud.platform.base import Requested
from local_cloud.platform.errors import ApiError, not_found
from local_cloud.services.artifactregistry import packages, upstreams
from local_cloud.services.artifactregistry.repositories import repository_for
from local_cloud.services.artifactregistry.service import ArtifactRegistry
from local_cloud.services.artifactregistry.validation import Format, Mode
from local_cloud.services.iam.application import google_caller
from local_cloud.services.packaging.simple_pages import HTML, JSON, parse, render, wants_json
from local_cloud.services.upstream.client import UpstreamAnswer

METHOD = "pkg.dev.Fetch"
_PATH = re.compile(r"([a-z0-9-]+)-([a-z]+)\.pkg\.dev/([^/]+)/([^/]+)/(.*)")
_PROJECT_PAGE = re.compile(r"simple/([^/]+)/?")


@dataclass(frozen=True)
class PackagePath:
    """A repository's name, the format in its host name, and the path within it."""

    repository: str
    format: str
    path: str

    @classmethod
    def parse(cls, path: str) -> PackagePath | None:
        """Take a URL's path apart; None when it is not below a package host."""
        found = _PATH.fullmatch(path)
        if found is None:
            return None
        location, package_format, project, repository, inner = found.groups()
        return cls(f"projects/{project}/locations/{location}/repositories/{repository}", package_format, inner)


class PackageHost:
    """All package hosts of Artifact Registry on the port."""

    def __init__(self, service: ArtifactRegistry) -> None:
        self._service = service

    async def find(self, request: web.Request, path: str) -> Requested | None:
        wanted = PackagePath.parse(path)
        if wanted is None:
            return None
        if request.method not in {"GET", "HEAD"}:
            raise ApiError("INVALID_ARGUMENT", "Packages can only be fetched here.", http_status=405)

        async def answer(caller: str) -> web.Response:
            return await fetch(self._service, caller, wanted, request.headers.get("Accept", ""))

        def identify() -> str:
            return google_caller(request, self._service.platform)

        return Requested(METHOD, wanted.repository, identify, answer, challenge='Basic realm="pkg.dev"')

    def in_own_words(self, error: ApiError) -> ApiError:
        return error


async def fetch(service: ArtifactRegistry, caller: str, wanted: PackagePath, accept: str) -> web.Response:
    """Serve one path.

    Raises:
        ApiError: as the module says.
    """
    entry = repository_for(service, caller, wanted.repository, "artifactregistry.repositories.downloadArtifacts")
    repository = entry.message
    if Format(repository.format_).name.lower() != wanted.format or repository.mode != Mode.REMOTE_REPOSITORY:
        raise not_found("Requested entity was not found.")
    try:
        source = upstreams.source_of(service, entry)
    except ApiError as error:
        if error.code == "RESOURCE_EXHAUSTED":
            raise
        raise ApiError("PERMISSION_DENIED", error.message, details=error.details) from None

    page = _PROJECT_PAGE.fullmatch(wanted.path) if repository.format_ == Format.PYTHON else None
    upstream_accept = f"{JSON}, {HTML};q=0.5" if page else accept
    answer = await upstreams.fetch(service, source.url, source.login, wanted.path, upstream_accept)
    _raise_for(answer)
    headers = {"Cache-Control": "no-store"}
    if page is None:
        for passed in source.through:
            packages.remember(passed, wanted.path, service.now())
        return web.Response(body=answer.body, headers={**headers, "Content-Type": answer.content_type})
    as_json = wants_json(accept)
    body = _rewritten(page[1], answer, source.url, as_json=as_json)
    content_type = JSON if as_json else f"{HTML}; charset=utf-8"
    return web.Response(body=body, headers={**headers, "Content-Type": content_type})


def _raise_for(answer: UpstreamAnswer) -> None:
    if answer.status in {401, 403}:
        raise ApiError("PERMISSION_DENIED", "The upstream of the repository refused the login.")
    if answer.status == 404:
        raise not_found("The upstream of the repository has no such path.")
    if answer.status >= 400:
        raise ApiError("UNAVAILABLE", f"The upstream of the repository answered {answer.status}.")


def _rewritten(project: str, answer: UpstreamAnswer, upstream: str, *, as_json: bool) -> bytes:
    try:
        page = parse(project, answer.body, answer.content_type, answer.url)
    except (ValueError, UnsupportedRepoVersionError):
        raise ApiError("UNAVAILABLE", "The upstream of the repository sent no project page.") from None
    return render(page, upstream, as_json=as_json)

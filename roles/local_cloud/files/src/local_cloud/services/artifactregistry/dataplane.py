# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Packages: ``/LOCATION-FORMAT.pkg.dev/PROJECT/REPOSITORY/PATH``, fetched from repositories of any mode and uploaded to standard ones.

Of a remote repository, that a package was fetched is remembered, and its content is not: each fetch reads the password as the
service agent, under the secret's policy, and logs in upstream with it, so that a revoked grant, a disabled version or a revoked
token shows at once. A virtual repository reads its upstreams as its project's agent. Statuses (Google documents none for these
cases):

* 401 the caller shows no token where one is needed, or none of this cloud;
* 400 what is uploaded is not understood, or is there already;
* 403 the caller lacks artifactregistry.repositories.downloadArtifacts or uploadArtifacts, the agent may not read the version or an
  upstream that is a repository, the version is disabled, destroyed or missing, or upstream refuses the login (401 would make
  pip ask its user for another one);
* 404 there is no such repository, it has no such path, or nor has any of its upstreams;
* 405 the repository takes no uploads: it is no standard one, or has a format other than Python and npm;
* 429 the project of the secret has used up its accesses;
* 503 upstream does not answer, or answers nonsense.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any, TypeVar

from aiohttp import web

from local_cloud.platform.base import Requested
from local_cloud.platform.errors import ApiError, not_found
from local_cloud.services.artifactregistry import offers, stored
from local_cloud.services.artifactregistry.repositories import repository_for
from local_cloud.services.artifactregistry.service import ArtifactRegistry
from local_cloud.services.artifactregistry.store import RepositoryEntry
from local_cloud.services.artifactregistry.validation import Format, Mode
from local_cloud.services.iam.application import google_caller_or_anybody
from local_cloud.services.packaging.npm_publications import PACKAGE
from local_cloud.services.packaging.simple_pages import HTML, JSON, render, wants_json

METHOD, UPLOAD = "pkg.dev.Fetch", "pkg.dev.Upload"
_PATH = re.compile(r"([a-z0-9-]+)-([a-z]+)\.pkg\.dev/([^/]+)/([^/]+)/(.*)")
_PROJECT_PAGE = re.compile(r"simple/([^/]+)/?")
#: How each format is uploaded; others cannot be.
_UPLOADS = {"python": "POST", "npm": "PUT"}
Found = TypeVar("Found")


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
        is_fetch = request.method in {"GET", "HEAD"}
        if not is_fetch and _UPLOADS.get(wanted.format) != request.method:
            raise ApiError("INVALID_ARGUMENT", "Nothing of this format can be uploaded here.", http_status=405)

        async def answer(caller: str) -> web.Response:
            work = fetch if is_fetch else upload
            return await work(self._service, caller, wanted, request)

        def identify() -> str:
            return google_caller_or_anybody(request, self._service.iam)

        return Requested(
            METHOD if is_fetch else UPLOAD, wanted.repository, identify, answer, challenge='Basic realm="pkg.dev"'
        )

    def in_own_words(self, error: ApiError) -> ApiError:
        return error


async def fetch(service: ArtifactRegistry, caller: str, wanted: PackagePath, request: web.Request) -> web.Response:
    """Serve one path.

    Raises:
        ApiError: as the module says.
    """
    entry = _repository(service, caller, wanted, "artifactregistry.repositories.downloadArtifacts")
    accept = request.headers.get("Accept", "")
    if wanted.format == "python" and (project := _PROJECT_PAGE.fullmatch(wanted.path)):
        page = _existing(await offers.project_page(service, entry, project[1]))
        as_json = wants_json(accept)
        body = render(page, offers.BASE, as_json=as_json)
        return _response(body, JSON if as_json else f"{HTML}; charset=utf-8")
    if wanted.format == "npm" and PACKAGE.fullmatch(wanted.path):
        document = _existing(await offers.npm_document(service, entry, wanted.path))
        home = str(request.url.origin()) + request.path.removesuffix(f"/{wanted.path}")
        return _response(json.dumps(_with_links(document, home)).encode(), "application/json")
    content = _existing(await offers.file(service, entry, wanted.path, accept))
    return _response(content.body, content.content_type)


async def upload(service: ArtifactRegistry, caller: str, wanted: PackagePath, request: web.Request) -> web.Response:
    """Keep what is uploaded.

    Raises:
        ApiError: as the module says.
    """
    entry = _repository(service, caller, wanted, "artifactregistry.repositories.uploadArtifacts")
    if entry.message.mode != Mode.STANDARD_REPOSITORY:
        raise ApiError("INVALID_ARGUMENT", "Packages can be uploaded to standard repositories only.", http_status=405)
    if wanted.format == "npm":
        file = stored.published_package(wanted.path, await request.read())
    elif wanted.path:
        raise not_found("Requested entity was not found.")
    else:
        file = await stored.uploaded_distribution(request)
    entry.files.add(file)
    entry.packages.setdefault(file.package, service.now())
    return web.json_response({})


def _repository(service: ArtifactRegistry, caller: str, wanted: PackagePath, permission: str) -> RepositoryEntry:
    """The repository, if it has the format of the host."""
    entry = repository_for(service, caller, wanted.repository, permission)
    if Format(entry.message.format_).name.lower() != wanted.format:
        raise not_found("Requested entity was not found.")
    return entry


def _existing(found: Found | None) -> Found:
    if found is None:
        raise not_found("The repository has no such path.")
    return found


def _with_links(document: dict[str, Any], home: str) -> dict[str, Any]:
    """The document with its tarballs below the repository."""
    versions = {
        name: {
            **version,
            "dist": {**version["dist"], "tarball": version["dist"]["tarball"].replace(offers.BASE, home, 1)},
        }
        for name, version in document["versions"].items()
    }
    return {**document, "versions": versions}


def _response(body: bytes, content_type: str) -> web.Response:
    return web.Response(body=body, headers={"Content-Type": content_type, "Cache-Control": "no-store"})

# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The packages of repositories, for pip, uv, twine and npm.

The password is an authorization token; what its identity may do is judged at each request, so that a policy counts as
soon as it is put. Statuses:

* 401 the caller shows no token, or one that is not of this domain, has expired, or is of nobody any more;
* 403 the identity lacks ReadFromRepository on the repository or PublishPackageVersion on the package, or an origin configuration
  blocks publishing;
* 404 there is no such repository, project or file, or the format has no index here. So has the root of an index, as at
  AWS;
* 409 the file is there already, or the version is upstream, and could come from there.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import quote

from aiohttp import web
from pypi_simple import DistributionPackage, ProjectPage

from local_cloud.platform.base import Platform, Requested
from local_cloud.platform.errors import ApiError
from local_cloud.services.codeartifact import index, npm_packages, throttling
from local_cloud.services.codeartifact.access import Access
from local_cloud.services.codeartifact.arns import ResourceArn
from local_cloud.services.codeartifact.errors import AwsError, as_aws, conflict, denied, missing
from local_cloud.services.codeartifact.origins import may_publish
from local_cloud.services.codeartifact.packages import Asset, PackageName
from local_cloud.services.codeartifact.repositories import DATA_PLANE
from local_cloud.services.codeartifact.store import CodeArtifact, Repository
from local_cloud.services.codeartifact.uploads import Upload
from local_cloud.services.packaging.names import normalised
from local_cloud.services.packaging.simple_pages import HTML, JSON, render, wants_json

_PATH = re.compile(rf"{re.escape(DATA_PLANE)}/([a-z][a-z0-9-]*)-(\d{{12}})/([a-z0-9-]+)/([a-z]+)/([^/]+)/(.*)")
_PROJECT_PAGE = re.compile(r"simple/([^/]+)/?")
_FILE = re.compile(r"simple/([^/]+)/([^/]+)/([^/]+)")
_READ, _PUBLISH = "ReadFromRepository", "PublishPackageVersion"
_READS = {"GET": _READ, "HEAD": _READ}
#: By format; others have no index here.
_VERBS = {"pypi": {**_READS, "POST": _PUBLISH}, "npm": {**_READS, "PUT": _PUBLISH}}
# What links are relative to; it is not in the page.
_BASE = "http://repository"


@dataclass(frozen=True)
class Request:
    """A request for something below a repository's endpoint."""

    http: web.Request
    arn: ResourceArn
    format: str
    path: str

    @classmethod
    def parse(cls, http: web.Request, path: str) -> Request | None:
        """None when the path is not below an endpoint."""
        found = _PATH.fullmatch(path)
        if found is None:
            return None
        domain, owner, region, package_format, repository, inner = found.groups()
        return cls(http, ResourceArn(region, owner, domain, repository), package_format, inner)

    @property
    def action(self) -> str:
        return _VERBS.get(self.format, {}).get(self.http.method, _READ)

    @property
    def method(self) -> str:
        """The name by which calls are logged and faults are matched."""
        return f"codeartifact.{self.action}"

    @property
    def resource(self) -> str:
        return f"{self.arn.domain}/{self.arn.repository}"

    def identify(self, state: CodeArtifact, now: datetime) -> Access:
        """Who holds the token. Raises AwsError with status 401 when nobody does."""
        grant = state.tokens.find(self.http.headers.get("Authorization"), now)
        identity = state.identities.get(grant.access_key_id) if grant else None
        domain = ResourceArn(self.arn.region, self.arn.owner, self.arn.domain)
        if grant is None or identity is None or grant.domain != domain:
            raise AwsError("UnauthorizedException", "A valid authorization token is needed.", http_status=401)
        return Access(state.worlds[self.arn.region], self.arn.region, identity, self.http.remote or "", now)


class Packages:
    """The endpoints of all repositories on the port."""

    def __init__(self, platform: Platform, state: CodeArtifact, outside: index.Outside) -> None:
        self._platform = platform
        self._state = state
        self._outside = outside

    async def find(self, http: web.Request, path: str) -> Requested | None:
        request = Request.parse(http, path)
        if request is None:
            return None

        def identify() -> Access:
            return request.identify(self._state, self._platform.now())

        async def work(access: Access) -> web.Response:
            throttling.charge(self._platform.quotas, request.method, access.caller.account, access.region)
            return await answer(self._outside, request, access)

        return Requested(request.method, request.resource, identify, work, challenge='Basic realm="codeartifact"')

    def in_own_words(self, error: ApiError) -> ApiError:
        return as_aws(error)


async def answer(outside: index.Outside, request: Request, access: Access) -> web.Response:
    """Serve or take a file.

    Raises:
        ApiError: as the module says.
    """
    if request.format not in _VERBS:
        raise missing(f"The local cloud has no index for {request.format}.", "repository", request.resource)
    if request.http.method not in _VERBS[request.format]:
        raise AwsError("ValidationException", "Packages can be read and published here.", http_status=405)
    if request.format == "npm":
        return await _npm(request, access)
    if request.action == _PUBLISH:
        return await _publish(outside, request, access)
    repository = access.repository(_READ, request.arn)
    if page := _PROJECT_PAGE.fullmatch(request.path):
        return await _page(outside, request, access, repository, page[1])
    if file := _FILE.fullmatch(request.path):
        return await _file(outside, access, repository, *file.groups())
    raise missing("Not found.", "asset", request.path)


async def _publish(outside: index.Outside, request: Request, access: Access) -> web.Response:
    if request.path:
        raise missing("Not found.", "repository", request.resource)
    upload = await Upload.parse(request.http)
    repository = _publishable(request, access, upload.project)
    releases = await index.releases(outside, access.existing_domain(repository.arn), repository, upload.project)
    found = releases.get(upload.version)
    if found is not None and (found.stored is None or found.holder is not repository):
        raise conflict(
            f"Version {upload.version} of {upload.project.name} can be had from upstream.",
            "package-version",
            upload.version,
        )
    upload.store(repository, access.now)
    return web.Response(text="OK")


def _publishable(request: Request, access: Access, name: PackageName) -> Repository:
    """The repository, if a version of the package may be published there. Raises AwsError."""
    package = request.arn.package(name.format, name.namespace, name.name)
    repository = access.repository(_PUBLISH, request.arn, package)
    if not may_publish(access.existing_domain(repository.arn), repository, name):
        raise denied(
            f"The origin configuration of package {repository.path}/{name.name}, or of its group, blocks publishing."
        )
    return repository


async def _npm(request: Request, access: Access) -> web.Response:
    if request.action == _PUBLISH:
        name = npm_packages.package_of(request.path)
        repository = _publishable(request, access, name)
        npm_packages.Publication.parse(name, await request.http.read()).store(repository, name, access.now)
        return web.json_response({"ok": True}, status=201)
    repository = access.repository(_READ, request.arn)
    content = npm_packages.tarball(repository, request.path)
    if content is not None:
        return _response(content, "application/octet-stream")
    endpoint = str(request.http.url.origin()) + request.http.path.removesuffix(request.path)
    found = npm_packages.document(repository, npm_packages.package_of(request.path), endpoint)
    return _response(json.dumps(found).encode(), "application/json")


async def _page(
    outside: index.Outside, request: Request, access: Access, repository: Repository, project: str
) -> web.Response:
    name = PackageName("pypi", "", normalised(project))
    releases = await index.releases(outside, access.existing_domain(repository.arn), repository, name)
    files = [file for release in releases.values() for file in _links(name, release)]
    if not files:
        raise missing(f"Package {name.name} does not exist.", "package", f"{repository.path}/{name.name}")
    as_json = wants_json(request.http.headers.get("Accept", ""))
    page = ProjectPage(name.name, files, repository_version=None, last_serial=None)
    content_type = JSON if as_json else f"{HTML}; charset=utf-8"
    return _response(render(page, _BASE, as_json=as_json), content_type)


def _links(project: PackageName, release: index.Release) -> list[DistributionPackage]:
    if release.stored is None:
        found = [(file.filename, file.digests, file.requires_python) for file in release.files]
    else:
        assets = release.stored.assets.values()
        found = [(asset.name, {"sha256": asset.sha256}, asset.requires_python) for asset in assets]
    return [
        DistributionPackage(
            filename=filename,
            url=f"{_BASE}/simple/{project.name}/{quote(release.version)}/{quote(filename)}",
            project=project.name,
            version=release.version,
            package_type=None,
            digests=digests,
            requires_python=requires_python,
            has_sig=None,
        )
        for filename, digests, requires_python in found
    ]


async def _file(
    outside: index.Outside, access: Access, repository: Repository, project: str, version: str, filename: str
) -> web.Response:
    name = PackageName("pypi", "", normalised(project))
    releases = await index.releases(outside, access.existing_domain(repository.arn), repository, name)
    assets: dict[str, Asset] = {}
    if version in releases:
        assets = (await index.fetch(outside, releases[version], repository, name, access.now)).assets
    if filename not in assets:
        raise missing("Not found.", "asset", filename)
    return _response(assets[filename].content, "application/octet-stream")


def _response(body: bytes, content_type: str) -> web.Response:
    return web.Response(body=body, headers={"Content-Type": content_type, "Cache-Control": "no-store"})

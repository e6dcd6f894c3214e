# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What repositories offer, whatever their mode: files by their paths, pages of Python projects, documents of npm packages.

Links within are below ``BASE``, and end up below the repository that was asked.
"""

from __future__ import annotations

import json
import re
from collections.abc import Awaitable, Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any, TypeVar
from urllib.parse import quote

from pypi_simple import DistributionPackage, ProjectPage, UnsupportedRepoVersionError

from local_cloud.platform.errors import ApiError
from local_cloud.services.artifactregistry import packages, upstreams, virtuals
from local_cloud.services.artifactregistry.service import ArtifactRegistry, Listing
from local_cloud.services.artifactregistry.store import RepositoryEntry
from local_cloud.services.artifactregistry.stored import StoredFile
from local_cloud.services.artifactregistry.validation import Mode
from local_cloud.services.packaging.names import normalised
from local_cloud.services.packaging.npm_publications import manifest_of
from local_cloud.services.packaging.simple_pages import HTML, JSON, parse
from local_cloud.services.upstream.client import UpstreamAnswer

BASE = "http://repository"
_NUMBERS = re.compile(r"(\d+)\.(\d+)\.(\d+)(-.+)?")
Offer = TypeVar("Offer")


@dataclass(frozen=True)
class Content:
    body: bytes
    content_type: str


async def file(service: ArtifactRegistry, entry: RepositoryEntry, path: str, accept: str) -> Content | None:
    """The file of a path; of a virtual repository, that of the first upstream which has it. Raises ApiError."""
    if entry.message.mode == Mode.VIRTUAL_REPOSITORY:
        found = await _of_upstreams(service, entry, lambda one: file(service, one, path, accept), whole=False)
        return found[0] if found else None
    if entry.message.mode == Mode.STANDARD_REPOSITORY:
        stored = entry.files.find(path)
        return stored and Content(stored.content, "application/octet-stream")
    behind = _behind(service, entry)
    if behind is not None:
        content = await file(service, behind, path, accept)
    else:
        answer = await _fetch(service, entry, path, accept)
        content = answer and Content(answer.body, answer.content_type)
    if content is not None:
        packages.remember(entry, path, service.now())
    return content


async def project_page(service: ArtifactRegistry, entry: RepositoryEntry, project: str) -> ProjectPage | None:
    """The page of a Python project. Raises ApiError."""
    if entry.message.mode == Mode.VIRTUAL_REPOSITORY:
        pages = await _of_upstreams(
            service,
            entry,
            lambda one: project_page(service, one, project),
            whole=service.virtual_listing is Listing.MERGE,
        )
        return _merged_pages(pages) if pages else None
    if entry.message.mode == Mode.STANDARD_REPOSITORY:
        stored = entry.files.of(normalised(project))
        return _page(project, [_link(one) for one in stored]) if stored else None
    behind = _behind(service, entry)
    if behind is not None:
        return await project_page(service, behind, project)
    answer = await _fetch(service, entry, f"simple/{project}/", f"{JSON}, {HTML};q=0.5")
    if answer is None:
        return None
    try:
        page = _parsed(project, answer)
    except (ValueError, UnsupportedRepoVersionError):
        raise ApiError("UNAVAILABLE", "The upstream of the repository sent no project page.") from None
    home = upstreams.base_url(service, entry.message.remote_repository_config)
    return replace(page, packages=[replace(one, url=_below_base(one.url, home)) for one in page.packages])


async def npm_document(service: ArtifactRegistry, entry: RepositoryEntry, package: str) -> dict[str, Any] | None:
    """What npm reads of a package before it installs. Raises ApiError."""
    if entry.message.mode == Mode.VIRTUAL_REPOSITORY:
        documents = await _of_upstreams(
            service,
            entry,
            lambda one: npm_document(service, one, package),
            whole=service.virtual_listing is Listing.MERGE,
        )
        return _merged_documents(documents) if documents else None
    if entry.message.mode == Mode.STANDARD_REPOSITORY:
        stored = entry.files.of(package)
        return _document(package, stored) if stored else None
    behind = _behind(service, entry)
    if behind is not None:
        return await npm_document(service, behind, package)
    answer = await _fetch(service, entry, package.replace("/", "%2f"), "application/json")
    if answer is None:
        return None
    home = upstreams.base_url(service, entry.message.remote_repository_config)
    try:
        document = json.loads(answer.body)
        for version in document["versions"].values():
            version["dist"]["tarball"] = _below_base(version["dist"]["tarball"], home)
    except (ValueError, KeyError, TypeError, AttributeError):
        raise ApiError("UNAVAILABLE", "The upstream of the repository sent no package document.") from None
    return dict(document)


async def _of_upstreams(
    service: ArtifactRegistry,
    virtual: RepositoryEntry,
    ask: Callable[[RepositoryEntry], Awaitable[Offer | None]],
    *,
    whole: bool,
) -> list[Offer]:
    """What upstreams offer, in their order; unless ``whole``, of the first that has something."""
    found: list[Offer] = []
    for entry in virtuals.upstreams_of(service, virtual):
        offer = await ask(entry)
        if offer is not None:
            found.append(offer)
            if not whole:
                break
    return found


def _behind(service: ArtifactRegistry, entry: RepositoryEntry) -> RepositoryEntry | None:
    """The repository of Artifact Registry that a remote one fetches from, if it does. Raises ApiError."""
    with _refused_as_403():
        return upstreams.behind(service, entry)


@contextmanager
def _refused_as_403() -> Iterator[None]:
    """Have what stands between a repository and its upstream be a refusal, but for a quota that is used up."""
    try:
        yield
    except ApiError as error:
        if error.code == "RESOURCE_EXHAUSTED":
            raise
        raise ApiError("PERMISSION_DENIED", error.message, details=error.details) from None


async def _fetch(service: ArtifactRegistry, entry: RepositoryEntry, path: str, accept: str) -> UpstreamAnswer | None:
    """A path of a remote repository's upstream, None when it has no such path.

    Raises:
        ApiError: the agent may not read the password, or upstream refuses the login or does not serve.
    """
    remote = entry.message.remote_repository_config
    with _refused_as_403():
        login = upstreams.login_for(service, entry.project, remote)
    answer = await upstreams.fetch(service, upstreams.base_url(service, remote), login, path, accept)
    if answer.status in {401, 403}:
        raise ApiError("PERMISSION_DENIED", "The upstream of the repository refused the login.")
    if answer.status == 404:
        return None
    if answer.status >= 400:
        raise ApiError("UNAVAILABLE", f"The upstream of the repository answered {answer.status}.")
    return answer


# The same page goes through every repository of a project, and to parse it takes longer than the rest of a fetch.
@lru_cache(maxsize=64)
def _parsed(project: str, answer: UpstreamAnswer) -> ProjectPage:
    """The page, which nobody changes. Raises ValueError and UnsupportedRepoVersionError, as ``parse`` does."""
    return parse(project, answer.body, answer.content_type, answer.url)


def _below_base(url: str, home: str) -> str:
    """A file of the upstream comes through the repository; one on some other host keeps its own address."""
    plain = url.partition("#")[0]
    return f"{BASE}/{plain.removeprefix(f'{home}/')}" if plain.startswith(f"{home}/") else plain


def _page(project: str, links: list[DistributionPackage]) -> ProjectPage:
    return ProjectPage(project, links, repository_version=None, last_serial=None)


def _link(stored: StoredFile) -> DistributionPackage:
    return DistributionPackage(
        filename=stored.filename,
        url=f"{BASE}/{quote(stored.path)}",
        project=stored.package,
        version=stored.version,
        package_type=None,
        digests={"sha256": stored.digest("sha256")},
        requires_python=stored.requires_python,
        has_sig=None,
    )


def _merged_pages(pages: list[ProjectPage]) -> ProjectPage:
    """Each version from the first page that has it."""
    links: dict[str | None, list[DistributionPackage]] = {}
    for page in pages:
        taken = set(links)
        for link in page.packages:
            if link.version not in taken:
                links.setdefault(link.version, []).append(link)
    return _page(pages[0].project, [link for found in links.values() for link in found])


def _document(package: str, stored: Iterable[StoredFile]) -> dict[str, Any]:
    versions, tags = {}, {}
    for one in stored:
        dist = {"tarball": f"{BASE}/{quote(one.path, safe='/@')}", "shasum": one.digest("sha1")}
        versions[one.version] = {**manifest_of(one.content), "dist": dist}
        tags |= dict.fromkeys(one.tags, one.version)
    return {"name": package, "dist-tags": tags, "versions": versions}


def _merged_documents(documents: list[dict[str, Any]]) -> dict[str, Any]:
    """Each version from the first document that has it; so is each tag, but ``latest`` is the greatest of them.

    Google does not document what ``latest`` is: this is the dangerous reading, as the merging of versions is.
    """
    versions: dict[str, Any] = {}
    tags: dict[str, str] = {}
    for document in documents:
        versions = {**document["versions"], **versions}
        tags = {**document.get("dist-tags", {}), **tags}
    latest = [one["dist-tags"]["latest"] for one in documents if "latest" in one.get("dist-tags", {})]
    if latest:
        tags["latest"] = max(latest, key=_precedence)
    return {"name": documents[0]["name"], "dist-tags": tags, "versions": versions}


def _precedence(version: str) -> tuple[tuple[int, ...], bool]:
    """The order of versions as far as it takes to tell releases apart (Semantic Versioning, 11)."""
    found = _NUMBERS.match(version)
    return (tuple(int(number) for number in found.groups()[:3]), found[4] is None) if found else ((), False)

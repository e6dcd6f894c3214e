# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the index shows: its simple pages in both forms, files, provenance, and a project's description in JSON."""

from __future__ import annotations

from typing import Any

from aiohttp import web
from pypi_simple import DistributionPackage, ProjectPage

from local_cloud.services.index.store import File, Index, Project
from local_cloud.services.packaging.names import normalised
from local_cloud.services.packaging.simple_pages import HTML, JSON, render, wants_json

INTEGRITY = "application/vnd.pypi.integrity.v1+json"
_LIST_HEAD = (
    '<!DOCTYPE html>\n<html>\n<head><meta name="pypi:repository-version" content="1.3">'
    "<title>Simple index</title></head>\n<body>\n"
)
# What links are relative to; it is not in the pages.
_BASE = "http://index"


def projects(index: Index, accept: str) -> web.Response:
    names = sorted(index.projects)
    if wants_json(accept):
        return _json({"meta": {"api-version": "1.3"}, "projects": [{"name": name} for name in names]}, JSON)
    links = "".join(f'<a href="{name}/">{name}</a><br>\n' for name in names)
    return page_response(f"{_LIST_HEAD}{links}</body>\n</html>\n")


def project(index: Index, project: str, accept: str, origin: str) -> web.Response:
    """A project's files. ``origin`` is where the index is."""
    found = index.project(project)
    if found is None:
        return missing()
    if wants_json(accept):
        return _json(_project_json(found, origin), JSON)
    packages = [_package(found, file, origin) for file in found.files.values()]
    page = ProjectPage(project=found.name, packages=packages, repository_version=None, last_serial=None)
    return web.Response(body=render(page, _BASE, as_json=False), content_type=HTML, charset="utf-8")


def file(index: Index, project: str, filename: str) -> web.Response:
    found = _file(index, project, filename)
    return missing() if found is None else web.Response(body=found.content, content_type="application/octet-stream")


def integrity(index: Index, project: str, version: str, filename: str, accept: str) -> web.Response:
    """The provenance of a file. A file that is not there is no page; one without provenance is said to have none."""
    kinds = {part.partition(";")[0].strip() for part in accept.split(",")}
    if accept and not kinds & {INTEGRITY, "application/json", HTML, "*/*", "application/*"}:
        return web.json_response({"message": "Request not acceptable"}, status=406)
    found = _file(index, project, filename)
    if found is None or found.version != version:
        return missing()
    if found.provenance is None:
        return web.json_response({"message": f"No provenance available for {filename}"}, status=404)
    return _json(found.provenance, INTEGRITY)


def description(index: Index, project: str) -> web.Response:
    """What the index's older API tells of a project, as far as it is known: its files and owners."""
    found = index.project(project)
    if found is None:
        return web.json_response({"message": "Not Found"}, status=404)
    releases: dict[str, list[dict[str, Any]]] = {}
    for each in found.files.values():
        shown = {
            "filename": each.filename,
            "digests": {"sha256": each.sha256},
            "size": len(each.content),
            "yanked": False,
        }
        releases.setdefault(each.version, []).append({**shown, "upload_time_iso_8601": each.uploaded.isoformat()})
    newest = next(reversed(found.files.values()), None)
    roles = [{"role": "Owner", "user": owner} for owner in sorted(found.owners)]
    return web.json_response({
        "info": {
            "name": found.name,
            "version": newest.version if newest else None,
            "summary": newest.summary if newest else None,
        },
        "ownership": {"roles": roles, "organization": None},
        "releases": releases,
        "urls": releases.get(newest.version, []) if newest else [],
    })  # fmt: skip


def missing() -> web.Response:
    return page_response("<!DOCTYPE html>\n<title>404 Not Found</title>\n", 404)


def page_response(text: str, status: int = 200) -> web.Response:
    return web.Response(text=text, status=status, content_type=HTML)


def _json(document: dict[str, Any], content_type: str) -> web.Response:
    return web.json_response(document, content_type=content_type)


def _file(index: Index, name: str, filename: str) -> File | None:
    found = index.project(name)
    return found.files.get(filename) if found else None


def _project_json(found: Project, origin: str) -> dict[str, Any]:
    files = [
        {
            "filename": each.filename,
            "url": f"{origin}/files/{normalised(found.name)}/{each.filename}",
            "hashes": {"sha256": each.sha256},
            "size": len(each.content),
            "upload-time": each.uploaded.isoformat().replace("+00:00", "Z"),
            "yanked": False,
            "provenance": _provenance_url(found, each, origin),
            **({"requires-python": each.requires_python} if each.requires_python else {}),
        }
        for each in found.files.values()
    ]
    versions = list(dict.fromkeys(each.version for each in found.files.values()))
    return {"meta": {"api-version": "1.3"}, "name": found.name, "versions": versions, "files": files}


def _package(found: Project, each: File, origin: str) -> DistributionPackage:
    return DistributionPackage(
        filename=each.filename,
        url=f"{_BASE}/files/{normalised(found.name)}/{each.filename}",
        project=found.name,
        version=each.version,
        package_type=None,
        digests={"sha256": each.sha256},
        requires_python=each.requires_python,
        has_sig=None,
        provenance_url=_provenance_url(found, each, origin),
    )


def _provenance_url(found: Project, each: File, origin: str) -> str | None:
    if each.provenance is None:
        return None
    return f"{origin}/integrity/{normalised(found.name)}/{each.version}/{each.filename}/provenance"

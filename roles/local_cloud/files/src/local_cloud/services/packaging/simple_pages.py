# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Project pages of the simple API (PEP 503, PEP 691), rewritten so that files come through the repository."""

from __future__ import annotations

import html
import json
from collections.abc import Sequence
from typing import Any
from urllib.parse import quote, unquote, urlsplit

from pypi_simple import DistributionPackage, ProjectPage

HTML = "text/html"
JSON = "application/vnd.pypi.simple.v1+json"


def wants_json(accept: str) -> bool:
    """Whether a client asks for JSON before HTML; who states no preference gets HTML."""
    qualities: dict[str, float] = {}
    for part in accept.split(","):
        media_type, *parameters = (piece.strip() for piece in part.split(";"))
        quality = next((value[2:] for value in parameters if value.startswith("q=")), "1")
        try:
            qualities[media_type] = float(quality)
        except ValueError:
            continue
    as_json = qualities.get(JSON, 0.0)
    as_html = max(qualities.get(kind, 0.0) for kind in (HTML, "application/vnd.pypi.simple.v1+html"))
    return as_json > 0 and as_json >= as_html


def parse(project: str, body: bytes, content_type: str, url: str) -> ProjectPage:
    """Read an upstream's page, in either form.

    Raises:
        ValueError, pypi_simple.UnsupportedRepoVersionError: it is not such a page.
    """
    media_type = content_type.partition(";")[0].strip()
    if media_type == JSON:
        return ProjectPage.from_json_data(json.loads(body), base_url=url)
    return ProjectPage.from_html(project, body.decode("utf-8", "replace"), base_url=url)


def render(page: ProjectPage, upstream: str, *, as_json: bool) -> bytes:
    """Write the page with links relative to ``REPOSITORY/simple/PROJECT/``."""
    if as_json:
        return _render_json(page, upstream)
    return _render_html(page.project, page.packages, upstream)


def through_repository(url: str, upstream: str) -> str:
    """The link below the repository for a file of the upstream; a file on some other host keeps its own address."""
    base = upstream.rstrip("/") + "/"
    plain = url.partition("#")[0]
    if not plain.startswith(base):
        return plain
    return "../../" + quote(unquote(urlsplit(plain.removeprefix(base)).path))


def _render_json(page: ProjectPage, upstream: str) -> bytes:
    files: list[dict[str, Any]] = []
    for package in page.packages:
        file: dict[str, Any] = {
            "filename": package.filename,
            "url": through_repository(package.url, upstream),
            "hashes": package.digests,
        }
        if package.requires_python:
            file["requires-python"] = package.requires_python
        if package.is_yanked:
            file["yanked"] = package.yanked_reason or True
        files.append(file)
    return json.dumps({"meta": {"api-version": "1.0"}, "name": page.project, "files": files}).encode()


def _render_html(project: str, packages: Sequence[DistributionPackage], upstream: str) -> bytes:
    title = html.escape(project)
    lines = [
        f"<!DOCTYPE html>\n<html>\n<head><title>Links for {title}</title>",
        f'<meta name="pypi:repository-version" content="1.0"></head>\n<body>\n<h1>Links for {title}</h1>',
    ]
    for package in packages:
        href = through_repository(package.url, upstream)
        if package.digests:
            algorithm = "sha256" if "sha256" in package.digests else next(iter(package.digests))
            href += f"#{algorithm}={package.digests[algorithm]}"
        attributes = {"href": href}
        if package.requires_python:
            attributes["data-requires-python"] = package.requires_python
        if package.is_yanked:
            attributes["data-yanked"] = package.yanked_reason or ""
        if package.provenance_url:
            attributes["data-provenance"] = package.provenance_url
        text = " ".join(f'{key}="{html.escape(value)}"' for key, value in attributes.items())
        lines.append(f"<a {text}>{html.escape(package.filename)}</a><br>")
    return "\n".join([*lines, "</body>\n</html>\n"]).encode()

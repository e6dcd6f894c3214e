# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is uploaded to standard repositories: distributions by twine and uv, npm packages by npm.

Google documents no statuses for refused uploads. That of a file that is there already is what twine expects of Artifact
Registry when it is to skip such files (its source, commands/upload.py).
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from aiohttp import web

from local_cloud.platform.errors import ApiError, invalid_argument
from local_cloud.services.packaging.names import normalised
from local_cloud.services.packaging.npm_publications import PACKAGE, Publication, PublicationError
from local_cloud.services.packaging.upload_form import FormError, UploadForm


@dataclass(frozen=True)
class StoredFile:
    """A file of a version of a package. ``path`` is below the repository, ``tags`` are npm's."""

    package: str
    version: str
    path: str
    content: bytes
    requires_python: str | None = None
    tags: tuple[str, ...] = ()

    @property
    def filename(self) -> str:
        return self.path.rpartition("/")[2]

    def digest(self, algorithm: str) -> str:
        return hashlib.new(algorithm, self.content).hexdigest()


class StoredFiles:
    """The files of a standard repository, those that came first before the others."""

    def __init__(self) -> None:
        self._files: dict[str, StoredFile] = {}

    def find(self, path: str) -> StoredFile | None:
        return self._files.get(path)

    def of(self, package: str) -> list[StoredFile]:
        return [file for file in self._files.values() if file.package == package]

    def add(self, file: StoredFile) -> None:
        """Keep a file. Raises ApiError when there is one of its path."""
        if file.path in self._files:
            raise ApiError("ALREADY_EXISTS", f"File {file.filename} already exists.", http_status=400)
        self._files[file.path] = file


async def uploaded_distribution(request: web.Request) -> StoredFile:
    """Read the form that twine and uv send. Raises ApiError."""
    try:
        form = await UploadForm.parse(request)
    except FormError as error:
        raise invalid_argument(str(error)) from None
    package = normalised(form.project)
    return StoredFile(package, form.version, f"{package}/{form.filename}", form.content, form.requires_python)


def published_package(name: str, body: bytes) -> StoredFile:
    """Read what npm sends. Raises ApiError."""
    found = PACKAGE.fullmatch(name)
    if found is None:
        raise invalid_argument("The name of a package is expected.")
    try:
        published = Publication.parse(name, body)
    except PublicationError as error:
        raise invalid_argument(str(error)) from None
    path = f"{name}/-/{found[2]}-{published.version}.tgz"
    return StoredFile(name, published.version, path, published.content, tags=published.tags)

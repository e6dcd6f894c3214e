# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The form by which twine, uv and others upload a distribution.

Source: PyPI's documentation, "Upload API".
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass

from aiohttp import web
from pypi_simple import UnparsableFilenameError, parse_filename

from local_cloud.services.packaging.names import normalised

_NAME = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?")
_VERSION = re.compile(r"[A-Za-z0-9][A-Za-z0-9._+!-]{0,254}")
_DIGESTS = {"md5_digest": "md5", "sha256_digest": "sha256"}


class FormError(ValueError):
    """What is wrong with a form, in a sentence that quotes nothing of it."""


@dataclass(frozen=True)
class UploadForm:
    """A distribution and what its uploader says about it. ``project`` is as given, not normalised."""

    project: str
    version: str
    filename: str
    content: bytes
    summary: str | None
    requires_python: str | None
    attestations: str | None

    @classmethod
    async def parse(cls, request: web.Request) -> UploadForm:
        """Read the form.

        Raises:
            FormError: it is none, or says what is not so.
        """
        try:
            form = await request.post()
        except ValueError:
            raise FormError("The body is not a form.") from None
        fields = {key: value for key, value in form.items() if isinstance(value, str)}
        file = form.get("content")
        if fields.get(":action") != "file_upload" or not isinstance(file, web.FileField):
            raise FormError("A file_upload with its content is expected.")
        project, version = fields.get("name", ""), fields.get("version", "")
        if not _NAME.fullmatch(project) or not _VERSION.fullmatch(version):
            raise FormError("The name or the version is not valid.")
        try:
            of_file = parse_filename(file.filename, project_hint=project)
        except UnparsableFilenameError:
            raise FormError("The file name is not that of a distribution.") from None
        if normalised(of_file[0]) != normalised(project):
            raise FormError("The file is not one of this project.")
        content = file.file.read()
        for field, algorithm in _DIGESTS.items():
            if fields.get(field) and hashlib.new(algorithm, content).hexdigest() != fields[field].lower():
                raise FormError(f"The content does not have the {field}.")
        return cls(
            project,
            version,
            file.filename,
            content,
            summary=fields.get("summary") or None,
            requires_python=fields.get("requires_python") or None,
            attestations=fields.get("attestations"),
        )

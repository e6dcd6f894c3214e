# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Files that twine uploads: the form of the legacy upload API, and keeping what it brings.

Source: PyPI's documentation, "Upload API".
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from datetime import datetime

from aiohttp import web
from pypi_simple import UnparsableFilenameError, parse_filename

from local_cloud.codeartifact.errors import conflict, denied, invalid
from local_cloud.codeartifact.index import new_version
from local_cloud.codeartifact.packages import Asset, PackageName
from local_cloud.codeartifact.python_names import normalised
from local_cloud.codeartifact.store import Repository

_NAME = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?")
_VERSION = re.compile(r"[A-Za-z0-9][A-Za-z0-9._+!-]{0,254}")
_DIGESTS = {"md5_digest": "md5", "sha256_digest": "sha256"}


@dataclass(frozen=True)
class Upload:
    project: PackageName
    version: str
    asset: Asset
    summary: str | None

    @classmethod
    async def parse(cls, request: web.Request) -> Upload:
        """Read the form.

        Raises:
            AwsError: ValidationException.
        """
        try:
            form = await request.post()
        except ValueError:
            raise invalid("The body is not a form.", "CANNOT_PARSE") from None
        fields = {key: value for key, value in form.items() if isinstance(value, str)}
        file = form.get("content")
        if fields.get(":action") != "file_upload" or not isinstance(file, web.FileField):
            raise invalid("A file_upload with its content is expected.")
        name, version = fields.get("name", ""), fields.get("version", "")
        if not _NAME.fullmatch(name) or not _VERSION.fullmatch(version):
            raise invalid("The name or the version is not valid.")
        try:
            of_file = parse_filename(file.filename, project_hint=name)
        except UnparsableFilenameError:
            raise invalid("The file name is not that of a distribution.") from None
        if normalised(of_file[0]) != normalised(name):
            raise invalid("The file is not one of this project.")
        content = file.file.read()
        for field, algorithm in _DIGESTS.items():
            if fields.get(field) and hashlib.new(algorithm, content).hexdigest() != fields[field].lower():
                raise invalid(f"The content does not have the {field}.")
        project = PackageName("pypi", "", normalised(name))
        asset = Asset(file.filename, content, fields.get("requires_python") or None)
        return cls(project, version, asset, fields.get("summary") or None)

    def store(self, repository: Repository, now: datetime) -> None:
        """Keep the file in a repository.

        Raises:
            AwsError: the version has such a file or is closed, or the package comes from upstream.
        """
        package = repository.packages.published(self.project)
        path = f"{repository.path}/{self.project.name}"
        if not package.publish:
            raise denied(f"Package {path} comes from upstream: its origin configuration blocks publishing.")
        version = package.versions.get(self.version)
        if version is None:
            version = new_version(self.version, now, {})
            version.entered, version.summary = repository.arn.repository, self.summary
            package.versions[self.version] = version
        if self.asset.name in version.assets or not version.readable:
            raise conflict(f"Version {self.version} of {path} takes no such asset any more.", "asset", self.asset.name)
        version.assets[self.asset.name] = self.asset

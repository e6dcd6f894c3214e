# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Distributions that twine uploads: keeping what the form brings."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from aiohttp import web

from local_cloud.services.codeartifact.errors import conflict, invalid
from local_cloud.services.codeartifact.index import new_version
from local_cloud.services.codeartifact.packages import Asset, PackageName
from local_cloud.services.codeartifact.store import Repository
from local_cloud.services.packaging.names import normalised
from local_cloud.services.packaging.upload_form import FormError, UploadForm


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
            form = await UploadForm.parse(request)
        except FormError as error:
            raise invalid(str(error)) from None
        project = PackageName("pypi", "", normalised(form.project))
        return cls(project, form.version, Asset(form.filename, form.content, form.requires_python), form.summary)

    def store(self, repository: Repository, now: datetime) -> None:
        """Keep the file in a repository.

        Raises:
            AwsError: the version has such a file or is closed.
        """
        package = repository.packages.published(self.project)
        path = f"{repository.path}/{self.project.name}"
        version = package.versions.get(self.version)
        if version is None:
            version = new_version(self.version, now, {})
            version.entered, version.summary = repository.arn.repository, self.summary
            package.versions[self.version] = version
        if self.asset.name in version.assets or not version.readable:
            raise conflict(f"Version {self.version} of {path} takes no such asset any more.", "asset", self.asset.name)
        version.assets[self.asset.name] = self.asset

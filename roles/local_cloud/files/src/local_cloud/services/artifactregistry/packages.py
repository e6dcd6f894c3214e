# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The packages that a repository holds: of a remote one, those of which it has fetched a file, of a standard one, those that
were uploaded. A virtual one holds none.

Of remote repositories only names of Python files are understood, so those of other formats never hold any.
"""

from __future__ import annotations

from datetime import datetime

from google.cloud.artifactregistry_v1.types import package as types
from google.protobuf.message import Message
from pypi_simple import UnparsableFilenameError, parse_filename

from local_cloud.platform.paging import page
from local_cloud.services.artifactregistry.repositories import repository_for
from local_cloud.services.artifactregistry.service import Call
from local_cloud.services.artifactregistry.store import RepositoryEntry
from local_cloud.services.artifactregistry.validation import Format
from local_cloud.services.packaging.names import normalised

LARGEST_PAGE = 1000


def remember(entry: RepositoryEntry, path: str, now: datetime) -> None:
    """Note that a file was fetched from upstream, by the path of its address."""
    if entry.message.format_ != Format.PYTHON:
        return
    try:
        project, _version, _kind = parse_filename(path.rpartition("/")[2])
    except UnparsableFilenameError:
        # Metadata of a file, for one.
        return
    entry.packages.setdefault(normalised(project), now)


def list_packages(call: Call) -> Message:
    """List by name."""
    request = call.request
    entry = repository_for(call.service, call.caller, request.parent, "artifactregistry.packages.list")
    packages = []
    for name, fetched in sorted(entry.packages.items()):
        package = types.Package.pb()(name=f"{entry.message.name}/packages/{name}", display_name=name)
        package.create_time.FromDatetime(fetched)
        package.update_time.FromDatetime(fetched)
        packages.append(package)
    shown, next_token = page(packages, request.page_size, request.page_token, largest=LARGEST_PAGE)
    return types.ListPackagesResponse.pb()(packages=shown, next_page_token=next_token)

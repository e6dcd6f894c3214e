# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What Artifact Registry keeps, and whom it asks."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum

from local_cloud.platform.base import Platform
from local_cloud.platform.routing import Call as RoutedCall
from local_cloud.services.artifactregistry.store import Repositories
from local_cloud.services.iam.service import Iam
from local_cloud.services.resourcemanager.projects import Projects
from local_cloud.services.upstream.client import UpstreamClient
from local_cloud.services.upstream.server import Upstream


class Listing(StrEnum):
    """Which versions a virtual repository lists to who names none; Google documents neither."""

    #: Those of all upstreams: a greater version wins wherever it is.
    MERGE = "merge"
    #: Those of the first upstream that has the package.
    SHADOW = "shadow"


class ArtifactRegistry:
    """``read_secret`` gives a caller the payload of a secret version, by their names, or raises ApiError."""

    def __init__(
        self,
        platform: Platform,
        iam: Iam,
        projects: Projects,
        read_secret: Callable[[str, str], bytes],
        upstream: Upstream,
        client: UpstreamClient,
    ) -> None:
        self.platform = platform
        self.iam = iam
        self.projects = projects
        self.read_secret = read_secret
        self.upstream = upstream
        self.client = client
        self.now = platform.now
        self.reset()

    def reset(self) -> None:
        self.repositories = Repositories()
        self.virtual_listing = Listing.MERGE


Call = RoutedCall[ArtifactRegistry]

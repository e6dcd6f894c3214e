# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What Secret Manager keeps, and whom it asks."""

from __future__ import annotations

from local_cloud.platform.base import Platform
from local_cloud.platform.routing import Call as RoutedCall
from local_cloud.services.iam.service import Iam
from local_cloud.services.resourcemanager.projects import Projects
from local_cloud.services.secretmanager.store import Secrets


class SecretManager:
    def __init__(self, platform: Platform, iam: Iam, projects: Projects) -> None:
        self.platform = platform
        self.iam = iam
        self.projects = projects
        self.now = platform.now
        self.reset()

    def reset(self) -> None:
        self.secrets = Secrets()


Call = RoutedCall[SecretManager]

# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the resources of Google's services have in common: their client."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass

from ..._clients.gcp.artifactregistry import ArtifactRegistry
from ..._clients.gcp.auth import Connection
from ..._clients.gcp.secretmanager import SecretManager
from ..._engine.resource import Desired, Options, Resource, State


@dataclass(frozen=True)
class SecretManagerResource(Resource[Desired, State]):
    """A resource of Secret Manager."""

    api: SecretManager

    @classmethod
    def connect(cls, options: Options) -> t.Self:
        """Raises MissingLibrary, Unauthenticated or InvalidInput."""
        return cls(SecretManager.from_options(options))


@dataclass(frozen=True)
class ArtifactRegistryResource(Resource[Desired, State]):
    """A resource of Artifact Registry."""

    api: ArtifactRegistry

    @classmethod
    def connect(cls, options: Options) -> t.Self:
        """Raises MissingLibrary, Unauthenticated or InvalidInput."""
        return cls(ArtifactRegistry(Connection.from_options(options)))

# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The policies of CodeArtifact repositories, read only."""

from __future__ import annotations

import typing as t

from .._domain.codeartifact.names import repository_name
from .._engine.resource import Options
from .parts.codeartifact_policy_info import DesiredReading, PolicyReadings


class WantedRepositoryPolicy(DesiredReading):
    """The repository whose policy is to be read."""

    @classmethod
    def from_options(cls, options: Options) -> t.Self:
        """Raises InvalidInput."""
        return cls(repository_name(options))


class RepositoryPolicyReadings(PolicyReadings):
    """The resource of codeartifact_repository_policy_info."""

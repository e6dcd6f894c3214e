# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The policy of a CodeArtifact repository."""

from __future__ import annotations

import typing as t

from .._domain.codeartifact.names import repository_name
from .._engine.resource import Options
from .parts.codeartifact_policy import CodeArtifactPolicies, DesiredPolicy


class DesiredRepositoryPolicy(DesiredPolicy):
    """The policy that a repository is to have."""

    @classmethod
    def from_options(cls, options: Options) -> t.Self:
        """Raises InvalidInput."""
        return cls.of(repository_name(options), options)


class RepositoryPolicies(CodeArtifactPolicies):
    """The resource of codeartifact_repository_policy."""

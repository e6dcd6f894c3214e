# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The policy of a CodeArtifact domain."""

from __future__ import annotations

import typing as t

from .._domain.codeartifact.names import domain_name
from .._engine.resource import Options
from .parts.codeartifact_policy import CodeArtifactPolicies, DesiredPolicy


class DesiredDomainPolicy(DesiredPolicy):
    """The policy that a domain is to have."""

    @classmethod
    def from_options(cls, options: Options) -> t.Self:
        """Raises InvalidInput."""
        return cls.of(domain_name(options), options)


class DomainPolicies(CodeArtifactPolicies):
    """The resource of codeartifact_domain_policy."""

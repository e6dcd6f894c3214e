# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The policies of CodeArtifact domains and repositories, read only."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass

from ..._base.errors import NotFound
from ..._domain.codeartifact.names import Name
from ..._engine.resource import NamedState
from .codeartifact import CodeArtifactResource
from .codeartifact_policy import PolicyState, read_policy, shown


@dataclass(frozen=True)
class DesiredReading(NamedState[Name]):
    """The domain or repository whose policy is to be read."""


class PolicyReadings(CodeArtifactResource[DesiredReading, PolicyState | None]):
    """The resource of the info modules. It is read, and never changed. Its state is None for what does not exist."""

    def read(self, desired: DesiredReading) -> PolicyState | None:
        """One call, and one more when there is no policy."""
        try:
            return read_policy(self.api, desired.name)
        except NotFound:
            return None

    def result(self, state: PolicyState | None, desired: DesiredReading) -> dict[str, t.Any]:
        """C(domain_policy) or C(repository_policy), as the writer shows it, and whether there is such a thing."""
        return {f"{desired.name.kind}_policy": {"exists": state is not None, **shown(state or PolicyState())}}

# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""CodeArtifact's domains, read only."""

from __future__ import annotations

import typing as t
from dataclasses import asdict, dataclass

from .._clients.aws.codeartifact import Domain
from .._domain.codeartifact.names import DomainName, domain_name
from .._engine.resource import NamedState, Options
from .codeartifact_domain import read_domain
from .parts.codeartifact import CodeArtifactResource


@dataclass(frozen=True)
class WantedDomain(NamedState[DomainName]):
    """The domain that is to be read."""

    @classmethod
    def from_options(cls, options: Options) -> WantedDomain:
        """Raises InvalidInput."""
        return cls(domain_name(options))


class DomainReadings(CodeArtifactResource[WantedDomain, Domain | None]):
    """The resource of codeartifact_domain_info. Its state is None for what does not exist."""

    def read(self, desired: WantedDomain) -> Domain | None:
        """Two calls, the second for the tags."""
        return read_domain(self.api, desired.name, with_tags=True)

    def result(self, state: Domain | None, desired: WantedDomain) -> dict[str, t.Any]:
        """C(domain), as the writer shows it, and whether there is one."""
        nothing = dict.fromkeys(asdict(Domain("")))
        return {"domain": {"exists": state is not None, **(asdict(state) if state else nothing)}}

# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""CodeArtifact's domains, read only."""

from __future__ import annotations

import typing as t
from dataclasses import asdict, dataclass

from .._clients.aws.codeartifact import CodeArtifact, Domain
from .._domain.codeartifact.names import DomainName, domain_name
from .codeartifact_domain import read_domain
from .parts.codeartifact import Options, connect
from .parts.read_only import ReadOnly


@dataclass(frozen=True)
class WantedDomain:
    """The domain that is to be read."""

    name: DomainName
    warnings: tuple[str, ...] = ()

    @classmethod
    def from_options(cls, options: Options) -> WantedDomain:
        """Raises InvalidInput."""
        return cls(domain_name(options))

    @property
    def target(self) -> str:
        """The domain."""
        return str(self.name)

    unit = target


@dataclass(frozen=True)
class DomainReadings(ReadOnly[Domain | None]):
    """The resource of codeartifact_domain_info. Its state is None for what does not exist."""

    api: CodeArtifact

    @classmethod
    def connect(cls, client: t.Callable[..., t.Any], options: Options) -> t.Self:
        """C(client): as connect() takes it."""
        return cls(connect(client, options))

    def read(self, desired: WantedDomain) -> Domain | None:
        """Two calls, the second for the tags."""
        return read_domain(self.api, desired.name, with_tags=True)

    def assume(self, desired: WantedDomain) -> Domain | None:
        """What does not exist is an answer of read(), and nothing is made up."""
        return None

    def result(self, state: Domain | None, desired: WantedDomain) -> dict[str, t.Any]:
        """C(domain), as the writer shows it, and whether there is one."""
        nothing = dict.fromkeys(asdict(Domain("")))
        return {"domain": {"exists": state is not None, **(asdict(state) if state else nothing)}}

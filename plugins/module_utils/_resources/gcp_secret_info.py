# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Secrets and their versions, read only."""

from __future__ import annotations

import typing as t
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from .._base.errors import NotFound
from .._clients.gcp.secretmanager import Secret, Version
from .._domain.gcp.names import SecretName, optional_location, parse_secret_name, project_of, secret_name
from .._engine.reconcile import CONCURRENCY
from .._engine.resource import DesiredState, Options
from .gcp_secret import shown
from .parts.gcp import SecretManagerResource


@dataclass(frozen=True)
class WantedSecrets(DesiredState):
    """A secret, or all of a project or of one of its locations, that are to be read."""

    project: str
    location: str | None = None
    secret: SecretName | None = None

    @classmethod
    def from_options(cls, options: Options) -> WantedSecrets:
        """Raises InvalidInput."""
        name = secret_name(options) if options.get("secret") else None
        return cls(name.project if name else project_of(options), optional_location(options), name)

    @property
    def target(self) -> str:
        """The secret, or where all of them are."""
        return str(self.secret or f"all secrets of {SecretName(self.project, '-', self.location).parent}")


@dataclass(frozen=True)
class SecretReadings(SecretManagerResource[WantedSecrets, tuple[dict[str, t.Any], ...]]):
    """The resource of gcp_secret_info. Its state is what is shown of each secret; no payload is read."""

    #: Shared by all entries, so that they together read no more at once than the engine would.
    pool: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(max_workers=CONCURRENCY))

    def read(self, desired: WantedSecrets) -> tuple[dict[str, t.Any], ...]:
        """One call for the secret, or for a page of all, and one for the versions of each. Empty when there is no such secret."""
        if desired.secret is None:
            return tuple(
                self.pool.map(self._with_versions, self.api.list_secrets(desired.project, desired.location).items)
            )
        try:
            return (self._with_versions(self.api.get_secret(desired.secret)),)
        except NotFound:
            return ()

    def _with_versions(self, secret: Secret) -> dict[str, t.Any]:
        versions = self.api.list_versions(parse_secret_name(secret.name))
        return {**shown(secret), "versions": [_shown_version(version) for version in versions]}

    def result(self, state: tuple[dict[str, t.Any], ...], desired: WantedSecrets) -> dict[str, t.Any]:
        """C(secrets)."""
        return {"secrets": list(state)}


def _shown_version(version: Version) -> dict[str, t.Any]:
    return {
        "name": version.name,
        "version": version.number,
        "state": version.state,
        "create_time": version.create_time,
        "destroy_time": version.destroy_time,
        "scheduled_destroy_time": version.scheduled_destroy_time,
    }

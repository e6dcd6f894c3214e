# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Who may do what with secrets, read only."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass

from .._base.errors import NotFound
from .._domain.gcp.bindings import Binding, Policy
from .._domain.gcp.names import SecretName, secret_name
from .._engine.resource import NamedState, Options
from .parts.gcp import SecretManagerResource


@dataclass(frozen=True)
class WantedPolicy(NamedState[SecretName]):
    """A secret whose policy is to be read."""

    @classmethod
    def from_options(cls, options: Options) -> WantedPolicy:
        """Raises InvalidInput."""
        return cls(secret_name(options))


class SecretPolicyReadings(SecretManagerResource[WantedPolicy, Policy | None]):
    """The resource of gcp_secret_iam_info. Its state is None for a secret that does not exist."""

    def read(self, desired: WantedPolicy) -> Policy | None:
        """One call."""
        try:
            return self.api.get_policy(desired.name)
        except NotFound:
            return None

    def result(self, state: Policy | None, desired: WantedPolicy) -> dict[str, t.Any]:
        """C(secret_iam): who holds which role, under which condition."""
        return {
            "secret_iam": {
                "secret": str(desired.name),
                "exists": state is not None,
                "bindings": [_shown_binding(binding) for binding in state.bindings] if state else [],
            }
        }


def _shown_binding(binding: Binding) -> dict[str, t.Any]:
    condition = binding.condition
    return {
        "role": binding.role,
        "members": list(binding.members),
        "condition": condition
        and {"title": condition.title, "expression": condition.expression, "description": condition.description},
    }

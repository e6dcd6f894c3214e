# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Filters of the role package_clients."""

from __future__ import annotations

import typing as t

from ..module_utils._domain.package_clients import controller_tokens, setup_plan, workflow_step

Entry = dict[str, t.Any]


def package_clients_plan(variables: Entry, host: str, **known: t.Any) -> dict[str, t.Any]:
    """What the role does with its variables, and with what it knows by now. The parameters are those of the domain's plan()."""
    return setup_plan.plan(variables, host, **known)


def package_clients_due(groups: t.Sequence[Entry], found: t.Sequence[Entry], minimum_life: int) -> dict[str, t.Any]:
    """The logins that need a new token, and when the others end. The parameters are those of the domain's due()."""
    return controller_tokens.due(groups, found, minimum_life=minimum_life)


def package_clients_domains(groups: t.Sequence[Entry]) -> list[dict[str, t.Any]]:
    """The CodeArtifact domains that tokens are needed for, by region."""
    return controller_tokens.domains(groups)


def package_clients_logins(
    groups: t.Sequence[Entry], fetched: t.Sequence[Entry], google: Entry | None, host: str, **more: t.Any
) -> dict[str, t.Any]:
    """The logins with tokens of the controller. The parameters are those of the domain's with_tokens()."""
    return controller_tokens.with_tokens(groups, fetched, google, host, **more)


def package_clients_step(variables: Entry, host: str, **more: t.Any) -> dict[str, t.Any]:
    """What a composite step of GitHub Actions does. The parameters are those of the domain's step()."""
    return workflow_step.step(variables, host, **more)


class FilterModule:
    """The filters, by name."""

    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        """Names and functions."""
        return {
            "package_clients_domains": package_clients_domains,
            "package_clients_due": package_clients_due,
            "package_clients_logins": package_clients_logins,
            "package_clients_plan": package_clients_plan,
            "package_clients_step": package_clients_step,
        }

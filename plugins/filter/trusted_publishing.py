# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Filters of the role trusted_publishing."""

from __future__ import annotations

import typing as t

Entry = t.Mapping[str, t.Any]


def trusted_publishing_plan(variables: Entry, host: str, **known: t.Sequence[Entry]) -> dict[str, t.Any]:
    """What the role does with its variables, and with what it knows by now. The parameters are those of the domain's plan()."""
    # Not above: for any filter of the collection, Ansible loads the files of all, in each task's process anew.
    from ..module_utils._domain.publishing import release_plan

    return release_plan.plan(variables, host, **known)


def trusted_publishing_checks(
    variables: Entry, host: str, planned: t.Sequence[Entry], files: t.Sequence[Entry], changing: t.Sequence[bool] = ()
) -> list[dict[str, t.Any]]:
    """The entries of the check before anything is written. The parameters are those of the domain's checks()."""
    from ..module_utils._domain.publishing import release_plan

    return release_plan.checks(release_plan.read_release(variables, host), planned, files, changing)


class FilterModule:
    """The filters, by name."""

    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        """Names and functions."""
        return {
            "trusted_publishing_checks": trusted_publishing_checks,
            "trusted_publishing_plan": trusted_publishing_plan,
        }

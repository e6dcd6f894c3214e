# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Who holds which role on a secret: what is more than for other things that have policies."""

from __future__ import annotations

import typing as t
from contextlib import suppress
from dataclasses import dataclass, field

from .._base.errors import NotFound, PermissionDenied
from .._clients.gcp.secretmanager import SecretManager
from .._domain.gcp.bindings import Policy
from .._domain.gcp.conditions import projects_named
from .parts.gcp_iam_binding import DesiredBinding, IamBindings


def _names_own_project(desired: DesiredBinding) -> bool:
    """Whether the condition looks for names with the id of the secret's own project."""
    project, condition = desired.name.project, desired.condition
    return condition is not None and not project.isdigit() and project in projects_named(condition.expression)


@dataclass(frozen=True)
class SecretIamBindings(IamBindings):
    """The resource of gcp_secret_iam_binding. Its state is the secret's whole policy."""

    api: SecretManager
    #: The numbers of projects that the conditions of entries name by id, by unit.
    numbers: dict[str, str] = field(default_factory=dict)
    #: The units whose project's number is to be read.
    to_number: set[str] = field(default_factory=set)

    def begin(self, entries: t.Sequence[DesiredBinding]) -> None:
        self.to_number.update(one.unit for one in entries if _names_own_project(one))

    def read(self, desired: DesiredBinding) -> Policy:
        """One call, and once one more when a condition names the secret's project by its id."""
        policy = super().read(desired)
        if desired.unit in self.to_number and desired.unit not in self.numbers:
            # Who may write a policy may not always read the secret, and a warning is not worth a failure.
            with suppress(NotFound, PermissionDenied):
                project = self.api.get_secret(t.cast(t.Any, desired.name)).name.split("/")[1]
                if project.isdigit():
                    self.numbers[desired.unit] = project
        return policy

    def notices(self, state: Policy, desired: DesiredBinding) -> t.Iterable[str]:
        yield from super().notices(state, desired)
        number = self.numbers.get(desired.unit)
        condition, project = desired.condition, desired.name.project
        if condition is None or number is None or desired.absent or not _names_own_project(desired):
            return
        if number in projects_named(condition.expression):
            # It looks for both spellings, of which one is right.
            return
        yield (
            f"The condition {condition.title!r} of {desired.role} on {desired.name} looks for names that begin with "
            f"projects/{project}/, and no secret has such a name in conditions: they have the project's number. Write "
            f"projects/{number}/."
        )

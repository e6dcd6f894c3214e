# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a check or a report finds, in one shape for all of them. Pure."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass, field

#: C(HIGH): open to others, or does not work. C(MEDIUM): riskier than it needs to be, or part of it does not work. C(LOW): worth a look.
HIGH, MEDIUM, LOW = "high", "medium", "low"
SEVERITIES = (HIGH, MEDIUM, LOW)


@dataclass(frozen=True)
class Finding:
    """Something to look at, in words that a person can act on."""

    #: Names the kind of finding, for playbooks.
    code: str
    #: An option, a place in a file, a statement of a policy, or what else it is about.
    where: str
    message: str
    #: What to do: a sentence, or tasks as YAML.
    remedy: str
    severity: str = HIGH
    #: The same as C(where), in parts for playbooks. Which parts there are depends on what is checked.
    about: t.Mapping[str, t.Any] = field(default_factory=dict, hash=False)

    def as_dict(self) -> dict[str, t.Any]:
        """In the shape that a task registers."""
        return {
            "code": self.code,
            "severity": self.severity,
            "where": self.where,
            "about": dict(self.about),
            "message": self.message,
            "remedy": self.remedy,
        }


def gravity(finding: Finding) -> int:
    """A key to sort by: what matters most comes first."""
    return SEVERITIES.index(finding.severity)

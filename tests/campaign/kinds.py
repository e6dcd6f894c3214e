# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""All kinds of trials, by name, and how much of a campaign's time each gets."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from campaign.trials import Trial


@dataclass(frozen=True)
class Kind:
    """A kind of trial.

    :param module: has the function C(trial); loaded by those processes that try
    :param counts: what is counted, for the table
    :param share: of the time of a campaign
    :param limit: seconds after which a trial is given up
    """

    module: str
    counts: str
    share: float
    limit: float = 300

    def trial(self) -> Trial:
        """What runs one."""
        found: Trial = import_module(f"campaign.{self.module}").trial
        return found


KINDS = {
    "faults": Kind("in_process", "schedules", 0.5),
    "playbooks": Kind("playbooks", "playbooks", 0.15),
    "kills": Kind("kills", "kills", 0.15),
    "races": Kind("races", "races", 0.08),
    "leaks": Kind("leaks", "playbooks", 0.06),
    "fuzz": Kind("fuzz", "inputs", 0.06),
}

# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""All kinds of trials, by name, and how many of each a campaign makes."""

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
    :param hourly: how much is to be counted in an hour. As all kinds come to the same part of that, it is also how they are mixed,
        however fast the machine is and however long the campaign takes
    :param weight: how much one trial counts
    :param limit: seconds after which a trial is given up
    """

    module: str
    counts: str
    hourly: int
    weight: int = 1
    limit: float = 300

    def trial(self) -> Trial:
        """What runs one."""
        found: Trial = import_module(f"campaign.{self.module}").trial
        return found


#: Five parts in a hundred above what an hour on two cores has to come to.
KINDS = {
    "faults": Kind("in_process", "schedules", 5250),
    "playbooks": Kind("playbooks", "playbooks", 210),
    "kills": Kind("kills", "kills", 525),
    "races": Kind("races", "races", 210),
    "leaks": Kind("leaks", "playbooks", 30),
    "fuzz": Kind("fuzz", "inputs", 105_000, weight=250),
}

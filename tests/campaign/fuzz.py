# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Fuzzing of pure code: each input is handled or refused with a sentence, and soon."""

from __future__ import annotations

import signal
import traceback
from random import Random

from campaign.arguments import arguments
from campaign.documents import TARGETS, Target
from campaign.pages import pages
from campaign.trials import Bench, Told

#: Inputs of one trial.
INPUTS = 250
#: Seconds for one input.
LIMIT = 5

_ALL: dict[str, Target] = {**TARGETS, "arguments": arguments, "pages": pages}


class TooSlowError(BaseException):
    """An input takes too long."""


def _too_slow(*_: object) -> None:
    raise TooSlowError


def trial(_bench: Bench, seed: str, part: str) -> Told:
    """Try the inputs of a seed; C(part) is the number of one of them."""
    before = signal.signal(signal.SIGALRM, _too_slow)
    told = Told(name="pure code")
    try:
        for number in [int(part)] if part else range(INPUTS):
            random = Random(f"fuzz|{seed}|{number}")
            name = random.choice(sorted(_ALL))
            problem = _problem(_ALL[name], random)
            told.weight = number + 1
            if problem:
                told.problems.append(f"{name}, input {number} (again: fuzz:{seed}/{number}): {problem}")
    finally:
        signal.signal(signal.SIGALRM, before)
    told.weight = 1 if part else INPUTS
    return told


def _problem(target: Target, random: Random) -> str:
    signal.setitimer(signal.ITIMER_REAL, LIMIT)
    try:
        target(random)
    except (Exception, TooSlowError) as error:
        return f"{type(error).__name__}: {str(error)[:300]}\n{''.join(traceback.format_tb(error.__traceback__)[-4:])}"
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
    return ""

# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A process of a campaign: takes trials from its standard input, a line each, and answers each with a line."""

from __future__ import annotations

import json
import os
import sys
import traceback
from dataclasses import asdict

from checkout import ansible_environment, link_collection


def main() -> None:
    """Work until there is nothing more to take."""
    answers = os.fdopen(os.dup(1), "w", buffering=1)
    # Whatever prints here must not be taken for an answer.
    os.dup2(2, 1)
    link_collection()
    os.environ.update(ansible_environment())
    from ansible.plugins.loader import init_plugin_loader

    init_plugin_loader()
    from campaign.kinds import KINDS
    from campaign.modules import quicken
    from campaign.trials import Told, bench

    quicken()
    with bench() as own:
        for line in sys.stdin:
            job = json.loads(line)
            try:
                told = KINDS[job["kind"]].trial()(own, job["seed"], job["part"])
            except Exception:
                told = Told([f"the campaign itself failed: {traceback.format_exc()[-1500:]}"])
            answers.write(json.dumps(asdict(told)) + "\n")


if __name__ == "__main__":
    main()

# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""That the local cloud decides by the table of AWS's rules on how policies work together; what they leave in doubt, it denies."""

from __future__ import annotations

from policy_interaction import ADMINISTRATOR, CONTEXT, cases

from local_cloud.services.codeartifact.judge import Caller, Policies, Request, refusal

STRICTER = {"allowed": "allowed", "denied": "denied", "depends": "denied"}


def test_the_local_cloud_decides_by_the_table() -> None:
    context = {key.lower(): [value] for key, value in CONTEXT.items()}
    wrong = []
    for case in cases():
        request = Request(Caller(case.caller), case.action, case.resource, context)
        policies = Policies(case.owner, ADMINISTRATOR, case.identity, case.domain, case.repository)
        decision = "denied" if refusal(request, policies) else "allowed"
        if decision != STRICTER[case.row["decision"]]:
            wrong.append((case.caller, case.action, case.writings, decision, case.row))
    assert wrong == []

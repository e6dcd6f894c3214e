# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""That the evaluator decides by the table of AWS's rules on how policies work together. The local cloud is held to the same by a test of its own."""

from __future__ import annotations

from collections import Counter

from ansible_collections.pkgops.registry_auth.plugins.module_utils._domain.codeartifact.evaluation import (
    Policies,
    evaluate,
)
from ansible_collections.pkgops.registry_auth.plugins.module_utils._domain.codeartifact.names import DOMAIN, REPOSITORY
from ansible_collections.pkgops.registry_auth.plugins.module_utils._domain.iam.callers import Caller
from ansible_collections.pkgops.registry_auth.plugins.module_utils._domain.iam.statements import (
    IDENTITY,
    Request,
    read_statements,
)
from policy_interaction import ADMINISTRATOR, CONTEXT, ROWS, TABLE, cases


def test_every_row_says_its_rule_and_decides_something():
    decided = Counter(ROWS.index(case.row) for case in cases())
    assert sorted(decided) == list(range(len(ROWS)))
    met = {writing for case in cases() for writing in case.writings}
    assert met == {one for kinds in TABLE["writings"].values() for writings in kinds.values() for one in writings}
    assert all(row["says"].endswith(".") and row["decision"] in ("allowed", "denied", "depends") for row in ROWS)


def test_the_evaluator_decides_by_the_table():
    wrong = []
    for case in cases():
        policies = Policies(
            case.owner,
            ADMINISTRATOR,
            read_statements(IDENTITY, *case.identity),
            read_statements(DOMAIN, case.domain),
            read_statements(REPOSITORY, case.repository),
        )
        decision = evaluate(Request(Caller.of(case.caller), case.action, case.resource, CONTEXT), policies)
        if decision.outcome != case.row["decision"]:
            wrong.append((case.caller, case.action, case.writings, decision.outcome, case.row))
    assert wrong == []

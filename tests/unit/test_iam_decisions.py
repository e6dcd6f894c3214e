# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""That the evaluator decides as an independent simulator of IAM does.

data/iam_decisions.json has its decisions: C(@cloud-copilot/iam-simulate) 0.1.173, which knows IAM and not CodeArtifact. The policies that count
for each action, by CodeArtifact's guide, were joined into one resource policy for it. Left out are its known errors (dates, families of
addresses, mixed versions) and what no document settles (root users, a resource policy alone in the account that administers a repository).
"""

from __future__ import annotations

import json
from collections import Counter

import pytest
from ansible_collections.pkgops.registry_auth.plugins.module_utils._domain.codeartifact.evaluation import (
    DEPENDS,
    Policies,
    evaluate,
)
from ansible_collections.pkgops.registry_auth.plugins.module_utils._domain.codeartifact.names import DOMAIN, REPOSITORY
from ansible_collections.pkgops.registry_auth.plugins.module_utils._domain.iam.callers import Caller
from ansible_collections.pkgops.registry_auth.plugins.module_utils._domain.iam.documents import statements
from ansible_collections.pkgops.registry_auth.plugins.module_utils._domain.iam.statements import (
    IDENTITY,
    Request,
    read_statements,
)
from checkout import CHECKOUT

ROWS = json.loads((CHECKOUT / "tests" / "unit" / "data" / "iam_decisions.json").read_text("utf-8"))


def context(row):
    """What is known of the request. The simulator takes a key that it is not given for one that the request does not have."""
    documents = [*(row["identity_policies"] or ()), row["domain_policy"], row["repository_policy"]]
    asked = [
        key
        for document in documents
        for statement in statements(document or {})
        for tests in (statement.get("Condition") or {}).values()
        for key in tests
    ]
    given = {key.lower(): value for key, value in row["context"].items()}
    return {**dict.fromkeys(map(str.lower, asked)), **given}


@pytest.mark.parametrize("row", ROWS, ids=[str(row["row"]) for row in ROWS])
def test_decisions(row):
    request = Request(
        Caller.of(row["caller"]["arn"], role=row["caller"].get("role")), row["action"], row["resource"], context(row)
    )
    known = row["identity_policies"]
    policies = Policies(
        row["owner"],
        row["administrator"],
        None if known is None else read_statements(IDENTITY, *known),
        read_statements(DOMAIN, row["domain_policy"]),
        read_statements(REPOSITORY, row["repository_policy"]),
    )
    decision = evaluate(request, policies)

    accepted = {row["decision"]} | ({DEPENDS} if row.get("depends_accepted") else set())
    assert decision.outcome in accepted, decision.reason


def test_there_are_decisions_of_each_kind():
    assert len(ROWS) == 267
    assert min(Counter(row["decision"] for row in ROWS).values()) > 50
    assert sum(bool(row.get("depends_accepted")) for row in ROWS) == 2

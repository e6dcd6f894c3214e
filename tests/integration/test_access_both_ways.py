# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What codeartifact_access_info answers is what happens: each caller makes the requests, with the AWS CLI, botocore and HTTP."""

from __future__ import annotations

import pytest
from aws_clients import ACCOUNT, Aws, Clients
from both_ways import CALLERS, QUESTION, Try, answered, happened, rows, set_up
from cloud_control import LocalCloud
from harness import Ansible, Given, task

#: What nothing but the account's name in a policy is for.
LEFT_TO_IDENTITIES = {
    Try(f"arn:aws:iam::{ACCOUNT}:user/{name}", "shared", "administer UpdateRepository") for name in ("bob", "frank")
}


def test_the_matrix_is_what_happens(
    ansible: Ansible,
    cloud: LocalCloud,
    aws: Aws,
    codeartifact: Clients,
    given: Given,
    subtests: pytest.Subtests,
) -> None:
    set_up(given, delegating=True)
    (result,) = ansible.results([task("codeartifact_access_info", **QUESTION)])
    assert not result["failed"], result
    tries = happened(cloud, codeartifact, ["python", "scratch", "shared"])
    said = answered(result["access"], tries)
    for each, happens in tries.items():
        with subtests.test(each.principal, what=each.what, repository=each.repository):
            # What is left to identity policies that do not allow it depends, and the local cloud denies it.
            assert said[each] == happens or (said[each] is None and each in LEFT_TO_IDENTITIES and not happens)
    assert {each for each in tries if said[each] is None} == LEFT_TO_IDENTITIES
    # Identity policies are known, and conditions there are none.
    about = [row for each in tries for row in rows(result["access"], each.repository, each.principal)]
    outcomes = {outcome for row in about for outcome in row["access"].values()}
    assert outcomes == {"allowed", "denied", "depends"}
    for key, (arn, _policies) in CALLERS.items():
        with subtests.test(arn, what="login with the AWS CLI"):
            logs_in = tries[Try(arn, "", "login")]
            token = ("get-authorization-token", "--domain=demo", f"--domain-owner={ACCOUNT}")
            ran = aws(*token, key=key, fails=not logs_in)
            assert logs_in or "AccessDenied" in ran.stderr

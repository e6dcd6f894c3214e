# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The policies that the CodeArtifact User Guide prints, "Repository policies": put, read back and put again, and said as grants.

data/codeartifact_guide_policies.json has them as they are printed. Placeholders are replaced here: V(my_domain) cannot be the name of a domain.
"""

from __future__ import annotations

import json
from typing import Any

import pytest
from aws_clients import ACCOUNT, ADA_KEY, ADMINISTRATOR, OTHER_ACCOUNT, Aws
from checkout import CHECKOUT
from cloud_control import LocalCloud
from harness import Ansible, Given, task

pytestmark = pytest.mark.thorough

PRINTED: list[dict[str, Any]] = json.loads(
    (CHECKOUT / "tests" / "unit" / "data" / "codeartifact_guide_policies.json").read_text("utf-8")
)
BOB = f"arn:aws:iam::{ACCOUNT}:user/bob"
UI = {"format": "npm", "namespace": "parity", "name": "ui"}
#: The same in words, by the title of the policy. The guide's account that is given something is ACCOUNT, and its owner is OTHER_ACCOUNT.
GRANTS: dict[str, dict[str, Any]] = {
    "read, one action": {"principals": [ACCOUNT], "access": ["download"]},
    "read, usual actions": {"principals": [ACCOUNT], "access": ["read"]},
    "read, as get-repository-permissions-policy prints it": {"principals": [ACCOUNT], "access": ["read"]},
    "read, one user": {"principals": [BOB], "access": ["download"]},
    "publish one package": {"principals": [ACCOUNT], "access": ["publish"], "packages": [UI]},
    "publish all packages of the repository": {"principals": [ACCOUNT], "access": ["publish"]},
}
#: A whole account that may publish whatever it likes, also under names that others use, is worth a warning although the guide prints it.
WARNED = "publish all packages of the repository"
NAMES = [f"repo-{number}" for number in range(len(PRINTED))]
LOGIN = {"access_key": ADA_KEY, "secret_key": "local", "region": "eu-west-1"}


def printed(policy: dict[str, Any], repository: str) -> dict[str, Any]:
    """A policy of the guide, for a repository of the local cloud."""
    text = json.dumps(policy).replace("region-id", "eu-west-1").replace("my_domain/my_repo", f"demo/{repository}")
    found: dict[str, Any] = json.loads(text)
    return found


def meaning(document: dict[str, Any]) -> list[dict[str, Any]]:
    """Statements in one way of writing: without Sid, with lists in order, and with an account's root for its id."""

    def one_way(value: Any) -> Any:
        values = sorted([value] if isinstance(value, str) else value)
        return [f"arn:aws:iam::{one}:root" if one.isdigit() else one for one in values]

    return [
        {
            **{name: one_way(statement[name]) for name in ("Action", "Resource")},
            "Effect": statement["Effect"],
            "Principal": one_way(statement["Principal"]["AWS"]),
            "rest": sorted(set(statement) - {"Sid", "Effect", "Principal", "Action", "Resource"}),
        }
        for statement in document["Statement"]
    ]


@pytest.fixture
def repositories(given: Given) -> None:
    """One for each policy, in a domain of OTHER_ACCOUNT as in the guide, to which those who are granted something may log in."""
    given.identity(ADA_KEY, f"arn:aws:iam::{OTHER_ACCOUNT}:user/ada", ADMINISTRATOR)
    given.domain("demo", *NAMES, key=ADA_KEY)
    login = {"Effect": "Allow", "Principal": {"AWS": ACCOUNT}, "Action": "codeartifact:GetAuthorizationToken", "Resource": "*"}  # fmt: skip
    given.domain_policy("demo", {"Version": "2012-10-17", "Statement": [login]}, key=ADA_KEY)


def read(aws: Aws, repository: str) -> dict[str, Any]:
    """The policy of a repository, from the AWS CLI."""
    where = ("--domain=demo", f"--repository={repository}")
    policy = aws("get-repository-permissions-policy", *where, key=ADA_KEY).json()["policy"]
    found: dict[str, Any] = json.loads(policy["document"])
    return found


@pytest.mark.usefixtures("repositories")
def test_policies_go_in_and_come_out_and_can_be_said_as_grants(
    ansible: Ansible, aws: Aws, cloud: LocalCloud, subtests: pytest.Subtests
) -> None:
    policies = [printed(one["policy"], name) for one, name in zip(PRINTED, NAMES, strict=True)]
    documents = [{"repository": name, "policy": policy} for name, policy in zip(NAMES, policies, strict=True)]
    grants = [
        {"repository": name, "mode": "replace", "grants": [{"name": "guide", **GRANTS[one["title"]]}]}
        for one, name in zip(PRINTED, NAMES, strict=True)
    ]
    batches = [
        task("codeartifact_repository_policy", domain="demo", batch=batch, **LOGIN)
        for batch in (documents, documents, grants, grants)
    ]
    put, again = ansible.results(batches[:2])
    came_out = [read(aws, name) for name in NAMES]
    granted, granted_again = ansible.results(batches[2:])
    said = [read(aws, name) for name in NAMES]

    for number, one in enumerate(PRINTED):
        with subtests.test(one["title"]):
            states = [result["results"][number] for result in (put, again, granted, granted_again)]
            assert [state["failed"] for state in states] == [False] * 4, states
            # The grants' statements have names, which makes one write.
            assert [state["changed"] for state in states] == [True, False, True, False]
            assert json.loads(states[1]["repository_policy"]["policy"]) == came_out[number] == policies[number]
            assert meaning(said[number]) == meaning(policies[number])
    for result in (put, again, granted, granted_again):
        warned = f"repo-{[one['title'] for one in PRINTED].index(WARNED)}"
        [warning] = result["warnings"]
        assert f"demo/{warned}: " in str(warning)
        assert "on all packages, names that others use included" in str(warning)

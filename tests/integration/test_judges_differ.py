# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The local cloud does not share the collection's mistakes: where the evaluator is made wrong, the two disagree."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest
from aws_clients import ACCOUNT, Clients
from both_ways import QUESTION, Try, differences, happened, set_up
from checkout import CHECKOUT, PLACE
from cloud_control import LocalCloud
from harness import Ansible, Given, task

pytestmark = pytest.mark.thorough

#: Where the evaluator is, below the collection.
(EVALUATION,) = (file.relative_to(CHECKOUT) for file in CHECKOUT.joinpath("plugins").rglob("*evaluation.py"))
#: What is put at the end of that file, where it replaces the function; by what it gets wrong.
WRONG = """

from dataclasses import replace as _replace

_right = evaluate


def evaluate(request, policies):
    decision = _right(request, policies)
    own = request.caller.account == policies.owner
    {wrong}
    return decision
"""
MUTATIONS = {
    "nothing": "pass",
    "an identity policy of another account is enough": (
        "return _right(request, _replace(policies, owner=request.caller.account))"
    ),
    "a deny in the domain policy is ignored": (
        "return _right(request, _replace(policies, domain=tuple(s for s in policies.domain if s.reference.effect != DENY)))"
    ),
    "the own account as principal allows": (
        "decision = _replace(decision, outcome=ALLOWED, depends_on=()) if own and decision.outcome == DEPENDS else decision"
    ),
}


@pytest.fixture
def access(ansible: Ansible, tmp_path: Path) -> Any:
    """What the module says when the collection's evaluator is a wrong one."""

    def say(mutation: str) -> dict[str, Any]:
        copy = tmp_path / "collections" / PLACE
        for part in ("meta", "plugins"):
            shutil.copytree(CHECKOUT / part, copy / part, ignore=shutil.ignore_patterns("__pycache__"))
        with (copy / EVALUATION).open("a") as file:
            file.write(WRONG.format(wrong=MUTATIONS[mutation]))
        (result,) = ansible.results(
            [task("codeartifact_access_info", **QUESTION)],
            env={"ANSIBLE_COLLECTIONS_PATH": str(tmp_path / "collections")},
        )
        assert not result["failed"], result
        found: dict[str, Any] = result["access"]
        return found

    return say


@pytest.mark.parametrize(
    ("mutation", "seen"),
    [
        ("nothing", set()),
        ("an identity policy of another account is enough", {"444455556666:user/eve"}),
        ("a deny in the domain policy is ignored", {f"{ACCOUNT}:user/grace"}),
    ],
)
def test_a_wrong_evaluator_is_seen(
    access: Any, cloud: LocalCloud, codeartifact: Clients, given: Given, mutation: str, seen: set[str]
) -> None:
    set_up(given, delegating=True)
    tries = happened(cloud, codeartifact, ["python", "scratch", "shared"])
    different = differences(access(mutation), tries)
    assert seen <= {each.principal.removeprefix("arn:aws:iam::") for each in different}
    assert bool(different) == bool(seen)


def test_an_account_taken_for_its_identities_is_seen(
    access: Any, cloud: LocalCloud, codeartifact: Clients, given: Given
) -> None:
    """Whom nothing but the account's name in a policy lets in, is not let in."""
    set_up(given, delegating=True)
    tries = happened(cloud, codeartifact, ["shared"])
    users = [f"arn:aws:iam::{ACCOUNT}:user/{name}" for name in ("bob", "frank")]
    assert differences(access("the own account as principal allows"), tries) == {
        Try(user, "shared", "administer UpdateRepository") for user in users
    }

# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the playbook auth_workflow remembers of a repository on GitHub whose role failed: whether anything was written by then."""

from __future__ import annotations

from typing import Any

import pytest
from ansible.parsing.dataloader import DataLoader
from ansible.template import Templar, trust_as_template
from checkout import CHECKOUT

FAILED = {"failed": True, "changed": False, "msg": "no"}
WRITTEN = {"changed": True}
#: What the steps of the role registered, and whether that is a change.
ENDS: dict[str, tuple[dict[str, Any], bool]] = {
    "at once": ({}, False),
    "after a run without changes": ({"trusted_publishing_environments": {"changed": False}}, False),
    "after the environments": ({"trusted_publishing_environments": WRITTEN}, True),
    "after the pull request": ({"trusted_publishing_proposal": WRITTEN}, True),
    "after the checkout": ({"__trusted_publishing_written": {"changed": True, "results": [WRITTEN]}}, True),
    "half way": ({"ansible_failed_result": {**FAILED, "changed": True}}, True),
}


def remembered() -> Any:
    """The task of the playbook that remembers why a repository failed."""
    plays = DataLoader().load(trust_as_template((CHECKOUT / "playbooks" / "auth_workflow.yml").read_text()))
    (task,) = (
        task
        for play in plays
        for block in play.get("tasks", ())
        for task in block.get("rescue", ())
        if task["name"] == "Remember why this repository failed"
    )
    return task


@pytest.mark.parametrize(("registered", "changed"), ENDS.values(), ids=ENDS.keys())
def test_a_repository_that_failed_is_changed_when_something_was_written(
    registered: dict[str, Any], changed: bool
) -> None:
    task = remembered()
    known = {
        "inventory_hostname": "sample",
        "ansible_failed_task": {"name": "Retire the secrets"},
        "ansible_failed_result": FAILED,
    }
    templar = Templar(loader=DataLoader(), variables={**task["vars"], **known, **registered})
    said = templar.template(task["ansible.builtin.set_fact"])["registry_auth_publishing"]
    assert said["scopes"] == {"sample": {"changed": changed, "failed": True, "msg": "Could not retire the secrets: no"}}

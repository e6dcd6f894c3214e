# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The summary of a run of the workflow, which jobs of AWX pass on to each other."""

from __future__ import annotations

import json
from typing import Any

from ansible_collections.pkgops.registry_auth.plugins.plugin_utils._outcome import LIMIT, STATISTIC, _scopes, summary

CHANGED = {
    "changed": True,
    "failed": False,
    "msg": "Did it.",
    "versions": {"mirror": "token/versions/2"},
    "proofs": ["mirror"],
}
FAILED = {"changed": True, "failed": True, "msg": "Could not.", "failure": {"code": "refused"}}
SAME = {"changed": False, "failed": False, "msg": "Nothing to change."}


def test_each_scope_is_counted_once_and_shown() -> None:
    result = summary({"a": CHANGED, "b": FAILED, "c": SAME})
    assert (result["changed"], result["failed"]) == (False, False)
    data = result["ansible_stats"]["data"][STATISTIC]
    assert (data["changed"], data["failed"], data["unchanged"]) == (1, 1, 1)
    assert data["scopes"]["a"]["versions"] == {"mirror": "token/versions/2"}
    assert result["msg"] == (
        "Scopes: 1 changed, 1 unchanged, 1 failed. Repositories with a login: 1. Packages fetched as proof: 1. Failed: b."
    )


def test_a_summary_that_would_be_large_has_numbers_and_what_failed() -> None:
    scopes = {f"scope-{number}": {**SAME, "msg": "x" * 200} for number in range(LIMIT // 200)} | {"bad": FAILED}
    data = summary(scopes)["ansible_stats"]["data"][STATISTIC]
    assert data["scopes"] == {}
    assert data["failed_scopes"] == ["bad"]
    assert len(json.dumps(data)) < LIMIT


def test_no_scope_is_no_mistake() -> None:
    assert summary({})["msg"] == "Scopes: 0 changed, 0 unchanged, 0 failed."


def test_a_scope_without_remote_repositories_has_no_numbers_of_them() -> None:
    assert summary({"c": SAME})["msg"] == "Scopes: 0 changed, 1 unchanged, 0 failed."


def test_check_mode_says_what_would_change_and_counts_nothing_that_did_not_happen() -> None:
    message = summary({"a": CHANGED, "b": FAILED, "c": SAME}, check_mode=True)["msg"]
    assert message == "Scopes: 1 would change, 1 unchanged, 1 failed. Failed: b."


def test_what_all_hosts_have_is_read_once() -> None:
    """To read it as another host's evaluates all of it: for 200 scopes that took longer than the rest of the workflow."""
    asked = []

    class Others(dict[str, Any]):
        def get(self, name: str, default: Any = None) -> Any:
            asked.append(name)
            return super().get(name, default)

    shared = {"scopes": {"a": CHANGED, "b": SAME}}
    own = {"scopes": {"b": FAILED}}
    hostvars = {"a": Others(shared=shared), "b": Others(shared=shared, own=own)}
    options = {"hosts": ["a", "b"], "results": ["shared", "own"]}
    found = dict(_scopes(options, {"shared": shared, "hostvars": hostvars}))
    assert {host: (one["changed"], one["failed"]) for host, one in found.items()} == {
        "a": (True, False),
        "b": (True, True),
    }
    assert asked == ["own", "own"]

# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Makes what became of a scope the result of a task of its host."""

from __future__ import annotations

import typing as t
from collections.abc import Mapping

from ansible.errors import AnsibleActionFail
from ansible.plugins.action import ActionBase


class Outcome(ActionBase):
    """Reads results that are registered already, and calls nothing."""

    _requires_connection = False

    def run(self, tmp: None = None, task_vars: dict[str, t.Any] | None = None) -> dict[str, t.Any]:
        """Run the task. Raises AnsibleActionFail when its options are wrong."""
        result: dict[str, t.Any] = super().run(tmp, task_vars)
        _checked, options = self.validate_argument_spec(
            argument_spec={"results": {"type": "list", "elements": "str", "required": True}}
        )
        variables = task_vars or {}
        host = variables["inventory_hostname"]
        parts = [_part(variables[name], host) for name in options["results"] if variables.get(name)]
        if not parts:
            raise AnsibleActionFail(
                f"Nothing says what became of {host}: none of {', '.join(options['results'])} is registered for it, so the task that would work "
                "on it has not run."
            )
        result |= {
            "changed": any(part["changed"] for part in parts),
            "failed": any(part["failed"] for part in parts),
            "msg": " ".join(part["msg"] for part in parts)
            or "Nothing failed. The tasks of this host say what they did.",
            # As of a debug task: what a scope did is to be read without asking for more.
            "_ansible_verbose_always": True,
        }
        if diffs := [diff for part in parts for diff in part.get("diff", ())]:
            result["diff"] = diffs
        if failure := next((part["failure"] for part in parts if part.get("failure")), None):
            result["failure"] = failure
        return result


def _part(registered: Mapping[str, t.Any], host: str) -> Mapping[str, t.Any]:
    """What a task says of a host. A task that ended without saying so failed for all of its hosts."""
    found: Mapping[str, t.Any] | None = (registered.get("scopes") or {}).get(host)
    if found is not None:
        return found
    why = registered.get("msg") or "The task that works on this scope ended without a result."
    return {"changed": False, "failed": True, "msg": str(why)}

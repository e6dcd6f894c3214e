# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Makes what became of a scope the result of a task of its host, and what became of all of them a summary for what follows."""

from __future__ import annotations

import json
import typing as t
from collections import Counter
from collections.abc import Iterable, Mapping

from ansible.errors import AnsibleActionFail
from ansible.plugins.action import ActionBase

Said = Mapping[str, t.Any]

#: The name of the summary among the statistics of a run; AWX calls these artifacts, and gives them to later nodes as a variable.
STATISTIC = "registry_auth_workflow"
#: Characters of a summary from which on it has numbers alone: AWX keeps it in its database, and adds it to the variables of each later job.
LIMIT = 64 * 1024
#: What a summary has of a scope.
_KEPT = ("changed", "failed", "msg", "versions", "proofs", "failure")


class Outcome(ActionBase):
    """Reads results that are registered already, and calls nothing."""

    _requires_connection = False

    def run(self, tmp: None = None, task_vars: dict[str, t.Any] | None = None) -> dict[str, t.Any]:
        """Run the task. Raises AnsibleActionFail when its options are wrong."""
        result: dict[str, t.Any] = super().run(tmp, task_vars)
        names = {"type": "list", "elements": "str"}
        _checked, options = self.validate_argument_spec(
            argument_spec={"results": {**names, "required": True}, "hosts": names}
        )
        variables = task_vars or {}
        if options["hosts"] is not None:
            scopes = dict(_scopes(options, variables))
            return result | summary(scopes, check_mode=bool(self._task.check_mode))
        host = variables["inventory_hostname"]
        parts = _parts((variables.get(name) for name in options["results"]), host)
        if not parts:
            raise AnsibleActionFail(
                f"Nothing says what became of {host}: none of {', '.join(options['results'])} is registered for it, so the task that would work "
                "on it has not run."
            )
        # As of a debug task: what a scope did is to be read without asking for more.
        result |= {**_together(parts), "_ansible_verbose_always": True}
        if diffs := [diff for part in parts for diff in part.get("diff", ())]:
            result["diff"] = diffs
        return result


def summary(scopes: Mapping[str, Said], *, check_mode: bool = False) -> dict[str, t.Any]:
    """What became of scopes, as a result that is a message and a statistic. Nothing of it is changed or failed."""
    counted = Counter(
        "failed" if one["failed"] else "changed" if one["changed"] else "unchanged" for one in scopes.values()
    )
    failed = [name for name, one in scopes.items() if one["failed"]]
    number = {name: counted[name] for name in ("changed", "unchanged", "failed")}
    shown: dict[str, t.Any] = {**number, "scopes": scopes}
    if len(json.dumps(shown)) > LIMIT:
        # Which ones failed is the least that somebody has to know.
        shown = {**number, "failed_scopes": failed, "scopes": {}}
    message = _in_words(number, scopes, check_mode=check_mode)
    if failed:
        message += f" Failed: {', '.join(failed)}."
    statistics = {"data": {STATISTIC: shown}, "per_host": False, "aggregate": False}
    return {"changed": False, "failed": False, "msg": message, "ansible_stats": statistics}


def _in_words(number: Mapping[str, int], scopes: Mapping[str, Said], *, check_mode: bool) -> str:
    """The numbers in one line. Those of remote repositories are left out of a run that is about something else."""
    words = {"changed": "would change"} if check_mode else {}
    said = ", ".join(f"{count} {words.get(name, name)}" for name, count in number.items())
    sentences = [f"Scopes: {said}."]
    # A package that a check did not fetch says nothing, and a login that it did not set would be counted as one.
    if not check_mode:
        counted = {"Repositories with a login": "versions", "Packages fetched as proof": "proofs"}
        numbers = {what: sum(len(one.get(part, ())) for one in scopes.values()) for what, part in counted.items()}
        sentences += [f"{what}: {count}." for what, count in numbers.items() if any(numbers.values())]
    return " ".join(sentences)


def _scopes(options: Mapping[str, t.Any], variables: Mapping[str, t.Any]) -> t.Iterator[tuple[str, Said]]:
    """What became of each host's scope, of those of which anything is said."""
    for host in options["hosts"]:
        own = variables["hostvars"][host]
        # A result that a task registers once is every host's, and of another host's Ansible evaluates all, for each of them.
        registered = (
            variables[name] if _says(variables.get(name), host) else own.get(name) for name in options["results"]
        )
        if parts := _parts(registered, host):
            yield host, {name: value for name, value in _together(parts).items() if name in _KEPT}


def _says(registered: Said | None, host: str) -> bool:
    return host in ((registered or {}).get("scopes") or {})


def _parts(registered: Iterable[Said | None], host: str) -> list[Said]:
    return [_part(one, host) for one in registered if one]


def _together(parts: list[Said]) -> dict[str, t.Any]:
    """What the workflow's modules say of one host, as one."""
    said: dict[str, t.Any] = {
        "changed": any(part["changed"] for part in parts),
        "failed": any(part["failed"] for part in parts),
        "msg": " ".join(part["msg"] for part in parts) or "Nothing failed. The tasks of this host say what they did.",
    }
    if failure := next((part["failure"] for part in parts if part.get("failure")), None):
        said["failure"] = failure
    if versions := {name: one for part in parts for name, one in part.get("versions", {}).items()}:
        said["versions"] = versions
    if proofs := [proof for part in parts for proof in part.get("proofs", ())]:
        said["proofs"] = proofs
    return said


def _part(registered: Said, host: str) -> Said:
    """What a task says of a host. A task that ended without saying so failed for all of its hosts."""
    found: Said | None = (registered.get("scopes") or {}).get(host)
    if found is not None:
        return found
    why = registered.get("msg") or "The task that works on this scope ended without a result."
    return {"changed": False, "failed": True, "msg": str(why)}

# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""From the options of a module of the workflow to its steps, and back to what became of each scope."""

from __future__ import annotations

import typing as t
from collections import Counter

from .._base.errors import InvalidInput, as_ours
from .._base.quota import Deadline
from .._engine.censor import Censor
from .._engine.progress import Progress
from .._engine.task import Module, TaskResult
from .chain import Chain, Scope
from .naming import Naming
from .wording import did, would

#: The options of a module of the workflow, besides those to log in with. The action plugin makes scopes of C(hosts).
WORKFLOW: dict[str, dict[str, t.Any]] = {
    "hosts": {"type": "list", "elements": "str"},
    "scopes": {"type": "list", "elements": "dict"},
    "variables": {"type": "dict"},
    "timeout": {"type": "int", "default": 3600},
}

Some = t.TypeVar("Some", bound=Scope)

#: How many of the things that one step changed a message names.
NAMED = 5

#: The step of a scope whose options are wrong.
VALIDATION = "read the scope"


def run_workflow(
    module: Module,
    read_scope: t.Callable[[str, t.Mapping[str, t.Any], Naming], Some],
    work: t.Callable[[Chain, list[Some]], None],
    *,
    secrets: t.Callable[[t.Mapping[str, t.Any]], t.Iterable[str]] = lambda _options: (),
) -> TaskResult:
    """Take all scopes of a task through their steps. The result has what became of each, by its name.

    :param read_scope: makes a scope of its name, its options and what these are called; raises InvalidInput
    :param work: takes the steps with scopes that are as they should be
    :param secrets: what no result may show, of a scope's options as given
    """
    given, naming = module.params["scopes"] or [], Naming.from_options(module.params)
    module.no_log_values |= {secret for options in given for secret in secrets(options)}
    censor = Censor(module.no_log_values)
    scopes: list[Scope] = []
    valid: list[Some] = []
    repeated = [name for name, number in Counter(str(options.get("name")) for options in given).items() if number > 1]
    for options in given:
        name = str(options.get("name") or "")
        try:
            if not name or name in repeated:
                raise InvalidInput("name is missing." if not name else f"{name} is the name of two scopes.")
            said = {key: value for key, value in options.items() if key != "name"}
            valid.append(read_scope(name, said, naming))
            scopes.append(valid[-1])
        except Exception as error:
            wrong = Scope(name)
            wrong.fail(VALIDATION, name, as_ours(error))
            scopes.append(wrong)
    with Progress() as progress:
        try:
            deadline = Deadline.from_options(module.params)
            work(Chain(module.check_mode, module._diff, deadline, progress), valid)
        except Exception as error:
            for one in valid:
                one.fail(VALIDATION, one.name, as_ours(error))
    for scope in scopes:
        for warning in dict.fromkeys(warning for _step, outcome in scope.done for warning in outcome.warnings):
            module.warn(censor.hide(f"{scope.name}: {naming.told(warning)}"))
    how = {"check_mode": module.check_mode, "diff_mode": module._diff}
    shown = {scope.name: _shown(scope, naming, **how) for scope in scopes}
    failed = [name for name, one in shown.items() if one["failed"]]
    values: dict[str, t.Any] = {"changed": any(one["changed"] for one in shown.values()), "scopes": shown}
    if failed:
        values["msg"] = f"{len(failed)} of {len(shown)} scopes failed: {', '.join(failed)}."
    # Scopes are shown by their results, and hold tokens. Their variables are the action plugin's word to the module.
    left_out = ("scopes", "variables")
    values["invocation"] = {"module_args": {name: one for name, one in module.params.items() if name not in left_out}}
    return TaskResult(bool(failed), censor.hide(values))


def _shown(scope: Scope, naming: Naming, *, check_mode: bool, diff_mode: bool) -> dict[str, t.Any]:
    """What became of a scope, in the shape of results."""
    changed = [(step, outcome) for step, outcome in scope.done if outcome.changed]
    shown: dict[str, t.Any] = {
        "changed": bool(changed),
        "failed": not scope.alive,
        "msg": _told(scope, naming, check_mode=check_mode),
        "changes": [{"step": step, "target": outcome.target} for step, outcome in changed],
    }
    if scope.versions:
        shown["versions"] = scope.versions
    if scope.proofs:
        shown["proofs"] = scope.proofs
    if not scope.alive:
        step, target, _message, code = scope.failures[0]
        shown["failure"] = {"code": code, "step": step, "target": target}
    if diff_mode:
        shown["diff"] = [
            outcome.as_dict(diff_mode=True)["diff"] for _step, outcome in changed if outcome.before is not None
        ]
    return shown


def _told(scope: Scope, naming: Naming, *, check_mode: bool) -> str:
    """A sentence for each kind of thing that was done, and for each failure."""
    done: dict[str, list[str]] = {}
    for step, outcome in scope.done:
        if outcome.changed:
            done.setdefault(step, []).append(outcome.target)
    said = would if check_mode else did
    sentences = [f"{said(step)}: {_some(targets)}." for step, targets in done.items()]
    failures = [
        naming.told(message) if step == VALIDATION else f"Could not {step}: {naming.told(message)}"
        for step, _target, message, _code in dict.fromkeys(scope.failures)
    ]
    return " ".join([*failures, *sentences]) or "Nothing to change."


def _some(targets: t.Sequence[str]) -> str:
    """The first of them, and how many more there are: all are in the result."""
    named = ", ".join(targets[:NAMED])
    return named if len(targets) <= NAMED else f"{named} and {len(targets) - NAMED} more"

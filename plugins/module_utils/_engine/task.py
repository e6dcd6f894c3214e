# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""From a task's options to the engine and back to a task's result."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass

from .._base.errors import InvalidInput, RegistryAuthError, as_ours
from .._base.quota import Deadline
from .censor import WHOLE, Censor
from .progress import Progress
from .reconcile import Outcome, reconcile
from .resource import Options, Resource

ArgumentSpec = t.Mapping[str, t.Mapping[str, t.Any]]


@dataclass(frozen=True)
class TaskResult:
    """What main() hands to exit_json or fail_json."""

    failed: bool
    values: dict[str, t.Any]
    warnings: tuple[str, ...] = ()


class Module(t.Protocol):
    """What is used of AnsibleModule; exiting is left to main()."""

    params: dict[str, t.Any]
    check_mode: bool
    no_log_values: set[str]
    _diff: bool

    def warn(self, warning: str) -> None:
        """Show a warning to the user."""


def run_task(
    module: Module,
    entry: ArgumentSpec,
    desired: t.Callable[[Options], t.Any],
    connect: t.Callable[[Options], Resource[t.Any, t.Any]],
) -> TaskResult:
    """Run one task.

    :param module: the module, for its parameters, its modes and to warn
    :param entry: argument spec of the options of one entry
    :param desired: makes the desired state of one entry's options; raises InvalidInput
    :param connect: makes the resource with its client from the parameters; not called before all options are valid
    """
    task = _reconciled(module, entry, desired, connect)
    censor = Censor(module.no_log_values)
    for warning in dict.fromkeys(task.warnings):
        module.warn(censor.hide(warning))
    # Entries are shown by their results. Once more in the invocation, they would make half of what a long batch returns.
    invocation = {"module_args": {name: value for name, value in module.params.items() if name != "batch"}}
    values = censor.hide({**task.values, "invocation": invocation})
    # Ansible would look for each of them in each text again.
    module.no_log_values -= _secrets(module.params.get("batch") or (), entry)
    # And it would hide what was given and is to be returned.
    module.no_log_values -= censor.returned
    return TaskResult(task.failed, values)


def _secrets(batch: t.Sequence[Options], entry: ArgumentSpec) -> set[str]:
    names = [name for name, spec in entry.items() if spec.get("no_log")]
    return {item[name] for item in batch for name in names if item.get(name)}


def _reconciled(
    module: Module,
    entry: ArgumentSpec,
    desired: t.Callable[[Options], t.Any],
    connect: t.Callable[[Options], Resource[t.Any, t.Any]],
) -> TaskResult:
    params = module.params
    batch = params.get("batch")
    try:
        entries = _desired_entries(params, entry, desired)
        with Progress(len(entries)) as progress:
            outcomes = reconcile(
                lambda: connect(params),
                entries,
                check_mode=module.check_mode,
                diff_mode=module._diff,
                deadline=Deadline.from_options(params),
                watch=lambda one: progress.ended(changed=one.changed, failed=one.error is not None),
            )
    except Exception as error:
        return _failed(as_ours(error))
    shown = [outcome.as_dict(diff_mode=module._diff) for outcome in outcomes]
    warnings = tuple(warning for outcome in outcomes for warning in outcome.warnings)
    failed = any(outcome.error for outcome in outcomes)
    if batch is None:
        return TaskResult(failed, shown[0], warnings)
    results = [
        {"failed": False, **values, "item": _shown_item(item, entry)} for item, values in zip(batch, shown, strict=True)
    ]
    values: dict[str, t.Any] = {"changed": any(outcome.changed for outcome in outcomes), "results": results}
    if module._diff:
        values["diff"] = [result["diff"] for result in results if "diff" in result and result["changed"]]
    if failed:
        values["msg"] = _failure_message(outcomes)
    return TaskResult(failed, values, warnings)


def _desired_entries(params: Options, entry: ArgumentSpec, desired: t.Callable[[Options], t.Any]) -> list[t.Any]:
    """The desired states of all entries. Raises one InvalidInput that names each wrong entry."""
    defaults = {name: params.get(name) for name in params if name != "batch"}
    batch = params.get("batch")
    if batch is None:
        return [desired(defaults)]
    entries, problems = [], []
    for index, item in enumerate(batch):
        given = {name: item[name] for name in entry if item.get(name) is not None}
        try:
            entries.append(desired({**defaults, **given}))
        except Exception as error:
            problems.append((f"batch[{index}]", as_ours(error)))
    if problems:
        # One that is not the user's fault counts first: nothing that the user corrects would help.
        worst = next((error for _where, error in problems if not isinstance(error, InvalidInput)), InvalidInput())
        worst.args = (" ".join(f"{where}: {error}" for where, error in problems),)
        raise worst
    return entries


def _shown_item(item: Options, entry: ArgumentSpec) -> dict[str, t.Any]:
    return {name: WHOLE if entry[name].get("no_log") else value for name, value in item.items() if value is not None}


def _failure_message(outcomes: t.Sequence[Outcome]) -> str:
    failures = [
        f"batch[{index}] {outcome.target}: {outcome.message}" for index, outcome in enumerate(outcomes) if outcome.error
    ]
    return f"{len(failures)} of {len(outcomes)} entries failed. " + " ".join(failures)


def _failed(error: RegistryAuthError) -> TaskResult:
    return TaskResult(failed=True, values={"changed": False, "msg": str(error), "failure": {"code": error.code}})

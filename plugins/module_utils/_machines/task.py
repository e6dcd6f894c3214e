# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""From what edits would do to files to the result of a task: all are planned before the first one is made."""

from __future__ import annotations

import hashlib
import typing as t
from dataclasses import dataclass

from .._base.errors import RegistryAuthError, as_ours
from .._base.secrets import without_logins
from . import files
from .files import Change, Place, Planned, Whole
from .formats.marks import Block, read

#: What Ansible shows in place of a secret. Source: remove_values in ansible-core's module_utils/common/parameters.py.
SECRET = "VALUE_SPECIFIED_IN_NO_LOG_PARAMETER"


@dataclass(frozen=True)
class Ended:
    """How a module's work ended: what is given to exit_json or fail_json, and what is warned of."""

    failed: bool
    values: dict[str, t.Any]
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True)
class Step:
    """A change of one file, for some clients."""

    clients: tuple[str, ...]
    place: Place
    change: Change


def ended(work: t.Callable[[], Ended], params: t.Mapping[str, t.Any] | None = None) -> Ended:
    """What the work makes, or its failure in one sentence.

    :param params: options, which Ansible shows with a result at C(-vvv): of a URL with a login in it, only the rest then
    """
    try:
        result = work()
    except Exception as error:
        failure = as_ours(error)
        result = Ended(True, {"changed": False, "msg": str(failure), "failure": {"code": failure.code}})
    shown = {} if params is None else {"invocation": {"module_args": without_logins(params)}}
    return Ended(result.failed, {**result.values, **shown}, result.warnings)


def run(steps: t.Sequence[Step], *, check_mode: bool, diff_mode: bool, warnings: t.Sequence[str] = ()) -> Ended:
    """Edit files. Nothing is written when one of them cannot be. Raises RegistryAuthError."""
    planned = [(step, files.plan(step.place, step.change)) for step in steps]
    made: list[tuple[Step, Planned]] = []
    if check_mode:
        made = planned
    else:
        for step, _plan in planned:
            try:
                made.append((step, files.apply(step.place, step.change)))
            except RegistryAuthError as error:
                changed = any(one.changed for _step, one in made)
                return Ended(
                    True,
                    {
                        **_values(made, diff_mode),
                        "changed": changed,
                        "msg": str(error),
                        "failure": {"code": error.code},
                    },
                )
    told = (*warnings, *(warning for _step, one in made for warning in one.warnings))
    return Ended(False, _values(made, diff_mode), tuple(dict.fromkeys(told)))


def _values(made: t.Sequence[tuple[Step, Planned]], diff_mode: bool) -> dict[str, t.Any]:
    shown = [
        {
            "path": step.place.path,
            "clients": list(step.clients),
            "changed": one.changed,
            "state": "absent" if one.content is None else "present",
        }
        for step, one in made
    ]
    values: dict[str, t.Any] = {"changed": any(one.changed for _step, one in made), "files": shown}
    if diff_mode:
        values["diff"] = [_diff(step, one) for step, one in made if one.changed]
    return values


def _diff(step: Step, one: Planned) -> dict[str, t.Any]:
    before, after = _shown(step, one.found.content, one.found.mode), _shown(step, one.content, one.mode)
    return {"before_header": step.place.path, "after_header": step.place.path, "before": before, "after": after}


def _shown(step: Step, content: bytes | None, mode: int | None) -> dict[str, t.Any]:
    """What of a file is ours, without secrets. What others wrote may hold any."""
    shown: dict[str, t.Any] = {"mode": None if content is None or mode is None else f"{mode:04o}"}
    if isinstance(step.change, Whole):
        return {**shown, "sha256": None if content is None else hashlib.sha256(content).hexdigest()}
    document = read(None if content is None else content.decode(), coded=True)
    return {
        **shown,
        "ours": [line for block in document.blocks for line in _lines(block)],
        "replaced_lines": [number for number, line in zip(document.numbers, document.lines) if line.replaced_for],
    }


def _lines(block: Block) -> list[str]:
    if block.kind != "login":
        return [*([block.section] if block.section else []), *block.body]
    until = f" until {block.until}" if block.until else ""
    return [f"login {block.name}{until}: {SECRET}"]

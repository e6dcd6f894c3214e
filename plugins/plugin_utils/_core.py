# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is used of ansible-core that it does not promise to keep: named, looked for and called in this file alone.

A release of ansible-core that changes one of these parts runs modules in its own way, which is slower and comes to the same.
"""

from __future__ import annotations

import inspect
import json
import typing as t
from dataclasses import dataclass, field
from functools import cache
from importlib import import_module

from ansible import constants as C
from ansible.errors import AnsibleError
from ansible.plugins.action import ActionBase
from ansible.template import Templar

#: How Ansible writes the options and results of modules in Python. Its public parts do not say so.
PROFILE = "legacy"


@dataclass(frozen=True)
class Part:
    """One of those parts: where it is, and with what it is called, where it is called."""

    module: str
    name: str
    arguments: tuple[object, ...] | None = None
    keywords: tuple[str, ...] = ()
    #: Keywords that only some releases have, and must be given there, with their values.
    sometimes: t.Mapping[str, object] = field(default_factory=dict, hash=False)

    def __str__(self) -> str:
        return f"{self.module}.{self.name}"

    def find(self) -> t.Any:
        """The part itself. Raises ImportError, AttributeError, or TypeError when it cannot be called like that."""
        found: t.Any = import_module(self.module)
        for name in self.name.split("."):
            found = getattr(found, name)
        if self.arguments is not None:
            inspect.signature(found).bind(*self.arguments, **dict.fromkeys(self.keywords), **self.asked_for(found))
        return found

    def asked_for(self, found: t.Callable[..., t.Any]) -> dict[str, object]:
        """The keywords of other releases that this one has."""
        return {name: value for name, value in self.sometimes.items() if name in inspect.signature(found).parameters}

    def replace(self, value: object) -> None:
        """Put another value in its place."""
        setattr(import_module(self.module), self.name, value)


IS_CONTROLLER = Part("ansible.module_utils._internal", "is_controller")
SHOWS_TRACEBACKS = Part("ansible.module_utils._internal._traceback", "_is_traceback_enabled")
MODULE_SHOWS_TRACEBACKS = Part("ansible.module_utils._internal._traceback", "_is_module_traceback_enabled")
RUN_MODULE = Part(
    "ansible.module_utils._internal._ansiballz._loader",
    "run_module",
    arguments=(),
    keywords=("json_params", "profile", "module_fqn", "modlib_path", "extensions"),
    # From 2.22 on, what a module's own interpreter is to hide in its logs. A fork knows it from the process that it is made of.
    sometimes={"secrets": frozenset()},
)
ENCODER = Part("ansible.module_utils.common.json", "get_module_encoder", arguments=(PROFILE, None))
TO_MODULE = Part("ansible.module_utils.common.json", "Direction.CONTROLLER_TO_MODULE")
PARTS = (
    IS_CONTROLLER,
    SHOWS_TRACEBACKS,
    MODULE_SHOWS_TRACEBACKS,
    RUN_MODULE,
    ENCODER,
    TO_MODULE,
    Part("ansible.plugins.action", "ActionBase._update_module_args", arguments=(None, "", {}, {})),
    Part("ansible.plugins.action", "ActionBase._compute_environment_string", arguments=(None, {})),
    Part("ansible.plugins.action", "ActionBase._parse_returned_data", arguments=(None, {}, PROFILE)),
    Part("ansible.playbook.task", "Task.delegate_to"),
    Part("ansible.constants", "DEFAULT_KEEP_REMOTE_FILES"),
    Part("ansible.constants", "config.get_config_value", arguments=("",), keywords=("variables",)),
)


def constant(name: str) -> t.Any:
    """A setting of Ansible, which it makes a part of C(ansible.constants) when it starts, so that no type is known."""
    return getattr(C, name)


@cache
def unexpected() -> str:
    """The first part that is not as expected and what is wrong with it; an empty text when all are."""
    for part in PARTS:
        try:
            part.find()
        except (ImportError, AttributeError, TypeError, ValueError) as error:
            return f"{part} is not as expected ({type(error).__name__})"
    return ""


def variables_of_target(action: ActionBase, task_vars: t.Mapping[str, t.Any]) -> t.Mapping[str, t.Any]:
    """The variables of the host that the task runs on, which is another one when it is delegated."""
    delegated = action._task.delegate_to
    variables: t.Mapping[str, t.Any] = task_vars["ansible_delegated_vars"][delegated] if delegated else task_vars
    return variables


def interpreter(action: ActionBase, variables: t.Mapping[str, t.Any]) -> t.Any:
    """The interpreter that is set for modules."""
    return action._templar.template(C.config.get_config_value("INTERPRETER_PYTHON", variables=variables))


def module_options(action: ActionBase, task_vars: t.Mapping[str, t.Any]) -> bytes:
    """A task's options, with those that Ansible adds, as a module gets them."""
    options = dict(action._task.args)
    action._update_module_args(action._task.action, options, task_vars)
    return json.dumps({"ANSIBLE_MODULE_ARGS": options}, cls=ENCODER.find()(PROFILE, TO_MODULE.find())).encode()


def module_environment(action: ActionBase) -> dict[str, str]:
    """The environment variables that are set for a task."""
    environment: dict[str, t.Any] = {}
    action._compute_environment_string(environment)
    return {name: str(value) for name, value in environment.items()}


def read_result(action: ActionBase, answer: dict[str, t.Any]) -> dict[str, t.Any]:
    """The result in what a module wrote, given with C(rc), C(stdout) and C(stderr)."""
    result = action._parse_returned_data(answer, PROFILE)
    # ansible-core 2.21 has a class for results.
    shown: dict[str, t.Any] = result if isinstance(result, dict) else result.as_result_dict(for_round_trip=True)
    return shown


def check_result(action: ActionBase) -> None:
    """Raise ValueError, or whatever else comes of it, when results are not read as expected."""
    if read_result(action, {"rc": 0, "stdout": '{"changed": true}', "stderr": ""}).get("changed") is not True:
        raise ValueError


def become_module() -> None:
    """Have ansible-core take this process for that of a module."""
    IS_CONTROLLER.replace(False)
    SHOWS_TRACEBACKS.replace(MODULE_SHOWS_TRACEBACKS.find())


def run_module(name: str, options: bytes) -> None:
    """Run a module by its full Python name, as in an interpreter of its own. Raises SystemExit."""
    run = RUN_MODULE.find()
    run(
        json_params=options,
        profile=PROFILE,
        module_fqn=name,
        modlib_path="",
        extensions={},
        **RUN_MODULE.asked_for(run),
    )


class HostVariables:
    """The variables of a host, as a task of that host in this play would see them.

    Where ansible-core's own way to a host's variables is not as expected, those of the play are missing. To make it raises AnsibleError
    when there is no such host, or when a file with its variables cannot be read.
    """

    def __init__(self, action: ActionBase, task_vars: t.Mapping[str, t.Any], host: str) -> None:
        hostvars = task_vars["hostvars"]
        if host not in hostvars:
            raise AnsibleError(f"There is no host {host} in the inventory.")
        try:
            self._variables = hostvars._variable_manager.get_vars(
                play=action._task.get_play(), host=hostvars._inventory.get_host(host), task=action._task
            )
        except (AttributeError, TypeError):
            self._variables = dict(hostvars[host])
        self._templar = Templar(loader=action._loader, variables=self._variables)

    @property
    def all_written(self) -> t.Mapping[str, t.Any]:
        """All variables as they are written, by name."""
        written: t.Mapping[str, t.Any] = self._variables
        return written

    def get(self, name: str) -> t.Any:
        """The value of a variable, None where it is not set. Raises AnsibleError."""
        return self.evaluate(self.written(name))

    def written(self, name: str) -> t.Any:
        """A variable as it is written, with its templates; None where it is not set."""
        return self._variables.get(name)

    def evaluate(self, written: t.Any) -> t.Any:
        """The value of what is written. Raises AnsibleError."""
        return self._templar.template(written)

# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Runs a module without its transfer, where that comes to the same.

Ansible packs a module with all that it imports, starts an interpreter, and lets it unpack and compile that: most of a second
for each task. With connection C(local) and the interpreter that runs Ansible, all of that is loaded already.
"""

from __future__ import annotations

import atexit
import gc
import os
import sys
import typing as t
from collections.abc import Mapping
from contextlib import suppress
from fnmatch import fnmatchcase
from importlib import import_module

from ansible.errors import AnsibleActionFail
from ansible.module_utils.parsing.convert_bool import boolean
from ansible.plugins.action.normal import ActionModule as NormalAction
from ansible.utils.display import Display

from . import _core
from ._environment import read_at_start
from ._fork import Job, run_forked
from ._processes import ending_with_parent

#: The switch: a variable of a host, and, for all hosts without it, an environment variable of Ansible.
SWITCH = "registry_auth_fork"
SWITCH_OF_ALL = SWITCH.upper()


# When all is over, Python looks through everything once more for garbage, which the system is about to take back anyway: 0.2 seconds
# for what is loaded here. Python does not promise to end what is left then. Until then, nothing is tuned but in the fork.
atexit.register(gc.freeze)


class Transferred(Exception):
    """The module has to be transferred; the text says why."""


class DirectAction(NormalAction):
    """Runs the module as Ansible runs any, or in a fork."""

    #: The client libraries that modules import only when they run, by patterns of the modules' names.
    libraries: t.ClassVar[Mapping[str, tuple[str, ...]]] = {}

    #: Whether Ansible's own process loads what the module loads: once, because all tasks' workers are forked from that.
    loaded_early: t.ClassVar[bool] = True

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        if cls.loaded_early:
            cls.load()
        _core.unexpected()

    @classmethod
    def load(cls) -> None:
        """Load what the module loads."""
        package, is_action, _name = cls.__module__.rpartition(".action.")
        action = cls.__module__.rpartition(".")[2]
        module = f"{package}.modules.{action}"
        libraries = [name for pattern, names in cls.libraries.items() if fnmatchcase(action, pattern) for name in names]
        for name in (*libraries, module) if is_action else libraries:
            # Where the module runs it may be there, and if it is not, or does not load, the module says so.
            with suppress(Exception):
                import_module(name)
        # It is to be run, and not to be found imported: only what it imports itself is wanted.
        sys.modules.pop(module, None)

    def run(self, tmp: None = None, task_vars: dict[str, t.Any] | None = None) -> dict[str, t.Any]:
        """Run the task. Raises what the normal action raises, and nothing of its own."""
        with ending_with_parent():
            result: dict[str, t.Any] = super().run(tmp, task_vars)
        return result

    def _execute_module(
        self, *args: t.Any, task_vars: t.Any = None, wrap_async: t.Any = False, **kwargs: t.Any
    ) -> t.Any:
        try:
            if args or kwargs or wrap_async:
                raise Transferred("it runs in the background, or as a part of another action")
            job = self._prepared(task_vars or {})
        except Transferred as why:
            Display().vvv(f"Module {self._task.action} is transferred: {why}.")
            return super()._execute_module(*args, task_vars=task_vars, wrap_async=wrap_async, **kwargs)
        Display().vvv(f"Module {self._task.action} runs in a process forked from its task's worker.")
        (ended,) = run_forked([job])
        return _core.read_result(self, ended)

    def _prepared(self, task_vars: Mapping[str, t.Any]) -> Job:
        """What to run in a fork. Raises Transferred."""
        try:
            if why := _core.unexpected():
                raise Transferred(f"of ansible-core, {why}")
            variables = _core.variables_of_target(self, task_vars)
            switched_on = self._switched_on(variables)
            if why := self._obstacle(variables, switched_on):
                raise Transferred(why)
            _core.check_result(self)
            environment = _core.module_environment(self)
            if names := read_at_start(environment, os.environ):
                raise Transferred(f"only a process that starts reads {', '.join(names)} of its environment")
            options = _core.module_options(self, task_vars)
        except (Transferred, AnsibleActionFail):
            raise
        except Exception as error:
            # Ansible's own way does all of this again. Where the task is at fault, and not a part of ansible-core that has
            # changed, it says so, and better.
            raise Transferred(f"{type(error).__name__} while a fork was prepared") from error
        package = __name__.partition(".plugin_utils.")[0]
        return Job(f"{package}.modules.{self._task.action.rpartition('.')[2]}", options, environment)

    def _switched_on(self, variables: Mapping[str, t.Any]) -> bool:
        """Whether the user lets modules run in forks. Raises AnsibleActionFail when the switch is neither on nor off."""
        name, value = SWITCH, self._templar.template(variables.get(SWITCH))
        if value is None:
            name, value = SWITCH_OF_ALL, os.environ.get(SWITCH_OF_ALL) or True
        try:
            return bool(boolean(value))
        except TypeError:
            raise AnsibleActionFail(f"{name} must be true or false.") from None

    def _obstacle(self, variables: Mapping[str, t.Any], switched_on: bool) -> str:
        """Why Ansible would not run the module as this user, on this machine, by this interpreter, and leave nothing; or nothing."""
        obstacles = {
            f"{SWITCH} or {SWITCH_OF_ALL} says so": not switched_on,
            # Its libraries have threads of their own, which do not survive a fork.
            "on macOS a fork is not safe": sys.platform == "darwin",
            "its connection is not local": self._connection.transport != "local",
            "it becomes another user": bool(self._connection.become),
            "its files are to be kept": bool(_core.constant("DEFAULT_KEEP_REMOTE_FILES")),
            "another interpreter is set": _core.interpreter(self, variables) != sys.executable,
        }
        return next((why for why, stands in obstacles.items() if stands), "")

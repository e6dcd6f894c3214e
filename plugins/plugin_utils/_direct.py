# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Runs a module without its transfer, where that comes to the same.

Ansible packs a module with all that it imports, starts an interpreter, and lets it unpack and compile that: most of a second
for each task. With connection C(local) and the interpreter that runs Ansible, all of that is loaded already.
"""

from __future__ import annotations

import gc
import sys
import typing as t
from contextlib import suppress
from importlib import import_module

from ansible import constants as C
from ansible.plugins.action.normal import ActionModule as NormalAction
from ansible.release import __version__
from ansible.utils.display import Display

#: Releases of ansible-core of which the parts in use are known. Any other runs modules in its own way.
KNOWN_RELEASES = ("2.19", "2.20", "2.21")


class DirectAction(NormalAction):
    """Runs the module as Ansible runs any, or in a fork."""

    #: The client libraries that the module needs, which it imports only then.
    libraries: t.ClassVar[tuple[str, ...]] = ()

    def __init_subclass__(cls) -> None:
        """Load what the module loads. Ansible's own process does it once, and all tasks' processes are forked from that."""
        super().__init_subclass__()
        package, is_action, action = cls.__module__.rpartition(".action.")
        module = f"{package}.modules.{action}"
        for name in (*cls.libraries, module) if is_action else cls.libraries:
            # Where the module runs it may be there, and if it is not, or does not load, the module says so.
            with suppress(Exception):
                import_module(name)
        # It is to be run, and not to be found imported: only what it imports itself is wanted.
        sys.modules.pop(module, None)
        # What is loaded stays until the end. Forks need not copy it for being looked through for garbage, as Python's documentation
        # of gc.freeze() says, and neither is it looked through when all ends, which takes a quarter of a second.
        gc.freeze()

    def _execute_module(
        self, *args: t.Any, task_vars: t.Any = None, wrap_async: t.Any = False, **kwargs: t.Any
    ) -> t.Any:
        if args or kwargs or wrap_async or not self._is_here(task_vars or {}):
            return super()._execute_module(*args, task_vars=task_vars, wrap_async=wrap_async, **kwargs)
        from ._fork import PROFILE, run_forked

        options = dict(self._task.args)
        self._update_module_args(self._task.action, options, task_vars)
        environment: dict[str, t.Any] = {}
        self._compute_environment_string(environment)
        name = self._task.action.rpartition(".")[2]
        Display().vvv(f"Module {name} runs in a process forked from its task's worker.")
        answer = run_forked(f"ansible_collections.pkgops.registry_auth.plugins.modules.{name}", options, environment)
        result = self._parse_returned_data(answer, PROFILE)
        # ansible-core 2.21 has a class for results.
        return result if isinstance(result, dict) else result.as_result_dict(for_round_trip=True)

    def _is_here(self, task_vars: t.Mapping[str, t.Any]) -> bool:
        """Whether Ansible would run the module as this user, on this machine, by this interpreter, and leave nothing."""
        if self._task.delegate_to:
            task_vars = task_vars["ansible_delegated_vars"][self._task.delegate_to]
        interpreter = C.config.get_config_value("INTERPRETER_PYTHON", variables=task_vars)
        return bool(
            self._connection.transport == "local"
            and not self._connection.become
            and not C.DEFAULT_KEEP_REMOTE_FILES
            and self._templar.template(interpreter) == sys.executable
            and __version__.startswith(tuple(f"{release}." for release in KNOWN_RELEASES))
        )

# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Runs a module of the workflow once for many hosts, each of which is a scope that says in its variables what it wants.

Hosts that log in alike, with the same environment, go into one process, which makes their calls side by side and knows what is read
already. Processes for different logins run side by side, as many as there are forks.
"""

from __future__ import annotations

import typing as t
from collections.abc import Iterable, Mapping, Sequence

from ansible.errors import AnsibleActionFail, AnsibleError, AnsibleValueOmittedError
from ansible.utils.display import Display

from . import _core
from ._direct import SWITCH, Transferred
from ._fork import Job, run_forked
from ._misspelled import Spelling
from ._progress import BatchAction

#: The variable with the environment of a host's modules.
ENVIRONMENT = "registry_auth_environment"

Options = dict[str, t.Any]


class ScopesAction(BatchAction):
    """Collects scopes from the variables of hosts, unless the task gives them, and tells what became of each."""

    #: The options of a scope, each with the variable that says it.
    variables: t.ClassVar[Mapping[str, str]] = {}
    #: The variable of the playbook that says which hosts are scopes.
    chosen_by: t.ClassVar[str] = ""
    #: The options of a scope that are the module's own: scopes in which they differ need a process each.
    shared: t.ClassVar[tuple[str, ...]] = ()
    #: What a host must set: of each of these at least one, and how that is said.
    needed: t.ClassVar[tuple[tuple[str, ...], ...]] = ()
    must_set: t.ClassVar[str] = ""
    #: One task works on all hosts, and its worker can load what the forks of that share. In Ansible's own process it would be copied for each
    #: host's task that follows.
    loaded_early = False

    def _execute_module(self, *args: t.Any, task_vars: t.Any = None, **kwargs: t.Any) -> t.Any:
        given = dict(self._task.args)
        hosts = given.pop("hosts", None)
        if given.get("scopes") is not None:
            if hosts is not None:
                raise AnsibleActionFail("Give either hosts, whose variables say what is wanted, or scopes.")
            return super()._execute_module(*args, task_vars=task_vars, **kwargs)
        if args or any(kwargs.values()):
            raise AnsibleActionFail("This task collects its scopes from hosts, and so cannot run in the background.")
        # With serial, a play has come no further than this.
        hosts = task_vars["ansible_play_batch"] if hosts is None else hosts
        if isinstance(hosts, str) or not isinstance(hosts, Iterable):
            raise AnsibleActionFail("hosts must be a list of names of hosts.")
        scopes, failed = self._collected(list(hosts), task_vars)
        refused = self._complete(scopes, task_vars)
        failed |= refused
        scopes = {host: scope for host, scope in scopes.items() if host not in refused}
        groups = self._groups(scopes)
        results = self._run_groups(given, groups, task_vars)
        return self._merged(list(zip(groups, results, strict=True)), failed)

    @classmethod
    def known(cls) -> dict[str, str]:
        """The variables that count for a host, each with its last part, which tells it from others of its prefix."""
        others = {ENVIRONMENT: "environment", SWITCH: "fork", cls.chosen_by: "hosts"}
        return {**{variable: option for option, variable in cls.variables.items()}, **others}

    def _collected(
        self, hosts: Sequence[str], task_vars: Mapping[str, t.Any]
    ) -> tuple[dict[str, tuple[Options, Options]], dict[str, str]]:
        """The options and the environment of each host's scope, and why those of other hosts could not be told."""
        scopes: dict[str, tuple[Options, Options]] = {}
        failed: dict[str, str] = {}
        spelling = Spelling(self.known())
        for host in hosts:
            try:
                variables = _core.HostVariables(self, task_vars, host)
                misspelled, doubtful = spelling.mistakes(variables.all_written)
                options = {
                    option: value
                    for option, variable in self.variables.items()
                    if (value := _value(variables, variable)) is not None
                }
                environment = _value(variables, ENVIRONMENT) or {}
            except Exception as error:
                failed[host] = _reason(error, f"the variables of {host} cannot be read")
                continue
            for sentence in doubtful:
                # Once for all hosts of a group that have it from there: Ansible shows a warning only once.
                Display().warning(sentence)
            said = {self.variables[option] for option in options}
            if misspelled:
                failed[host] = " ".join(misspelled)
            elif not all(said.intersection(one) for one in self.needed):
                failed[host] = f"{host} must set {self.must_set}."
            elif not isinstance(environment, Mapping):
                failed[host] = f"{ENVIRONMENT} of {host} must be a mapping of environment variables."
            elif unset := [name for name, value in environment.items() if value is None]:
                failed[host] = f"{ENVIRONMENT} of {host} gives {unset[0]} no value: give one, or leave it out."
            elif wrong := [name for name, value in environment.items() if not _settable(str(name), str(value))]:
                failed[host] = (
                    f"{ENVIRONMENT} of {host} has {str(wrong[0])!r}, which cannot be set: a name has at least one character and no =, and "
                    "neither names nor values have null characters."
                )
            else:
                scopes[host] = options, {str(name): str(value) for name, value in environment.items()}
        return scopes, failed

    def _complete(
        self, scopes: Mapping[str, tuple[Options, Options]], task_vars: Mapping[str, t.Any]
    ) -> Mapping[str, str]:
        """Add to the options of scopes what they must know of others; why some do not go together, by host.

        Processes of their own know nothing of each other.
        """
        return {}

    def _groups(self, scopes: Mapping[str, tuple[Options, Options]]) -> list[tuple[Options, Options, list[Options]]]:
        """Scopes that can share a process: its own options, its environment and the scopes."""
        groups: dict[t.Any, tuple[Options, Options, list[Options]]] = {}
        for host, (options, environment) in scopes.items():
            own = {name: options.pop(name) for name in self.shared if name in options}
            # As text, because what is wrong with a value the module says.
            key = repr(sorted(own.items())), tuple(sorted(environment.items()))
            groups.setdefault(key, (own, environment, []))[2].append({"name": host, **options})
        return list(groups.values())

    def _run_groups(
        self, given: Options, groups: Sequence[tuple[Options, Options, list[Options]]], task_vars: t.Any
    ) -> list[t.Any]:
        """The result of each group, in their order."""
        self.load()
        base: list[t.Any] = list(t.cast("list[t.Any] | None", self._task.environment) or [])
        args = self._task.args
        jobs: dict[int, Job] = {}
        found: dict[int, t.Any] = {}
        try:
            for number, (own, environment, scopes) in enumerate(groups):
                self._task.args = {**given, **own, "scopes": scopes, "variables": dict(self.variables)}
                self._task.environment = [*base, environment]
                try:
                    jobs[number] = self._prepared(task_vars)
                except Transferred as why:
                    Display().vvv(f"Module {self._task.action} is transferred: {why}.")
                    found[number] = self._transferred(task_vars)
                except Exception as error:
                    found[number] = {"failed": True, "msg": _reason(error, "the module cannot be started")}
        finally:
            self._task.args, self._task.environment = args, base
        ended = run_forked(list(jobs.values()), int(task_vars.get("ansible_forks") or 1))
        found |= {number: _core.read_result(self, one) for number, one in zip(jobs, ended, strict=True)}
        return [found[number] for number in range(len(groups))]

    def _transferred(self, task_vars: t.Any) -> t.Any:
        """The result of a group whose module cannot run in a fork. What goes wrong with it is no other group's failure."""
        try:
            return super()._execute_module(task_vars=task_vars)
        except Exception as error:
            return {"failed": True, "msg": _reason(error, "the module cannot be run")}

    def _merged(
        self, ran: Sequence[tuple[tuple[Options, Options, list[Options]], t.Any]], failed: Mapping[str, str]
    ) -> Options:
        """One result for all groups."""
        shown = {host: _failure(host, why) for host, why in failed.items()}
        merged: Options = {"changed": False, "warnings": []}
        for (_own, _environment, scopes), result in ran:
            told = result.get("scopes") or {}
            for scope in scopes:
                why = self._named(_why(result))
                shown[scope["name"]] = told.get(scope["name"]) or _failure(scope["name"], why, result)
            merged["changed"] = merged["changed"] or bool(result.get("changed"))
            merged["warnings"] += result.get("warnings") or []
            # With -vvv, Ansible shows what a module that died has left.
            merged |= {name: result[name] for name in ("exception", "module_stderr") if result.get(name)}
        names = [name for name, one in shown.items() if one["failed"]]
        if names:
            merged |= {"failed": True, "msg": f"{len(names)} of {len(shown)} scopes failed: {', '.join(names)}."}
        return {**merged, "scopes": shown}

    def _named(self, why: str) -> str:
        """Why a module has failed for all its scopes, where that is what these share: with the variable that says it."""
        option, space, rest = why.partition(" ")
        return f"{self.variables[option]}{space}{rest}" if option in self.shared else why


def _value(variables: _core.HostVariables, variable: str) -> t.Any:
    """The value of a variable, None where it is not set. Raises AnsibleError that names it."""
    try:
        return variables.get(variable)
    except AnsibleValueOmittedError:
        return None
    except AnsibleError as error:
        raise AnsibleError(f"{variable} cannot be read: {error}") from None


def _settable(name: str, value: str) -> bool:
    """Whether the system takes an environment variable. Source: setenv(3)."""
    return bool(name) and "=" not in name and "\0" not in name + value


def _reason(error: Exception, what: str) -> str:
    """Why something failed. The text of an error that is not Ansible's may hold anything, a token among it."""
    return str(error) if isinstance(error, AnsibleError) else f"{what[:1].upper()}{what[1:]} ({type(error).__name__})."


def _why(result: Mapping[str, t.Any]) -> str:
    """Why a module says nothing of its scopes. One that was killed, for want of memory perhaps, has no message of its own."""
    said = str(result.get("msg") or "The module ended without a result.")
    code = result.get("rc")
    return f"{said} (exit code {code})" if code else said


def _failure(scope: str, why: str, result: Mapping[str, t.Any] | None = None) -> Options:
    """What the module says of a scope that failed, for one that it did not see."""
    code = ((result or {}).get("failure") or {}).get("code", "invalid_input" if result is None else "internal")
    failure = {"code": code, "step": "read the scope", "target": scope}
    return {"changed": False, "failed": True, "msg": why, "changes": [], "failure": failure}

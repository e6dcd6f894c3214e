# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Options for modules, drawn from their argument specs: each is taken, or refused with a sentence, before anything is called."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from functools import cache, partial
from importlib import import_module
from random import Random
from tempfile import TemporaryDirectory
from typing import Any, NoReturn
from unittest.mock import patch

from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible_collections.pkgops.registry_auth.plugins.module_utils._engine import task
from ansible_collections.pkgops.registry_auth.plugins.module_utils._machines import info, places
from ansible_collections.pkgops.registry_auth.plugins.module_utils._machines import task as machine_task
from ansible_collections.pkgops.registry_auth.plugins.module_utils._machines.places import NoFile
from ansible_collections.pkgops.registry_auth.plugins.module_utils._machines.proof import proving
from ansible_collections.pkgops.registry_auth.plugins.module_utils._options import aws
from ansible_collections.pkgops.registry_auth.plugins.module_utils._options.text import altered_texts, misshapen_options
from ansible_collections.pkgops.registry_auth.plugins.module_utils._workflow import codeartifact, google_scope
from checkout import CHECKOUT

from campaign import odd
from campaign.documents import refusals
from campaign.modules import MODULES

#: What has no options of its own to read: its action plugin does it all.
WITHOUT = {"auth_workflow_result"}
_SCOPES = {
    "gcp_auth_workflow": (google_scope.SCOPE, google_scope.REPOSITORY),
    "codeartifact_auth_workflow": (codeartifact.SCOPE, codeartifact.REPOSITORY),
}


class _CapturedError(BaseException):
    """Carries what a module's main() has come to."""


class _Module:
    """Stands in for AnsibleModule, and for the one of AWS around it."""

    _name = "campaign"
    _diff = True
    check_mode = True
    tmpdir = "/nonexistent"

    def __init__(self, argument_spec: Mapping[str, Any], **how: Any) -> None:
        self.argument_spec = argument_spec
        self.required_if = how.get("required_if")
        #: What the user set, which is filled in later.
        self.params: dict[str, Any] = {}
        self._module = self


@dataclass(frozen=True)
class Options:
    """The options of a module.

    :param draw: some of them
    :param read: has the module read those that Ansible has validated; raises what it must not raise
    """

    module: _Module
    draw: Callable[[Random], dict[str, Any]]
    read: Callable[[dict[str, Any]], None]


def _captured(name: str) -> Options:
    """What a module does with options, found by running it as far as to where it would begin."""
    module: Any = import_module(f"{MODULES}.{name}")
    made: list[_Module] = []

    def make(argument_spec: Mapping[str, Any], **more: Any) -> _Module:
        made.append(_Module(argument_spec, **more))
        return made[-1]

    def stop(how: str) -> Callable[..., NoReturn]:
        def capture(*given: Any, **_named: Any) -> NoReturn:
            raise _CapturedError(how, given)

        return capture

    stand_ins: dict[str, Any] = {
        "checked_module": make,
        "aws_module": make,
        "codeartifact_module": lambda entry: make(aws.batch_argument_spec(entry, aws.CODEARTIFACT_QUOTA)),
        **{how: stop(how) for how in _READERS},
    }
    with patch.multiple(module, **{key: value for key, value in stand_ins.items() if hasattr(module, key)}):
        try:
            module.main()
        except _CapturedError as captured:
            how, given = captured.args
            return _READERS[how](name, made[0], given)
    raise AssertionError(f"{name} ends without {' or '.join(_READERS)}")


def _of_engine(_name: str, module: _Module, given: tuple[Any, ...]) -> Options:
    _module, entry, desired, *_connect = given
    spec = module.argument_spec

    def draw(random: Random) -> dict[str, Any]:
        drawn = odd.for_options({key: rule for key, rule in spec.items() if key != "batch"}, random)
        if random.random() < 0.4 and "batch" in spec:
            drawn["batch"] = [odd.for_options(entry, random) for _number in range(random.choice((0, 1, 2)))]
        return drawn

    def read(params: dict[str, Any]) -> None:
        module.params = params
        with refusals():
            for wanted in task._desired_entries(params, entry, desired):
                str(wanted.target)
                hash(wanted.target)

    return Options(module, draw, read)


def _of_workflow(name: str, module: _Module, given: tuple[Any, ...]) -> Options:
    _module, read_scope, *_work = given
    scope, repository = _SCOPES[name]

    def draw(random: Random) -> dict[str, Any]:
        scopes = []
        for _number in range(random.choice((1, 1, 2))):
            drawn = odd.for_options(scope, random)
            if random.random() < 0.8:
                drawn["repositories"] = [
                    odd.for_options(repository, random) for _one in range(random.choice((0, 1, 2)))
                ]
            scopes.append({"name": odd.text(random), **drawn})
        return {"scopes": scopes}

    def read(params: dict[str, Any]) -> None:
        for options in params["scopes"] or ():
            list(google_scope.tokens_of(options))
            with refusals():
                read_scope("scope", {key: value for key, value in options.items() if key != "name"})

    return Options(module, draw, read)


def _without_npm() -> NoReturn:
    raise NoFile("npm is not asked here.")


def _of_machine(_name: str, module: _Module, given: tuple[Any, ...]) -> Options:
    work = given[0]

    def read(params: dict[str, Any]) -> None:
        module.params.clear()
        module.params.update(params)
        with ExitStack() as stack:
            home = stack.enter_context(TemporaryDirectory())
            stack.enter_context(patch.dict(os.environ, {"HOME": home}))
            for place in (info, places):
                stack.enter_context(patch.object(place, "npm_global_file", _without_npm))
            # Packages would be fetched from wherever the options say.
            stack.enter_context(patch.object(proving, "prove_all", lambda *_given: []))
            ended = machine_task.ended(work, module.params)
            json.dumps(ended.values)
            left = os.listdir(home)
        assert not left, f"check mode leaves {left}"
        if ended.failed:
            code, message = ended.values["failure"]["code"], ended.values["msg"]
            assert code != "internal", message
            assert message.strip(), code

    return Options(module, partial(odd.for_options, module.argument_spec), read)


#: What each kind of module calls when it begins.
_READERS: dict[str, Callable[[str, _Module, tuple[Any, ...]], Options]] = {
    "run_task": _of_engine,
    "run_workflow": _of_workflow,
    "ended": _of_machine,
}


@cache
def all_options() -> dict[str, Options]:
    """Those of all modules that read options themselves."""
    names = sorted(path.stem for path in (CHECKOUT / "plugins" / "modules").glob("*.py"))
    return {name: _captured(name) for name in names if name not in WITHOUT}


def arguments(random: Random) -> None:
    """Options of one module, at times in a batch."""
    name = random.choice(sorted(all_options()))
    options = all_options()[name]
    given = options.draw(random)
    if random.random() < 0.2:
        given = odd.altered(given, random)
    spec = dict(options.module.argument_spec)
    # Where it says something, the module ends.
    if not isinstance(given, dict) or list(misshapen_options(given, spec)) or list(altered_texts(given, spec)):
        return
    checked = ArgumentSpecValidator(spec, required_if=options.module.required_if).validate(given)
    if not checked.error_messages:
        try:
            options.read(checked.validated_parameters)
        except Exception as error:
            error.add_note(f"of {name}")
            raise

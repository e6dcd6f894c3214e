# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Options for modules, drawn from their argument specs: each is taken, or refused with a sentence, before anything is called."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from random import Random
from typing import Any
from unittest.mock import patch

from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible_collections.pkgops.registry_auth.plugins.module_utils._engine import task
from checkout import CHECKOUT

from campaign import odd
from campaign.documents import refusals
from campaign.modules import MODULES


class _CapturedError(BaseException):
    """Carries what a module's main() hands to run_task()."""


@dataclass(frozen=True)
class Options:
    """What a module makes of options: the spec of all, that of an entry, and what makes a desired state of them."""

    spec: Mapping[str, Any]
    entry: Mapping[str, Any]
    desired: Callable[[Any], Any]


class _Module:
    """Stands in for AnsibleModule."""

    def __init__(self, spec: Mapping[str, Any], check_mode: bool = False) -> None:
        self.argument_spec, self.check_mode = spec, check_mode
        self.params: dict[str, Any] = {}
        self._module = self


def _captured(name: str) -> Options | None:
    """What a module gives to run_task(); None for one that does not call it."""
    module: Any = import_module(f"{MODULES}.{name}")
    if not hasattr(module, "run_task"):
        return None
    specs: list[Mapping[str, Any]] = []

    def make(spec: Mapping[str, Any], **_more: Any) -> _Module:
        specs.append(spec)
        return _Module(spec)

    def run(_module: Any, entry: Mapping[str, Any], desired: Callable[[Any], Any], _connect: Any) -> None:
        raise _CapturedError(entry, desired)

    stand_ins: dict[str, Any] = {"run_task": run, "AnsibleModule": make, "with_texts_as_given": lambda one: one}
    if hasattr(module, "codeartifact_module"):
        spec_of: Any = inspect.getmodule(module.codeartifact_module)
        stand_ins["codeartifact_module"] = lambda entry: make(
            spec_of.batch_argument_spec(entry, spec_of.CODEARTIFACT_QUOTA)
        )
    known = {key: value for key, value in stand_ins.items() if hasattr(module, key)}
    with patch.multiple(module, **known):
        try:
            module.main()
        except _CapturedError as captured:
            entry, desired = captured.args
            return Options(specs[0], entry, desired)
        except Exception:
            return None
    return None


@cache
def all_options() -> dict[str, Options]:
    """Those of all modules that run through the engine."""
    names = sorted(path.stem for path in (CHECKOUT / "plugins" / "modules").glob("*.py"))
    return {name: found for name in names if (found := _captured(name))}


def arguments(random: Random) -> None:
    """Options of one module, at times in a batch."""
    name = random.choice(sorted(all_options()))
    options = all_options()[name]
    given = odd.for_options({key: rule for key, rule in options.spec.items() if key != "batch"}, random)
    if random.random() < 0.4 and "batch" in options.spec:
        given["batch"] = [odd.for_options(options.entry, random) for _number in range(random.choice((0, 1, 2)))]
    checked = ArgumentSpecValidator(dict(options.spec)).validate(given)
    if checked.error_messages:
        return
    with refusals():
        task._desired_entries(checked.validated_parameters, options.entry, options.desired)

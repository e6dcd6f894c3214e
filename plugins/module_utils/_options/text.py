# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Texts that are no longer what somebody wrote: YAML reads C(0123) as 83, C(yes) as true and C(1.10) as 1.1.

Ansible makes text of such values before a module sees them, and the secret, name or version would be another one. A whole number
stays usable as a name or version, where the decimal digits that people write come back the same. As a secret it does not: nobody
knows how it was written. Source: the YAML 1.1 types int, float and bool, which Ansible reads playbooks by.
"""

from __future__ import annotations

import typing as t

from ansible.module_utils import basic

from .._base.errors import InvalidInput
from .common import end

Spec = t.Mapping[str, t.Mapping[str, t.Any]]
Module = t.TypeVar("Module", bound=basic.AnsibleModule)

_TEXTS = ("str", "path")
_QUOTES = "YAML may have changed what was written: put it in quotes."
#: By class, and in this order: in Python a boolean is a whole number, too. Then what is said of it, and the way out.
_KINDS: tuple[tuple[type, str, str], ...] = (
    (bool, "a boolean", _QUOTES),
    (int, "a number", _QUOTES),
    (float, "a number", _QUOTES),
    (dict, "a mapping", "Give one text."),
    (list, "a list", "Give one text."),
)


def with_texts_as_given(module: Module) -> Module:
    """The module. It ends here, before any call, when an option that takes text was given what may once have been another text."""
    # It says of itself that who must see parameters as they came is to call it. AnsibleModule has them converted.
    given = basic._load_params() or {}
    altered = list(altered_texts(given, module.argument_spec))
    if altered:
        end(InvalidInput(" ".join(altered)))
    return module


def altered_texts(given: t.Mapping[str, t.Any], spec: Spec, within: str = "") -> t.Iterator[str]:
    """A sentence for each text that may not be what was written. None of them quotes it."""
    for option, rule in spec.items():
        for name in (option, *rule.get("aliases", ())):
            value = given.get(name)
            if value is not None:
                yield from _of_option(value, rule, f"{within}{name}")


def _of_option(value: t.Any, rule: t.Mapping[str, t.Any], where: str) -> t.Iterator[str]:
    kind, inner = rule.get("type", "str"), rule.get("options")
    if kind == "list":
        item_rule = {**rule, "type": rule.get("elements", "raw")}
        for index, item in enumerate(value) if isinstance(value, list) else ((None, value),):
            yield from _of_option(item, item_rule, where if index is None else f"{where}[{index}]")
    elif kind == "dict":
        if inner and isinstance(value, dict):
            yield from altered_texts(value, inner, f"{where}.")
    elif kind in _TEXTS and not rule.get("choices"):
        found = next((said for said in _KINDS if isinstance(value, said[0])), None)
        harmless = isinstance(value, int) and not isinstance(value, bool) and not rule.get("no_log")
        if found and not harmless:
            yield f"{where} is {found[1]}, not text. {found[2]}"

# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Texts that are no longer what somebody wrote: YAML reads C(0123) as 83, C(yes) as true and C(1.10) as 1.1.

Ansible makes text of such values before a module sees them, and the secret, name or version would be another one. A whole number
stays usable as a name or version, where the decimal digits that people write come back the same. As a secret it does not: nobody
knows how it was written. Source: the YAML 1.1 types int, float and bool, which Ansible reads playbooks by.
"""

from __future__ import annotations

import typing as t
from decimal import Decimal

from ansible.module_utils import basic
from ansible.module_utils.common.validation import check_type_dict
from ansible.module_utils.errors import AnsibleFallbackNotFound

from .._base.errors import InvalidInput
from .common import end
from .quiet import QuietModule

Spec = t.Mapping[str, t.Mapping[str, t.Any]]
Module = t.TypeVar("Module", bound=basic.AnsibleModule)

_TEXTS = ("str", "path")
#: What an option that takes a whole number takes of it. It is more than any of them has a use for.
_MOST_DIGITS = 18
_QUOTES = "YAML may have changed what was written: put it in quotes."
#: By class, and in this order: in Python a boolean is a whole number, too. Then what is said of it, and the way out.
_KINDS: tuple[tuple[type, str, str], ...] = (
    (bool, "a boolean", _QUOTES),
    (int, "a number", _QUOTES),
    (float, "a number", _QUOTES),
    (dict, "a mapping", "Give one text."),
    (list, "a list", "Give one text."),
)


def checked_module(argument_spec: Spec, **how: t.Any) -> basic.AnsibleModule:
    """The AnsibleModule with these options. It ends here, in a sentence, for what AnsibleModule would stumble over or may have altered.

    :param how: what else AnsibleModule takes
    """
    end_where_misshapen(argument_spec)
    return with_texts_as_given(QuietModule(argument_spec, **how))


def end_where_misshapen(argument_spec: Spec) -> None:
    """End where something else is given for a mapping of options: AnsibleModule looks for options in it all the same."""
    misshapen = list(misshapen_options(basic._load_params() or {}, argument_spec))
    if misshapen:
        end(InvalidInput(" ".join(misshapen)))


def misshapen_options(given: t.Mapping[str, t.Any], spec: Spec, within: str = "") -> t.Iterator[str]:
    """A sentence for each value by which Ansible's own validation ends in an exception, or in words that do not name the option. None quotes it."""
    for option, rule in spec.items():
        names = [name for name in (option, *rule.get("aliases", ())) if given.get(name) is not None]
        if not names and (number := _fallback(rule)) is not None:
            yield from _misshapen(number, rule, f"{within}{option}")
        for name in names:
            value, where = given[name], f"{within}{name}"
            if rule.get("type") == "list" and (isinstance(value, list) or rule.get("options")):
                if isinstance(value, list):
                    item_rule = {**rule, "type": rule.get("elements", "raw")}
                    for index, item in enumerate(value):
                        yield from _misshapen(item, item_rule, f"{where}[{index}]")
                elif not isinstance(value, str):
                    yield f"{where} must be a list of mappings, not {kind_of(value)}."
            else:
                yield from _misshapen(value, rule, where)


def _fallback(rule: t.Mapping[str, t.Any]) -> t.Any:
    """The number that an environment variable has for an option that is not given, as Ansible then reads it."""
    if rule.get("type") != "int" or "fallback" not in rule:
        return None
    stands_in, names = rule["fallback"]
    try:
        return stands_in(*names)
    except AnsibleFallbackNotFound:
        return None


def _misshapen(value: t.Any, rule: t.Mapping[str, t.Any], where: str) -> t.Iterator[str]:
    inner = rule.get("options")
    if inner and isinstance(value, str):
        value = _as_mapping(value)
    if rule.get("type") == "int" and _is_too_large(value):
        yield f"{where} must be a whole number of up to {_MOST_DIGITS} digits."
    elif inner and isinstance(value, t.Mapping):
        yield from misshapen_options(value, inner, f"{where}.")
    elif inner:
        # Of a text, Ansible would not say which option it is within a list or another mapping.
        yield f"{where} must be a mapping of options, not {kind_of(value)}."


def _as_mapping(text: str) -> t.Any:
    """The mapping that Ansible makes of a text, such as JSON; the text where it makes none."""
    try:
        return check_type_dict(text)
    except (TypeError, ValueError):
        return text


def _is_too_large(value: t.Any) -> bool:
    """Whether a number is infinite, or one that Python may not write out again: it takes no more than 4300 digits."""
    try:
        number = Decimal(value) if isinstance(value, (int, float, str)) else Decimal(0)
    except ArithmeticError:
        return False
    return number.is_infinite() or number.adjusted() >= _MOST_DIGITS


def kind_of(value: t.Any) -> str:
    """What people call a kind of value."""
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return "true or false"
    kinds = {str: "text", int: "a number", float: "a number", list: "a list", tuple: "a list", dict: "a mapping"}
    return next((name for kind, name in kinds.items() if isinstance(value, kind)), "something else")


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

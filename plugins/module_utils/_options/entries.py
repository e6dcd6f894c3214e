# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Options that are not a module's own: those of a scope of the workflow and of its entries, read by the same specs."""

from __future__ import annotations

import typing as t
from difflib import get_close_matches

from ansible.module_utils.common.arg_spec import ArgumentSpecValidator

from .._base.errors import InvalidInput
from .common import ArgumentSpec
from .text import altered_texts, kind_of, misshapen_options


def read_entry(given: t.Any, spec: ArgumentSpec, *, what: str) -> dict[str, t.Any]:
    """The options that are given, as a module would read them.

    :param what: what has them, for messages
    :raises InvalidInput: one sentence for each mistake. A value is quoted only where it is none of a few choices
    """
    if not isinstance(given, t.Mapping):
        raise InvalidInput(f"{what} must be a mapping of options, not {kind_of(given)}.")
    set_options = {str(name): value for name, value in given.items() if value is not None}
    mistakes = [
        *_unknown(set_options, spec, what),
        *(f"{what}: {sentence}" for look in (misshapen_options, altered_texts) for sentence in look(set_options, spec)),
    ]
    if mistakes:
        raise InvalidInput(" ".join(mistakes))
    found = ArgumentSpecValidator(spec).validate(set_options)
    if found.error_messages:
        raise InvalidInput(" ".join(f"{what}: {message.rstrip('.')}." for message in found.error_messages))
    return {name: value for name, value in found.validated_parameters.items() if value is not None}


def _unknown(given: t.Mapping[str, t.Any], spec: ArgumentSpec, what: str) -> t.Iterator[str]:
    known = {*spec, *(alias for one in spec.values() for alias in one.get("aliases", ()))}
    for name in given:
        if name not in known:
            alike = get_close_matches(name, known, n=1)
            hint = f"did you mean {alike[0]}?" if alike else f"it takes {', '.join(sorted(spec))}."
            yield f"{what} has {name!r}, which is not an option: {hint}"

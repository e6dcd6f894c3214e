# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Labels, tags and other mappings of texts."""

from __future__ import annotations

import re
import typing as t

from ..._base.errors import InvalidInput

# Source: the references of the Secret Manager v1 and Artifact Registry v1 APIs.
_KEY = re.compile(r"[^\W\d_A-Z][\w-]{0,62}")
_VALUE = re.compile(r"[\w-]{0,63}")
MAX_LABELS = 64

Value = t.TypeVar("Value")


def texts(given: t.Mapping[str, t.Any] | None, option: str) -> dict[str, str] | None:
    """The mapping with all of its values as text; None when it is not given. Raises InvalidInput, naming C(option)."""
    for key, value in (given or {}).items():
        if value is None or isinstance(value, (dict, list)):
            raise InvalidInput(f"{option}.{key} is not text: quote it, or give an empty text.")
    return None if given is None else {str(key): str(value) for key, value in given.items()}


def read_labels(given: t.Mapping[str, t.Any] | None) -> dict[str, str] | None:
    """The checked labels; None when they are not given. Raises InvalidInput."""
    labels = texts(given, "labels")
    for key, value in (labels or {}).items():
        if not _KEY.fullmatch(key) or key != key.lower():
            raise InvalidInput(
                f"labels has the key {key!r}: a key starts with a lower-case letter and has up to 63 lower-case letters, "
                "digits, hyphens and underscores."
            )
        if not _VALUE.fullmatch(value) or value != value.lower():
            raise InvalidInput(
                f"labels.{key} is {value!r}: a value has up to 63 lower-case letters, digits, hyphens and underscores."
            )
    if labels and len(labels) > MAX_LABELS:
        raise InvalidInput(f"labels has {len(labels)} entries: up to {MAX_LABELS} are accepted.")
    return labels


def merged(current: t.Mapping[str, Value], given: t.Mapping[str, Value] | None, purge: bool) -> t.Mapping[str, Value]:
    """The mapping as it is to be: what is given is set, and other keys stay unless C(purge)."""
    if given is None:
        return current
    return dict(given) if purge else {**current, **given}

# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Labels, tags and other mappings of texts."""

from __future__ import annotations

import typing as t
import unicodedata

from ..._base.errors import InvalidInput

# Source: the references of the Secret Manager v1 and Artifact Registry v1 APIs. Letters are those of Unicode that are lower-case or
# of scripts without case.
_LETTERS = frozenset({"Ll", "Lo"})
_DIGITS = frozenset({"Nd", "Nl", "No"})
MAX_LABELS, LONGEST, MOST_BYTES = 64, 63, 128

Value = t.TypeVar("Value")


def texts(given: t.Mapping[str, t.Any] | None, option: str) -> dict[str, str] | None:
    """The mapping with all of its values as text; None when it is not given. Raises InvalidInput, naming C(option)."""
    for key, value in (given or {}).items():
        if value is None or not isinstance(value, (str, int)) or isinstance(value, bool):
            raise InvalidInput(f"{option}.{key} is not text: quote it, or give an empty text.")
    return None if given is None else {str(key): str(value) for key, value in given.items()}


def read_labels(given: t.Mapping[str, t.Any] | None) -> dict[str, str] | None:
    """The checked labels; None when they are not given. Raises InvalidInput."""
    labels = texts(given, "labels")
    for key, value in (labels or {}).items():
        if not _fits(key) or not key or unicodedata.category(key[0]) not in _LETTERS:
            raise InvalidInput(
                f"labels has the key {key!r}: a key starts with a lower-case letter and has up to 63 lower-case letters, "
                "digits, hyphens and underscores."
            )
        if not _fits(value):
            raise InvalidInput(
                f"labels.{key} is {value!r}: a value has up to 63 lower-case letters, digits, hyphens and underscores."
            )
    if labels and len(labels) > MAX_LABELS:
        raise InvalidInput(f"labels has {len(labels)} entries: up to {MAX_LABELS} are accepted.")
    return labels


def _fits(text: str) -> bool:
    known = all(one in "_-" or unicodedata.category(one) in _LETTERS | _DIGITS for one in text)
    return known and len(text) <= LONGEST and len(text.encode()) <= MOST_BYTES


def merged(current: t.Mapping[str, Value], given: t.Mapping[str, Value] | None, purge: bool) -> t.Mapping[str, Value]:
    """The mapping as it is to be: what is given is set, and other keys stay unless C(purge)."""
    if given is None:
        return current
    return dict(given) if purge else {**current, **given}

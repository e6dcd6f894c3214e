# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later


"""Filters that shape the entries of a batch."""

from __future__ import annotations

import typing as t

from ansible.errors import AnsibleFilterError
from ansible.module_utils.common.validation import check_type_list

Entry = t.Mapping[str, t.Any]


def only_keys(entries: t.Iterable[Entry], keys: t.Collection[str]) -> list[dict[str, t.Any]]:
    """Copies of the entries with these keys alone, as far as they have them."""
    return [{key: value for key, value in entry.items() if key in keys} for entry in _checked("only_keys", entries)]


def without_keys(entries: t.Iterable[Entry], keys: t.Collection[str]) -> list[dict[str, t.Any]]:
    """Copies of the entries without these keys."""
    return [
        {key: value for key, value in entry.items() if key not in keys} for entry in _checked("without_keys", entries)
    ]


def with_defaults(
    entries: t.Iterable[Entry], defaults: Entry, unless: str | None = None, equals: t.Any = None
) -> list[dict[str, t.Any]]:
    """Copies of the entries with these keys, too, where they do not have them. A key without a value is none, as for modules.

    :param unless: key of the entries that stay as they are
    :param equals: the value that the key must have for that; any, if it is None
    """
    return [
        dict(entry) if _is_exempt(entry, unless, equals) else {**entry, **_missing(entry, defaults)}
        for entry in _checked("with_defaults", entries)
    ]


def with_added(
    entries: t.Iterable[Entry], key: str, items: t.Collection[t.Any], unless: str | None = None, equals: t.Any = None
) -> list[dict[str, t.Any]]:
    """Copies of the entries, with these items in the list that they have under a key, if they have one.

    C(unless), C(equals): as for with_defaults()
    """
    return [
        dict(entry)
        if key not in entry or _is_exempt(entry, unless, equals)
        else {**entry, key: _extended(_listed(entry[key], key), items)}
        for entry in _checked("with_added", entries)
    ]


def _missing(entry: Entry, defaults: Entry) -> dict[str, t.Any]:
    return {key: value for key, value in defaults.items() if entry.get(key) is None}


def _extended(there: list[t.Any], items: t.Collection[t.Any]) -> list[t.Any]:
    return [*there, *(item for item in items if item not in there)]


def _listed(value: t.Any, key: str) -> list[t.Any]:
    """A list in all the ways in which options of modules can be given one, and nothing as none."""
    try:
        return [] if value is None else check_type_list(value)
    except TypeError:
        raise AnsibleFilterError(
            f"with_added takes entries with a list of {key}, not a {type(value).__name__}."
        ) from None


def _is_exempt(entry: Entry, unless: str | None, equals: t.Any) -> bool:
    return unless is not None and entry.get(unless) is not None and equals in (None, entry[unless])


def _checked(name: str, entries: t.Iterable[Entry]) -> t.Iterator[Entry]:
    if isinstance(entries, (str, t.Mapping)) or not isinstance(entries, t.Iterable):
        raise AnsibleFilterError(f"{name} takes a list of mappings, not a {type(entries).__name__}.")
    for index, entry in enumerate(entries):
        if not isinstance(entry, t.Mapping):
            # Not the entry itself, which may hold a secret.
            raise AnsibleFilterError(
                f"{name} takes a list of mappings, and its item {index} is a {type(entry).__name__}."
            )
        yield entry


class FilterModule:
    """The filters, by name."""

    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        """Names and functions."""
        return {
            "only_keys": only_keys,
            "with_added": with_added,
            "with_defaults": with_defaults,
            "without_keys": without_keys,
        }

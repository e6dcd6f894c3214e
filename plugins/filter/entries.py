# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later


"""Filters that shape the entries of a batch."""

from __future__ import annotations

import typing as t

from ansible.errors import AnsibleFilterError

Entry = t.Mapping[str, t.Any]


def only_keys(entries: t.Iterable[Entry], keys: t.Collection[str]) -> list[dict[str, t.Any]]:
    """Copies of the entries with these keys alone, as far as they have them."""
    return [{key: value for key, value in entry.items() if key in keys} for entry in _checked("only_keys", entries)]


def without_keys(entries: t.Iterable[Entry], keys: t.Collection[str]) -> list[dict[str, t.Any]]:
    """Copies of the entries without these keys."""
    return [
        {key: value for key, value in entry.items() if key not in keys} for entry in _checked("without_keys", entries)
    ]


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
        return {"only_keys": only_keys, "without_keys": without_keys}

# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Hides secrets in a task's result, in a time that grows with the result and not with result times secrets.

Ansible looks for each secret in each text, which takes minutes for a batch of thousands. What Ansible hides is hidden here, and the
same stands in its place; so are secrets as a message quotes them. Source: remove_values in ansible-core's
module_utils/common/parameters.py.
"""

from __future__ import annotations

import typing as t

from .._base.secrets import forms_of

WHOLE = "VALUE_SPECIFIED_IN_NO_LOG_PARAMETER"
PART = "********"
#: As many secrets are sooner looked for one by one than all at once.
FEW = 10


class Credential(str):
    """A secret that was given, and is what the task is asked for: it stays in the result, which the action plugin does not show."""

    __slots__ = ()


class Censor:
    """Knows secrets by how they begin, so that a text is looked through once for all of them."""

    def __init__(self, secrets: t.Iterable[str]) -> None:
        self._secrets = frozenset(form for secret in secrets if secret for form in forms_of(secret))
        #: All beginnings have the length of the shortest secret.
        self._begin = min(map(len, self._secrets), default=0)
        lengths: dict[str, set[int]] = {}
        for secret in self._secrets:
            lengths.setdefault(secret[: self._begin], set()).add(len(secret))
        # Longest first: a secret may be the beginning of another.
        self._lengths = {beginning: sorted(found, reverse=True) for beginning, found in lengths.items()}
        #: The credentials that were met, and left.
        self.returned: set[str] = set()

    def hide(self, value: t.Any) -> t.Any:
        """A copy of the value, made of what JSON has, without secrets. Names of mappings are left, as Ansible does."""
        if not self._secrets:
            return value
        if isinstance(value, Credential):
            self.returned.add(str(value))
            return str(value)
        if isinstance(value, str):
            return WHOLE if value in self._secrets else self._without_parts(value)
        if isinstance(value, t.Mapping):
            return {name: self.hide(item) for name, item in value.items()}
        if isinstance(value, (list, tuple)):
            return [self.hide(item) for item in value]
        if value is None or isinstance(value, bool):
            return value
        return WHOLE if self._without_parts(str(value)) != str(value) else value

    def _without_parts(self, text: str) -> str:
        if not self._may_be_in(text):
            return text
        pieces, shown = [], 0
        for start, end in self._spans(text):
            pieces += [text[shown:start], PART]
            shown = end
        return "".join([*pieces, text[shown:]])

    def _may_be_in(self, text: str) -> bool:
        if len(self._secrets) <= FEW:
            return any(secret in text for secret in self._secrets)
        begin = self._begin
        starts = range(len(text) - begin + 1)
        return not self._lengths.keys().isdisjoint([text[start : start + begin] for start in starts])

    def _spans(self, text: str) -> list[tuple[int, int]]:
        """Where secrets are; those that overlap are one, so that no end of either is left."""
        spans: list[tuple[int, int]] = []
        for start in range(len(text) - self._begin + 1):
            for length in self._lengths.get(text[start : start + self._begin], ()):
                if text[start : start + length] in self._secrets:
                    if spans and start < spans[-1][1]:
                        begun, end = spans.pop()
                        spans.append((begun, max(end, start + length)))
                    else:
                        spans.append((start, start + length))
                    break
        return spans

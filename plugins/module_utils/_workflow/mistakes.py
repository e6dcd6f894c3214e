# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""All that is wrong with a scope, so that the user corrects it once."""

from __future__ import annotations

import typing as t
from contextlib import contextmanager

from .._base.errors import InvalidInput


class OfScope(InvalidInput):
    """A mistake in what a scope says for all of its entries, not in the entry where it is found."""


class Mistakes:
    """Collects mistakes, each in one sentence. A mistake that several entries share is reported once."""

    def __init__(self) -> None:
        self._found: list[str] = []

    @contextmanager
    def noted(self) -> t.Iterator[None]:
        """Continue after a mistake made in here."""
        try:
            yield
        except InvalidInput as mistake:
            if str(mistake) not in self._found:
                self._found.append(str(mistake))

    @staticmethod
    @contextmanager
    def at(where: str) -> t.Iterator[None]:
        """Have mistakes in here say where they are."""
        try:
            yield
        except OfScope:
            raise
        except InvalidInput as mistake:
            raise InvalidInput(f"{where}: {mistake}") from None

    def raise_any(self) -> None:
        """Raise InvalidInput with all of them, if there are any."""
        if self._found:
            raise InvalidInput(" ".join(self._found))

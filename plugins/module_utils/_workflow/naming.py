# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What messages call the options of a scope: as the user has written them, in a task, or as variables of a host."""

from __future__ import annotations

import re
import typing as t
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property

from .._base.errors import InvalidInput
from .._options.common import ArgumentSpec
from .._options.entries import read_entry
from .mistakes import OfScope


@dataclass(frozen=True)
class Naming:
    """How the options of a scope are called. Without variables, by their own names."""

    #: The variables that options come from, by option. Those of an action plugin, which reads them.
    variables: t.Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def from_options(cls, options: t.Mapping[str, t.Any]) -> t.Self:
        """What the options of a task say of those of its scopes."""
        return cls({str(option): str(variable) for option, variable in (options.get("variables") or {}).items()})

    def of(self, place: str) -> str:
        """An option, or a place in it such as C(retention.keep), as the user knows it."""
        option = re.split(r"\W", place, maxsplit=1)[0]
        return self.variables.get(option, option) + place.removeprefix(option)

    def read(self, given: t.Mapping[str, t.Any], spec: ArgumentSpec) -> dict[str, t.Any]:
        """The options of a scope, as read_entry() reads them. Raises InvalidInput, which names them as the user knows them."""
        options = {self.of(option): option for option in spec}
        written = {self.of(str(option)): value for option, value in given.items()}
        found = read_entry(written, {name: spec[option] for name, option in options.items()}, what="The scope")
        return {options[name]: value for name, value in found.items()}

    @contextmanager
    def of_scope(self, *options: str, **elsewhere: str) -> t.Iterator[None]:
        """Have mistakes in here be the scope's, and no entry's, that are about these options of it: their sentences begin with one.

        :param elsewhere: options that are places in those of the scope, as C(keep) is C(retention.keep)
        :raises OfScope: such a mistake, which names the option as the user knows it
        """
        places = {**{option: option for option in options}, **elsewhere}
        try:
            yield
        except InvalidInput as mistake:
            sentence = str(mistake)
            first = re.match(r"\w*", sentence)
            option = first[0] if first else ""
            if option not in places:
                raise
            raise OfScope(self.of(places[option]) + sentence.removeprefix(option)) from None

    def told(self, sentence: str) -> str:
        """A sentence about a scope in which options are called as the user knows them, wherever it is clear that they are meant.

        That is where one is given a value, as in C(mode=replace), and where its name has an underscore, as no word of English has.
        Where both names are told, the one that the user knows stays.
        """
        return self._mentions.sub(self._mentioned, sentence) if self.variables else sentence

    @cached_property
    def _mentions(self) -> re.Pattern[str]:
        options = "|".join(map(re.escape, self.variables))
        # Neither a part of another name nor what somebody has named, which is in quotes.
        return re.compile(rf"(?<![\w./'\"-])({options})(=\w+)?(?![\w/'\"-])( \(\w+[^()]*\))?")

    def _mentioned(self, found: re.Match[str]) -> str:
        option, value, aside = found.groups(default="")
        if not value and "_" not in option:
            return found[0]
        variable = self.variables[option]
        return f"{variable}{value}{'' if aside.startswith(f' ({variable}') else aside}"

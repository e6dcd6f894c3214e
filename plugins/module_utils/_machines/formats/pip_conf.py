# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""pip's configuration file: which indexes pip installs from.

Pure. Sources: pip's documentation, "Configuration", and its code: sections are commands or C(global), a command's beats it; names of
options may have underscores; in pip.conf a value is taken as it is, without interpolation.
"""

from __future__ import annotations

import typing as t

from ..desired.indexes import Index, confusion
from .ini import Option, options, read_ini, replacing, write_ini
from .marks import Block, Document, Edit, Taken

INDEX, EXTRA = "index-url", "extra-index-url"
KIND = "index"


def with_indexes(text: str | None, indexes: t.Sequence[Index], *, replace: bool) -> Edit:
    """The file with these indexes as ours, in place of those that were. Raises Taken and Odd."""
    found = read_ini(text)
    document = found.restored(KIND)
    wanted = _wanted(indexes)
    taken, warnings = [], []
    for option in options(document, found.numbers):
        # What was commented out once stays so.
        agreed = replace or bool(found.lines[option.first].replaced_for)
        key = key_of(option)
        if key in wanted and option.value.split() == wanted[key]:
            if option.section == "global":
                # It is so already, and a second one would be an error.
                del wanted[key]
        elif agreed and (key in wanted or (key == EXTRA and INDEX in wanted)):
            taken.append(option)
        elif key in wanted:
            raise Taken(option.line, f"sets {key} already: remove it, or give replace: true to have it commented out")
        elif key == EXTRA and INDEX in wanted:
            warnings.append(confusion("pip", option.line))
    document = replacing(document, taken, KIND)
    return Edit(_written(document, wanted), tuple(warnings))


def without(text: str | None) -> str | None:
    """The file as others wrote it. Raises Odd."""
    return _written(read_ini(text).restored(KIND), {})


def key_of(option: Option) -> str:
    """The name of an option as pip's documentation has it."""
    return option.key.replace("_", "-").lstrip("-")


def _wanted(indexes: t.Sequence[Index]) -> dict[str, list[str]]:
    """Values of options, each as its words."""
    main = [index.login_url for index in indexes if not index.extra]
    extra = [index.login_url for index in indexes if index.extra]
    wanted = {INDEX: main, EXTRA: extra, "no-input": ["true"]}
    if any(index.keyring for index in indexes):
        # Asked for by no-input, under which pip asks no keyring of itself.
        wanted["keyring-provider"] = ["subprocess"]
    return {key: words for key, words in wanted.items() if words} if indexes else {}


def _written(document: Document, wanted: t.Mapping[str, t.Sequence[str]]) -> str | None:
    body: list[str] = []
    for key, words in wanted.items():
        body += [f"{key} = {words[0]}"] if len(words) == 1 else [f"{key} =", *(f"    {word}" for word in words)]
    return write_ini(document, [("global", Block(KIND, tuple(body)))] if body else [])

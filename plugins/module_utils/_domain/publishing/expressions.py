# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Expressions of GitHub Actions in a text. Pure.

Source: GitHub's documentation, "Evaluate expressions": texts in them stand in single quotes, and two of these are one in a text.
"""

from __future__ import annotations

import re
import typing as t

_BEGIN = "${{"
#: From behind its beginning. It takes each character once, and gives none back.
_REST = re.compile(r"(?:[^'}]+|'[^']*'|\}(?!\}))*+\}\}")


def expressions(text: str) -> list[str]:
    """The expressions in a text, with their braces."""
    return [text[start:end] for start, end in spans(text)]


def spans(text: str) -> t.Iterator[tuple[int, int]]:
    """Where each expression begins and ends. Behind one that does not end there is none: GitHub refuses the file."""
    end = 0
    while (start := text.find(_BEGIN, end)) >= 0:
        found = _REST.match(text, start + len(_BEGIN))
        if found is None:
            return
        end = found.end()
        yield start, end

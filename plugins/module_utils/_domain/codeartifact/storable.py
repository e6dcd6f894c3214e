# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What CodeArtifact takes as the document of a policy. Pure."""

from __future__ import annotations

import unicodedata

from ..._base.errors import InvalidInput
from ..iam.documents import Document, as_json

#: Characters of a document. Source: PolicyDocument in CodeArtifact's service model.
MAX_LENGTH = 7168
# The API's pattern is [\P{C}\s]+. Unassigned characters are left to the service, whose Unicode may be newer.
_REFUSED_CATEGORIES = ("Cc", "Cf", "Co", "Cs")


def compact(document: Document) -> str:
    """The document as it is sent, as JSON. Raises InvalidInput when the service would not take it."""
    text = as_json(document)
    if len(text) > MAX_LENGTH:
        raise InvalidInput(f"policy has {len(text)} characters as compact JSON: CodeArtifact takes up to {MAX_LENGTH}.")
    # Of what is printable in ASCII, nothing is refused.
    for character in () if text.isascii() and text.isprintable() else text:
        if unicodedata.category(character) in _REFUSED_CATEGORIES and not character.isspace():
            raise InvalidInput(f"policy has the invisible character U+{ord(character):04X}: CodeArtifact takes none.")
    return text

# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The patterns of package groups, which packages each of them takes, and which of several takes a package.

Source: CodeArtifact User Guide, "Package group definition syntax and matching behavior". Characters that look like others, which
the service folds too, are not folded here: the guide does not say by which table.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

from local_cloud.services.codeartifact.errors import invalid
from local_cloud.services.codeartifact.model import OPERATIONS
from local_cloud.services.codeartifact.packages import PackageName
from local_cloud.services.packaging.names import normalised

STRONG, WEAK = "STRONG", "WEAK"
ROOT = "/*"
_FORMATS = tuple(OPERATIONS["DescribePackage"].input_shape.members["format"].enum)
_NEED_NAMESPACE = frozenset({"maven", "generic", "swift"})
_HAVE_NAMESPACE = _NEED_NAMESPACE | {"npm"}
_PATTERN = re.compile(r"/(?:([^/]+)/(?:([^/]*)/)?)?([^/]*?)([*~$])")
_RUN = re.compile(r"[-._]+")
# Of two with one text, the narrower one first.
_BREADTH = "$~*"


def check(text: str) -> None:
    """Raises AwsError: ValidationException for what is no pattern of a group."""
    found = _PATTERN.fullmatch(text)
    problem = _problem(*found.groups()) if found else "it begins with a slash and ends with /*, ~ or $"
    if problem:
        raise invalid(f"{text} is not a package group pattern: {problem}.")


def _problem(kind: str | None, namespace: str | None, rest: str, operator: str) -> str:
    """What is wrong with the parts of a pattern; "" for nothing."""
    if kind is not None and kind not in _FORMATS:
        return f"{kind} is no package format"
    if (operator == "*") != (rest == "") or (operator == "~" and not _is_word(rest[-1])):
        return "* follows a slash, and ~ and $ a name"
    # Behind the format alone, what a text begins with is that of a namespace.
    if rest and (kind is None or (namespace is None and (operator == "$" or kind not in _HAVE_NAMESPACE))):
        return "a name comes after a format and a namespace"
    if namespace and kind not in _HAVE_NAMESPACE:
        return f"packages of {kind} have no namespace"
    if namespace == "" and kind in _NEED_NAMESPACE:
        return f"packages of {kind} have a namespace"
    return "" if normal(kind or "", rest) == rest else "the name is not normalized"


def normal(package_format: str, name: str) -> str:
    """A name as the format writes it."""
    if package_format == "pypi":
        return normalised(name)
    return name.lower() if package_format in {"nuget", "swift"} else name


def path_of(name: PackageName) -> str:
    return f"/{name.format}/{name.namespace}/{name.name}"


def fold(text: str) -> str:
    """What variations of a name have in common."""
    return _RUN.sub(".", text.casefold())


def takes(pattern: str, path: str) -> str | None:
    """How a pattern matches a package's path: STRONG, WEAK or, for not at all, None."""
    if _takes(pattern[:-1], pattern[-1], path):
        return STRONG
    return WEAK if _takes(fold(pattern[:-1]), pattern[-1], fold(path)) else None


def _takes(text: str, operator: str, path: str) -> bool:
    if operator == "$":
        return path == text
    rest = path[len(text) :]
    return path.startswith(text) and bool(rest or operator == "~") and (operator == "*" or not _is_word(rest[:1]))


def _is_word(character: str) -> bool:
    """Whether it is a part of a word: a letter, a digit or a mark."""
    return character != "" and unicodedata.category(character)[0] in "LNM"


@dataclass(frozen=True)
class Association:
    """The group that a package belongs to, and how."""

    pattern: str
    type: str


def associated(patterns: Iterable[str], name: PackageName) -> Association:
    """The most specific of the patterns that take a package; the root takes any. A weak match of a longer one counts, too."""
    path = path_of(name)
    found = [(pattern, how) for pattern in patterns if (how := takes(pattern, path))]
    return Association(*max(found, key=lambda one: (len(fold(one[0][:-1])), one[1] == STRONG, _narrowness(one[0]))))


def parent(patterns: Iterable[str], pattern: str) -> str | None:
    """The most specific of the patterns that take all that this one takes; None for the root."""
    above = [other for other in patterns if other != pattern and _covers(other, pattern)]
    return max(above, key=lambda other: (len(other), _narrowness(other)), default=None)


def _covers(wider: str, narrower: str) -> bool:
    if wider[-1] == "$":
        return False
    text = narrower[:-1]
    if text == wider[:-1]:
        return _BREADTH.index(narrower[-1]) < _BREADTH.index(wider[-1])
    return _takes(wider[:-1], wider[-1], text)


def _narrowness(pattern: str) -> int:
    return -_BREADTH.index(pattern[-1])

# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Of which packages of a repository, or of what else below something, patterns of ARNs speak. Pure.

A path is the end of an ARN, behind what the ARNs of all packages of a repository begin with. A package's path is FORMAT/NAMESPACE/NAME, with
nothing between two slashes where there is no namespace, and so are patterns of them.
"""

from __future__ import annotations

import typing as t
from functools import lru_cache

from ..iam.wildcards import has_wildcard, matches, overlap, single_stars

ALL = "*"
_PARTS = 3
#: A character that no name and no ARN can have stands for any text.
_ANY_TEXT = "\ufffd"


@lru_cache(maxsize=8192)
def paths_in(pattern: str, prefix: str, parts: int | None = _PARTS) -> tuple[str, ...]:
    """Patterns of the paths of those packages that a pattern of ARNs matches.

    :param prefix: with what the ARNs of all packages of a repository begin, to the slash
    :param parts: how many parts a path has, if not those of a package; None for any number
    """
    if pattern == ALL:
        return (ALL,)
    if pattern.startswith(prefix):
        found = {pattern.removeprefix(prefix)}
    else:
        pattern = single_stars(pattern)
        heads = (position for position in range(len(pattern) + 1) if matches(pattern[:position], prefix))
        # A star that ends what matches the prefix may take more.
        found = {pattern[position - pattern[:position].endswith("*") :] for position in heads}
    if any(matches(path, example(ALL, parts)) for path in found):
        return (ALL,)
    # A star that has taken some of the prefix could go on into the path; what is longer than a path then is no package's.
    fitting = {path for path in found if parts is None or path.count("/") == parts - 1 or path.endswith("*")}
    fitting -= {path for path in fitting if parts is not None and path.count("/") >= parts}
    return tuple(sorted(path for path in fitting if not any(covers(other, path) for other in fitting - {path})))


def example(path: str, parts: int | None = _PARTS) -> str:
    """A path that a pattern matches and, as far as that can be, no narrower one does."""
    count = parts or 1
    if path == ALL:
        return "/".join([_ANY_TEXT] * count)
    found = path.replace("*", _ANY_TEXT).replace("?", _ANY_TEXT)
    return found + f"/{_ANY_TEXT}" * (count - 1 - path.count("/")) if path.endswith("*") else found


def covers(pattern: str, narrower: str) -> bool:
    """Whether a pattern matches all that another one matches."""
    # Two characters, so that a question mark does not take a star for a letter.
    return matches(pattern, narrower.replace("*", _ANY_TEXT * 2))


def common(first: str, second: str) -> str | None:
    """A pattern of what two patterns both match; None when that is nothing, or no one pattern can say it."""
    if covers(first, second):
        return second
    if covers(second, first):
        return first
    parts, others = _parts(first), _parts(second)
    if len(parts) != len(others):
        return None
    found = [_common_part(part, another) for part, another in zip(parts, others, strict=True)]
    return None if None in found else "/".join(t.cast("list[str]", found))


def share(first: str, second: str) -> bool:
    """Whether two patterns may match one package. A star takes no slash where a pattern has all of a path's slashes."""
    parts, others = _parts(first), _parts(second)
    if len(parts) == len(others) == _PARTS:
        return all(overlap(part, other) for part, other in zip(parts, others, strict=True))
    return overlap(first, second)


def _parts(path: str) -> list[str]:
    parts = path.split("/")
    return parts + ["*"] * (_PARTS - len(parts)) if parts[-1] == "*" else parts


def _common_part(one: str, other: str) -> str | None:
    if covers(one, other):
        return other
    if covers(other, one):
        return one
    for head, tail in ((one, other), (other, one)):
        if head.endswith("*") and tail.startswith("*") and not has_wildcard(head[:-1] + tail[1:]):
            return f"{head[:-1]}*{tail[1:]}"
    return None

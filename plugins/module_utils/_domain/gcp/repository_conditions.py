# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whether a condition in a project's policy holds for a repository. Pure.

What public configurations write is understood: the type, service or name of the resource, and several of these joined by C(&&). All else
depends. Source: the IAM documentation, "Attribute reference for IAM Conditions"; that a repository's name has the project's id or its
number is not documented, so either matches.
"""

from __future__ import annotations

import re
import typing as t

from ..iam.answers import Answer, every, yes_or_no
from .conditions import Condition
from .names import RepositoryName

SERVICE = "artifactregistry.googleapis.com"
TYPE = f"{SERVICE}/Repository"
_TEXT = r"""(?:"([^"\\]*)"|'([^'\\]*)')"""
_IS = re.compile(rf"resource\.(type|service|name)\s*==\s*{_TEXT}")
_STARTS = re.compile(rf"resource\.name\.startsWith\(\s*{_TEXT}\s*\)")
_EXTRACTED = re.compile(rf"""resource\.name\.extract\(\s*["']/repositories/\{{\w+\}}["']\s*\)\s*==\s*{_TEXT}""")


def holds_for(condition: Condition, repository: RepositoryName, number: str | None) -> Answer:
    """Whether the condition holds when something is asked of the repository.

    :param number: the number of its project, if it is known
    """
    names = [str(repository)]
    if number:
        names.append(f"projects/{number}/{str(repository).split('/', 2)[2]}")
    parts = [part.strip() for part in condition.expression.split("&&")]
    found = [_part(part, repository, names) for part in parts]
    if any(answer is False for answer in found):
        return None
    if None in found:
        return (f"on the condition {condition.title!r}, {' '.join(condition.expression.split())}",)
    return every(yes_or_no(bool(answer)) for answer in found)


def _part(part: str, repository: RepositoryName, names: t.Sequence[str]) -> bool | None:
    """One part; None when it is not understood."""
    same = _IS.fullmatch(part)
    if same:
        value = _text(same, 2)
        if same[1] == "name":
            return _named(value, names, lambda name: name == value)
        return value == (TYPE if same[1] == "type" else SERVICE)
    starts = _STARTS.fullmatch(part)
    if starts:
        prefix = _text(starts, 1)
        return _named(prefix, names, lambda name: name.startswith(prefix))
    extracted = _EXTRACTED.fullmatch(part)
    return _text(extracted, 1) == repository.repository if extracted else None


def _named(given: str, names: t.Sequence[str], matches: t.Callable[[str], bool]) -> bool | None:
    """Whether any of the names matches. Of a project's number that is not known nothing is."""
    if any(map(matches, names)):
        return True
    project = given.split("/")[1] if given.count("/") > 1 else ""
    known = any(name.split("/")[1].isdigit() == project.isdigit() for name in names)
    return False if known or not project else None


def _text(match: re.Match[str], group: int) -> str:
    return str(match[group] if match[group] is not None else match[group + 1])

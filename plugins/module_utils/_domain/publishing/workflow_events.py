# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""For which branches and tags a workflow runs, and whether an environment takes them. Pure.

Source: GitHub's documentation of events, of the filters of push, and of deployment branches and tags.
"""

from __future__ import annotations

import re
import typing as t
from dataclasses import dataclass
from functools import cache

from .workflows import Workflow, mapping

BRANCH, TAG = "branch", "tag"
ANY = "**"
#: Events of which the ref is a tag or may be one; that of all others is a branch.
_OF_BOTH = frozenset({"create", "deployment", "deployment_status", "workflow_call", "workflow_dispatch"})
#: Events that run for a branch of their own, and not for the default branch.
_OF_A_BRANCH = frozenset({"merge_group", "pull_request", "pull_request_review", "pull_request_review_comment"})


@dataclass(frozen=True)
class Gate:
    """From where an environment takes jobs: patterns of branches and of tags, each None for any that there are."""

    environment: str
    branches: frozenset[str] | None = None
    tags: frozenset[str] | None = None


@dataclass(frozen=True)
class Start:
    """What starts a workflow, and a pattern of the branches or tags that it then runs for."""

    event: str
    kind: str
    pattern: str = ANY

    @property
    def in_words(self) -> str:
        """For messages."""
        return (
            f"{self.event} of a {self.kind}"
            if self.pattern == ANY
            else f"{self.event} of the {self.kind} {self.pattern}"
        )

    @property
    def chosen(self) -> bool:
        """Whether the file decides what it is that starts the workflow, and not who starts it."""
        return self.event == "push"


def starts(workflow: Workflow, default_branch: str | None = None) -> tuple[Start, ...]:
    """All that starts a workflow.

    :param default_branch: for events that run there; None when it is not known
    """
    return tuple(start for event in workflow.events for start in _starts(event, workflow, default_branch or ANY))


def _starts(event: str, workflow: Workflow, default_branch: str) -> t.Iterator[Start]:
    if event == "release":
        yield Start(event, TAG)
    elif event == "push":
        yield from _pushes(mapping(mapping(workflow.content.get("on")).get("push")))
    elif event in _OF_BOTH:
        yield Start(event, BRANCH)
        yield Start(event, TAG)
    else:
        yield Start(event, BRANCH, ANY if event in _OF_A_BRANCH else default_branch)


def _pushes(filters: t.Mapping[str, t.Any]) -> t.Iterator[Start]:
    """Where only branches are filtered, no tag starts the workflow, and the other way round."""
    named = [name for name in ("branches", "tags", "branches-ignore", "tags-ignore") if name in filters]
    for kind, name in ((BRANCH, "branches"), (TAG, "tags")):
        if name in named:
            given = filters[name]
            patterns = [str(one) for one in (given if isinstance(given, list) else [given])]
            yield from (Start("push", kind, pattern) for pattern in patterns if not pattern.startswith("!"))
        elif f"{name}-ignore" in named or not named:
            yield Start("push", kind)


def is_taken(start: Start, gate: Gate) -> bool:
    """Whether an environment takes any branch or tag that this starts the workflow for."""
    names = gate.branches if start.kind == BRANCH else gate.tags
    if names is None:
        return True
    if len(start.pattern) > _LONGEST or any(len(name) > _LONGEST for name in names):
        # Nobody has such names, and what they have in common takes long to tell.
        return True
    wanted = _parts(start.pattern, filters=True)
    return any(_meet(wanted, _parts(name, filters=False)) for name in names)


#: Characters of a pattern that is looked into. Git's names have up to 255 bytes.
_LONGEST = 255
_ONE, _SOME, _ALL = "one", "some", "all"
_GLOB = re.compile(
    r"(?P<repeated>(?:\[[^\]]*\]|[^*?+\[])[?+])|(?P<all>\*\*/?)|(?P<some>\*)|(?P<one>\[[^\]]*\]|\?)|\\?(?P<plain>.)",
    re.DOTALL,
)


@cache
def _parts(pattern: str, *, filters: bool) -> tuple[str, ...]:
    """A pattern in pieces: single characters, and what stands for one, some without a slash, or all.

    :param filters: it is one of a workflow's, in which + and ? repeat what stands before them
    """
    parts: list[str] = []
    for found in _GLOB.finditer(pattern):
        kind, text = str(found.lastgroup), found[0]
        if kind == "repeated" and not filters:
            parts += _parts(text[:-1], filters=False) + ((_ONE,) if text.endswith("?") else ("+",))
        elif kind == "plain":
            parts.append(found["plain"])
        else:
            # Patterns of environments are those of files: two stars go beyond a slash only before one.
            beyond = kind == "all" and (filters or text.endswith("/"))
            parts.append(_ALL if beyond else _ONE if kind == "one" else _SOME)
    return tuple(parts)


@cache
def _meet(one: tuple[str, ...], other: tuple[str, ...]) -> bool:
    """Whether there is a text that both stand for."""
    if not one and not other:
        return True
    for first, second in ((one, other), (other, one)):
        if first and first[0] in (_SOME, _ALL):
            passed = second and (second[0] != "/" or first[0] == _ALL)
            if _meet(first[1:], second) or (passed and _meet(first, second[1:])):
                return True
    if not one or not other or {one[0], other[0]} & {_SOME, _ALL}:
        return False
    same = one[0] == other[0] or (_ONE in (one[0], other[0]) and "/" not in (one[0], other[0]))
    return same and _meet(one[1:], other[1:])

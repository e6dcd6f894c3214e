# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Answers to questions of which not everything is known: yes, no, or it depends. Pure."""

from __future__ import annotations

import typing as t

#: What the answer depends on, a few words each. Nothing is yes, C(None) is no, whatever is not known.
Answer: t.TypeAlias = "tuple[str, ...] | None"
YES: Answer = ()
NO: Answer = None


def every(answers: t.Iterable[Answer]) -> Answer:
    """Whether all are yes. One no is enough for no; until then it depends on all that any depends on."""
    doubts: tuple[str, ...] = ()
    for answer in answers:
        if answer is None:
            return NO
        doubts += answer
    return doubts


def yes_or_no(answer: bool) -> Answer:
    return YES if answer else NO

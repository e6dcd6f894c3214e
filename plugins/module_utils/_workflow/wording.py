# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Steps of the workflow in sentences. A step is named by what it does, such as C(store tokens)."""

from __future__ import annotations

#: Verbs with which steps begin, and how it is said that they were done.
_DONE = {
    "create": "created",
    "describe": "described",
    "grant": "granted",
    "identify": "identified",
    "prove": "proved",
    "retire": "retired",
    "set": "set",
    "store": "stored",
}


def would(step: str) -> str:
    """What check mode says of a step."""
    return f"Would {step}"


def did(step: str) -> str:
    """What is said of a step that changed something. Raises KeyError for a verb that is not known here."""
    words = step.split(" ")
    words[0] = _DONE[words[0]].capitalize()
    if words[1] == "and":
        words[2] = _DONE[words[2]]
    return " ".join(words)

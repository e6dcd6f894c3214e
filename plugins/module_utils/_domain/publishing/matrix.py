# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The jobs that a matrix makes of one, where its values stand in the file. Pure.

Source: GitHub's workflow syntax for C(jobs.<job_id>.strategy.matrix).
"""

from __future__ import annotations

import itertools
import re
import typing as t

Mapping = t.Mapping[str, t.Any]

#: GitHub's own limit.
_MOST = 256
#: Characters of all jobs together with the values put in. Where there would be more, a job stays as it is.
MOST_CHARACTERS = 1 << 22
_REFERENCE = re.compile(r"\$\{\{\s*matrix\.([\w.-]+)\s*\}\}")


def variants(job: Mapping, most: int = MOST_CHARACTERS) -> t.Iterator[Mapping]:
    """The job with the values of each combination put in; the job as it is without a matrix, or with one that is computed.

    :param most: characters that they may have together; with more, the job is as it is, too
    """
    strategy = job.get("strategy")
    matrix = strategy.get("matrix") if isinstance(strategy, t.Mapping) else None
    combinations = _combinations(matrix) if isinstance(matrix, t.Mapping) else []
    combinations = combinations[:_MOST]
    if not combinations or size(job) * len(combinations) > most:
        yield job
        return
    for combination in combinations:
        yield {key: value if key == "strategy" else _filled(value, combination) for key, value in job.items()}


def size(job: Mapping) -> int:
    """About how many characters a job has."""
    return len(str(job))


def _combinations(matrix: Mapping) -> list[dict[str, t.Any]]:
    axes = {
        str(name): values
        for name, values in matrix.items()
        if name not in ("include", "exclude") and isinstance(values, list)
    }
    made = itertools.islice(itertools.product(*axes.values()), _MOST) if axes else ()
    excluded = [entry for entry in _entries(matrix.get("exclude")) if entry]
    found = [dict(zip(axes, values, strict=True)) for values in made]
    found = [one for one in found if not any(_agrees(one, entry, entry) for entry in excluded)]
    alone = []
    for entry in _entries(matrix.get("include")):
        # It completes the combinations that it does not contradict, and is one of its own when there are none.
        fitting = [one for one in found if _agrees(one, entry, axes)]
        for one in fitting:
            one.update(entry)
        if not fitting:
            alone.append(dict(entry))
    return found + alone


def _entries(given: t.Any) -> list[Mapping]:
    return [entry for entry in given if isinstance(entry, t.Mapping)] if isinstance(given, list) else []


def _agrees(one: Mapping, entry: Mapping, names: t.Iterable[str]) -> bool:
    return all(one.get(name) == entry[name] for name in names if name in entry)


def _filled(node: t.Any, values: Mapping) -> t.Any:
    if isinstance(node, str):
        return _REFERENCE.sub(lambda found: _text(values, found), node) if "matrix" in node else node
    if isinstance(node, t.Mapping):
        return {key: _filled(value, values) for key, value in node.items()}
    return [_filled(value, values) for value in node] if isinstance(node, list) else node


def _text(values: Mapping, found: re.Match[str]) -> str:
    value: t.Any = values
    for name in found[1].split("."):
        if not isinstance(value, t.Mapping) or name not in value:
            # Perhaps of a part of the matrix that is computed.
            return found[0]
        value = value[name]
    if isinstance(value, (dict, list)):
        return found[0]
    return str(value).lower() if isinstance(value, bool) else str(value)

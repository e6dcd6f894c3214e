# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Changes to policies that make a finding go away, as tasks to paste. Pure.

Each is made for the policy as it was read, and locked by its revision: a second one is refused rather than undoing the first.
"""

from __future__ import annotations

import typing as t

from ..._base.yaml_text import as_yaml
from ..iam.documents import Document, RawStatement, statements
from ..iam.principals import as_list, by_kind
from .actions import ACTIONS, PREFIX, covered
from .scope import Governed, Scope

_COLLECTION = "pkgops.registry_auth"


def replacing(policy: Document, index: int, *replacement: RawStatement | None) -> Document | None:
    """The policy with a statement changed, split or, by None, dropped. None when no statement is left."""
    found = list(statements(policy))
    found[index : index + 1] = [statement for statement in replacement if statement is not None]
    return {**policy, "Statement": found} if found else None


def without_actions(statement: RawStatement, names: t.Collection[str], known: t.Collection[str]) -> RawStatement | None:
    """The statement without actions; None when no action is left.

    :param known: the actions that a pattern which covers some of C(names) too is written out as
    """
    if "NotAction" in statement:
        excepted = [*as_list(statement["NotAction"]), *(f"{PREFIX}{name}" for name in sorted(names))]
        return {**statement, "NotAction": excepted}
    kept: list[str] = []
    for pattern in as_list(statement.get("Action")):
        if covered(pattern) & set(names):
            others = covered(pattern) & set(known) - set(names)
            kept += [f"{PREFIX}{name}" for name in ACTIONS if name in others]
        else:
            kept.append(pattern)
    return with_values(statement, "Action", kept)


def with_values(statement: RawStatement, element: str, values: t.Sequence[str]) -> RawStatement | None:
    """The statement with other values in an element; None when there are none."""
    found = list(dict.fromkeys(values))
    return {**statement, element: found[0] if len(found) == 1 else found} if found else None


def with_principals(statement: RawStatement, principals: t.Sequence[str]) -> RawStatement | None:
    """The statement with other principals of kind C(AWS) in place of those that it has; None when nobody is left."""
    name = "NotPrincipal" if "NotPrincipal" in statement else "Principal"
    kinds = {kind: values for kind, values in by_kind(statement.get(name)).items() if kind != "AWS"}
    if principals:
        kinds["AWS"] = list(dict.fromkeys(principals))
    if not kinds:
        return None
    return {**statement, name: {kind: values[0] if len(values) == 1 else values for kind, values in kinds.items()}}


def policy_task(scope: Scope, governed: Governed, policy: Document | None, name: str, *notes: str) -> str:
    """The task that gives a domain or repository a policy in place of the one it has; without any it is removed."""
    revision = {"policy_revision": governed.revision} if governed.revision else {}
    wanted = {"state": "absent"} if policy is None else {"policy": policy}
    return _task(scope, governed, {**revision, **wanted}, name, notes)


def grants_task(scope: Scope, governed: Governed, grant: t.Mapping[str, t.Any], name: str, *notes: str) -> str:
    """The task that adds a grant to a policy."""
    return _task(scope, governed, {"mode": "merge", "grants": [dict(grant)]}, name, notes)


def _task(scope: Scope, governed: Governed, options: t.Mapping[str, t.Any], name: str, notes: t.Iterable[str]) -> str:
    kind = "repository" if governed.repository else "domain"
    target = {"region": scope.region, "domain": scope.name, "domain_owner": scope.owner}
    if governed.repository:
        target["repository"] = governed.repository
    task = {"name": name, f"{_COLLECTION}.codeartifact_{kind}_policy": {**target, **options}}
    return "".join(f"# {note}\n" for note in notes) + as_yaml([task])

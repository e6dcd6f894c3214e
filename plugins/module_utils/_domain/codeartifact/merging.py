# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Policies that several write: our grants among other statements, and principals that are no more. Pure."""

from __future__ import annotations

import typing as t

from ..iam.documents import PRINCIPAL_ELEMENTS, VERSIONS, Document, RawStatement, statements
from ..iam.principals import as_list, by_kind, is_dead
from .grants import Grant


def merge(current: Document | None, grants: t.Iterable[Grant], arn: str) -> Document | None:
    """The policy with these grants as they should be, and everything else as it is, where it is.

    A statement belongs to a grant by its Sid. New ones come last.

    :param arn: the repository or domain whose policy it is
    :returns: None when nothing is left, since a policy has a statement
    """
    owned, wanted = set[str](), dict[str, RawStatement]()
    for grant in grants:
        owned |= grant.sids
        wanted |= {statement["Sid"]: statement for statement in grant.statements(arn)}
    merged = []
    for statement in statements(current or {}):
        if statement.get("Sid") not in owned:
            merged.append(statement)
        elif statement["Sid"] in wanted:
            merged.append(wanted.pop(statement["Sid"]))
    return _with_statements(current, [*merged, *wanted.values()])


def dead_principals(document: Document | None) -> list[str]:
    """What is left in a policy of users and roles that were deleted, in order."""
    found = {
        principal
        for statement in statements(document or {})
        for name in PRINCIPAL_ELEMENTS
        for principal in _aws(statement.get(name))
        if is_dead(principal)
    }
    return sorted(found)


def without_dead_principals(document: Document | None) -> Document | None:
    """The policy without them. What was about nobody else goes as a whole, except that NotPrincipal cannot be about nobody."""
    if not dead_principals(document):
        return document
    alive = [kept for kept in map(_alive, statements(document or {})) if kept is not None]
    return _with_statements(document, alive)


def _alive(statement: RawStatement) -> RawStatement | None:
    name = "NotPrincipal" if "NotPrincipal" in statement else "Principal"
    principals = _aws(statement.get(name))
    living = [principal for principal in principals if not is_dead(principal)]
    if living == principals:
        return statement
    kinds = {kind: values for kind, values in by_kind(statement[name]).items() if kind != "AWS" or living}
    if "AWS" in kinds:
        kinds["AWS"] = living
    if kinds:
        return {**statement, name: kinds}
    return statement if name == "NotPrincipal" else None


def _aws(element: t.Any) -> list[str]:
    return [str(principal) for principal in by_kind(element).get("AWS", [])] if as_list(element) else []


def _with_statements(document: Document | None, found: list[RawStatement]) -> Document | None:
    if not found:
        return None
    return {**(document or {"Version": VERSIONS[0]}), "Statement": found}

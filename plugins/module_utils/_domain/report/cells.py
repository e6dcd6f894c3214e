# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Answers about kinds of access, in the one shape that the access report has for all services. Pure."""

from __future__ import annotations

import typing as t

Shown = dict[str, t.Any]
Read = t.Mapping[str, t.Any]

DENIED = "denied"
#: What package managers do, with the token of a login.
_BY_LOGIN = ("read", "publish")


def cells(row: Read) -> dict[str, Shown]:
    """The answers of a row by kinds of access.

    :param row: C(access) and C(reasons), and optionally C(packages), C(only_actions) and C(login), as modules return them
    """
    return {kind: _cell(row, kind) for kind in row["access"]}


def _cell(row: Read, kind: str) -> Shown:
    return {
        "answer": row["access"][kind],
        "reason": row["reasons"][kind],
        "limits": _limits(row, kind),
        "no_login": kind in _BY_LOGIN and row["access"][kind] != DENIED and row.get("login") == DENIED,
    }


def _limits(row: Read, kind: str) -> str | None:
    """What the answer is not about everything, but about."""
    parts = []
    packages = (row.get("packages") or {}).get(kind)
    if packages:
        parts.append("only " + ", ".join(packages["only"]) if packages["only"] != ["*"] else "all packages")
        if packages["except"]:
            parts.append("except " + ", ".join(packages["except"]))
    actions = (row.get("only_actions") or {}).get(kind)
    if actions:
        parts.append("only " + ", ".join(actions))
    return " ".join(parts) or None


def principals_of(access: Read) -> dict[str, list[Read]]:
    """Of each repository what each principal may do with it. The modules tell each answer once, and whom and which it is about."""
    found: dict[str, list[Read]] = {}
    for answers in access["repository_access"]:
        for who in answers["principals"]:
            row = {**answers, **who}
            for name in who["repositories"]:
                found.setdefault(name, []).append(row)
    return found


def who_may(rows: t.Iterable[Read]) -> dict[str, list[Shown]]:
    """Who has each kind of access to a repository, and why."""
    who: dict[str, list[Shown]] = {}
    for row in rows:
        for kind, cell in row["access"].items():
            who.setdefault(kind, [])
            if cell["answer"] != DENIED:
                who[kind].append({"principal": row["principal"], "name": row["name"], **cell})
    return who

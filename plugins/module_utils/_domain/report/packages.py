# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Who may do what with CodeArtifact, as C(codeartifact_access_info) tells it, in the shape of the access report. Pure."""

from __future__ import annotations

import json
import typing as t

Shown = dict[str, t.Any]
Read = t.Mapping[str, t.Any]

DENIED = "denied"
#: What package managers do, with the token of a login.
_BY_LOGIN = ("read", "publish")


def rows(scope: str, access: Read, principals: t.Iterable[Read], repository: str | None = None) -> list[Shown]:
    """One row for each principal of a domain or repository; the owner, of whom policies say nothing, comes last."""
    found = [
        {
            "scope": scope,
            "domain": access["domain"],
            "repository": repository,
            "principal": one["principal"],
            "name": principal_name(one["principal"]),
            "account": one["account"],
            "owner": one["principal"] == access["domain_owner"],
            "access": {kind: _cell(one, kind) for kind in one["access"]},
        }
        for one in principals
    ]
    return sorted(found, key=_place)


def _place(row: Read) -> tuple[t.Any, ...]:
    """Roles and users come before accounts, and these before everybody."""
    return row["owner"], row["principal"] == "*", row["principal"] == row["account"], row["principal"]


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


def principal_name(principal: str) -> str:
    """What people call a principal: role/release for its ARN."""
    if principal == "*":
        return "everybody else"
    if principal.isdigit():
        return f"account {principal}"
    return principal.split(":", 5)[-1] if principal.startswith("arn:") else principal


def principals_of(access: Read) -> dict[str, list[Read]]:
    """Of each repository what each principal may do with it, in the shape that a domain's principals have."""
    found: dict[str, list[Read]] = {}
    for answers in access["repository_access"]:
        for who in answers["principals"]:
            row = {**answers, **who}
            for name in who["repositories"]:
                found.setdefault(name, []).append(row)
    return found


def domain(scope: str, access: Read) -> Shown:
    """A domain for itself."""
    return {
        "scope": scope,
        "domain": access["domain"],
        "region": access["region"],
        "arn": access["arn"],
        "policy": access["policy"] and json.loads(access["policy"]),
        "policy_revision": access["policy_revision"],
    }


def repository(scope: str, access: Read, one: Read, principals: t.Iterable[Read]) -> tuple[Shown, list[Shown]]:
    """A repository for itself, and its rows."""
    found = rows(scope, access, principals, one["repository"])
    return {
        "scope": scope,
        "kind": "codeartifact",
        "place": f"{access['domain']}/{one['repository']}",
        "domain": access["domain"],
        "repository": one["repository"],
        "region": access["region"],
        "arn": one["arn"],
        "administrator_account": one["administrator_account"],
        "problems": [one["msg"]] if one["failed"] else [],
        "who": _who(found),
        "policy": one["policy"] and json.loads(one["policy"]),
        "policy_revision": one["policy_revision"],
    }, found


def _who(found: t.Sequence[Shown]) -> dict[str, list[Shown]]:
    """Who has each kind of access, and why."""
    who: dict[str, list[Shown]] = {}
    for row in found:
        for kind, cell in row["access"].items():
            who.setdefault(kind, [])
            if cell["answer"] != DENIED:
                who[kind].append({"principal": row["principal"], "name": row["name"], **cell})
    return who

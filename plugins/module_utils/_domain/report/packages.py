# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Who may do what with CodeArtifact, as C(codeartifact_access_info) tells it, in the shape of the access report. Pure."""

from __future__ import annotations

import json
import typing as t

from .cells import Read, Shown, cells, who_may


def rows(scope: str, access: Read, principals: t.Iterable[Read], repository: str | None = None) -> list[Shown]:
    """One row for each principal of a domain or repository; the owner, of whom policies say nothing, comes last."""
    found = [
        {
            "scope": scope,
            "service": "codeartifact",
            "place": "/".join(filter(None, (access["domain"], repository))),
            "domain": access["domain"],
            "repository": repository,
            "principal": one["principal"],
            "name": principal_name(one["principal"]),
            "account": one["account"],
            "owner": one["principal"] == access["domain_owner"],
            "access": cells(one),
        }
        for one in principals
    ]
    return sorted(found, key=_place)


def _place(row: Read) -> tuple[t.Any, ...]:
    """Roles and users come before accounts, and these before everybody."""
    return row["owner"], row["principal"] == "*", row["principal"] == row["account"], row["principal"]


def principal_name(principal: str) -> str:
    """What people call a principal: role/release for its ARN."""
    if principal == "*":
        return "everybody else"
    if principal.isdigit():
        return f"account {principal}"
    return principal.split(":", 5)[-1] if principal.startswith("arn:") else principal


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
        "who": who_may(found),
        "policy": one["policy"] and json.loads(one["policy"]),
        "policy_revision": one["policy_revision"],
    }, found

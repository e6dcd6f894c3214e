# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which machines install from where, as C(package_clients_info) tells it, in the shape of the access report. Pure."""

from __future__ import annotations

import re
import typing as t

from ..._base.errors import InvalidInput
from .cells import Read, Shown

#: Hosts of repositories, and the place that the report has each of them under. Source: the vendors' documentation of their addresses.
_PLACES = (
    (re.compile(r"https://([a-z0-9-]+)-(?:python|npm)\.pkg\.dev/([^/]+)/([^/]+)(?:/|$)"), r"\2/\1/\3"),
    (
        re.compile(
            r"https://([a-z0-9-]+)-[0-9]{12}\.d\.codeartifact\.[a-z0-9-]+\.amazonaws\.com/[a-z]+/([^/]+)(?:/|$)"
        ),
        r"\1/\2",
    ),
)


def machines(given: t.Any) -> list[Shown]:
    """Each user of each machine, with the indexes of their clients.

    :param given: answers of C(package_clients_info), failures included, each with C(machine), its name
    :raises InvalidInput: it is something else
    """
    if not isinstance(given, (list, tuple)):
        raise InvalidInput("machines must be a list of what package_clients_info returns of each machine.")
    return sorted((_machine(one, number) for number, one in enumerate(given)), key=_order)


def _order(one: Read) -> tuple[str, str]:
    return one["machine"], one["user"] or ""


def _machine(one: t.Any, number: int) -> Shown:
    if not isinstance(one, t.Mapping) or not isinstance(one.get("machine"), str) or not one["machine"]:
        raise InvalidInput(f"machines[{number}] must have machine, a name, next to what package_clients_info returns.")
    found = one.get("package_clients")
    if not isinstance(found, t.Mapping):
        why = str(one.get("msg") or "It could not be read.")
        return {"machine": one["machine"], "user": None, "indexes": [], "problems": [why]}
    return {
        "machine": one["machine"],
        "user": found["user"],
        "indexes": [{**index, "repository": place(index["url"])} for index in found["indexes"]],
        "problems": [],
    }


def place(url: str) -> str | None:
    """The repository that an index is, as the report names it; None for an index of somebody else's."""
    for pattern, shown in _PLACES:
        if found := pattern.match(url):
            return found.expand(shown)
    return None


def machine_findings(given: t.Iterable[Read]) -> list[Shown]:
    """What is wrong on machines. All users of a machine read its machine-wide files, so a finding about one is listed once."""
    told: dict[tuple[str, ...], Shown] = {}
    for one in given:
        found = one.get("package_clients") or {}
        for finding in found.get("findings", ()):
            key = (one["machine"], finding["code"], finding["where"], finding["message"])
            known = told.setdefault(key, _finding(one["machine"], finding))
            known["about"]["users"].append(found["user"])
    return list(told.values())


def _finding(machine: str, finding: Read) -> Shown:
    return {
        **finding,
        "where": f"machine {machine}: {finding['where']}",
        "about": {**finding["about"], "machine": machine, "users": []},
    }

# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Grants, which say in words who may do what with repositories, and the bindings that mean the same. Pure.

The words are those of grants on CodeArtifact repositories, as far as Artifact Registry has roles for them.
Source of what the roles hold: Artifact Registry's documentation, "Configure roles and permissions".
"""

from __future__ import annotations

import typing as t
from dataclasses import dataclass, field

from ..._base.errors import InvalidInput
from .bindings import PUBLIC, check_everyone, member_key
from .conditions import Condition

Options = t.Mapping[str, t.Any]

READ, PUBLISH, MAINTAIN, ADMINISTER = "read", "publish", "maintain", "administer"

#: The role of each word, from the least to the most. Each holds all that those before it hold.
ROLES = {
    READ: "roles/artifactregistry.reader",
    PUBLISH: "roles/artifactregistry.writer",
    MAINTAIN: "roles/artifactregistry.repoAdmin",
    ADMINISTER: "roles/artifactregistry.admin",
}
MERGE, REPLACE = "merge", "replace"

#: What names a repository, as the module on bindings takes it.
_NAMES = ("repository", "location", "project")
_CONDITION = ("title", "expression", "description")
#: The parts of a condition in that order, each a text.
_Condition: t.TypeAlias = "tuple[str, ...] | None"


@dataclass
class _Binding:
    """The members of one role under one condition, from all grants that speak of them. By their keys."""

    role: str
    condition: _Condition
    present: dict[str, str] = field(default_factory=dict)
    absent: dict[str, str] = field(default_factory=dict)


def bindings_of(repositories: t.Iterable[Options], mode: str | None = None) -> list[dict[str, t.Any]]:
    """Entries of gcp_repository_iam_binding that mean the same as the grants of repositories.

    :param repositories: each with C(repository), and optionally C(location), C(project), C(mode) and C(grants)
    :param mode: of repositories that do not say: C(replace) takes the roles of words away from all who are in no grant
    :raises InvalidInput: names the grant that is wrong
    """
    found: list[dict[str, t.Any]] = []
    for index, repository in enumerate(repositories):
        if repository.get("grants") is None:
            continue
        names = {name: repository[name] for name in _NAMES if repository.get(name)}
        where = f"{index} ({names.get('repository', 'no name')})"
        chosen = repository.get("mode") or mode or MERGE
        if chosen not in (MERGE, REPLACE):
            raise InvalidInput(f"The mode of repository {where} is {chosen!r}: {MERGE} and {REPLACE} are accepted.")
        bindings = _bindings(repository["grants"], f"of repository {where}")
        if chosen == REPLACE:
            bindings = _replacing(bindings, where)
        found += [{**names, **entry} for binding in bindings for entry in _entries(binding, alone=chosen == REPLACE)]
    return found


def _bindings(grants: t.Iterable[Options], where: str) -> list[_Binding]:
    found: dict[tuple[str, tuple[str, ...]], _Binding] = {}
    for number, grant in enumerate(grants):
        place = f"grants[{number}] {where}"
        absent = _absent(grant, place)
        members = _members(grant, place, absent=absent)
        condition = _condition(grant.get("condition"), place)
        for role in _roles(grant, place, absent=absent):
            binding = found.setdefault((role, _meaning(condition)), _Binding(role, condition))
            mine, other = (binding.absent, binding.present) if absent else (binding.present, binding.absent)
            for member in members:
                if member_key(member) in other:
                    raise InvalidInput(f"{place} names {member}, to whom another grant says the contrary on {role}.")
                mine.setdefault(member_key(member), member)
    return list(found.values())


def _absent(grant: Options, place: str) -> bool:
    state: str = grant.get("state") or "present"
    if state not in ("present", "absent"):
        raise InvalidInput(f"The state of {place} is {state!r}: present and absent are accepted.")
    return state == "absent"


def _roles(grant: Options, place: str, *, absent: bool) -> list[str]:
    """What is granted, in the one role that holds it all. What is taken back, each role that may have granted it."""
    access: t.Sequence[str] = grant.get("access") or (tuple(ROLES) if absent else ())
    if not access:
        raise InvalidInput(f"{place} has no access: of {', '.join(ROLES)}, say what is granted.")
    for word in access:
        if word not in ROLES:
            raise InvalidInput(f"The access of {place} has {word!r}: {', '.join(ROLES)} are accepted.")
    roles = [role for word, role in ROLES.items() if word in access]
    return roles if absent else roles[-1:]


def _members(grant: Options, place: str, *, absent: bool) -> list[str]:
    principals = grant.get("principals")
    if not principals:
        raise InvalidInput(
            f"{place} has no principals: name members with their kinds, for example group:developers@example.com."
        )
    if not absent:
        check_everyone(principals, bool(grant.get("everyone")), place.replace("]", "].principals", 1))
    return list(principals)


def _condition(given: Options | None, place: str) -> _Condition:
    if not given:
        return None
    # YAML's | and > leave the end of a line at the end of a text.
    found = tuple((given.get(part) or "").strip() for part in _CONDITION)
    if not all(found[:2]):
        raise InvalidInput(f"The condition of {place} needs a title and an expression.")
    return found


def _meaning(condition: _Condition) -> tuple[str, ...]:
    """What tells a condition from others, however it is written."""
    if condition is None:
        return ()
    title, expression, description = condition
    return Condition(expression, title, description).meaning


def _replacing(bindings: list[_Binding], where: str) -> list[_Binding]:
    """The bindings, and those of roles that nobody is to hold. Without a condition each is then all of its role."""
    if not any(binding.present for binding in bindings):
        raise InvalidInput(
            f"The grants of repository {where} leave nobody who may use it, and the mode is {REPLACE}: grant something to somebody, or "
            "take grants back with state absent."
        )
    whole = {role: _Binding(role, None) for role in ROLES.values()}
    whole |= {binding.role: binding for binding in bindings if binding.condition is None}
    return [*whole.values(), *(binding for binding in bindings if binding.condition is not None)]


def _entries(binding: _Binding, *, alone: bool) -> t.Iterator[dict[str, t.Any]]:
    """The entry that grants, and the one that takes back."""
    same: dict[str, t.Any] = {"role": binding.role}
    if binding.condition is not None:
        given = zip(_CONDITION, binding.condition, strict=True)
        same["condition"] = {name: text for name, text in given if text}
    exclusive = alone and binding.condition is None
    if binding.present or exclusive:
        members = list(binding.present.values())
        everyone = {"everyone": True} if set(members) & set(PUBLIC) else {}
        yield {**same, "members": members, **everyone, **({"exclusive": True} if exclusive else {})}
    if binding.absent and not exclusive:
        yield {**same, "members": list(binding.absent.values()), "state": "absent"}
